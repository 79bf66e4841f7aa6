"""Decays by hand: a replay gives the same curve, and saved as a schedule they give the same rate at every step."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tests.engine.helpers import Recorder, record, small_spec
from workbench.engine.catalog.schedules import Schedule
from workbench.engine.catalog.schedules.decays import Milestones
from workbench.engine.core.drive import drive
from workbench.engine.core.errors import SpecError
from workbench.engine.core.events import Command, Edit, Edited, EpochEnded, Event, Measured, Stepped
from workbench.engine.report.manual_lr_changes import as_schedule, largest_difference, rate_edits
from workbench.engine.run_store.replay import Tape
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.engine.train import train_loop
from workbench.engine.training.set_up import set_up


def rates(run: Recorder) -> np.ndarray:
    return run.steps.read(0)[1][:, 2]


def decays(spec: ExperimentSpec, at: dict[int, float]) -> Callable[[Event], Command | None]:
    """Multiply the rate by a factor before these 0-based steps, as "decay here" does."""
    now = [spec.optimizer.lr]
    waiting = dict(at)

    def commands(event: Event) -> Command | None:
        factor = waiting.pop(event.step, None) if isinstance(event, Stepped) else None
        if factor is None:
            return None
        now[0] *= factor
        return Edit("optimizer.lr", now[0])

    return commands


SCHEDULES: list[dict[str, Any]] = [
    {"kind": "constant"},
    {"kind": "constant", "warmup": 3, "per": "step"},
    {"kind": "cosine", "per": "step"},
    {"kind": "exponential", "a": 0.3, "per": "epoch"},
    {"kind": "step", "every": 1, "by_hand": [[4, 0.5], [12, 2.0]]},
    {"kind": "plateau", "patience": 0, "drop": 0.5, "threshold": 0.5},
    {"kind": "one_cycle"},
]


@pytest.mark.parametrize("table", SCHEDULES, ids=lambda t: t["kind"])
@pytest.mark.parametrize("factors", [(0.1, 0.1), (0.1, 0.3)])
def test_two_decays_by_hand_replay_and_become_a_schedule(table: dict[str, Any], factors: tuple[float, float]) -> None:
    spec = small_spec(schedule=table, loop__epochs=3)
    steered = record(spec, decays(spec, {5: factors[0], 12: factors[1]}))
    tape = steered.of(Edited)
    assert [edit.step for edit in tape] == [5, 12]

    assert record(spec, Tape(tape)).numbers() == steered.numbers()

    saved = spec.edited("schedule", as_schedule(spec, tape))
    fresh = record(saved)
    assert len(rates(fresh)) == len(rates(steered)) == 21
    assert rates(fresh) == pytest.approx(rates(steered), rel=1e-14)
    if table["kind"] != "plateau":
        assert largest_difference(saved, 7, range(21), rates(steered)) < 1e-14
        assert largest_difference(spec, 7, range(21), rates(steered)) > 1


def test_the_same_factor_twice_is_milestones() -> None:
    spec = small_spec(optimizer={"kind": "sgd", "lr": 0.07})
    run = record(spec, decays(spec, {6: 0.1, 15: 0.1}))
    assert as_schedule(spec, run.of(Edited)) == Milestones(per="step", at=(6, 15), gamma=0.1)


def edited(step: int, old: float, new: float) -> Edited:
    return Edited(step, "optimizer.lr", old, new)


def test_what_does_not_change_the_rate_is_left_out() -> None:
    spec = ExperimentSpec().edited("optimizer.lr", 0.1)
    tape = [
        Edited(2, "loop.epochs", 15, 20),
        edited(3, 0.1, 0.05),
        edited(3, 0.05, 0.02),  # at the same step the last one counts
        edited(4, 0.02, 0.02),
        edited(9, 0.02, 0.01),
        edited(9, 0.01, 0.02),  # and back again
    ]
    assert len(rate_edits(tape)) == 4
    schedule = as_schedule(spec, tape)
    assert schedule == Milestones(per="step", at=(3,), gamma=0.2)


@pytest.mark.parametrize(
    "tape", [[edited(0, 0.1, 0.01)], [edited(5, 0.1, 0.2)], [edited(1, 0.1, 0.01), edited(2, 0.01, 0.1)]]
)
def test_changes_that_are_no_milestones_are_kept_as_they_are(tape: list[Edited]) -> None:
    spec = ExperimentSpec().edited("optimizer.lr", 0.1)
    schedule = as_schedule(spec, tape)
    assert schedule.kind == "constant"
    assert schedule.by_hand == tuple((edit.step, pytest.approx(edit.new / 0.1)) for edit in tape)


def test_too_many_changes_are_refused_in_words() -> None:
    spec = ExperimentSpec().edited("optimizer.lr", 0.1)
    tape = [edited(step, 0.1, 0.1 / (step + 2)) for step in range(65)]
    with pytest.raises(SpecError, match="at most 64"):
        as_schedule(spec, tape)


# --- the one schedule with state ----------------------------------------------------------------------------------

PLATEAU = {"kind": "plateau", "patience": 0, "drop": 0.5, "threshold": 0.5}


def test_plateau_lowers_the_rate_of_a_run_as_its_measurements_say() -> None:
    run = record(small_spec(schedule=PLATEAU, loop__epochs=5))
    schedule: Schedule = run_spec_schedule()
    memory: Any = {}
    expected = []
    for ended in run.of(EpochEnded):
        assert isinstance(ended.val, Measured)
        if ended.epochs_done:
            memory = schedule.after_measurement(memory, ended.train_eval, ended.val)
        expected += [0.01 * schedule.recalled(memory)] * 7
    assert rates(run).tolist() == expected[:35]
    assert len(set(expected[:35])) > 1


def run_spec_schedule() -> Schedule:
    return small_spec(schedule=PLATEAU).schedule


@pytest.mark.parametrize("at", [3, 15, 21, 30])
def test_plateaus_memory_is_part_of_the_state(at: int) -> None:
    spec = small_spec(schedule=PLATEAU, loop__epochs=5)
    whole = record(spec)
    first = set_up(spec)
    run = train_loop(first)
    event = next(run)
    while not (isinstance(event, Stepped) and event.step == at):
        event = run.send(None)
    saved = first.state.state()
    followed = [run.send(None) for _ in range(6)]  # the copy must not follow the run
    run.close()
    assert len(followed) == 6
    second = Recorder()
    resumed = set_up(spec, steps=second.steps)
    resumed.state.restore(saved)
    drive(train_loop(resumed), lambda event: None, second.events.append)
    assert second.steps.read(0)[1][:, :4].tobytes() == whole.steps.read(at)[1][:, :4].tobytes()


def test_a_state_with_plateaus_memory_is_plain_data(tmp_path: Any) -> None:
    import torch

    training = set_up(small_spec(schedule=PLATEAU))
    drive(train_loop(training), lambda event: None, lambda event: None)
    torch.save(training.state.state(), tmp_path / "state.pt")
    loaded = torch.load(tmp_path / "state.pt", weights_only=True)
    assert loaded["progress"]["memory"] == training.state.progress.memory
    assert "best" in training.state.progress.memory
