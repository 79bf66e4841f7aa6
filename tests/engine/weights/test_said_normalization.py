"""Wherever weights are used it is said where in the file their normalization is from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.engine.weights.files import as_zip, network, write
from workbench.engine.catalog.models.transfer import Transfer
from workbench.engine.evaluation.file_predictor import trained_file
from workbench.engine.weights.description import describe

STATE = dict(network(classes=3).state_dict())
HALF = {"mean": [0.5] * 3, "std": [0.25] * 3}


def notes(folder: Path, **said: Any) -> str:
    """What is said of the file where it is measured, which is what the window and a run say of it."""
    path = write(folder, as_zip({"model": STATE, **said}))
    file = trained_file(path).file
    assert set(file.notes) <= set(describe(path).notes) and set(file.notes) <= set(Transfer(weights=str(path)).notes())
    return " ".join(file.notes)


def test_the_place_is_said_and_that_of_another_one(tmp_path: Path) -> None:
    said = notes(tmp_path, args=HALF, data={"normalize": {"mean": [0.1] * 3, "std": [0.2] * 3}})
    assert "The file says “args.mean”: mean 0.5 and standard deviation 0.25." in said
    assert "another normalization (“data.normalize.mean”), which was not used." in said


def test_nothing_is_said_where_nothing_is_stated(tmp_path: Path) -> None:
    assert "standard deviation" not in notes(tmp_path, args={"gaussian_noise": {"mean": 0.0, "std": 0.1}})
