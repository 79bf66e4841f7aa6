"""A run judged on its examples: figures of its evaluation, and the examples behind each of them."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from tests.engine.use.made import trained
from workbench.engine.catalog.datasets.digits import Digits
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.data.split import split
from workbench.engine.data.store import DataStore
from workbench.engine.evaluation.evaluation import EvaluationOptions, evaluate
from workbench.engine.inspection.judged import Judged, judged
from workbench.engine.run_store.finished_runs import opened


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return trained(tmp_path_factory.mktemp("runs"))


@pytest.fixture(scope="module")
def found(run: Path) -> Judged:
    return judged([run])


def test_figures_are_those_of_the_evaluation(run: Path, found: Judged) -> None:
    (measured,) = evaluate([run]).measured
    assert found.accuracy == pytest.approx(measured.measured.accuracy)
    assert found.losses.mean() == pytest.approx(measured.measured.loss, rel=1e-5)
    assert found.confusion.counts.sum() == measured.measured.n and found.name == run.name
    assert found.confusion.counts.trace() == found.is_right.sum()


def test_training_examples_are_counted_by_class(run: Path, found: Judged) -> None:
    dataset = Digits().load()
    own = split(dataset, opened(run).spec.data)
    assert found.trained is not None
    assert found.trained.tolist() == np.bincount(dataset.labels[own.train], minlength=10).tolist() == [20] * 10
    other = judged([run], data=Digits(), part="all")
    assert other.trained is not None and "trained on" in other.doubt and not found.doubt


def test_every_figure_names_its_examples(found: Judged) -> None:
    counts = found.confusion.counts
    for true in range(10):
        assert len(found.of_class(true)) == counts[true].sum()
        assert len(found.taken_for(true)) == counts[:, true].sum()
        for predicted in range(10):
            cell = found.of_cell(true, predicted)
            assert len(cell) == counts[true, predicted]
            assert (found.labels[cell] == true).all() and (found.predicted[cell] == predicted).all()
    sizes = [len(found.of_bin(number)) for number in range(len(found.calibration.counts))]
    assert sizes == found.calibration.counts.tolist()


def test_mistakes_come_in_their_order(found: Judged) -> None:
    worst, sure, unsure = found.worst, found.confidently_wrong, found.most_uncertain
    assert len(worst) == len(sure) == (~found.is_right).sum() > 0 and len(unsure) == len(found.labels)
    assert (np.diff(found.losses[worst]) <= 0).all() and (np.diff(found.confidence[sure]) <= 0).all()
    logs = found.logs.astype(np.float64)
    entropy = -(np.exp(logs) * logs).sum(1)
    assert (np.diff(entropy[unsure]) <= 1e-9).all() and entropy[unsure[0]] == pytest.approx(entropy.max())


def test_a_temperature_changes_confidence_and_no_answer(found: Judged) -> None:
    cooled = found.at_temperature(found.temperature())
    assert (cooled.predicted == found.predicted).all() and cooled.losses.mean() <= found.losses.mean() + 1e-6
    assert (found.at_temperature(5.0).confidence < found.confidence + 1e-9).all()


def test_several_are_averaged(run: Path, found: Judged, tmp_path: Path) -> None:
    other = trained(tmp_path, loop__seed=1)
    both = judged([run, other])
    second = judged([run.parent / run.name, other]).logs
    mean = (np.exp(found.logs.astype(np.float64)) + np.exp(judged([other]).logs.astype(np.float64))) / 2
    assert np.abs(np.exp(both.logs) - mean).max() < 1e-5 and (second == both.logs).all()
    assert both.name == "Average of the predictions"


def test_data_that_are_in_memory_are_not_read_again(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = DataStore()
    held = store.loaded(Digits())
    assert judged([run], options=EvaluationOptions(store=store)).examples.dataset.inputs is held.inputs


def test_what_cannot_be_judged_says_why(run: Path, tmp_path: Path) -> None:
    gone = shutil.copytree(run, tmp_path / "gone")
    (gone / "best.safetensors").write_bytes(b"damaged")
    (gone / "last.safetensors").unlink(missing_ok=True)
    with pytest.raises(WorkbenchError):
        judged([gone])
    with pytest.raises(WorkbenchError, match="no test part"):
        judged([run], data=Digits(), part="test")
