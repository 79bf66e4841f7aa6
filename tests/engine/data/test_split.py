"""The split into training and validation."""

from __future__ import annotations

import numpy as np
import pytest

from workbench.engine.catalog.datasets import Dataset
from workbench.engine.data.split import split
from workbench.engine.spec.data_spec import DataSpec


@pytest.mark.parametrize("members", [1, 2, 4, 5])
@pytest.mark.parametrize("fraction", [0.5, 0.9])
def test_a_tiny_class_keeps_an_example_to_train_on(members: int, fraction: float) -> None:
    labels = np.array([0] * 20 + [1] * members)
    dataset = Dataset(np.zeros((len(labels), 1, 4, 4), np.uint8), labels, ("many", "few"))
    parts = split(dataset, DataSpec(validation_fraction=fraction))
    assert int((labels[parts.train] == 1).sum()) == max(1, members - round(members * fraction))
    assert sorted([*parts.train, *parts.val]) == list(range(len(labels)))
