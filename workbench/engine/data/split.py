"""Which examples train, validate and test, and which training examples are measured like validation."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.randomness import mixed, permutation
from workbench.engine.core.text import counted
from workbench.engine.data.group_split import group_parts
from workbench.engine.data.groups import groups_of

if TYPE_CHECKING:
    from workbench.engine.catalog.datasets import Dataset
    from workbench.engine.spec.data_spec import DataSpec

Indices = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

#: Number of training examples measured for the training curve where there is no validation part.
TRAIN_EVAL_WITHOUT_VALIDATION = 1000
#: The evaluation before the first step measures at most this many examples of each part.
FIRST_LOOK = 2000
#: Maximum number of training examples on which batch norm statistics are measured.
REFRESH_EXAMPLES = 2048


@dataclass(frozen=True, slots=True, eq=False)
class Split:
    """Indices into a Dataset, each int64 and ascending. ``train_eval`` is a part of ``train``.

    ``test`` is the share that the settings hold out; a test part of the source's own is no part of the Dataset.
    """

    train: Indices
    val: Indices
    train_eval: Indices
    test: Indices = field(default_factory=lambda: np.empty(0, np.int64))


def split(dataset: Dataset, data: DataSpec) -> Split:
    """Split by class with ``data.split_seed``; ``examples_per_class`` caps training only.

    With ``data.folds`` validation is the fold ``data.fold``, or the first. No group (see ``groups_of``) is divided.
    Each class keeps at least one example to train on, unless the data set itself holds all of them back.

    ``train_eval`` has as many examples of each class as validation has (fewer where training has fewer).
    Raises WorkbenchError if fewer than two examples are left to train on, or if a class or the groups do not suffice.
    """
    train_of, val, test = _divided(dataset, data)
    train_parts, measured_parts = [], []
    for label, train in enumerate(train_of):
        held = int(val[dataset.labels == label].sum())
        train_parts.append(train)
        measured_parts.append(train[:held] if held else train[: _share(dataset)])
    result = Split(_joined(train_parts), np.flatnonzero(val), _joined(measured_parts), np.flatnonzero(test))
    if len(result.train) < 2:
        raise WorkbenchError(
            f"Only {counted(len(result.train), 'example is', 'examples are')} left for training. "
            "Lower the validation share or add examples.",
            "data.validation_fraction",
        )
    return result


def _divided(dataset: Dataset, data: DataSpec) -> tuple[list[Indices], Flags, Flags]:
    """What trains of each class, shuffled, and which examples validate and which test, bool (N,) each.

    Where files were left out or renamed, it is done with all of them, so that each that is left keeps its part.
    """
    every, whole = _before_corrections(dataset), dataset.whole
    of_class = [
        _shuffled(np.flatnonzero(every.labels == label), data.split_seed, label) for label in range(len(every.classes))
    ]
    val, test = _held_back(every, data, of_class)
    train_of = [members[~(val | test)[members]][: data.examples_per_class] for members in of_class]
    if whole is None:
        return train_of, val, test
    left = np.full(len(every.labels), -1, np.int64)  # the index of each that is left
    left[whole.rows] = np.arange(len(whole.rows))
    train = left[np.concatenate(train_of)]
    train, val, test = train[train >= 0], val[whole.rows], test[whole.rows]
    found = [train[dataset.labels[train] == label] for label in range(len(dataset.classes))]
    return _with_every_class(dataset, data, found, val), val, test


def _with_every_class(dataset: Dataset, data: DataSpec, train_of: list[Indices], val: Flags) -> list[Indices]:
    """``train_of``, where a class of which all that would train was left out trains with what would validate.

    That is all of it, so that copies stay together; ``val`` is changed. No group is divided for it.
    """
    may_move = data.folds is None and dataset.validation is None and groups_of(dataset, data) is None
    for label, train in enumerate(train_of):
        members = np.flatnonzero((dataset.labels == label) & val)
        if data.folds is not None:
            _refuse_single(int((dataset.labels == label).sum()), dataset.classes[label])
        if may_move and not len(train):
            val[members] = False
            train_of[label] = members
    return train_of


def _before_corrections(dataset: Dataset) -> Dataset:
    """The examples as they were before some were left out or renamed, without their pictures."""
    whole = dataset.whole
    if whole is None:
        return dataset
    files = tuple(map(str, whole.files))
    labels, held, groups = whole.labels, whole.validation, whole.groups
    return replace(dataset, labels=labels, classes=whole.classes, validation=held, files=files, groups=groups)


def _held_back(dataset: Dataset, data: DataSpec, of_class: Sequence[Indices]) -> tuple[Flags, Flags]:
    """Which examples validate and which test, bool (N,) each. ``of_class`` are the shuffled members of each class."""
    groups = groups_of(dataset, data)
    if groups is not None:
        return group_parts(dataset, data, groups)
    val, test = np.zeros(len(dataset.labels), np.bool_), np.zeros(len(dataset.labels), np.bool_)
    own = dataset.validation if data.folds is None else None
    if own is not None:
        val |= own
    dealt = 0
    for label, every in enumerate(of_class):
        members = every if own is None else every[~own[every]]
        held = 0 if own is not None or data.folds is not None else _count(len(members), data.validation_fraction)
        val[members[:held]] = True
        rest = members[held:]
        tested = _count(len(members), data.test_fraction, len(rest) - 1)
        test[rest[len(rest) - tested :]] = True
        if data.folds is not None:
            rest = rest[: len(rest) - tested]
            _refuse_single(len(rest), dataset.classes[label])
            val[rest[_fold_of(len(rest), dealt, data.folds) == (data.fold or 1) - 1]] = True
            dealt += len(rest)
    return val, test


def _count(members: int, fraction: float, most: int | None = None) -> int:
    """The share of a class, of which at least one example is left."""
    return max(0, min(round(members * fraction), members - 1 if most is None else most))


def _fold_of(examples: int, dealt: int, folds: int) -> Indices:
    """The fold of each example of a class, dealt on from where the class before ended: all folds are of one size."""
    return (np.arange(examples) + dealt) % folds


def _refuse_single(examples: int, name: str) -> None:
    if examples == 1:
        text = f"The class {name!r} has a single example for the folds: where it validates, none is left to train on."
        raise WorkbenchError(f"{text} Add examples, leave the class out, or switch the folds off.", "data.folds")


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
