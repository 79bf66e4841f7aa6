"""When a run is evaluated: the start on a slice, the ends of epochs, steps within them; which of these can be best."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import torch

from tests.engine.helpers import Recorder, nothing, record, small_spec
from workbench.engine.core.drive import drive
from workbench.engine.core.events import (
    Copy,
    EpochEnded,
    EvalProgress,
    Evaluated,
    Event,
    Measured,
    Notice,
    RunEnded,
    Stepped,
)
from workbench.engine.core.step_store import StepStore
from workbench.engine.data import split as splitting
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.engine.train import train_loop
from workbench.engine.training import epoch_evaluation
from workbench.engine.training.command_channel import CommandChannel
from workbench.engine.training.epoch_evaluation import evaluate
from workbench.engine.training.evaluate import measure
from workbench.engine.training.set_up import set_up
from workbench.engine.training.state import Progress

POINTS = {
    "data__source": {"kind": "moons", "examples": 9000},
    "data__examples_per_class": None,
    "data__validation_fraction": 0.4,
    "augmentations": [],
    "loop__batch_size": 1024,
    "loop__epochs": 1,
}


def test_the_start_is_measured_on_a_slice_and_the_ends_of_epochs_on_all() -> None:
    start, end = record(small_spec(**POINTS)).of(EpochEnded)
    assert (start.train_eval.n, start.val.n) == (2000, 2000) and start.step == 0
    assert (end.train_eval.n, end.val.n) == (3600, 3600)


def test_the_slice_measures_what_it_says() -> None:
    """The initial network over the slice by hand: the same mean losses."""
    spec = small_spec(**POINTS)
    run = set_up(spec)
    wanted = []
    for part in run.data.first_look:
        x, y = run.data.examples.batch(part)
        with torch.no_grad():
            logits = run.network.module.eval()(x)
        wanted.append(torch.nn.functional.cross_entropy(logits.double(), y).item())
    start = record(spec).of(EpochEnded)[0]
    assert [start.train_eval.loss, start.val.loss] == pytest.approx(wanted, rel=1e-6)


def test_progress_of_the_start_counts_the_slice() -> None:
    """So that the bar does not stand at a fifth when the first step comes."""
    run = record(small_spec(**POINTS))
    first = [e for e in run.of(EvalProgress) if e.step == 0]
    assert {e.total for e in first} == {4000} and first[-1].done == 4000
    assert 0 < first[0].seconds < first[-1].seconds


def test_small_parts_are_measured_whole_at_the_start() -> None:
    start = record(small_spec(loop__epochs=1)).of(EpochEnded)[0]
    assert (start.train_eval.n, start.val.n) == (200, 359)


def test_the_start_is_never_the_best() -> None:
    """Nothing is learned, so the start is as accurate as all that follow, and yet it is not kept."""
    spec = small_spec(optimizer={"kind": "sgd", "lr": 1e-9}, loop__epochs=1, regularization=[], augmentations=[])
    run = record(spec.edited("model.batch_norm", False))
    start, first = run.of(EpochEnded)
    assert first.val.accuracy == start.val.accuracy and (start.is_best, first.is_best) == (False, True)
    assert start.epochs_without_improvement == first.epochs_without_improvement == 0
    assert ended(run).best_epoch == 1 and "after epoch 1" in ended(run).message


def test_nothing_is_best_if_a_run_is_stopped_before_its_first_epoch_is_measured() -> None:
    from workbench.engine.core.events import Stop

    def stop(event: Event) -> Any:
        return Stop() if isinstance(event, Stepped) and event.step == 2 else None

    run = set_up(small_spec())
    drive(train_loop(run), stop, lambda event: None)
    assert not run.state.best_weights and run.state.progress.best_epoch == -1


# --- within epochs ---------------------------------------------------------------------------------------------------

STEPS = 7  # in an epoch of small_spec


def test_evaluations_come_every_n_steps_and_at_the_ends() -> None:
    run = record(small_spec(loop__evaluate_every=3))
    assert [(type(e).__name__, e.step, e.epochs_done) for e in run.of(Evaluated)] == [
        *(("EpochEnded", 0, 0), ("Evaluated", 3, 0), ("Evaluated", 6, 0), ("EpochEnded", 7, 1)),
        *(("Evaluated", 9, 1), ("Evaluated", 12, 1), ("EpochEnded", 14, 2)),
        *(("Evaluated", 15, 2), ("Evaluated", 18, 2), ("EpochEnded", 21, 3)),
    ]


def test_an_end_of_an_epoch_at_such_a_step_is_measured_once() -> None:
    run = record(small_spec(loop__evaluate_every=STEPS))
    assert [e.step for e in run.of(Evaluated)] == [0, 7, 14, 21] and len(run.of(EpochEnded)) == 4


def test_evaluating_more_often_changes_no_number_of_training() -> None:
    """Batch norm, dropout, augmentation and an average take part. Which weights are best may change."""
    spec = small_spec(averaging=[{"kind": "ema"}])
    plain, often = record(spec), record(spec.edited("loop.evaluate_every", 2))
    assert plain.steps.read(0)[1][:, :4].tobytes() == often.steps.read(0)[1][:, :4].tobytes()

    def numbers(run: Recorder) -> list[EpochEnded]:
        plain = {"seconds": 0.0, "images_per_second": 0.0, "is_best": False, "epochs_without_improvement": 0}
        return [replace(e, **plain) for e in run.of(EpochEnded)]

    assert numbers(plain) == numbers(often)


def test_a_mean_within_an_epoch_is_that_of_its_steps_so_far() -> None:
    run = record(small_spec(loop__evaluate_every=3))
    losses = run.steps.read(0)[1][:, 0]
    within = [e for e in run.of(Evaluated) if e.step in (3, 9)]
    assert within[0].running_loss == pytest.approx(losses[:3].mean())
    assert within[1].running_loss == pytest.approx(losses[7:9].mean())
    assert within[0].images_per_second > 0


def test_the_weights_of_the_best_evaluation_are_kept_also_from_within_an_epoch() -> None:
    """At a rate that falls apart soon the best is early: the kept weights give its loss, measured by hand."""
    spec = small_spec(
        loop__evaluate_every=1, loop__epochs=2, optimizer={"kind": "sgd", "lr": 0.5}, loop__seed=1, augmentations=[]
    )
    run = set_up(spec)
    events: list[Event] = []
    drive(train_loop(run), nothing, events.append)
    evaluated = [e for e in events if isinstance(e, Evaluated) and e.step]
    best = max(evaluated, key=lambda e: (e.val.accuracy, -e.val.loss))
    assert [e for e in evaluated if e.is_best][-1] is best
    progress = run.state.progress
    assert (progress.best_step, progress.best_accuracy) == (best.step, best.val.accuracy)
    assert progress.best_epoch == -(-best.step // STEPS)
    run.network.module.load_state_dict(run.state.best_weights)
    x, y = run.data.examples.batch(run.data.split.val)
    with torch.no_grad():
        logits = run.network.module.eval()(x)
    assert torch.nn.functional.cross_entropy(logits.double(), y).item() == pytest.approx(best.val.loss, rel=1e-6)


@pytest.mark.parametrize("at", [3, 6])
def test_a_run_restored_between_a_step_and_its_evaluation_makes_it(at: int) -> None:
    spec, copies = small_spec(loop__evaluate_every=3), []
    whole = record(spec, lambda e: Copy(copies.append) if isinstance(e, Stepped) and e.step == at else None)
    resumed = set_up(spec, steps=StepStore(64))
    resumed.state.restore(copies[0])
    events: list[Event] = []
    drive(train_loop(resumed), nothing, events.append)

    def rest(events: list[Event]) -> list[Evaluated]:
        found = [e for e in events if isinstance(e, Evaluated) and e.step >= at]
        return [replace(e, seconds=0.0, images_per_second=0.0) for e in found]

    assert rest(events) == rest(whole.events)


def test_the_setting_acts_live() -> None:
    from workbench.engine.core.events import Edit

    def switch(event: Event) -> Any:
        return Edit("loop.evaluate_every", 2) if isinstance(event, Stepped) and event.step == 8 else None

    run = record(small_spec(loop__epochs=2), switch)
    assert [e.step for e in run.of(Evaluated)] == [0, 7, 8, 10, 12, 14]


# --- patience and the smallest improvement ---------------------------------------------------------------------------


def ranked(accuracies: list[tuple[float, float]], min_change: float, per_epoch: int = 1) -> list[tuple[bool, int]]:
    """For each evaluation (accuracy, loss): whether it is the best, and the epochs without improvement after it."""
    progress, found = Progress(), []
    for number, (accuracy, loss) in enumerate(accuracies, 1):
        progress.step = number
        is_best = progress.rank(Measured(loss, accuracy, 100, 0.0, 0.0), min_change)
        if number % per_epoch == 0:
            progress.close_epoch(is_measured=True)
        found.append((is_best, progress.stale))
    return found


def test_at_no_smallest_improvement_a_tie_with_a_lower_loss_counts() -> None:
    assert ranked([(0.5, 1.0), (0.5, 0.9), (0.5, 0.9), (0.4, 0.1)], 0.0) == [
        (True, 0),
        (True, 0),
        (False, 1),
        (False, 2),
    ]


def test_a_smallest_improvement_is_counted_from_the_last_improvement_and_leaves_the_best_alone() -> None:
    """0.90 → 0.9009 → 0.9010: the best each time; the third is a tenth of a point above the first, so it counts."""
    steps = [(0.9, 1.0), (0.9009, 1.0), (0.901, 1.0), (0.901, 0.5), (0.9015, 0.5)]
    assert ranked(steps, 0.1) == [(True, 0), (True, 1), (True, 0), (True, 1), (True, 2)]
    assert [stale for _, stale in ranked(steps, 0.0)] == [0] * 5


def test_an_improvement_within_an_epoch_counts_for_it() -> None:
    steps = [(0.5, 1.0), (0.4, 1.0), (0.4, 1.0), (0.3, 1.0), (0.6, 1.0), (0.1, 1.0)]
    assert [stale for _, stale in ranked(steps, 0.0, per_epoch=2)][1::2] == [0, 1, 0]


def test_a_slow_fall_of_the_loss_no_longer_holds_early_stopping_off() -> None:
    """The oracle of found.md: a rate so small that accuracy stays and the loss creeps."""
    spec = small_spec(
        loop__epochs=30, loop__patience=3, regularization=[], augmentations=[], optimizer={"kind": "sgd", "lr": 1e-6}
    )
    spec = spec.edited("model.batch_norm", False)
    creeping = record(spec)
    assert len(creeping.of(EpochEnded)) == 31 and len({e.val.accuracy for e in creeping.of(EpochEnded)}) == 1
    stopped = record(spec.edited("loop.min_change", 0.1))
    assert len(stopped.of(EpochEnded)) == 1 + 1 + 3
    assert "no improvement for 3 epochs" in ended(stopped).message


def test_patience_of_one_epoch_is_said_in_the_singular() -> None:
    spec = small_spec(loop__patience=1, loop__min_change=100.0, loop__epochs=9)
    assert "no improvement for 1 epoch." in ended(record(spec)).message


def ended(run: Recorder) -> RunEnded:
    last = run.events[-1]
    assert isinstance(last, RunEnded)
    return last


# --- early stopping without validation -----------------------------------------------------------------------------


def complaints(spec: ExperimentSpec) -> list[str]:
    return [problem.severity for problem in spec.problems() if problem.path == "loop.patience"]


def test_early_stopping_without_validation_is_a_problem_of_the_settings_and_said_by_the_run() -> None:
    spec = small_spec(loop__patience=3, data__validation_fraction=0.0, loop__epochs=1)
    assert complaints(spec) == ["warning"]
    notice = next(e for e in record(spec).events if isinstance(e, Notice) and e.code == "early_stopping")
    assert "no validation examples" in notice.message and notice.severity == "warning"


@pytest.mark.parametrize(
    "edits",
    [
        {"loop.patience": None},
        {"data.validation_fraction": 0.1},
        {"data.folds": 3},
        {"data.source": {"kind": "folder", "folder": "pictures"}},  # it may bring a validation part
    ],
)
def test_early_stopping_that_can_act_is_no_problem(edits: dict[str, Any]) -> None:
    spec = small_spec(loop__patience=3, data__validation_fraction=0.0)
    for path, value in edits.items():
        spec = spec.edited(path, value)
    assert complaints(spec) == []


# --- the slice -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sizes", [(3000, 3000), (5000, 700, 301), (2001, 1), (1500, 1500, 1500, 1500, 7)])
def test_a_slice_has_each_class_within_one_example_of_its_share(sizes: tuple[int, ...]) -> None:
    labels = torch.arange(len(sizes)).repeat_interleave(torch.tensor(sizes)).numpy()
    part = torch.arange(len(labels)).numpy()
    parts = splitting.Split(part, part, part)
    train, val = splitting.first_look(parts, labels, 3)
    assert len(val) == 2000 == len(set(val.tolist())) and (val[:-1] < val[1:]).all() and (train == val).all()
    for label, size in enumerate(sizes):
        assert abs((labels[val] == label).sum() - 2000 * size / len(labels)) < 1
    other = splitting.first_look(parts, labels, 4)[1]
    assert (splitting.first_look(parts, labels, 3)[1] == val).all() and (other != val).any()


def test_default_settings_evaluate_at_ends_of_epochs_only() -> None:
    assert ExperimentSpec().loop.evaluate_every is None and ExperimentSpec().loop.min_change == 0.0


def test_without_validation_no_epoch_counts_as_without_improvement() -> None:
    spec = small_spec(loop__patience=1, data__validation_fraction=0.0, loop__epochs=3)
    ends = record(spec).of(EpochEnded)
    assert [end.epochs_without_improvement for end in ends] == [0, 0, 0, 0]


def test_an_improvement_within_an_epoch_is_told_at_once() -> None:
    """After four epochs without one, and before the epoch that has it is closed."""
    run = set_up(small_spec())
    progress = run.state.progress
    progress.step, progress.epoch, progress.batch, progress.offset, progress.stale = 30, 4, 2, 128, 4
    (event,) = [each for each in evaluate(run) if isinstance(each, Evaluated)]
    assert event.is_best and event.epochs_without_improvement == 0 and progress.stale == 4


def test_the_time_of_evaluations_within_an_epoch_is_none_of_its_training(monkeypatch: pytest.MonkeyPatch) -> None:
    """A clock that only evaluations move: no time is left for the steps, so there is no speed to give."""
    clock = 0.0

    def slow(*given: Any, **more: Any) -> Any:
        nonlocal clock
        clock += 100.0
        return measure(*given, **more)

    monkeypatch.setattr(epoch_evaluation, "measure", slow)
    monkeypatch.setattr(CommandChannel, "seconds", lambda _channel: clock)
    run = record(small_spec(loop__evaluate_every=3, loop__epochs=1))
    assert [end.images_per_second for end in run.of(Evaluated)] == [0.0] * 4
