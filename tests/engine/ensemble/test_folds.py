"""Cross-validation as one run: each fold is the run that its settings train alone; mean and spread are theirs."""

from __future__ import annotations

from pathlib import Path
from statistics import fmean, stdev
from typing import Any

import numpy as np
import pytest
import torch

from tests.engine.ensemble.members import fails_at
from tests.engine.helpers import Recorder, nothing, record, small_spec
from workbench.engine.__main__ import main
from workbench.engine.catalog.datasets.digits import Digits
from workbench.engine.core.drive import drive
from workbench.engine.core.events import (
    Command,
    EpochEnded,
    Event,
    FoldsMeasured,
    MeasuredOnTest,
    Notice,
    RunEnded,
    RunStarted,
    Stepped,
    Stop,
)
from workbench.engine.core.text import percent, plain
from workbench.engine.ensemble.folds import FoldTraining
from workbench.engine.evaluation.evaluation import evaluate
from workbench.engine.evaluation.results_table import table
from workbench.engine.run_store.finished_runs import members
from workbench.engine.run_store.run_folder import RunFolder, read_events
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.engine.spec.toml import load, save
from workbench.engine.train import train, train_loop
from workbench.engine.training.set_up import set_up

FOLDS = 3


def spec(**edits: Any) -> ExperimentSpec:
    return small_spec(data__folds=FOLDS, loop__epochs=2, **edits)


def trained(spec: ExperimentSpec, commands: Any = nothing, folder: RunFolder | None = None) -> Recorder:
    recorder = Recorder()
    drive(train(spec, folder, recorder.steps), commands, recorder.events.append)
    return recorder


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Recorder, Path]:
    folder = RunFolder.create(spec(data__test_fraction=0.1), tmp_path_factory.mktemp("runs"))
    return trained(spec(data__test_fraction=0.1), folder=folder), folder.path


def test_each_fold_is_the_run_that_its_own_settings_train(run: tuple[Recorder, Path]) -> None:
    recorder, folder = run
    alone = []
    for path in members(folder):
        own = load(path / "spec.toml")
        assert own.data.folds == FOLDS and own.loop.seed == spec().loop.seed
        epochs = trained(own.edited("data.measure_test", False)).of(EpochEnded)
        logged = [event for event in read_events(path) if isinstance(event, EpochEnded)]
        assert [(e.val, e.train_eval, e.is_best) for e in logged] == [(e.val, e.train_eval, e.is_best) for e in epochs]
        alone.append(epochs)
    assert len(alone) == FOLDS
    for whole, folds, *each in zip(recorder.of(EpochEnded), recorder.of(FoldsMeasured), *alone, strict=True):
        assert folds.accuracies == tuple(e.val.accuracy for e in each) and folds.folds == (1, 2, 3)
        assert whole.val.accuracy == pytest.approx(fmean(folds.accuracies))
        assert whole.val.n == sum(e.val.n for e in each)  # every example validates once
        assert whole.val.accuracy_se == pytest.approx(sum(e.val.accuracy_se**2 for e in each) ** 0.5 / FOLDS)


def test_its_last_words_are_mean_and_spread_of_validation_and_test(run: tuple[Recorder, Path]) -> None:
    recorder, _ = run
    best = max(recorder.of(FoldsMeasured), key=lambda each: (fmean(each.accuracies), -fmean(each.losses)))
    (tested,) = recorder.of(MeasuredOnTest)
    (ended,) = recorder.of(RunEnded)
    mean, spread = fmean(best.accuracies), stdev(best.accuracies)
    assert f"Mean validation accuracy of 3 folds {percent(mean)} ± {percent(spread)} (standard dev" in ended.message
    assert ended.best_accuracy == pytest.approx(mean)
    assert len(tested.folds) == FOLDS and tested.measured.accuracy == pytest.approx(fmean(tested.folds))
    assert (
        f"Mean test accuracy of 3 folds {percent(fmean(tested.folds))} ± {percent(stdev(tested.folds))}"
        in ended.message
    )
    assert tested.looks == 1
    (started,) = recorder.of(RunStarted)
    assert started.test_size == tested.measured.n


def test_where_one_fold_is_left_no_spread_is_said() -> None:
    training = FoldTraining(train_loop, spec())
    events: list[Event] = []
    spoils = [fails_at(training, member, 1) for member in (0, 2)]
    drive(training.run(), nothing, lambda event: (events.append(event), *(spoil(event) for spoil in spoils)))
    assert [len(e.folds) for e in events if isinstance(e, FoldsMeasured)] == [3, 1, 1]
    assert isinstance(events[-1], RunEnded)
    assert (events[-1].reason, events[-1].message) == ("completed", "Finished.")


def test_the_folds_begin_with_the_same_weights_and_preprocess_by_their_own_part() -> None:
    runs = [set_up(spec().edited("data.fold", fold)) for fold in range(1, FOLDS + 1)]
    first, *others = [run.state.network.state_dict() for run in runs]
    assert all(torch.equal(first[name], other[name]) for other in others for name in first)
    assert len({float(run.data.examples.standardizer.mean.sum()) for run in runs}) == FOLDS


def best_of(path: Path) -> float:
    """The best validation accuracy in the log of a fold."""
    return max(event.val.accuracy for event in read_events(path) if isinstance(event, EpochEnded))


def test_each_fold_is_evaluated_on_its_own_part_as_its_log_says(run: tuple[Recorder, Path]) -> None:
    recorder, folder = run
    bests = [best_of(path) for path in members(folder)]
    everything = recorder.of(EpochEnded)[-1].val.n
    for data in (None, spec().data.source):
        result = evaluate([folder], data)
        assert [each.measured.accuracy for each in result.measured] == bests
        assert [each.doubt for each in result.measured] == [""] * FOLDS
        assert result.averaged is None and result.count == everything
        said = plain(table(result))
        (mean,) = (line for line in said.splitlines() if line.startswith("Mean of 3 folds"))
        assert mean.endswith(plain(f"  {percent(fmean(bests))} ± {percent(stdev(bests))} (standard deviation)"))
        assert f"{everything:,} validation examples, each fold measured on its own" in said
        assert "Average" not in said and "Mean member" not in said


def test_the_predictions_of_folds_are_averaged_on_the_test_part(run: tuple[Recorder, Path]) -> None:
    recorder, folder = run
    (tested,) = recorder.of(MeasuredOnTest)
    result = evaluate([folder], spec().data.source, "test")
    assert tuple(each.measured.accuracy for each in result.measured) == tested.folds
    assert result.averaged is not None and result.averaged.n == tested.measured.n and result.mean_of_folds is None


def test_another_run_beside_folds_is_told_what_it_has_seen_and_not_averaged_with_them(
    run: tuple[Recorder, Path], tmp_path: Path
) -> None:
    _, folder = run
    record(small_spec(loop__epochs=1), folder=tmp_path)
    (other,) = tmp_path.iterdir()
    result = evaluate([folder, other])
    *folds, last = result.measured
    assert [each.measured.accuracy for each in folds] == [best_of(path) for path in members(folder)]
    assert "it was trained on" in last.doubt and last.measured.n == folds[0].measured.n
    assert result.averaged is None and result.mean_of_folds is None
    after = evaluate([other, folder])  # what the first run held back, of which folds have seen a part
    assert after.averaged is not None and after.folds is None
    assert all("it was trained on" in each.doubt for each in after.measured[1:])


def test_a_stop_ends_all_folds_and_keeps_them(tmp_path: Path) -> None:
    folder = RunFolder.create(spec(), tmp_path)

    def stop(event: Event) -> Command | None:
        return Stop() if isinstance(event, Stepped) and event.step == 3 else None

    recorder = trained(spec(), stop, folder)
    (ended,) = recorder.of(RunEnded)
    assert ended.reason == "stopped" and ended.step == 3
    assert all((path / "last.safetensors").exists() for path in members(folder.path))


def test_the_data_sources_own_validation_part_is_dealt_into_the_folds_and_that_is_said(tmp_path: Path) -> None:
    data = Digits().load()
    x, y = data.inputs[:200, 0], data.labels[:200]
    np.savez(tmp_path / "own.npz", x_train=x[:150], y_train=y[:150], x_val=x[150:], y_val=y[150:])
    recorder = trained(spec(data__source={"kind": "npz", "file": str(tmp_path / "own.npz")}))
    assert recorder.of(EpochEnded)[-1].val.n == 200
    notes = [each.message for each in recorder.of(Notice) if each.code == "data_note"]
    assert [note for note in notes if "50 examples of the data's own validation part" in note] == notes[:1]


def test_headless_it_says_mean_and_spread(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    save(spec().edited("loop.epochs", 1), tmp_path / "spec.toml")
    assert main([str(tmp_path / "spec.toml"), "--runs", str(tmp_path)]) == 0
    said = plain(capsys.readouterr().out)
    assert (
        "Mean validation accuracy of 3 folds" in said
        and "3 folds, the first with 200 training and 599 validation" in said
    )


def test_an_ensemble_measures_the_average_of_its_predictions_on_the_test_part_in_one_look() -> None:
    recorder = trained(
        small_spec(ensemble={"kind": "independent", "members": 2}, data__test_fraction=0.1, loop__epochs=1)
    )
    (event,) = recorder.of(MeasuredOnTest)
    assert event.looks == 1 and event.folds == () and event.measured.n == recorder.of(RunStarted)[0].test_size
    assert recorder.of(RunEnded)[0].message.endswith(" examples of the test share, 1st look)")
