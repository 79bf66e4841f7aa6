"""The split against a second way to write it, class by class."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from workbench.engine.catalog.datasets import Dataset
from workbench.engine.core.randomness import mixed
from workbench.engine.data.split import TRAIN_EVAL_WITHOUT_VALIDATION, split
from workbench.engine.spec.data_spec import DataSpec


def written_again(labels: np.ndarray, classes: int, data: DataSpec) -> tuple[list[int], list[int], list[int]]:
    """Training, validation and measured training indices, each ascending."""
    train, val, measured = [], [], []
    for label in range(classes):
        members = [at for at, each in enumerate(labels) if each == label]
        drawn = np.random.Generator(np.random.PCG64(mixed("split", data.split_seed, label))).permutation(members)
        held = min(round(len(members) * data.validation_fraction), max(0, len(members) - 1))
        rest = list(drawn[held:])
        used = rest if data.examples_per_class is None else rest[: data.examples_per_class]
        share = max(1, TRAIN_EVAL_WITHOUT_VALIDATION // classes)
        val += list(drawn[:held])
        train += used
        measured += used[: held or share]
    return sorted(map(int, train)), sorted(map(int, val)), sorted(map(int, measured))


@given(
    st.lists(st.integers(0, 4), min_size=4, max_size=120),
    st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.9]),
    st.one_of(st.none(), st.integers(2, 9)),
    st.integers(0, 3),
)
def test_the_split_of_any_labels(labels: list[int], fraction: float, per_class: int | None, seed: int) -> None:
    data = DataSpec(validation_fraction=fraction, examples_per_class=per_class, split_seed=seed)
    given_labels = np.array(labels, np.int64)
    names = ("a", "b", "c", "d", "e")
    wanted = written_again(given_labels, 5, data)
    if len(wanted[0]) < 2:
        return
    got = split(Dataset(np.zeros((len(labels), 1, 2, 2), np.uint8), given_labels, names), data)
    for part, indices in zip((got.train, got.val, got.train_eval), wanted, strict=True):
        assert part.dtype == np.int64 and part.tolist() == indices


def test_without_validation_a_thousand_training_examples_are_measured() -> None:
    labels = np.arange(3000) % 2
    got = split(Dataset(np.zeros((3000, 1, 1, 1), np.uint8), labels, ("a", "b")), DataSpec(validation_fraction=0.0))
    assert len(got.val) == 0 and len(got.train) == 3000
    assert np.bincount(labels[got.train_eval]).tolist() == [500, 500]
    assert np.all(np.diff(got.train_eval) > 0) and np.all(np.diff(got.train) > 0)


def test_a_data_set_that_holds_examples_back_itself_is_split_there() -> None:
    labels, held = np.arange(60) % 3, np.arange(60) >= 45
    dataset = Dataset(np.zeros((60, 1, 1, 1), np.uint8), labels, ("a", "b", "c"), validation=held)
    got = split(dataset, DataSpec(validation_fraction=0.5))
    assert got.val.tolist() == list(range(45, 60)) and got.train.tolist() == list(range(45))
    assert np.all(np.diff(got.train_eval) > 0) and np.bincount(labels[got.train_eval]).tolist() == [5, 5, 5]
