"""Curves of several runs as one: their mean and how far they spread, and the points of a scatter plot."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from workbench.engine.shelf.record import RunRecord

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Band:
    """``mean`` and ``low`` to ``high`` (one standard deviation) at each ``x``, of ``runs`` curves; all float64 (n,).

    Where fewer than two curves have a value the band has no width.
    """

    x: Floats
    mean: Floats
    low: Floats
    high: Floats
    runs: int


def band(curves: Sequence[tuple[Floats, Floats]]) -> Band:
    """The band of curves (x, y), each between its own first and last x, with straight lines between its points.

    A curve that ends early ends in the mean too; values that are not finite are left out. x rises within a curve.
    """
    whole = [(x[np.isfinite(y)], y[np.isfinite(y)]) for x, y in curves]
    whole = [(x, y) for x, y in whole if len(x)]
    if not whole:
        none = np.empty(0, np.float64)
        return Band(none, none, none, none, 0)
    xs = np.unique(np.concatenate([x for x, _ in whole]))
    rows = np.stack([np.interp(xs, x, y, left=np.nan, right=np.nan) for x, y in whole])
    counts = np.isfinite(rows).sum(0)
    mean = np.nansum(rows, 0) / counts
    squares = np.nansum((rows - mean) ** 2, 0)
    width = np.sqrt(squares / np.maximum(counts - 1, 1))
    return Band(xs, mean, mean - width, mean + width, len(whole))


@dataclass(frozen=True, slots=True)
class Dot:
    """A run in the scatter plot: the gap (training minus validation accuracy) at its best evaluation, and its best
    validation accuracy; shares of 1."""

    record: RunRecord
    gap: float
    best: float


def scatter(records: Iterable[RunRecord]) -> tuple[Dot, ...]:
    """A dot for each record that was measured on both parts."""
    return tuple(
        Dot(record, record.best.gap, record.best_accuracy)
        for record in records
        if record.best is not None and record.best.gap is not None and record.best_accuracy is not None
    )
