"""Predictions and results that are written by hand: what is refused, doubted and clipped, and the catalogue of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from workbench.engine.catalog.datasets import Dataset
from workbench.engine.catalog.datasets.digits import Digits
from workbench.engine.catalog.datasets.folder import PictureFolder
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.data.browse import NO_FILES, Part
from workbench.engine.evaluation.evaluation import Taken
from workbench.engine.evaluation.evaluation_data import EvaluationExamples
from workbench.engine.evaluation.results import EntryFailed
from workbench.engine.inspection import judged as module
from workbench.engine.inspection.by_class import by_class
from workbench.engine.inspection.calibration import scaled
from workbench.engine.inspection.confusion import confusion
from workbench.engine.inspection.examples import catalogue_of
from workbench.engine.inspection.judged import Judged, judged

CLASSES = ("cat", "dog")
LOGS = np.log(np.array([[0.75, 0.25], [0.25, 0.75], [0.75, 0.25]]))


def examples(files: Sequence[str] = (), **settings: Any) -> EvaluationExamples:
    pictures = np.zeros((3, 1, 4, 4), np.uint8)
    dataset = Dataset(pictures, np.array([0, 1, 1]), CLASSES, files=tuple(files))
    return EvaluationExamples(dataset, np.arange(3), "", **settings)


def made_by(*taken: Taken, failed: Sequence[EntryFailed] = (), doubts: Sequence[str] = ()) -> Callable[..., Any]:
    """In the place of ``evaluate``: gives these predictions and this result."""

    def evaluate(*given: Any) -> Any:
        for each in taken:
            given[-1](each)
        measured = [SimpleNamespace(name=f"net {at}", notes=(), doubt=doubt) for at, doubt in enumerate(doubts)]
        return SimpleNamespace(failed=failed, measured=measured, data_notes=("a", "a"), average_words="The average")

    return evaluate


def test_the_doubt_of_any_is_the_doubt_of_all(monkeypatch: pytest.MonkeyPatch) -> None:
    taken = Taken(examples(), LOGS, None)
    monkeypatch.setattr(module, "evaluate", made_by(taken, taken, doubts=("", "seen before")))
    found = judged([Path("a"), Path("b")])
    assert (found.doubt, found.name, found.notes) == ("seen before", "The average", ("a",))
    monkeypatch.setattr(module, "evaluate", made_by(taken, doubts=("",)))
    assert (judged([Path("a")]).doubt, judged([Path("a")]).name) == ("", "net 0")


def test_folds_are_judged_one_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    own, first = (Taken(examples(is_own_fold=each), LOGS, None) for each in (True, False))
    monkeypatch.setattr(module, "evaluate", made_by(first, own, doubts=("", "")))
    with pytest.raises(WorkbenchError, match="inspect one of them at a time"):
        judged([Path("a"), Path("b")])
    monkeypatch.setattr(module, "evaluate", made_by(own, doubts=("",)))
    assert judged([Path("a")]).accuracy == pytest.approx(2 / 3)


def test_a_part_without_examples_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    none = EvaluationExamples(examples().dataset, np.arange(0), "")
    monkeypatch.setattr(module, "evaluate", made_by(Taken(none, LOGS[:0], None), doubts=("",)))
    with pytest.raises(WorkbenchError, match="no examples in this part"):
        judged([Path("a")])


@pytest.mark.parametrize("needs_names", [True, False])
def test_the_way_to_give_names_is_said_where_names_would_help(
    needs_names: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    failed = EntryFailed(Path("a"), "a", "It has other classes.", needs_names=needs_names)
    monkeypatch.setattr(module, "evaluate", made_by(failed=[failed]))
    with pytest.raises(WorkbenchError) as refused:
        judged([Path("a")])
    assert ("Evaluate trained weights" in refused.value.message) is needs_names


def test_a_probability_is_at_most_1_where_rounding_says_more() -> None:
    found = Judged("a", examples(), np.array([[1e-6, -20.0], [-20.0, 0.0], [-1.0, -0.5]], np.float32))
    assert found.confidence[:2].tolist() == [1.0, 1.0] and found.confidence[2] == pytest.approx(np.exp(-0.5))
    assert found.calibration.counts[-1] == 2


def test_small_probabilities_of_one_example_are_kept_beside_large_ones_of_another() -> None:
    logs = np.array([[0.0, -1.0], [-2000.0, -2001.0]])
    assert np.allclose(scaled(logs, 1.0)[0], scaled(logs, 1.0)[1])
    assert scaled(logs, 2.0)[1].tolist() == pytest.approx(
        [np.log(1 / (1 + np.exp(-0.5))), np.log(1 / (1 + np.exp(0.5)))]
    )


def test_nothing_is_known_of_a_class_that_is_neither_there_nor_an_answer() -> None:
    found = by_class(confusion(np.array([0, 0, 1] * 9), np.array([0, 1, 1] * 9), 3))
    assert found.f1_interval[2].tolist() == [0.0, 1.0]
    assert found.precision_interval[2].tolist() == found.recall_interval[2].tolist() == [0.0, 1.0]
    assert not found.has_precision[2] and not found.has_recall[2]
    assert 0 < found.f1_interval[0, 0] < found.f1[0] < found.f1_interval[0, 1] < 1


# --- the catalogue ---------------------------------------------------------------------------------------------------


def catalogue(**settings: Any) -> Any:
    return catalogue_of(Judged("a", examples(**settings), LOGS.astype(np.float32)))


def test_pictures_are_named_below_the_folder_that_holds_all_of_them() -> None:
    assert catalogue(files=["/d/cat/1.png", "/d/dog/2.png", "/d/3.png"]).names == ("cat/1.png", "dog/2.png", "3.png")
    assert catalogue(files=["/d/cat/1.png", "/d/cat/2.png", "/d/cat/3.png"]).names == ("1.png", "2.png", "3.png")
    assert catalogue().names == ("No. 1", "No. 2", "No. 3")


def test_only_pictures_of_files_that_a_run_may_train_on_can_be_corrected() -> None:
    files = ["/d/cat/1.png", "/d/dog/2.png", "/d/dog/3.png"]
    folder = PictureFolder(folder="/d")
    assert catalogue(files=files, source=folder).why_fixed == ""
    assert catalogue(files=files).why_fixed.startswith("Pictures of the test part cannot be corrected here")
    assert catalogue(source=Digits()).why_fixed == NO_FILES
    assert catalogue().why_fixed == NO_FILES


@pytest.mark.parametrize(
    ("part", "shown"),
    [("validation", Part.VALIDATION), ("train", Part.TRAINING), ("test", Part.TEST), ("all", Part.UNUSED)],
)
def test_the_part_of_each_picture_is_that_of_the_examples(part: str, shown: Part) -> None:
    found = catalogue(part=part)
    assert set(found.parts.tolist()) == {shown}


def test_points_are_no_pictures() -> None:
    points = Dataset(np.zeros((3, 2), np.float32), np.array([0, 1, 1]), CLASSES)
    with pytest.raises(WorkbenchError, match="no pictures to look at"):
        catalogue_of(Judged("a", EvaluationExamples(points, np.arange(3), ""), LOGS.astype(np.float32)))
