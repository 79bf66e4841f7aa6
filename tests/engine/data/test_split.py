"""The split into training and validation."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from workbench.engine.catalog.datasets import Dataset
from workbench.engine.data.split import split
from workbench.engine.pictures.class_folders import Whole
from workbench.engine.spec.data_spec import DataSpec


@pytest.mark.parametrize("members", [1, 2, 4, 5])
@pytest.mark.parametrize("fraction", [0.5, 0.9])
def test_a_tiny_class_keeps_an_example_to_train_on(members: int, fraction: float) -> None:
    labels = np.array([0] * 20 + [1] * members)
    dataset = Dataset(np.zeros((len(labels), 1, 4, 4), np.uint8), labels, ("many", "few"))
    parts = split(dataset, DataSpec(validation_fraction=fraction))
    assert int((labels[parts.train] == 1).sum()) == max(1, members - round(members * fraction))
    assert sorted([*parts.train, *parts.val]) == list(range(len(labels)))


@pytest.mark.parametrize("is_given", [False, True])
def test_a_class_of_which_all_that_trained_was_left_out_trains_with_what_would_validate(
    is_given: bool,
) -> None:
    """Unless the data say themselves what validates."""
    labels = np.array([0] * 20 + [1] * 5)
    held = np.arange(25) % 5 == 0 if is_given else None
    every = Dataset(np.zeros((25, 1, 4, 4), np.uint8), labels, ("many", "few"), held)
    first = split(every, DataSpec())
    few = np.flatnonzero(labels == 1)
    kept = np.setdiff1d(np.arange(25), np.intersect1d(first.train, few))
    files = tuple(Path(f"{number}.png") for number in range(25))
    whole = Whole(every.classes, files, labels, held, None, kept)
    left = replace(every, inputs=every.inputs[kept], labels=labels[kept], whole=whole)
    left = replace(left, validation=None if held is None else held[kept])
    parts = split(left, DataSpec())
    of_few = np.flatnonzero(left.labels == 1)
    assert len(of_few) and is_given != np.isin(of_few, parts.train).all()
    assert is_given == np.isin(of_few, parts.val).all()
