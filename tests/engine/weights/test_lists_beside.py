"""Class lists that lie beside weights: used if they name exactly the outputs, else it is said why not."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tests.engine.weights.files import as_zip, network, write
from workbench.engine.catalog.datasets import Dataset
from workbench.engine.catalog.models.transfer import Transfer
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.evaluation.class_matching import Outputs, match_classes, order_doubt
from workbench.engine.evaluation.class_orders import ClassesUnmatched
from workbench.engine.evaluation.entries import entry_at
from workbench.engine.evaluation.file_predictor import trained_file
from workbench.engine.weights.class_list import names_in

STATE = dict(network(classes=3).state_dict())
OWLS = ("owl", "cat", "dog")
LISTS = {
    "class_indices.json": '{"0": "owl", "1": "cat", "2": "dog"}',
    "class_to_idx.json": '{"cat": 1, "dog": 2, "owl": 0}',
    "classes.txt": "owl\ncat\ndog\n",
    "labels.txt": "0 owl\n1 cat\n2 dog\n",
    "labelmap.txt": "2: dog\n0: owl\n1: cat\n",
    "labels.yaml": "names:\n  0: owl\n  1: cat\n  2: dog\n",
    "data.yaml": "train: ../train\nnc: 3\nnames: ['owl', \"cat\", dog]\n",
    "obj.names": "owl\ncat\ndog",
    "config.json": '{"architectures": ["ResNet"], "id2label": {"0": "owl", "1": "cat", "2": "dog"}}',
}


def notes(path: Path) -> str:
    file = trained_file(path).file
    return " ".join(file.stated.notes(3))


@pytest.mark.parametrize("name", LISTS)
def test_a_list_that_names_the_outputs_is_used_and_named(tmp_path: Path, name: str) -> None:
    path = write(tmp_path, as_zip(STATE), "best.pth")
    write(tmp_path, LISTS[name].encode(), name)
    assert trained_file(path).origin.classes == OWLS and not trained_file(path).origin.assumed
    assert notes(path) == f"The classes are those of “{name}” beside the weights."
    assert names_in(tmp_path / name) == OWLS


def test_a_list_of_another_length_is_not_used_and_said(tmp_path: Path) -> None:
    path = write(tmp_path, as_zip(STATE), "best.pth")
    write(tmp_path, b"owl\ncat\n", "classes.txt")
    assert trained_file(path).origin.classes == ()
    assert notes(path).startswith("“classes.txt” beside the weights has 2 class names, and its network 3 outputs")


def test_lists_that_disagree_are_not_used_and_said(tmp_path: Path) -> None:
    path = write(tmp_path, as_zip(STATE), "best.pth")
    write(tmp_path, b"owl\ncat\ndog\n", "classes.txt")
    write(tmp_path, b"cat\ndog\nowl\n", "labels.txt")
    assert trained_file(path).origin.classes == ()
    assert "“classes.txt” and “labels.txt” beside the weights name the classes differently" in notes(path)


def test_lists_that_disagree_are_refused_until_one_is_chosen(tmp_path: Path) -> None:
    """The order of the data would give a number, and nothing says that it is right."""
    path = write(tmp_path, as_zip(STATE), "best.pth")
    write(tmp_path, b"owl\ncat\ndog\n", "classes.txt")
    write(tmp_path, b"cat\ndog\nowl\n", "labels.txt")
    labels = np.arange(3)
    data = Dataset(np.zeros((3, 3, 32, 32), np.uint8), labels, ("cat", "dog", "owl"))
    file = trained_file(path)
    with pytest.raises(ClassesUnmatched, match=r"“classes\.txt” and “labels\.txt” beside the weights") as caught:
        file.predictor(data)
    assert caught.value.advice == "Choose the file that is right: --classes FILE."
    assert file.predictor(data, names_in(tmp_path / "classes.txt")).columns == [1, 2, 0]
    assert file.predictor(data, "data").columns == [0, 1, 2]


def test_names_in_the_file_go_before_those_beside_it(tmp_path: Path) -> None:
    path = write(tmp_path, as_zip({"state_dict": STATE, "classes": ["a", "b", "c"]}), "best.pth")
    write(tmp_path, b"owl\ncat\ndog\n", "classes.txt")
    assert trained_file(path).origin.classes == ("a", "b", "c")
    assert "“classes.txt” beside it has other class names" in notes(path)


def test_an_order_that_nobody_has_said_is_a_doubt_and_numbers_of_arrays_are_none() -> None:
    unnamed = Outputs("best.pth", 3)
    assert order_doubt(unnamed, ("cat", "dog", "owl"), None, True) == "the order of the classes is assumed"
    assert order_doubt(unnamed, ("0", "1", "2"), None, True)
    assert not order_doubt(unnamed, ("0", "1", "2"), None, False)
    assert not order_doubt(unnamed, ("cat", "dog", "owl"), "natural", True)
    assert not order_doubt(Outputs("best.pth", 3, OWLS), ("cat", "dog", "owl"), None, True)


@pytest.mark.parametrize("order", [None, ("yes",)])
def test_one_output_is_refused_whatever_is_named(order: tuple[str, ...] | None) -> None:
    with pytest.raises(WorkbenchError, match="one output, a yes or no") as caught:
        match_classes(Outputs("best.pth", 1), ("cat", "dog"), order, True)
    assert "--classes" not in str(getattr(caught.value, "advice", ""))


def test_a_folder_of_weights_says_which_file_to_open(tmp_path: Path) -> None:
    write(tmp_path, b"", "model.safetensors")
    write(tmp_path, b"{}", "config.json")
    assert entry_at(tmp_path).problem == f"{tmp_path} is no folder of a run; open model.safetensors in it."


def test_training_says_of_a_file_what_measuring_says(tmp_path: Path) -> None:
    content = {"model": {f"module.{name}": tensor for name, tensor in STATE.items()}, "model_ema": STATE}
    path = write(tmp_path, as_zip(content), "best.pth")
    found = trained_file(path)
    said = Transfer(weights=str(path)).notes()
    assert set(said) >= {*found.file.notes, *found.recognised.notes} and any("model_ema" in each for each in said)
    assert found.origin.assumptions == "assumed: 32×32 pixels, ImageNet normalization"
    assert said[-1].endswith(f"prepared; {found.origin.assumptions}.")
    assert "pixels" not in Transfer(weights=str(path), size="data").notes()[-1]


NUMBERED = {"owl": 0, "cat": 1, "dog": 2}


def test_one_file_that_names_the_outputs_in_two_ways_is_not_used_and_refused(tmp_path: Path) -> None:
    path = write(tmp_path, as_zip(STATE), "best.pth")
    config = {"id2label": {"0": "cat", "1": "dog", "2": "owl"}, "label2id": NUMBERED}
    beside = write(tmp_path, json.dumps(config).encode(), "config.json")
    assert trained_file(path).origin.classes == ()
    assert "“config.json: id2label” and “config.json: label2id” beside the weights name" in notes(path)
    data = Dataset(np.zeros((3, 3, 32, 32), np.uint8), np.arange(3), ("cat", "dog", "owl"))
    with pytest.raises(ClassesUnmatched, match="name the classes differently"):
        trained_file(path).predictor(data)
    with pytest.raises(WorkbenchError, match="differently in “id2label” and “label2id”"):
        names_in(beside)


@pytest.mark.parametrize("other", [list(OWLS), [f"LABEL_{k}" for k in range(3)]], ids=["same", "placeholders"])
def test_one_file_whose_other_names_do_not_contradict_is_used(tmp_path: Path, other: list[str]) -> None:
    path = write(tmp_path, as_zip(STATE), "best.pth")
    content = {"label2id": NUMBERED, "id2label": dict(enumerate(other))}
    assert names_in(write(tmp_path, json.dumps(content).encode(), "config.json")) == OWLS
    assert trained_file(path).origin.classes == OWLS
