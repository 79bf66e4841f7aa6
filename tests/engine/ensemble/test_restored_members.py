"""Members of an ensemble that are copied, and go on from restored states with the same bits."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.engine.ensemble.members import SPECS, fails_at, weights, without_times
from tests.engine.ensemble.test_training import ensemble_run, plain_spec
from tests.engine.helpers import nothing
from workbench.engine.core.drive import drive
from workbench.engine.core.events import (
    Copied,
    Copy,
    EnsembleMeasured,
    EpochEnded,
    EvalProgress,
    Event,
    RunEnded,
    RunStarted,
    Stepped,
    Stop,
)
from workbench.engine.diagnostics import weight_probe
from workbench.engine.ensemble.training import EnsembleTraining
from workbench.engine.run_store.run_folder import RunFolder
from workbench.engine.run_store.steps_file import read_steps_from
from workbench.engine.train import train_loop
from workbench.engine.training.set_up import set_up

# --- copies and restored states


@pytest.mark.parametrize("name", SPECS)
def test_a_copy_of_the_first_member_is_given_and_changes_nothing(name: str) -> None:
    spec = SPECS[name]()
    copies: list[dict[str, Any]] = []

    def commands(event: Event) -> Any:
        return Copy(copies.append) if isinstance(event, (RunStarted, Stepped, EvalProgress, EpochEnded)) else None

    run, plain = ensemble_run(spec, commands), ensemble_run(spec)
    asked = [e for e in run.events if isinstance(e, (RunStarted, Stepped, EvalProgress, EpochEnded))]
    assert len(copies) == len(asked) == len(run.of(Copied)) and "network" in copies[0]
    assert run.steps.read(0)[1][:, :4].tobytes() == plain.steps.read(0)[1][:, :4].tobytes()
    alone = set_up(spec.ensemble.members_of(spec)[0])
    alone.state.restore(copies[len(copies) // 2])


@pytest.mark.parametrize("done", [32, 160, 192])
def test_a_copy_asked_for_in_the_middle_of_a_step_comes_behind_it(done: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nothing else is said between the last chunk and the step, too."""
    for name in ("SHOWN_EVERY", "SLOW"):
        monkeypatch.setattr(weight_probe, name, math.inf)
    spec = SPECS["full batch"]().edited("loop.diagnostics", 0)
    copies: list[dict[str, Any]] = []

    def commands(event: Event) -> Any:
        return (
            Copy(copies.append)
            if isinstance(event, EvalProgress) and (event.done, event.total) == (done, 200)
            else None
        )

    run, plain = ensemble_run(spec, commands), ensemble_run(spec)
    assert len(copies) == len(run.of(Copied)) == 2 * plain.steps.count > 0
    assert len(run.of(EvalProgress)) == len(plain.of(EvalProgress))
    assert run.steps.read(0)[1][:, :4].tobytes() == plain.steps.read(0)[1][:, :4].tobytes()


@pytest.mark.parametrize("name", SPECS)
def test_restored_at_any_event_it_goes_on_with_the_same_bits(name: str) -> None:
    """At one event of each kind; a measurement of the ensemble is then made once more."""
    spec = SPECS[name]()
    first = EnsembleTraining(train_loop, spec)
    saved: list[tuple[Event, int, dict[str, Any]]] = []
    events: list[Event] = []

    def sink(event: Event) -> None:
        events.append(event)
        within_a_step = isinstance(event, EvalProgress) and name == "full batch" and event.total == 200
        if isinstance(event, (Stepped, EvalProgress, EnsembleMeasured, EpochEnded, RunStarted)) and not within_a_step:
            saved.append((event, len(events), first.state()))

    drive(first.run(), nothing, sink)
    kinds = {type(event) for event, _, _ in saved}
    assert kinds == {Stepped, EvalProgress, EnsembleMeasured, EpochEnded, RunStarted}
    each_kind = [[s for s in saved if type(s[0]) is kind] for kind in kinds]
    #: Within a round, after the step of another member and before the step of this one.
    apart = [s for s in saved if len({m["rounds"] for m in s[2]["members"]}) > 1 and s[2]["step"] > 0]
    apart = [s for s in apart if any(m["stepped"] > s[2]["rounds"] for m in s[2]["members"])]
    assert bool(apart) is name.startswith("other")
    chosen = [*(some[len(some) // 2] for some in each_kind), *apart[:1], *apart[-1:]]
    for event, at, state in chosen:
        again = EnsembleTraining(train_loop, spec)
        again.restore(state)
        rest: list[Event] = []
        drive(again.run(), nothing, rest.append)
        assert weights(again) == weights(first), event
        assert without_times(rest) == without_times(events[at - isinstance(event, EnsembleMeasured) :]), event
        steps = first.mean.steps.read(first.mean.steps.count - again.mean.steps.count)[1]
        assert again.mean.steps.read(0)[1][:, :4].tobytes() == steps[:, :4].tobytes(), event
        assert replace(rest[-1], seconds=0.0) == replace(events[-1], seconds=0.0)  # type: ignore[type-var]


@pytest.mark.parametrize("failing", [0, 1])
def test_restored_after_a_member_has_failed_in_its_first_step(failing: int) -> None:
    """Its optimizer remembers nothing, and is stacked with the others' all the same."""
    spec = plain_spec(optimizer={"kind": "adam", "lr": 0.01})
    first, saved = EnsembleTraining(train_loop, spec), []

    def sink(event: Event) -> None:
        if isinstance(event, RunStarted):
            with torch.no_grad():
                next(iter(first.members[failing].context.network.module.parameters()))[0, 0] = torch.nan
        if isinstance(event, Stepped) and event.step == 9:
            saved.append(first.state())

    drive(first.run(), nothing, sink)
    again = EnsembleTraining(train_loop, spec)
    again.restore(saved[0])
    assert again.members[failing].failed and not again.one_by_one
    drive(again.run(), nothing, lambda event: None)
    assert weights(again) == weights(first)


@pytest.mark.parametrize("failing", [0, 1])
def test_restored_after_a_member_has_failed_the_rest_goes_on(failing: int) -> None:
    first = EnsembleTraining(train_loop, plain_spec())
    spoil, saved = fails_at(first, failing, 5), []

    def sink(event: Event) -> None:
        spoil(event)
        if isinstance(event, Stepped) and event.step == 9:
            saved.append(first.state())

    drive(first.run(), nothing, sink)
    again = EnsembleTraining(train_loop, plain_spec())
    again.restore(saved[0])
    drive(again.run(), nothing, lambda event: None)
    assert weights(again) == weights(first) and again.members[failing].failed


@pytest.mark.parametrize("name", SPECS)
@pytest.mark.parametrize("at", [3, 40])
def test_stopped_and_restored_from_its_folder_it_ends_as_if_never_stopped(name: str, at: int, tmp_path: Path) -> None:
    """Stopped at the ``at``-th event, whatever it is; the folder's checkpoint holds all members."""
    spec, count = SPECS[name](), 0

    def commands(event: Event) -> Any:
        nonlocal count
        count += 1
        return Stop() if count == at else None

    drive(EnsembleTraining(train_loop, spec, RunFolder.create(spec, tmp_path)).run(), commands, lambda event: None)
    (folder,) = tmp_path.iterdir()
    whole, again = EnsembleTraining(train_loop, spec), EnsembleTraining(train_loop, spec)
    again.restore(torch.load(folder / "checkpoints" / "last.pt", weights_only=True))
    rest: list[Event] = []
    drive(again.run(), nothing, rest.append)
    events: list[Event] = []
    drive(whole.run(), nothing, events.append)
    assert weights(again) == weights(whole)
    assert without_times(rest) == without_times(events)[-len(without_times(rest)) :]
    assert isinstance(rest[-1], RunEnded) and rest[-1].step == events[-1].step  # type: ignore[union-attr]
    assert len(read_steps_from(folder)[1]) + again.mean.steps.count == whole.mean.steps.count
