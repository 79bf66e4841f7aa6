"""Which examples train, which validate, and which training examples are measured like validation."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.randomness import mixed, permutation

if TYPE_CHECKING:
    from workbench.engine.catalog.datasets import Dataset
    from workbench.engine.spec.experiment import DataSpec

Indices = npt.NDArray[np.int64]

#: Number of training examples measured for the training curve where there is no validation part.
TRAIN_EVAL_WITHOUT_VALIDATION = 1000
#: The evaluation before the first step measures at most this many examples of each part.
FIRST_LOOK = 2000
#: Maximum number of training examples on which batch norm statistics are measured.
REFRESH_EXAMPLES = 2048


@dataclass(frozen=True, slots=True, eq=False)
class Split:
    """Indices into a Dataset, each int64 and ascending. ``train_eval`` is a part of ``train``."""

    train: Indices
    val: Indices
    train_eval: Indices


def split(dataset: Dataset, data: DataSpec) -> Split:
    """Split by class with ``data.split_seed``; ``examples_per_class`` caps training only.

    Each class keeps at least one example to train on, unless the data set itself holds all of them back.

    ``train_eval`` has as many examples of each class as validation has (fewer where training has fewer).
    Raises WorkbenchError if fewer than two examples are left to train on.
    """
    train_parts, val_parts, measured_parts = [], [], []
    for label in range(len(dataset.classes)):
        members = _shuffled(np.flatnonzero(dataset.labels == label), data.split_seed, label)
        val = _held_back(dataset, members, data.validation_fraction)
        train = members[~np.isin(members, val)][: data.examples_per_class]
        val_parts.append(val)
        train_parts.append(train)
        measured_parts.append(train[: len(val)] if len(val) else train[: _share(dataset)])
    result = Split(_joined(train_parts), _joined(val_parts), _joined(measured_parts))
    if len(result.train) < 2:
        raise WorkbenchError(
            f"Only {_counted(len(result.train))} left for training. Lower the validation share or add examples.",
            "data.validation_fraction",
        )
    return result


def _held_back(dataset: Dataset, members: Indices, fraction: float) -> Indices:
    if dataset.validation is not None:
        return members[dataset.validation[members]]
    return members[: min(round(len(members) * fraction), len(members) - 1)] if len(members) else members


def _counted(examples: int) -> str:
    return "1 example is" if examples == 1 else f"{examples} examples are"


def _share(dataset: Dataset) -> int:
    return max(1, TRAIN_EVAL_WITHOUT_VALIDATION // max(1, len(dataset.classes)))


def _shuffled(members: Indices, seed: int, label: int) -> Indices:
    return np.random.Generator(np.random.PCG64(mixed("split", seed, label))).permutation(members)


def _joined(parts: Iterable[Indices]) -> Indices:
    return np.sort(np.concatenate([*parts, np.empty(0, np.int64)]))


def measured_part(train: Indices, most: int | None, seed: int) -> Indices:
    """The part of ``train`` whose statistics standardize all: at most ``most``, chosen by ``seed``, ascending."""
    if most is None or len(train) <= most:
        return train
    return np.sort(train[permutation(len(train), mixed("statistics", seed), 0)[:most]])


def first_look(parts: Split, labels: Indices, seed: int) -> tuple[Indices, Indices]:
    """What is measured of ``train_eval`` and ``val`` before the first step, so that it begins at once: a fixed slice of
    at most FIRST_LOOK examples, ascending. ``labels`` (N,) are those of all examples, ``seed`` is the split seed.
    """
    return _slice(parts.train_eval, labels, seed), _slice(parts.val, labels, seed)


def _slice(part: Indices, labels: Indices, seed: int) -> Indices:
    """All of a small ``part``; of a larger one FIRST_LOOK examples, each class within one example of its share."""
    if len(part) <= FIRST_LOOK:
        return part
    shuffled = part[permutation(len(part), mixed("first_look", seed), 0)]
    by_class = shuffled[np.argsort(labels[shuffled], kind="stable")]
    taken = np.arange(FIRST_LOOK) * len(part) // FIRST_LOOK
    return np.sort(by_class[taken])


def refreshed_on(train: Indices, seed: int) -> Indices:
    """The fixed part of ``train`` on which batch norm statistics are measured."""
    return train[permutation(len(train), mixed("refresh", seed), 0)[:REFRESH_EXAMPLES]]


def batch_borders(examples: int, batch_size: int) -> list[int]:
    """Where an epoch is cut: 0, …, ``examples``. A last batch of one joins the one before (batch norm needs two)."""
    borders = [*range(0, examples, batch_size), examples]
    if batch_size > 1 and len(borders) > 2 and borders[-1] - borders[-2] == 1:
        del borders[-2]
    return borders
