"""Members that go different ways: they stop early, fail, take other batches; edits, copies and restored states."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tests.engine.ensemble.test_training import ensemble_run, plain_spec
from tests.engine.helpers import Recorder, nothing, record, small_spec
from tests.engine.training.test_train import edits_at
from workbench.engine.catalog.ensembles.independent import Independent, overlap
from workbench.engine.core.drive import drive
from workbench.engine.core.events import (
    Copied,
    Copy,
    Edit,
    Edited,
    EnsembleMeasured,
    EpochEnded,
    EvalProgress,
    Event,
    Notice,
    RunEnded,
    RunStarted,
    Stepped,
    Stop,
)
from workbench.engine.core.observed import LayerStats, Watched
from workbench.engine.diagnostics import weight_probe
from workbench.engine.ensemble.training import EnsembleTraining
from workbench.engine.run_store.replay import Tape
from workbench.engine.run_store.run_folder import RunFolder, read_tape
from workbench.engine.run_store.steps_file import read_steps_from
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.engine.train import train, train_loop
from workbench.engine.training.set_up import set_up


def independent(members: int, differs: str = "") -> dict[str, Any]:
    return {"kind": "independent", "members": members, "differs": differs}


#: Members that are computed as one, in turn, with other batch sizes, with other numbers of epochs; full batch.
SPECS: dict[str, Callable[[], ExperimentSpec]] = {
    "as one": plain_spec,
    "in turn": lambda: small_spec(ensemble=independent(2), averaging=[{"kind": "ema"}]),
    "other batches": lambda: small_spec(ensemble=independent(3, "loop.batch_size = [64, 24, 40]")),
    "other epochs": lambda: small_spec(ensemble=independent(2, "loop.epochs = [2, 4]; loop.batch_size = [24, 64]")),
    "full batch": lambda: small_spec(
        ensemble=independent(2), optimizer={"kind": "gradient_descent", "lr": 0.1}, loop__epochs=6
    ),
}


def weights(ensemble: EnsembleTraining) -> list[bytes]:
    """Every member's parameters."""
    return [
        b"".join(p.detach().numpy().tobytes() for p in each.context.network.module.parameters())
        for each in ensemble.members
    ]


def without_times(events: list[Event]) -> list[Event]:
    """Evaluations of the run and of its ensemble."""
    found: list[Event] = []
    for event in events:
        if isinstance(event, EpochEnded):
            found.append(replace(event, seconds=0.0, images_per_second=0.0))
        elif isinstance(event, EnsembleMeasured):
            found.append(replace(event, seconds=()))
    return found


# --- what the curves mean


def test_a_member_that_stops_early_keeps_its_last_figures_in_the_curves() -> None:
    """The first member ends two epochs before the others; the curves stay the mean of all three."""
    spec = small_spec(ensemble=independent(3, "loop.epochs = [2, 4, 4]"))
    run, singles = ensemble_run(spec), [record(each) for each in spec.ensemble.members_of(spec)]
    each = [[e.val.accuracy for e in single.of(EpochEnded)] for single in singles]
    assert [len(a) for a in each] == [3, 5, 5]
    each[0] += each[0][-1:] * 2
    got = [e.val.accuracy for e in run.of(EpochEnded)]
    np.testing.assert_allclose(got, np.mean(each, axis=0), rtol=1e-12)
    assert [m.mean_member for m in run.of(EnsembleMeasured)] == pytest.approx(got)
    assert [e.epochs_done for e in run.of(EpochEnded)] == [0, 1, 2, 3, 4]


def test_every_epoch_has_the_same_number_of_steps_even_if_the_longest_member_has_ended() -> None:
    run = ensemble_run(SPECS["other epochs"]())
    per_epoch = run.events[0].steps_per_epoch
    assert [e.step for e in run.of(EpochEnded)] == [per_epoch * k for k in range(5)]
    assert run.steps.count == 4 * per_epoch == run.of(Stepped)[-1].step
    assert np.isfinite(run.steps.read(0)[1]).all()


# --- a member that fails


def fails_at(ensemble: EnsembleTraining, member: int, step: int) -> Callable[[Event], None]:
    """Spoils one weight of a member after ``step`` steps, as an overflow would."""

    def sink(event: Event) -> None:
        if isinstance(event, Stepped) and event.step == step:
            with torch.no_grad():
                next(iter(ensemble.members[member].context.network.module.parameters()))[0, 0] = torch.nan

    return sink


@pytest.mark.parametrize("optimizer", ["momentum", "adam", "nadam"])
def test_from_the_step_in_which_it_fails_a_member_does_not_move(optimizer: str) -> None:
    spec = plain_spec(optimizer={"kind": optimizer, "lr": 0.01, "weight_decay": 0.01})
    whole, broken = EnsembleTraining(train_loop, spec), EnsembleTraining(train_loop, spec)
    assert not broken.one_by_one
    spoil, held = fails_at(broken, 1, 5), []

    def sink(event: Event) -> None:
        spoil(event)
        if isinstance(event, Stepped) and event.step == 5:
            held.append((weights(broken)[1], broken.members[1].context.state.state()["optimizer"]["state"]))

    drive(whole.run(), nothing, lambda event: None)
    drive(broken.run(), nothing, sink)
    assert broken.members[1].failed and broken.members[1].context.state.progress.step == 5
    assert weights(broken)[1] == held[0][0]
    now = broken.members[1].context.state.state()["optimizer"]["state"]
    for key, kept in held[0][1].items():
        for name, value in kept.items():
            assert torch.equal(torch.as_tensor(value), torch.as_tensor(now[key][name])), name
    for number in (0, 2):
        assert weights(broken)[number] == weights(whole)[number]
        own, other = (e.members[number].context for e in (broken, whole))
        assert own.steps.read(0)[1][:, :4].tobytes() == other.steps.read(0)[1][:, :4].tobytes()
        got, want = (t.state.state()["optimizer"]["state"] for t in (own, other))
        assert all(torch.equal(got[k][n], want[k][n]) for k in want for n in want[k] if torch.is_tensor(want[k][n]))


def test_the_curves_go_on_without_a_member_that_has_failed() -> None:
    ensemble = EnsembleTraining(train_loop, plain_spec())
    events: list[Event] = []
    spoil = fails_at(ensemble, 0, 5)
    drive(ensemble.run(), nothing, lambda event: (events.append(event), spoil(event)))
    rows = ensemble.mean.steps.read(0)[1]
    assert np.isfinite(rows).all() and len(rows) == ensemble.members[1].context.state.progress.step
    others = [m.context.steps.read(0)[1][-1, 0] for m in ensemble.members[1:]]
    assert rows[-1, 0] == pytest.approx(np.mean(others))
    assert [len(e.members) for e in events if isinstance(e, EnsembleMeasured)] == [3, 2, 2, 2]


def test_a_member_that_early_stopping_ends_does_not_move_any_more() -> None:
    """Early stopping switched on in mid-run, while all are computed as one."""
    spec = plain_spec(loop__epochs=30, optimizer={"kind": "sgd", "lr": 0.3})
    ensemble = EnsembleTraining(train_loop, spec)
    assert not ensemble.one_by_one
    held: dict[int, bytes] = {}

    def sink(event: Event) -> None:
        for index, member in enumerate(ensemble.members):
            if member.ended is not None:
                held.setdefault(index, weights(ensemble)[index])

    drive(ensemble.run(), edits_at({2: Edit("loop.patience", 1)}), sink)
    ends = [member.context.state.progress.epoch for member in ensemble.members]
    assert len(set(ends)) > 1, "they end at different times, else this shows nothing"
    assert held == dict(enumerate(weights(ensemble)))


# --- edits


@pytest.mark.parametrize("name", SPECS)
@pytest.mark.parametrize("first", [RunStarted, EvalProgress, Stepped, EpochEnded])
def test_the_tape_gives_the_same_bits(name: str, first: type[Any], tmp_path: Path) -> None:
    """Edits at a few steps, and at whatever comes after the first epoch; and those of a member's own folder."""
    spec = SPECS[name]()
    plan = {1: Edit("optimizer.lr", 0.02), 4: Edit("optimizer.lr", 0.003), 15: Edit("optimizer.lr", 0.03)}
    epochs, late = 0, [Edit("optimizer.lr", 0.05)]

    def commands(event: Event) -> Any:
        nonlocal epochs
        epochs += isinstance(event, EpochEnded)
        if late and isinstance(event, first) and (epochs >= 2 or first is RunStarted):
            return late.pop()
        return plan.pop(event.step, None) if isinstance(event, Stepped) else None

    steered = Recorder()
    drive(train(spec, RunFolder.create(spec, tmp_path), steered.steps), commands, steered.events.append)
    (folder,) = tmp_path.iterdir()
    whole, tape = read_tape(folder)
    assert len(tape) >= 2 and not late and list(tape) == steered.of(Edited)
    again = ensemble_run(whole, Tape(tape))
    assert again.steps.read(0)[1][:, :4].tobytes() == steered.steps.read(0)[1][:, :4].tobytes()
    assert without_times(again.events) == without_times(steered.events)
    if name != "as one":
        own, edits = read_tape(folder / "member-2")
        alone = record(own, Tape(edits))
        assert alone.steps.read(0)[1][:, :4].tobytes() == read_steps_from(folder / "member-2")[1][:, :4].tobytes()


def test_an_edit_of_what_holds_a_difference_or_is_held_by_one_is_refused() -> None:
    for differs, path, value, words in (
        ("optimizer = [{kind = 'sgd', lr = 0.1}, {kind = 'adam', lr = 0.01}]", "optimizer.lr", 0.5, "is a part of"),
        ("averaging.0.decay = [0.9, 0.99]", "averaging.0.decay", 0.5, "averaging.0.decay differs"),
    ):
        spec = plain_spec(averaging=[{"kind": "ema"}]).edited("ensemble", Independent(members=2, differs=differs))
        assert not [p for p in spec.problems() if p.severity == "error"]
        ensemble = EnsembleTraining(train_loop, spec)
        before = [member.context.spec for member in ensemble.members]
        events: list[Any] = []
        drive(ensemble.run(), edits_at({2: Edit(path, value)}), events.append)
        (notice,) = [e for e in events if isinstance(e, Notice)]
        assert notice.code == "edit_refused" and words in notice.message
        assert [member.context.spec for member in ensemble.members] == before


def test_whatever_overwrote_a_difference_is_refused() -> None:
    """``optimizer`` as a whole can be no live setting today; the rule holds for any path."""
    spec = plain_spec(ensemble=independent(2, "optimizer.lr = [0.1, 0.01]"))
    ensemble = EnsembleTraining(train_loop, spec)
    run = ensemble.run()
    next(run)
    answer = run.send(Edit("optimizer", {"kind": "sgd", "lr": 0.5}))
    run.close()
    assert isinstance(answer, Notice) and "holds optimizer.lr, which differs" in answer.message


def test_an_edit_that_one_member_cannot_take_is_taken_by_none() -> None:
    """The second member alone has an augmentation; without a check the first would refuse and the second obey."""
    flip = {"kind": "horizontal_flip", "p": 0.3}
    spec = plain_spec(augmentations=[flip], ensemble=independent(2, "model = [{kind = 'mlp', hidden = [8]}]"))
    ensemble = EnsembleTraining(train_loop, spec)
    ensemble.members[1].context.state.spec = ensemble.members[1].context.spec.edited("augmentations", [])
    run = ensemble.run()
    next(run)
    answer = run.send(Edit("augmentations.0.p", 0.5))
    run.close()
    assert isinstance(answer, Notice) and answer.code == "edit_refused"
    assert ensemble.members[0].context.spec.augmentations[0].p == 0.3  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("differs", "words"),
    [
        ("optimizer.lr = [0.1, 0.01]; optimizer = [{kind = 'sgd'}]", "one would overwrite the other"),
        ("optimizer = [{kind = 'sgd'}]; optimizer.lr = [0.1, 0.01]", "one would overwrite the other"),
        ("loop = [{}, {}]", "all members share loop.device"),
    ],
)
def test_differences_that_overwrite_each_other_are_refused(differs: str, words: str) -> None:
    spec = ExperimentSpec().edited("ensemble", Independent(members=2, differs=differs))
    (problem,) = spec.problems()
    assert problem.path == "ensemble.differs" and words in problem.message


def test_paths_overlap_only_at_whole_parts() -> None:
    assert overlap("optimizer", "optimizer.lr") and overlap("optimizer.lr", "optimizer") and overlap("a.b", "a.b")
    assert not overlap("optimizer.lr", "optimizer.lr_factor") and not overlap("a.b", "a.c")


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
    #: Within a round in which another member has made its step, and this one has not had its turn.
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


# --- looking inside


def test_computed_as_one_the_first_member_is_still_looked_into() -> None:
    """Its layers and its watched number are those of the single run, and torch agrees with the rule."""
    spec = plain_spec(loop__diagnostics=3)
    run, single = ensemble_run(spec), record(spec.ensemble.members_of(spec)[0])
    got, want = run.of(LayerStats), single.of(LayerStats)
    assert [e.step for e in got] == [e.step for e in want] != []
    for one, other in zip(got, want, strict=True):
        for layer, like in zip(one.layers, other.layers, strict=True):
            assert (layer.name, layer.layer, layer.activation) == (like.name, like.layer, like.activation)
            for part in ("values", "gradient", "old", "new"):
                a, b = (np.frombuffer(getattr(each, part), np.float32) for each in (layer, like))
                np.testing.assert_allclose(a, b, rtol=1e-2, atol=1e-4)
    watched = run.of(Watched)
    assert watched and all(each.agrees for each in watched) and watched[0].parameter == "fc1.weight"
    assert ensemble_run(spec.edited("loop.diagnostics", 0)).numbers()[0] == run.numbers()[0]
