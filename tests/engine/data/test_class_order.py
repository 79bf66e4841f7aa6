"""Which class is which output is shown and chosen; split, accuracies and the names in weights do not depend on it."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from tests.engine.helpers import record
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.progress import finished
from workbench.engine.data.split import split
from workbench.engine.data.understand import Understood, understand
from workbench.engine.evaluation.evaluation import evaluate
from workbench.engine.spec.experiment import ExperimentSpec

NATURAL, TEXT = ("1", "2", "10"), ("1", "10", "2")


def spec_of(root: Path, **data: object) -> ExperimentSpec:
    """Three classes that are told apart by their colour, 10 pictures each."""
    for number, name in enumerate(NATURAL):
        (root / name).mkdir(parents=True, exist_ok=True)
        for index in range(10):
            colour = [20 + index, 20 + index, 20 + index]
            colour[number] = 230 - index
            Image.new("RGB", (6, 6), tuple(colour)).save(root / name / f"{index}.png")
    spec = ExperimentSpec().edited("data.source", {"kind": "folder", "folder": str(root), "size": 6})
    for path, value in data.items():
        spec = spec.edited(f"data.{path}", value)
    return spec.edited("model", {"kind": "mlp", "hidden": [8]}).edited("loop.epochs", 8).edited("optimizer.lr", 0.05)


def known(spec: ExperimentSpec) -> Understood:
    found: Understood = finished(understand(spec))
    return found


def in_order(spec: ExperimentSpec, order: str) -> ExperimentSpec:
    return spec.edited("data.source.class_order", order)


@pytest.mark.parametrize(("order", "classes"), [("auto", NATURAL), ("text", TEXT), ("10 | 1", ("10", "1", "2"))])
def test_labels_are_the_places_of_names(tmp_path: Path, order: str, classes: tuple[str, ...]) -> None:
    spec = in_order(spec_of(tmp_path), order)
    dataset = spec.data.source.load()
    assert dataset.classes == classes and tuple(known(spec).classes) == classes
    assert [classes[label] for label in dataset.labels] == [Path(file).parent.name for file in dataset.files]


@pytest.mark.parametrize("data", [{}, {"folds": 3, "fold": 2}, {"test_fraction": 0.2}, {"examples_per_class": 4}])
def test_the_same_files_are_held_back_in_any_order(tmp_path: Path, data: dict[str, object]) -> None:
    parts = []
    for order in ("auto", "text", "2|10|1"):
        spec = in_order(spec_of(tmp_path, **data), order)
        dataset = spec.data.source.load()
        found = split(dataset, spec.data)
        parts.append([{dataset.files[k] for k in part} for part in (found.train, found.val, found.test)])
    assert parts[0] == parts[1] == parts[2] and parts[0][0] and parts[0][1]


def test_the_fact_shows_the_outputs_and_every_other_order_is_a_click_away(tmp_path: Path) -> None:
    spec = spec_of(tmp_path)
    for order, said, others in (
        ("auto", "0 1, 1 2, 2 10", {"text"}),
        ("text", "0 1, 1 10, 2 2", {"auto"}),
        ("2|10|1", "0 2, 1 10, 2 1", {"auto", "text"}),
    ):
        (fact,) = (each for each in known(in_order(spec, order)).facts if "Outputs of the network" in each.sentence)
        assert said in fact.sentence
        assert {value for reading in fact.readings for value in reading.edits.values()} == others


def test_a_name_that_is_no_class_is_refused_with_those_that_are(tmp_path: Path) -> None:
    spec = in_order(spec_of(tmp_path), "1|3")
    assert "'3', which is none of the classes: 1, 2, 10" in (known(spec).refused or "")
    with pytest.raises(WorkbenchError) as caught:
        spec.data.source.load()
    assert caught.value.path == "data.source.class_order"


def test_weights_of_another_order_are_measured_by_names(tmp_path: Path) -> None:
    """A network that is right for nearly all pictures would be wrong for two of three classes by place."""
    spec = in_order(spec_of(tmp_path / "set"), "10|2|1")
    record(spec, folder=tmp_path / "runs")
    run = next(path for path in (tmp_path / "runs").iterdir() if path.is_dir())
    as_trained = evaluate([run]).measured[0]
    assert as_trained.measured.accuracy == 1
    moved = tmp_path / "moved"
    (tmp_path / "set").rename(moved)  # so that the folder is read as a new one, in natural order
    assert evaluate([run], moved, "all").measured[0].measured.accuracy == 1
    assert spec_of(moved).data.source.load().classes == NATURAL
