"""The split that keeps every group on one side: validation and test shares, or folds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.randomness import mixed
from workbench.engine.core.text import grouped
from workbench.engine.data.division import Counts, Parts, divided
from workbench.engine.data.groups import Groups

if TYPE_CHECKING:
    from workbench.engine.catalog.datasets import Dataset
    from workbench.engine.spec.data_spec import DataSpec

Flags = npt.NDArray[np.bool_]
_OTHER = 'Choose another grouping, or none (data.group_by = "none")'


def group_parts(dataset: Dataset, data: DataSpec, groups: Groups) -> tuple[Flags, Flags]:
    """Which examples validate and which test, bool (N,) each; a group is in one part.

    Raises WorkbenchError if there are too few groups, or too few of a class.
    """
    counts = groups.counts(dataset.labels, len(dataset.classes))
    if len(counts) < 2:
        text = f"All {grouped(len(dataset.labels))} examples are one group, {groups.names[0]!r}"
        raise WorkbenchError(f"{text}: none can be held back. {_OTHER}.", "data.group_by")
    own = dataset.validation if data.folds is None else None
    free = np.ones(len(counts), np.bool_)
    if own is not None:  # the source's own split stays, and its groups where they are
        free[groups.of[own]] = False
    seed = data.split_seed
    test = _share(counts, free, data.test_fraction, mixed("test groups", seed))
    if own is not None:
        return own.copy(), test[groups.of]
    if data.folds is None:
        val = _share(counts, free & ~test, data.validation_fraction, seed)
    else:
        val = _fold(counts, ~test, data, dataset.classes)
    return val[groups.of], test[groups.of]


def _share(counts: Counts, free: Flags, fraction: float, seed: int) -> Flags:
    """Which of the ``free`` groups are held back, bool (G,): about ``fraction`` of the examples of each class.

    Each class keeps a group that is not.
    """
    chosen = np.zeros(len(counts), np.bool_)
    if fraction == 0 or not free.any():
        return chosen
    pool = counts[free]
    sizes = pool.sum(0)
    wanted = np.minimum(np.rint(counts.sum(0) * fraction), np.maximum(0, sizes - 1))
    parts = divided(pool, np.stack([sizes - wanted, wanted]).astype(np.float64), seed)
    for label in np.flatnonzero(sizes):
        having = np.flatnonzero(pool[:, label])
        if parts[having].all():
            parts[having[pool[having].sum(1).argmin()]] = 0
    if not parts.any():
        parts[_smallest_spare(pool)] = 1
    chosen[free] = parts == 1
    return chosen


def _smallest_spare(pool: Counts) -> int:
    """The smallest group without which every class still has examples. Raises WorkbenchError if there is none."""
    spare = ((pool.sum(0) - pool > 0) | (pool.sum(0) == 0)).all(1)
    if not spare.any():
        text = "No group can be held back: without any of them a class has nothing left to train on."
        raise WorkbenchError(f"{text} {_OTHER}, or set the share to 0.", "data.group_by")
    return int(np.where(spare, pool.sum(1), np.iinfo(np.int64).max).argmin())


def _fold(counts: Counts, free: Flags, data: DataSpec, classes: tuple[str, ...]) -> Flags:
    """Which groups are the fold that validates, bool (G,)."""
    assert data.folds is not None
    pool = counts[free]
    _refuse_few(pool, data.folds, classes)
    targets = np.repeat(pool.sum(0, keepdims=True) / data.folds, data.folds, axis=0)
    parts = divided(pool, targets, data.split_seed)
    _spread(pool, parts, data.folds)
    _refuse_untrained(pool, parts, classes)
    chosen = np.zeros(len(counts), np.bool_)
    chosen[free] = parts == (data.fold or 1) - 1
    return chosen


def _refuse_few(pool: Counts, folds: int, classes: tuple[str, ...]) -> None:
    if len(pool) < folds:
        text = f"There are {grouped(len(pool))} groups for {folds} folds, and each fold needs a group of its own."
        raise WorkbenchError(f"{text} Choose fewer folds, or another grouping.", "data.folds")
    for label in np.flatnonzero((pool > 0).sum(0) == 1):
        text = f"All examples of the class {classes[label]!r} are in one group: where it validates, none is left to "
        raise WorkbenchError(f"{text}train on. {_OTHER}, leave the class out, or switch the folds off.", "data.folds")


def _spread(pool: Counts, parts: Parts, folds: int) -> None:
    """Fill folds that are empty, and part classes that are in one fold only, each with the smallest group that does."""
    for fold in range(folds):
        if not (parts == fold).any():
            crowded = np.flatnonzero(np.bincount(parts, minlength=folds)[parts] > 1)
            parts[crowded[pool[crowded].sum(1).argmin()]] = fold
    for label in np.flatnonzero(pool.any(0)):
        having = np.flatnonzero(pool[:, label])
        if len(set(parts[having].tolist())) == 1:
            sizes = np.bincount(parts, weights=pool.sum(1), minlength=folds)
            sizes[parts[having[0]]] = np.inf
            parts[having[pool[having].sum(1).argmin()]] = int(sizes.argmin())


def _refuse_untrained(pool: Counts, parts: Parts, classes: tuple[str, ...]) -> None:
    for label in np.flatnonzero(pool.any(0)):
        if len(set(parts[pool[:, label] > 0].tolist())) < 2:
            text = f"The groups cannot be dealt so that every fold leaves something of {classes[label]!r} to train on."
            raise WorkbenchError(f"{text} Choose fewer folds, another grouping, or another split seed.", "data.folds")
