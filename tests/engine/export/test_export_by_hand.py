"""Foreign weights, pictures to compare on, and data that are not as they were."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

from tests.engine.export.made import odd_pictures, weights
from tests.engine.weights.files import as_zip, network, write
from workbench.engine.catalog.datasets import Dataset
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.progress import finished
from workbench.engine.data.browse import Part
from workbench.engine.evaluation.input_layers import Cropped
from workbench.engine.export import image_folder, pictures
from workbench.engine.export.compared import comparing
from workbench.engine.export.image_folder import _own_test, _refuse_changed, _Writer
from workbench.engine.export.new_folder import new_folder
from workbench.engine.export.pictures import _cut, real_inputs
from workbench.engine.export.subject import subject_at
from workbench.engine.export.weights_file import preprocessing
from workbench.engine.use.network import used_network


@pytest.fixture
def foreign(tmp_path: Path) -> Path:
    """Weights of another program that cuts the centre of 32 pixels out of pictures of 40."""
    return write(tmp_path, as_zip({"state_dict": network().state_dict(), "image_size": 32, "resize": 40}))


def test_the_network_takes_what_is_cut_out_of_a_picture_as_it_is(foreign: Path, tmp_path: Path) -> None:
    """Scaled up and cut once more, it would see another part of the picture."""
    subject, member = subject_at(foreign), used_network([foreign]).members[0]
    assert subject.file.origin.resize == 40 and subject.shape == (3, 32, 32)
    read = np.stack([member.read(path) for path in odd_pictures(tmp_path / "pictures")[:3]])
    assert read.shape == (3, 3, 40, 40)
    inputs = finished(real_inputs(subject, (tmp_path / "pictures",)))
    assert inputs.shape[1:] == (3, 32, 32)
    with torch.no_grad():
        shares = subject.core(inputs[:3]).softmax(1).numpy()
    assert np.abs(shares - np.exp(member.logs(read, subject.classes))).max() < 1e-6


@pytest.mark.parametrize("size", [(4, 4), (5, 4), (4, 7), (8, 8)])
def test_the_centre_is_that_of_the_evaluation(size: tuple[int, int]) -> None:
    given = torch.arange(64.0).reshape(1, 1, 8, 8)
    wanted = Cropped(8, size)(given).numpy()
    assert np.array_equal(_cut(given.numpy(), size), wanted) and wanted.shape[2:] == size


def test_the_statistics_of_foreign_weights_are_multiplied(foreign: Path) -> None:
    subject = subject_at(foreign)
    mean, inverse = preprocessing(subject)
    x = torch.rand(2, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    assert torch.allclose((x - mean) * inverse, subject.core[:-1](x), atol=1e-6)
    assert inverse.flatten().tolist() == pytest.approx([1 / std for std in subject.file.origin.std])


def test_no_more_pictures_are_compared_than_the_maximum(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = weights(tmp_path / "own.safetensors", (3, 8, 8))
    odd_pictures(tmp_path / "pictures")
    for most, found in ((3, 3), (7, 7), (9, 7)):
        monkeypatch.setattr(pictures, "MOST", most)
        assert len(finished(real_inputs(subject_at(own), (tmp_path / "pictures",)))) == found


def test_every_input_whose_class_has_changed_is_counted_once() -> None:
    """With one and with 48 at a time the same: the first 32 are compared twice."""
    inputs = torch.zeros(100, 2)
    inputs[:, 0] = 1.0
    places = torch.tensor([0, 5, 47, 48, 99])

    def other(batch: torch.Tensor) -> torch.Tensor:
        return torch.where(batch[:, 1:] > 0.1, batch.flip(1), batch)

    inputs[places, 1] = 0.5
    found = finished(comparing(lambda x: x, other, inputs))
    assert (found.changed, found.inputs, found.sizes) == (5, 100, (1, 48))


# --- data ------------------------------------------------------------------------------------------------------------


class Found(SimpleNamespace):
    """A catalogue as far as an export looks at it."""

    def __len__(self) -> int:
        return len(self.parts)


T, V = Part.TRAINING, Part.VALIDATION


@pytest.mark.parametrize(
    ("parts", "sizes", "is_refused"),
    [
        ((T, T, V), (2, 1), False),
        ((T, T, V), None, False),
        ((T, T, V, V), (2, 1), True),
        ((T, V), (2, 1), True),
        ((T, T, V, Part.LEFT_OUT), (2, 1), False),
    ],
)
def test_data_are_refused_where_either_part_has_another_size(
    parts: tuple[Part, ...], sizes: tuple[int, int] | None, is_refused: bool
) -> None:
    data: Any = Found(parts=np.array(parts), files=("a",), notes=())
    trained: Any = SimpleNamespace(sizes=sizes, name="a run")
    if not is_refused:
        _refuse_changed(data, trained)
        return
    with pytest.raises(WorkbenchError, match="has changed since a run was trained"):
        _refuse_changed(data, trained)


def test_data_of_unknown_parts_are_refused_with_the_reason() -> None:
    data: Any = Found(parts=np.array([Part.UNKNOWN]), files=("a",), notes=("The folder is gone.",))
    trained: Any = SimpleNamespace(sizes=None, name="a run")
    with pytest.raises(WorkbenchError, match="The folder is gone"):
        _refuse_changed(data, trained)


def test_pictures_of_the_own_test_part_go_to_their_class_by_its_name(tmp_path: Path) -> None:
    """The test part may have its classes in another order than the part to train on."""
    tested = Dataset(np.full((2, 1, 4, 4), 9, np.uint8), np.array([0, 1]), ("dog", "cat"))

    def loading() -> Iterator[Any]:
        yield from ()
        return tested

    source = SimpleNamespace(loading_test=loading)
    trained: Any = SimpleNamespace(spec=SimpleNamespace(data=SimpleNamespace(source=source)))
    data: Any = Found(parts=np.array([T]), pictures=np.zeros((1, 1, 4, 4), np.uint8), classes=("cat", "dog"))
    assert finished(_own_test(trained, data, _Writer(tmp_path), ["0_cat", "1_dog"])) == 2
    written = sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.png"))
    assert written == ["test/0_cat/000001.png", "test/1_dog/000000.png"]


def test_a_folder_that_appears_while_it_is_written_stays_as_it_is(tmp_path: Path) -> None:
    """Renaming would replace an empty folder in silence."""

    def make() -> None:
        with new_folder(tmp_path / "out") as working:
            (working / "a").touch()
            (tmp_path / "out").mkdir()

    with pytest.raises(WorkbenchError, match="is there already"):
        make()
    assert [path.name for path in tmp_path.iterdir()] == ["out"] and not os.listdir(tmp_path / "out")


def test_classes_are_listed_in_the_order_of_the_outputs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Which the folders' names do not say."""
    data: Any = Found(parts=np.array([T, V]), files=("a", "b"), pictures=np.zeros((2, 1, 4, 4), np.uint8), notes=())
    data.classes, data.labels, data.own, data.rows = ("cat", "dog"), np.array([0, 1]), np.array([0, 1]), np.arange(2)

    def catalogued(*_given: Any) -> Iterator[Any]:
        yield from ()
        return data

    def no_test(*_given: Any) -> Iterator[Any]:
        yield from ()
        return 0

    monkeypatch.setattr(image_folder, "catalogue", catalogued)
    monkeypatch.setattr(image_folder, "_own_test", no_test)
    trained = SimpleNamespace(spec=None, sizes=(1, 1), classes=("dog", "cat"), name="a run")
    origin: Any = SimpleNamespace(trained=trained, name="a run")
    finished(image_folder.writing_data(origin, tmp_path))
    assert (tmp_path / "classes.txt").read_text() == "dog\ncat\n"
