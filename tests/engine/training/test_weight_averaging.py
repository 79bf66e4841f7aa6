"""Averages of the weights: their rules against NumPy, batch norm statistics, and a run that does not notice them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from tests.engine.helpers import Recorder, record, small_spec
from tests.engine.training.short_runs import edits_at
from workbench.engine.catalog.averages.ema import EMA
from workbench.engine.catalog.averages.mean import Mean
from workbench.engine.core.drive import drive
from workbench.engine.core.events import Edit, EpochEnded, Measured, Stepped, Stop
from workbench.engine.run_store.run_folder import read_events
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.engine.train import train_loop
from workbench.engine.training.run_context import RunContext
from workbench.engine.training.set_up import set_up
from workbench.engine.training.weight_averaging import WeightAverage, refreshed_on

BOTH = [{"kind": "ema", "decay": 0.9}, {"kind": "mean", "start_epoch": 1}]


def averaged_spec(**edits: Any) -> ExperimentSpec:
    return small_spec(averaging=BOTH, **edits)


def followed(training: RunContext) -> list[dict[str, np.ndarray]]:
    """The float64 weights before the first step and after every step of a whole run."""
    network = training.network.module
    seen = []

    def sink(event: object) -> None:
        if isinstance(event, Stepped) or not seen:
            seen.append({n: p.detach().double().numpy().copy() for n, p in network.named_parameters()})

    drive(train_loop(training), lambda event: None, sink)
    return seen


def average_of(training: RunContext, kind: str) -> WeightAverage:
    return next(average for average in training.averages if average.kind == kind)


def test_both_averages_are_their_stated_rules_over_the_recorded_weights() -> None:
    training = set_up(averaged_spec())
    weights, per_epoch = followed(training), training.batches.per_epoch
    assert len(weights) == 1 + 3 * per_epoch
    for name in weights[0]:
        ema = weights[0][name]
        for now in weights[1:]:
            ema = 0.9 * ema + 0.1 * now[name]
        mean = np.mean([now[name] for now in weights[1 + per_epoch :]], axis=0)
        for kind, wanted in (("ema", ema), ("mean", mean)):
            got = dict(average_of(training, kind).module.named_parameters())[name].numpy()
            np.testing.assert_allclose(got, wanted, rtol=2e-5, atol=2e-6, err_msg=f"{kind} {name}")
        assert np.abs(ema - mean).max() > 1e-4, "the two rules must be told apart"


def test_the_ema_keeps_half_after_ln_2_over_minus_ln_decay_updates() -> None:
    """A jump from 0 to 1 at decay 0.995: 1 − 0.995^139 is the first above one half."""
    network = nn.Linear(1, 1, bias=False)
    with torch.no_grad():
        network.weight.zero_()
    average = WeightAverage(EMA(), network, 10)
    with torch.no_grad():
        network.weight.fill_(1.0)
    values = []
    for step in range(139):
        average.after_update(step, 0.1)
        values.append(average.module.weight.item())
    assert values[137] < 0.5 < values[138]


def test_the_mean_is_a_copy_until_its_start() -> None:
    mean = Mean(start_epoch=2)
    assert [mean.share(n, 3) for n in (1, 6, 7, 8, 10)] == [1.0, 1.0, 1.0, 0.5, 0.25]
    assert [mean.begun(n, 3) for n in (0, 6, 7)] == [False, False, True]
    assert [EMA(decay=0.75).share(n, 3) for n in (1, 9)] == [0.25, 0.25]


def test_a_run_does_not_notice_its_averages() -> None:
    """Bit for bit: steps, evaluations, best weights and optimizer state, with batch norm and dropout."""
    plain, beside = set_up(small_spec()), set_up(averaged_spec())
    one, other = Recorder(), Recorder()
    plain.steps, beside.steps = one.steps, other.steps
    drive(train_loop(plain), lambda event: None, one.events.append)
    drive(train_loop(beside), lambda event: None, other.events.append)
    raw = [replace(e, seconds=0.0, images_per_second=0.0, averages={}) for e in other.of(EpochEnded)]
    assert raw == [replace(e, seconds=0.0, images_per_second=0.0) for e in one.of(EpochEnded)]
    assert one.steps.read(0)[1][:, :4].tobytes() == other.steps.read(0)[1][:, :4].tobytes()
    first, second = plain.state.state(), beside.state.state()
    for part in ("network", "best_weights"):
        assert first[part].keys() == second[part].keys()
        assert all(torch.equal(first[part][name], second[part][name]) for name in first[part])


def test_averages_are_measured_from_when_they_begin() -> None:
    run = record(averaged_spec())
    assert [sorted(e.averages) for e in run.of(EpochEnded)] == [["ema"], ["ema"], ["ema", "mean"], ["ema", "mean"]]
    last = run.of(EpochEnded)[-1]
    assert {m.n for m in last.averages.values()} == {last.val.n}
    assert len({last.val.loss, *(m.loss for m in last.averages.values())}) == 3


def test_without_validation_nothing_is_measured() -> None:
    assert all(not e.averages for e in record(averaged_spec(data__validation_fraction=0.0)).of(EpochEnded))


def test_a_measured_average_is_its_own_network_on_validation() -> None:
    training = set_up(averaged_spec())
    recorder = Recorder()
    drive(train_loop(training), lambda event: None, recorder.events.append)
    x, y = training.data.examples.batch(training.data.split.val)
    for kind, measured in recorder.of(EpochEnded)[-1].averages.items():
        with torch.no_grad():
            logits = average_of(training, kind).module.eval()(x).double()
        loss = nn.functional.cross_entropy(logits, y).item()
        assert measured.loss == pytest.approx(loss, rel=1e-5)
        assert measured.accuracy == (logits.argmax(1) == y).double().mean().item()


def test_batch_norm_statistics_are_those_of_the_averaged_weights() -> None:
    """The first norm layer's input is linear in the data: mean and unbiased variance, computed directly."""
    training = set_up(averaged_spec())
    drive(train_loop(training), lambda event: None, lambda event: None)
    average = average_of(training, "ema")
    module, raw = average.module, training.network.module
    chosen = refreshed_on(training.data.split.train, training.spec.loop.seed)
    assert sorted(chosen) == sorted(training.data.split.train)  # 200 examples: one batch, all of them
    x = training.data.examples.batch(chosen)[0].flatten(1).double().numpy()
    inputs = x @ module.fc1.weight.double().numpy().T
    np.testing.assert_allclose(module.fc1_norm.running_mean.numpy(), inputs.mean(0), rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(module.fc1_norm.running_var.numpy(), inputs.var(0, ddof=1), rtol=1e-4)
    assert not torch.allclose(module.fc1_norm.running_mean, raw.fc1_norm.running_mean, rtol=1e-3)
    assert module.fc1_norm.momentum == raw.fc1_norm.momentum == 0.1


def test_batch_norm_statistics_are_measured_without_dropout() -> None:
    network = nn.Sequential(nn.Dropout(0.5), nn.BatchNorm1d(4, affine=False))
    average = WeightAverage(EMA(), network.train(), 1)
    x = torch.randn(200, 4, generator=torch.Generator().manual_seed(1)) + 3

    class AllThere:
        def lacks(self, indices: np.ndarray) -> bool:
            return False

        def batch(self, indices: np.ndarray) -> tuple[torch.Tensor, None]:
            return x[indices], None

    assert list(average.refresh(AllThere(), np.arange(200), 0)) == [200]  # type: ignore[arg-type]
    assert torch.allclose(average.module[1].running_mean, x.mean(0), atol=1e-5)
    assert torch.allclose(average.module[1].running_var, x.var(0), rtol=1e-5)
    assert not average.module.training and network.training


def test_many_examples_are_a_fixed_part_in_equal_batches() -> None:
    train = np.arange(10_000, dtype=np.int64) * 3
    chosen = refreshed_on(train, 5)
    assert len(chosen) == len({*chosen.tolist()}) == 2048 and np.isin(chosen, train).all()
    assert np.array_equal(chosen, refreshed_on(train, 5)) and not np.array_equal(chosen, refreshed_on(train, 6))


@pytest.mark.parametrize("at", [5, 9, 14])
def test_restoring_in_mid_run_is_exact_with_averages(at: int) -> None:
    spec = averaged_spec()
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

    def rest(state: dict[str, Any]) -> list[EpochEnded]:
        second = Recorder()
        resumed = set_up(spec, steps=second.steps)
        resumed.state.restore(state)
        drive(train_loop(resumed), lambda event: None, second.events.append)
        return [replace(e, seconds=0.0, images_per_second=0.0) for e in second.of(EpochEnded)]

    wanted = [replace(e, seconds=0.0, images_per_second=0.0) for e in whole.of(EpochEnded) if e.step >= at]
    assert rest(saved) == wanted
    assert rest(saved | {"companions": {}}) != wanted, "a state without averages starts them anew"


def test_the_decay_is_live() -> None:
    steady = record(averaged_spec()).of(EpochEnded)[-1]
    edited = record(averaged_spec(), edits_at({9: Edit("averaging.0.decay", 0.99)})).of(EpochEnded)[-1]
    assert edited.val == steady.val and edited.averages["mean"] == steady.averages["mean"]
    assert edited.averages["ema"] != steady.averages["ema"]


def test_averages_are_saved_and_read_back(tmp_path: Path) -> None:
    from safetensors.torch import load_file

    spec = averaged_spec()
    run = record(spec, folder=tmp_path)
    (folder,) = tmp_path.iterdir()
    for kind in ("ema", "mean"):
        saved = load_file(folder / f"average-{kind}.safetensors")
        assert {"fc1.weight", "fc1_norm.running_var", "preprocessing.mean"} <= saved.keys()
    assert not torch.equal(saved["fc1.weight"], load_file(folder / "last.safetensors")["fc1.weight"])
    read = [event for event in read_events(folder) if isinstance(event, EpochEnded)]
    assert read == run.of(EpochEnded)
    assert all(isinstance(m, Measured) for event in read for m in event.averages.values())


def test_a_run_stopped_within_an_epoch_saves_fresh_statistics(tmp_path: Path) -> None:
    from safetensors.torch import load_file

    spec = averaged_spec()
    record(spec, edits_at({10: Stop()}), tmp_path)
    (folder,) = tmp_path.iterdir()
    saved = load_file(folder / "average-ema.safetensors")
    training = set_up(spec)
    x = training.data.examples.batch(training.data.split.train)[0].flatten(1)
    wanted = (x @ saved["fc1.weight"].T).mean(0)
    torch.testing.assert_close(saved["fc1_norm.running_mean"], wanted, rtol=1e-4, atol=1e-5)


def test_a_second_one_of_a_kind_is_refused() -> None:
    (problem,) = ExperimentSpec(averaging=(EMA(), Mean(), EMA(decay=0.9))).problems()
    assert (problem.path, problem.severity) == ("averaging.2", "error")


def test_a_mean_that_never_begins_is_warned_about() -> None:
    (problem,) = ExperimentSpec(averaging=(Mean(start_epoch=15),)).problems()
    assert problem.severity == "warning" and "last epoch" in problem.message
