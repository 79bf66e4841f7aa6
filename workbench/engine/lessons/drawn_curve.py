"""A curve that is drawn before the measurement, and its distance from the measured one.

Its points are pairs (x, y) of shares of the axes, from 0 to 1, with rising x; between two of them it is straight.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np

from workbench.engine.core.text import percent, short
from workbench.engine.lessons.picture import Line
from workbench.engine.lessons.predict import Array, ExpectedCurve

Point = tuple[float, float]
Points = tuple[Point, ...]
#: Number of points along the horizontal axis at which two curves are compared.
PLACES: Final = 201
#: Maximum number of points of a drawn stroke over the whole axis; drawing by hand is not more precise.
_COLUMNS: Final = 200
#: The name of the drawn curve on the screen and in files.
DRAWN: Final = "Predicted"


def with_stroke(points: Points, stroke: Sequence[Point]) -> Points:
    """``points`` after a stroke of the mouse, which replaces what was over its span; it may run in either direction.

    Where it passes a column of the axis several times the last passage counts.
    """
    columns = {round(_limited(x) * _COLUMNS): _limited(y) for x, y in _filled(stroke)}
    if not columns:
        return points
    first, last = min(columns) / _COLUMNS, max(columns) / _COLUMNS
    kept = [each for each in points if not first <= each[0] <= last]
    return tuple(sorted([*kept, *((column / _COLUMNS, y) for column, y in columns.items())]))


def with_point(points: Points, x: float, y: float) -> Points:
    """``points`` with one more, which replaces that at the same place."""
    x = round(_limited(x) * _COLUMNS) / _COLUMNS
    return tuple(sorted([*(each for each in points if each[0] != x), (x, _limited(y))]))


def without_point(points: Points, x: float) -> Points:
    """``points`` without that at ``x``, if there is one."""
    x = round(_limited(x) * _COLUMNS) / _COLUMNS
    return tuple(each for each in points if each[0] != x)


def height_at(points: Points, x: float) -> float:
    """The height of the curve at ``x``, or at its nearer end; 0.5 without points."""
    if not points:
        return 0.5
    xs, ys = zip(*points, strict=True)
    return float(np.interp(x, xs, ys))


def drawn_line(points: Points, curve: ExpectedCurve) -> Line | None:
    """The drawn curve in the values of the axes, at the places where it is compared; None for fewer than two points."""
    if len(points) < 2:
        return None
    at, drawn = _sampled(*(np.array(each) for each in zip(*points, strict=True)))
    return Line(DRAWN, *curve.values(at, drawn), "drawn")


@dataclass(frozen=True, slots=True)
class Agreement:
    """How near a drawn curve is to the measured one, at ``places`` equidistant places of the horizontal axis.

    ``distance`` is the mean vertical distance as a share of the height of the axis; measured values beyond its ends
    count as those ends. ``rank`` is Spearman's rank correlation of the two: 1 where they rise and fall together
    whatever their heights, −1 where one rises as the other falls, NaN where one of them is level.
    """

    distance: float
    rank: float
    places: int

    @property
    def text(self) -> str:
        """Both numbers in plain words."""
        share = percent(self.distance, 0)
        words = f"The drawn curve is {share} of the plot's height away from the measured one, on average"
        if np.isnan(self.rank):
            return f"{words}."
        return f"{words}; rank correlation {short(self.rank, 2)} ({_in_words(self.rank)})."


def agreement(points: Points, curve: ExpectedCurve, measured: Line) -> Agreement | None:
    """Compare a drawn curve with the measured one; None where they have no two places of the axis in common."""
    if len(points) < 2:
        return None
    x, y = curve.shares(measured.x, measured.y)
    known = np.isfinite(x) & np.isfinite(y)
    if known.sum() < 2:
        return None
    order = np.argsort(x[known], kind="stable")
    measured_at, heights = _sampled(x[known][order], np.clip(y[known][order], 0.0, 1.0))
    drawn_at, drawn = _sampled(*(np.array(each) for each in zip(*points, strict=True)))
    common, ours, theirs = np.intersect1d(drawn_at, measured_at, return_indices=True)
    if len(common) < 2:
        return None
    distance = float(np.abs(drawn[ours] - heights[theirs]).mean())
    return Agreement(distance, rank_correlation(drawn[ours], heights[theirs]), len(common))


def rank_correlation(a: Array, b: Array) -> float:
    """Spearman's rank correlation of two rows of numbers (N,): Pearson's of their ranks, equal ones sharing the mean
    rank. NaN if all numbers of a row are equal.
    """
    a, b = _ranks(a), _ranks(b)
    a, b = a - a.mean(), b - b.mean()
    size = np.sqrt((a @ a) * (b @ b))
    return float(a @ b / size) if size > 0 else float("nan")


def _ranks(values: Array) -> Array:
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    found: Array = (ends - (counts - 1) / 2)[inverse]
    return found


def _sampled(x: Array, y: Array) -> tuple[Array, Array]:
    """The places of the axis within the span of ``x``, and the heights there."""
    places = np.arange(PLACES) / (PLACES - 1)
    inside = places[(places >= x[0] - 1e-9) & (places <= x[-1] + 1e-9)]
    return inside, np.interp(inside, x, y)


def _filled(stroke: Sequence[Point]) -> Sequence[Point]:
    """A stroke with a point at each column between two events of the mouse, which are seldom in a fast stroke."""
    filled = list(stroke[:1])
    for (x0, y0), (x1, y1) in pairwise(stroke):
        steps = max(1, round(abs(_limited(x1) - _limited(x0)) * _COLUMNS))
        filled += [(x0 + (x1 - x0) * i / steps, y0 + (y1 - y0) * i / steps) for i in range(1, steps + 1)]
    return filled


def _limited(share: float) -> float:
    return min(1.0, max(0.0, share))


def _in_words(rank: float) -> str:
    if rank >= 0.9:
        return "it goes the same way"
    if rank >= 0.4:
        return "it goes mostly the same way"
    return "it goes the opposite way" if rank <= -0.4 else "it goes another way"
