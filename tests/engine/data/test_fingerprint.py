"""The mark by which data are known again: what changes it, what does not, and that runs and weights hold it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.engine.use.made import trained
from workbench.engine.catalog.datasets import Dataset
from workbench.engine.catalog.datasets.digits import Digits
from workbench.engine.data.fingerprint import data_fingerprint, mark_of
from workbench.engine.evaluation.trained_on import TrainedOn
from workbench.engine.run_store.finished_runs import opened
from workbench.engine.run_store.resumable import started_as
from workbench.engine.run_store.weights_metadata import metadata_of, ours
from workbench.engine.spec.experiment import ExperimentSpec

ARRAYS = Dataset(np.arange(48, dtype=np.uint8).reshape(3, 1, 4, 4), np.array([0, 1, 1]), ("cat", "dog"))


def files(folder: Path, *names: str, side: int = 4) -> Dataset:
    """Pictures in files, read with this side."""
    for number, name in enumerate(names):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.full((9, 9), 40 * number, np.uint8)).save(folder / name)
    pixels = np.zeros((len(names), 1, side, side), np.uint8)
    labels = np.arange(len(names)) % 2
    return Dataset(pixels, labels, ("cat", "dog"), files=tuple(str(folder / name) for name in names))


def mark(dataset: Dataset) -> str:
    return mark_of(data_fingerprint(dataset))


@pytest.mark.parametrize(
    "change",
    [
        {"inputs": ARRAYS.inputs + np.uint8(1)},
        {"inputs": ARRAYS.inputs.reshape(3, 1, 2, 8)},
        {"labels": np.array([0, 0, 1])},
        {"labels": np.array([1, 0, 1])},
        {"classes": ("cat", "cow")},
        {"classes": ("dog", "cat")},
        {"inputs": ARRAYS.inputs[:2], "labels": ARRAYS.labels[:2]},
    ],
    ids=["values", "shape", "counts", "order", "a class", "order of classes", "fewer"],
)
def test_other_arrays_have_another_mark(change: dict[str, Any]) -> None:
    assert mark(ARRAYS) == mark(replace(ARRAYS)) != mark(replace(ARRAYS, **change))


def test_a_copy_of_files_elsewhere_and_in_another_size_has_the_same_mark(tmp_path: Path) -> None:
    one = mark(files(tmp_path / "one", "cat/a.png", "dog/b.png"))
    assert one and one == mark(files(tmp_path / "far" / "two", "cat/a.png", "dog/b.png", side=6))
    assert one != mark(files(tmp_path / "three", "cat/a.png", "dog/c.png"))
    assert one != mark(files(tmp_path / "four", "cat/a.png", "dog/b.png", "cat/c.png"))
    longer = files(tmp_path / "five", "cat/a.png", "dog/b.png")
    (tmp_path / "five" / "cat" / "a.png").write_bytes(b"other contents")
    assert one != mark(longer), "sizes of files count"


def test_nothing_has_no_mark() -> None:
    assert mark_of({}) == ""
    unknown = TrainedOn("old", ExperimentSpec(), ("a", "b"), (1, 4, 4))
    assert not unknown.is_moved(ARRAYS)
    assert replace(unknown, data_mark=mark(ARRAYS)).is_moved(ARRAYS)


def test_a_run_and_its_weights_hold_the_mark_of_their_data(tmp_path: Path) -> None:
    run = trained(tmp_path)
    wanted = mark(Digits().load())
    started = started_as(run)
    assert started is not None and started.data_mark == opened(run).data_mark == wanted


def test_the_mark_is_read_from_metadata_as_it_was_written() -> None:
    for given in ("", "0123"):
        said = metadata_of(ExperimentSpec(), ("a", "b"), (1, 4, 4), (3, 4), given)
        found = ours(said)
        assert found is not None and (found.data_mark, found.sizes) == (given, (3, 4))
