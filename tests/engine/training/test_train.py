"""The life of a run: order of events, exact repeats, edits, stop, restore, divergence."""

from __future__ import annotations

import math
import time
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.helpers import Recorder, record, small_spec
from tests.engine.training.short_runs import edits_at, full_batch
from workbench.engine.catalog.datasets import Dataset
from workbench.engine.core.drive import drive
from workbench.engine.core.errors import SpecError, WorkbenchError
from workbench.engine.core.events import (
    Command,
    Copy,
    Edit,
    EpochEnded,
    Event,
    Notice,
    RunEnded,
    RunStarted,
    Stepped,
    Stop,
)
from workbench.engine.data.split import batch_borders
from workbench.engine.spec.experiment import ExperimentSpec, spec_from_plain
from workbench.engine.train import train_loop
from workbench.engine.training.set_up import set_up


def test_a_run_begins_with_started_and_ends_once() -> None:
    run = record(small_spec())
    assert isinstance(run.events[0], RunStarted)
    assert isinstance(run.events[-1], RunEnded)
    assert len(run.of(RunEnded)) == 1
    assert [e.epochs_done for e in run.of(EpochEnded)] == [0, 1, 2, 3]
    assert run.steps.count == len(run.of(Stepped)) == 3 * run.events[0].steps_per_epoch
    assert run.events[-1].reason == "completed"


def test_the_same_spec_gives_the_same_bits() -> None:
    assert record(small_spec()).numbers() == record(small_spec()).numbers()


def test_another_seed_gives_other_numbers() -> None:
    assert record(small_spec()).numbers() != record(small_spec(loop__seed=1)).numbers()


def test_pauses_and_foreign_randomness_change_nothing() -> None:
    def busy(event: Event) -> Command | None:
        torch.rand(3)
        np.random.rand(2)
        if isinstance(event, Stepped) and event.step % 7 == 0:
            time.sleep(0.002)
        return None

    assert record(small_spec(), busy).numbers() == record(small_spec()).numbers()


@pytest.mark.parametrize("command", [Edit("optimizer.lr", 0.01), Copy(lambda state: None), None])
def test_a_pause_is_no_training_time(command: Command | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the pause ends with: the clock of the run stands while it waits."""
    now = [0.0]
    monkeypatch.setattr("workbench.engine.training.command_channel.time", SimpleNamespace(perf_counter=lambda: now[0]))

    def pause(event: Event) -> Command | None:
        if not (isinstance(event, Stepped) and event.step == 3):
            return None
        now[0] += 100.0
        return command

    (ended,) = record(small_spec(), pause).of(RunEnded)
    assert ended.seconds == 0.0


@pytest.mark.parametrize("at", [1, 5, 7, 10, 14])
def test_restoring_the_state_in_mid_run_is_exact(at: int) -> None:
    """Seven steps an epoch: the first, mid-epoch, the last batch, the next epoch, an epoch's border."""
    spec = small_spec()
    whole = record(spec)
    first = set_up(spec)
    run = train_loop(first)
    event = next(run)
    while not (isinstance(event, Stepped) and event.step == at):
        event = run.send(None)
    saved = first.state.state()
    for _ in range(3):
        run.send(None)  # the copy must not follow the run
    run.close()

    second = Recorder()
    resumed = set_up(spec, steps=second.steps)
    resumed.state.restore(saved)
    drive(train_loop(resumed), lambda event: None, second.events.append)
    rest = whole.steps.read(at)[1][:, :4]
    assert second.steps.read(0)[1][:, :4].tobytes() == rest.tobytes()
    later = [replace(e, seconds=0.0, images_per_second=0.0) for e in whole.of(EpochEnded) if e.step >= at]
    assert [replace(e, seconds=0.0, images_per_second=0.0) for e in second.of(EpochEnded)] == later


@pytest.mark.parametrize("part", ["network", "optimizer", "progress"])
def test_leaving_out_a_part_of_the_state_is_noticed(part: str) -> None:
    """The equality above would fail if a part of the state were not restored."""
    spec = small_spec()
    first = set_up(spec)
    run = train_loop(first)
    event = next(run)
    while not (isinstance(event, Stepped) and event.step == 5):
        event = run.send(None)
    saved = first.state.state()
    run.close()
    second = Recorder()
    resumed = set_up(spec, steps=second.steps)
    saved[part] = resumed.state.state()[part]
    resumed.state.restore(saved)
    drive(train_loop(resumed), lambda event: None, second.events.append)
    rest = record(spec).steps.read(5)[1][:, :4]
    assert second.steps.read(0)[1][:, :4].tobytes() != rest.tobytes()


def test_live_settings_of_layers_are_restored_too() -> None:
    """No tensor holds a drop probability: it comes back with the spec, forwards and backwards."""
    spec = small_spec(regularization=[{"kind": "dropout", "p": 0.5}])
    first = set_up(spec)
    before = first.state.state()
    drive(train_loop(first), edits_at({1: Edit("regularization.0.p", 0.1), 5: Stop()}), lambda event: None)
    resumed = set_up(spec)
    resumed.state.restore(first.state.state())
    assert [layer.p for layer in resumed.network.placed] == [0.1] * len(resumed.network.placed) != []
    first.state.restore(before)
    assert {layer.p for layer in first.network.placed} == {0.5}


def test_a_huge_rate_is_found_at_its_step() -> None:
    """TR01: the loss stops being a number; the notice names the step and the point is in the columns."""
    spec = small_spec(
        optimizer={"kind": "sgd", "lr": 1e6}, model={"kind": "mlp", "hidden": [16, 16]}, regularization=[]
    )
    run = record(spec)
    notice = run.of(Notice)[-1]
    assert notice.code == "diverged" and f"step {notice.step + 1}" in notice.message
    assert run.events[-1].reason == "failed"
    losses = run.steps.read(0)[1][:, 0]
    assert not math.isfinite(losses[-1]) or losses[-1] > 1000


def test_the_default_network_with_a_rate_of_a_million_is_called_diverged() -> None:
    """TR01 on the default: batch norm keeps the loss finite, so its size is what tells."""
    spec = ExperimentSpec().edited("optimizer.lr", 1e6).edited("loop.epochs", 1)
    run = record(spec)
    assert run.of(Notice)[0].code == "diverged"


def test_early_stopping_keeps_its_patience() -> None:
    run = record(small_spec(loop__epochs=200, loop__patience=3, optimizer={"kind": "sgd", "lr": 1e-9}))
    assert run.events[-1].reason == "completed"
    stale = [e.epochs_without_improvement for e in run.of(EpochEnded)]
    assert stale[-1] == 3 and max(stale) == 3 and len(stale) < 100


def test_best_is_highest_accuracy_then_lowest_loss() -> None:
    run = record(small_spec(loop__epochs=8))
    ranked = max(run.of(EpochEnded), key=lambda e: (e.val.accuracy, -e.val.loss))
    assert [e for e in run.of(EpochEnded) if e.is_best][-1] is ranked
    assert run.events[-1].best_epoch == ranked.epochs_done


def test_no_validation_is_measured_as_nothing() -> None:
    """TR06: no NaN; the metrics of the empty split are None."""
    run = record(small_spec(data__validation_fraction=0.0))
    assert all(e.val is None and e.train_eval is not None and not e.is_best for e in run.of(EpochEnded))
    assert run.events[-1].best_epoch is None


def test_nothing_left_to_train_is_said_before_the_start() -> None:
    """TR06: fewer than two examples."""
    two = Dataset(np.zeros((2, 2), np.float32), np.zeros(2, np.int64), ("only",))
    spec = small_spec(data__validation_fraction=0.5, model={"kind": "mlp"}, augmentations=[])
    with pytest.raises(WorkbenchError, match="Only 1 example is left for training"):
        set_up(spec, dataset=two)


def test_a_missing_gpu_falls_back_to_the_cpu_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """TR12."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    started = record(small_spec(loop__device="cuda")).events[0]
    assert isinstance(started, RunStarted)
    assert started.device == "cpu" and "GPU" in started.device_note


def test_an_old_driver_is_one_line_in_the_note(monkeypatch: pytest.MonkeyPatch) -> None:
    """TR12: torch warns about old drivers; the run starts on the CPU and repeats the reason."""
    import warnings

    def available() -> bool:
        warnings.warn("The NVIDIA driver on your system is too old.\nPlease update it.", stacklevel=1)
        return False

    monkeypatch.setattr(torch.cuda, "is_available", available)
    started = record(small_spec(loop__device="cuda")).events[0]
    assert isinstance(started, RunStarted)
    assert "too old" in started.device_note and "\n" not in started.device_note


def test_auto_with_an_old_driver_says_so_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """TR12."""
    import warnings

    def available() -> bool:
        warnings.warn("The NVIDIA driver on your system is too old.", stacklevel=1)
        return False

    monkeypatch.setattr(torch.cuda, "is_available", available)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    started = record(small_spec(loop__device="auto")).events[0]
    assert isinstance(started, RunStarted)
    assert started.device == "cpu" and "too old" in started.device_note


def test_huge_first_weights_are_not_called_diverged() -> None:
    """The loss is large before any step: no learning rate is to blame."""
    model = {"kind": "mlp", "init_weights": {"kind": "gaussian", "std": 30.0}}
    run = record(small_spec(model=model, optimizer={"kind": "sgd", "lr": 1e-9}, loop__epochs=1))
    assert run.of(EpochEnded)[0].train_eval.loss > 3_000
    assert not [n for n in run.of(Notice) if n.code == "diverged"]


def test_a_spec_with_problems_does_not_start() -> None:
    spec = small_spec(data__source={"kind": "blobs"}, model={"kind": "small_cnn"}, augmentations=[])
    with pytest.raises(SpecError, match="choose the MLP"):
        set_up(spec)


def test_batches_of_one_work_without_batch_norm_and_are_refused_with_it() -> None:
    spec = small_spec(data__examples_per_class=2, loop__batch_size=1, loop__epochs=1)
    with pytest.raises(SpecError, match="at least two examples in a batch"):
        set_up(spec)
    run = record(spec.edited("model.batch_norm", False))
    assert run.events[0].steps_per_epoch == run.steps.count == 20


def test_statistics_come_from_the_training_split_only() -> None:
    spec = small_spec()
    training = set_up(spec)
    dataset = spec.data.source.load()
    train = dataset.inputs[training.data.split.train].astype(np.float64) / 255
    assert float(training.data.examples.standardizer.mean) == pytest.approx(train.mean(), abs=1e-6)
    assert float(training.data.examples.standardizer.mean) != pytest.approx(dataset.inputs.mean() / 255, abs=1e-6)


def test_the_split_is_stratified_disjoint_and_seeded() -> None:
    spec = ExperimentSpec()
    dataset = spec.data.source.load()
    first = set_up(spec).data.split
    assert not set(first.train) & set(first.val)
    assert set(first.train_eval) <= set(first.train)
    assert len(first.train) + len(first.val) == len(dataset.labels)
    counts = np.bincount(dataset.labels[first.val])
    assert np.array_equal(counts, np.bincount(dataset.labels[first.train_eval]))
    assert np.abs(counts - 0.2 * np.bincount(dataset.labels)).max() <= 0.5
    assert not np.array_equal(first.val, set_up(spec.edited("data.split_seed", 1)).data.split.val)


def test_both_splits_are_measured_alike() -> None:
    """Dropout and augmentation reach neither measurement: it equals a plain forward pass in eval mode."""
    training = set_up(small_spec())
    events = list(train_loop(training))
    last = [e for e in events if isinstance(e, EpochEnded)][-1]
    network = training.state.network.eval()
    for indices, measured in ((training.data.split.train_eval, last.train_eval), (training.data.split.val, last.val)):
        x, y = training.data.examples.batch(indices)
        with torch.no_grad():
            loss = torch.nn.functional.cross_entropy(network(x), y).item()
        assert measured is not None and measured.loss == pytest.approx(loss, rel=1e-5)


@given(st.integers(2, 500), st.integers(1, 100))
@settings(deadline=None)
def test_an_epoch_is_cut_completely_and_no_batch_of_one_is_left_over(examples: int, size: int) -> None:
    borders = batch_borders(examples, size)
    sizes = np.diff(borders)
    assert borders[0] == 0 and borders[-1] == examples and sizes.min() >= 1
    assert size == 1 or sizes.min() > 1
    assert sizes.max() <= size + (size > 1)


def test_every_member_of_every_family_trains_ten_steps() -> None:
    from workbench.engine.catalog.activations import Activation
    from workbench.engine.catalog.augmentations import Augmentation
    from workbench.engine.catalog.initializations import Initialization
    from workbench.engine.catalog.models import Model
    from workbench.engine.catalog.optimizers import Optimizer
    from workbench.engine.catalog.preprocessing import Preprocessing
    from workbench.engine.catalog.regularizers import Regularizer
    from workbench.engine.catalog.schedules import Schedule
    from workbench.engine.catalog.variant import members_of

    families = {
        "augmentations": Augmentation,
        "regularization": Regularizer,
        "optimizer": Optimizer,
        "schedule": Schedule,
        "preprocessing": Preprocessing,
        "model": Model,
        "model.activation": Activation,
        "model.init_weights": Initialization,
    }
    base = small_spec(loop__epochs=2, augmentations=[], regularization=[], data__validation_fraction=0.02)
    for path, family in families.items():
        for kind in members_of(family):
            listed = path in ("augmentations", "regularization")
            spec = base.edited(path, [{"kind": kind}] if listed else {"kind": kind})
            run = record(spec.edited("loop.epochs", 10) if spec.optimizer.full_batch else spec)
            assert run.events[-1].reason == "completed", f"{path} {kind}: {run.events[-1]}"
            assert run.steps.count >= 10


def test_a_spec_from_plain_trains_like_the_spec() -> None:
    from workbench.engine.spec.experiment import plain

    spec = small_spec()
    assert record(spec_from_plain(plain(spec))).numbers() == record(spec).numbers()


def test_a_whole_pass_leaves_no_example_alone_with_batch_norm() -> None:
    recorder = record(full_batch(loop__batch_size=199))
    assert recorder.events[-1].reason == "completed" and recorder.steps.count == 4
