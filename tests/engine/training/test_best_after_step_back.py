"""A run that went back behind the best: best weights, the best state, the record and ★ are of the same evaluation."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from tests.engine.helpers import small_spec
from tests.engine.training.resuming import gone_on, killed, saved_each_step
from tests.engine.training.test_checkpointer import up_to
from tests.engine.training.test_step_back import at_step, once, trained
from workbench.engine.core.events import Command, Edit, EpochEnded, Event, RunEnded, StepBack, SteppedBack, Stop
from workbench.engine.core.progress import finished
from workbench.engine.run_store.history import History
from workbench.engine.run_store.kept_state import kept_state
from workbench.engine.run_store.reopened import reopened
from workbench.engine.shelf.opened import opening
from workbench.engine.shelf.read_record import read_record
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.engine.train import train
from workbench.engine.training import checkpointer, recent_states

#: At this rate no later evaluation is better.
SPOILT = Edit("optimizer.lr", 3.0)


def spec() -> ExperimentSpec:
    """Every epoch of seven steps is better than the one before."""
    return small_spec(augmentations=[], loop__epochs=4)


def assert_best_is(step: int, path: Path, history: History) -> None:
    """What the folder, its record and ``history`` call the best is the evaluation after ``step`` steps."""
    record, best, again = read_record(path), kept_state(path, "best"), finished(opening(path))[0]
    assert history.best is not None and history.best.step == step
    assert again.best is not None and again.best.step == step
    assert record is not None and record.best is not None and record.best.step == step
    assert best is not None and best.step == step
    assert history.ended is not None and history.ended.best_epoch == step // 7 == record.best.epoch
    weights, network = load_file(path / "best.safetensors"), best.state["network"]
    assert all(torch.equal(weights[name], each) for name, each in network.items())


@pytest.mark.parametrize("share", [0.01, 1e-9], ids=["states of many steps", "of evaluations"])
@pytest.mark.parametrize(("to", "best"), [(10, 7), (17, 14), (14, 14)])
@pytest.mark.parametrize("is_written", [True, False])
def test_what_is_the_best_is_the_same_everywhere(
    is_written: bool, to: int, best: int, share: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where each best state was on the disk at once, and where they have waited for the next write."""
    monkeypatch.setattr(recent_states, "SHARE", share)
    if is_written:
        saved_each_step(monkeypatch)
    else:
        monkeypatch.setattr(checkpointer, "SAVE_EVERY", math.inf)
        monkeypatch.setattr(checkpointer, "SAVE_WITHIN", math.inf)
    path, history, events = trained(spec(), tmp_path, _back(23 - to, SPOILT))
    assert [event.step for event in events if isinstance(event, SteppedBack)] == [to]
    assert_best_is(best, path, history)


def test_a_run_that_went_back_and_stops_has_its_best_and_goes_on_with_it(tmp_path: Path) -> None:
    path, history, _ = trained(spec(), tmp_path, _back(23 - 17, Stop()))
    assert_best_is(14, path, history)
    _, history = gone_on(path, [(18, "optimizer.lr", 3.0)])
    assert_best_is(14, path, history)


def test_a_best_that_is_older_than_all_states_in_memory_is_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recent_states, "SHARE", 1e9)
    monkeypatch.setattr(recent_states, "MOST_STATES", 8)
    path, history, _ = trained(spec(), tmp_path, _back(23 - 17, SPOILT))
    assert_best_is(14, path, history)


def test_the_best_is_on_the_disk_before_the_next_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that is paused there can be measured, or killed."""
    saved_each_step(monkeypatch)
    path = up_to(spec(), tmp_path, lambda event: isinstance(event, SteppedBack), steer=_back(23 - 17))
    best = kept_state(path, "best")
    assert best is not None and best.step == 14
    weights = load_file(path / "best.safetensors")
    assert all(torch.equal(weights[name], each) for name, each in best.state["network"].items())


def test_best_weights_that_a_resumed_run_has_not_reached_are_gone_when_it_stops(tmp_path: Path) -> None:
    """They were written a moment before the kill; no state and no line of the log that stays knows them."""
    path = killed(spec(), tmp_path, lambda event: isinstance(event, EpochEnded) and event.epochs_done == 2)
    for name in ("last", "previous", "good", "best"):
        (path / "checkpoints" / f"{name}.pt").unlink(missing_ok=True)
    (path / "best.safetensors").write_bytes(b"of the run before")
    settings, folder, start = reopened(path)
    run, command = train(settings, folder, start=start), None
    while not isinstance(event := run.send(command), RunEnded):
        command = Stop() if at_step(3)(event) else None
    assert event.best_epoch is None and not (path / "best.safetensors").exists()


def _back(steps: int, *then: Command) -> Callable[[Event], Command | None]:
    """At the step 23 back by ``steps``, and ``then`` as soon as that is done."""
    back, left = once(at_step(23), StepBack(steps)), list(then)

    def command(event: Event) -> Command | None:
        if isinstance(event, SteppedBack) and left:
            return left.pop(0)
        return back(event)

    return command
