"""Batches in memory that is made once are those that ``Examples.batch`` gives."""

from __future__ import annotations

import copy

import numpy as np
import torch

from workbench.engine.catalog.datasets import Dataset
from workbench.engine.catalog.preprocessing import Standardizer
from workbench.engine.data.batch_room import BatchRoom
from workbench.engine.data.examples import Examples


def made(count: int = 50) -> Examples:
    numbers = np.random.default_rng(0)
    pictures = numbers.integers(0, 256, (count, 1, 3, 4), np.uint8)
    examples = Examples(Dataset(pictures, numbers.integers(0, 3, count), ("a", "b", "c")), "cpu")
    examples.use(Standardizer(torch.tensor(0.4), torch.tensor(3.0)))
    return examples


def assert_batch(examples: Examples, indices: np.ndarray, rooms: dict[int, BatchRoom]) -> None:
    found, wanted = examples.kept_batch(indices, rooms), examples.batch(indices)
    assert found is not None
    assert torch.equal(found[0], wanted[0].flatten(1)) and torch.equal(found[1], wanted[1])


def test_batches_of_all_sizes_and_orders() -> None:
    examples, rooms = made(), {}
    order = np.random.default_rng(1).permutation(50)
    for part in (order[:8], order[8:16], order[16:21], order[::7], np.array([3, 3, 49, 0])):
        assert_batch(examples, part, rooms)
    assert set(rooms) == {4, 5, 8}


def test_a_size_has_one_memory() -> None:
    examples, rooms = made(), {}
    first = examples.kept_batch(np.arange(8), rooms)
    second = examples.kept_batch(np.arange(8, 16), rooms)
    assert first is not None and second is not None
    assert first[0] is second[0] and first[1] is second[1]  # else a written pass would make its own anew


def test_other_statistics_reach_the_next_batch() -> None:
    examples, rooms = made(), {}
    assert_batch(examples, np.arange(8), rooms)
    examples.use(Standardizer(torch.tensor(0.1), torch.tensor(2.0)))
    assert_batch(examples, np.arange(8), rooms)


def test_a_copy_with_labels_of_its_own_gives_these() -> None:
    examples = made()
    examples.kept_batch(np.arange(8), {})
    dealt = copy.copy(examples)
    dealt.labels = examples.labels.flip(0).contiguous()
    for each in (dealt, examples):
        found = each.kept_batch(np.arange(8), {})
        assert found is not None and torch.equal(found[1], each.labels[:8])
    assert not torch.equal(dealt.labels[:8], examples.labels[:8])
