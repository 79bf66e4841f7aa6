"""Commands to a run: edits at a step and their replay, stops at any event."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import pytest
import torch

from tests.engine.helpers import Recorder, record, small_spec
from tests.engine.training.short_runs import edits_at, full_batch
from workbench.engine.core.drive import drive
from workbench.engine.core.events import (
    Command,
    Edit,
    Edited,
    EpochEnded,
    EvalProgress,
    Event,
    Notice,
    RunStarted,
    Stepped,
    Stop,
)
from workbench.engine.core.observed import LayerStats, Watched
from workbench.engine.run_store.replay import Tape
from workbench.engine.train import train_loop
from workbench.engine.training.set_up import set_up


def test_live_edits_act_at_the_next_batch_and_replay_exactly() -> None:
    spec = small_spec()
    plan = {4: Edit("optimizer.lr", 0.002), 9: Edit("regularization.0.p", 0.6), 12: Edit("loop.epochs", 4)}
    steered = record(spec, edits_at(plan))
    rates = steered.steps.read(0)[1][:, 2]
    assert rates[3] == 0.01 and rates[4] == 0.002
    assert steered.events[-1].epochs_done == 4
    tape = steered.of(Edited)
    assert [(e.step, e.path, e.old, e.new) for e in tape] == [
        (4, "optimizer.lr", 0.01, 0.002),
        (9, "regularization.0.p", 0.3, 0.6),
        (12, "loop.epochs", 3, 4),
    ]
    assert record(spec, Tape(tape)).numbers() == steered.numbers()
    assert record(spec).numbers() != steered.numbers()


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ("loop.batch_size", 8, "cannot change during a run"),
        ("optimizer.lr", -1.0, "must be from"),
        ("optimizer.nonsense", 1.0, "cannot change"),
    ],
)
def test_a_bad_edit_is_refused_and_the_run_goes_on(path: str, value: float, words: str) -> None:
    steered = record(small_spec(), edits_at({4: Edit(path, value)}))
    (notice,) = steered.of(Notice)
    assert notice.code == "edit_refused" and words in notice.message
    assert steered.numbers() == record(small_spec()).numbers()


@pytest.mark.parametrize("where", [RunStarted, Stepped, EvalProgress, EpochEnded])
def test_stop_is_obeyed_everywhere(where: type[Event]) -> None:
    """TR18: after Stop no further step is trained and the end comes within a few events."""
    after: list[Event] = []

    def commands(event: Event) -> Command | None:
        if after:
            after.append(event)
        if isinstance(event, where) and not after:
            after.append(event)
            return Stop()
        return None

    run = record(small_spec(), commands)
    assert run.events[-1].reason == "stopped"
    assert not [e for e in after[1:] if isinstance(e, (Stepped, EvalProgress))]


@pytest.mark.parametrize("where", [LayerStats, Watched, Stepped, EvalProgress, EpochEnded])
def test_after_stop_no_parameter_changes_and_the_last_step_is_shown(
    where: type[Event], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The events of a step are offered together: a Stop at the first of them ends the run behind the last."""
    monkeypatch.setattr("workbench.engine.diagnostics.weight_probe.SHOWN_EVERY", 0.0 if where is Watched else math.inf)
    run = set_up(small_spec(loop__diagnostics=1))
    recorder, taken = Recorder(), []

    def commands(event: Event) -> Command | None:
        if taken or not isinstance(event, where) or run.state.progress.step < 4:
            return None
        taken.append((run.state.progress.step, run.state.state()))
        return Stop()

    drive(train_loop(run), commands, recorder.events.append)
    ((step, saved),) = taken
    now = run.state.state()
    for part in ("network", "optimizer"):
        assert torch.equal(*(torch.cat([t.flatten().double() for t in tensors(s[part])]) for s in (saved, now))), part
    assert recorder.events[-1].reason == "stopped" and recorder.events[-1].step == step
    assert recorder.of(Stepped)[-1].step == step
    assert [w.step for w in recorder.of(Watched)][-1] == step - 1


def tensors(nested: Any) -> Iterator[torch.Tensor]:
    """All tensors in dictionaries of dictionaries."""
    if isinstance(nested, torch.Tensor):
        yield nested
    elif isinstance(nested, dict):
        for value in nested.values():
            yield from tensors(value)


def test_stop_in_a_pass_over_everything_finishes_that_pass() -> None:
    spec = full_batch(loop__batch_size=64)

    def commands(event: Event) -> Command | None:
        return Stop() if isinstance(event, EvalProgress) and event.step == 1 and event.total == 200 else None

    run = record(spec, commands)
    assert run.events[-1].reason == "stopped" and run.events[-1].step == run.steps.count == 2


def test_a_stop_behind_the_last_epoch_changes_nothing() -> None:
    def commands(event: Event) -> Command | None:
        return Stop() if isinstance(event, EpochEnded) and event.epochs_done == 3 else None

    assert record(small_spec(), commands).events[-1].reason == "completed"


def test_close_is_the_emergency_exit(tmp_path: object) -> None:
    run = train_loop(set_up(small_spec()))
    next(run)
    run.send(None)
    run.close()
    with pytest.raises(StopIteration):
        next(run)


def test_an_edit_while_it_measures_is_not_the_rate_of_the_epoch_before() -> None:
    edits = [Edit("optimizer.lr", 0.5)]

    def while_measuring(event: Event) -> Command | None:
        return edits.pop() if isinstance(event, EvalProgress) and event.step > 0 and edits else None

    run = record(small_spec(schedule={"kind": "exponential", "a": 1.0}), while_measuring)
    first = run.of(EpochEnded)[1]
    assert first.lr == run.steps.read(0)[1][first.step - 1, 2] != 0.5


def test_an_edit_in_the_middle_of_a_whole_pass_acts_after_it_and_replays() -> None:
    spec, seen = full_batch(loop__batch_size=64), Recorder()

    def at_second_pass(event: Event) -> Command | None:
        asked = isinstance(event, EvalProgress) and event.step == 1 and not seen.of(Edited) and event.total == 200
        return Edit("optimizer.lr", 0.001) if asked and event.done == 64 else None

    drive(train_loop(set_up(spec, None, seen.steps)), at_second_pass, seen.events.append)
    assert [edit.step for edit in seen.of(Edited)] == [2]
    assert seen.steps.read(0)[1][:, 2].tolist() == [0.1, 0.1, 0.001, 0.001]
    again = Recorder()
    drive(train_loop(set_up(spec, None, again.steps)), Tape(seen.of(Edited)), again.events.append)
    assert again.numbers() == seen.numbers()
