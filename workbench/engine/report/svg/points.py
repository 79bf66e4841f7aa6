"""From numbers to places in a drawing: scales, ranges, and long curves thinned without losing their peaks."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from workbench.engine.report.svg.axis_ticks import AxisScale
from workbench.engine.report.svg.chart import Floats


@dataclass(frozen=True, slots=True)
class Axis:
    """Values from ``low`` to ``high`` (exponents of ten on a log axis) along the pixels from ``start`` to ``end``."""

    scale: AxisScale
    low: float
    high: float
    start: float
    end: float

    def pixels(self, values: npt.ArrayLike) -> Floats:
        """The places of values; NaN for those that the axis does not have."""
        return self.place(scaled(values, self.scale))

    def place(self, at: npt.ArrayLike) -> Floats:
        """The places of positions on the axis, which are exponents of ten where it is a log axis."""
        share = (np.asarray(at, np.float64) - self.low) / (self.high - self.low)
        return np.asarray(self.start + share * (self.end - self.start))


def scaled(values: npt.ArrayLike, scale: AxisScale) -> Floats:
    """Positions on an axis: the values themselves, or their logarithms to base ten; NaN for what has none."""
    found = np.asarray(values, np.float64)
    with np.errstate(all="ignore"):
        found = np.log10(np.where(found > 0, found, np.nan)) if scale == "log" else found
    return np.where(np.isfinite(found), found, np.nan)


def extent(columns: Iterable[npt.ArrayLike], scale: AxisScale, room: float) -> tuple[float, float]:
    """The range of positions of all ``columns``, wider by the share ``room`` at both ends; never empty."""
    parts = [scaled(column, scale).ravel() for column in columns]
    found = np.concatenate([part[np.isfinite(part)] for part in parts] or [np.empty(0)])
    low, high = (float(found.min()), float(found.max())) if len(found) else (0.0, 1.0)
    if not high > low:
        beside = 0.5 if scale == "log" else max(abs(low) * 0.1, 1e-9)
        low, high = low - beside, high + beside
    beside = room * (high - low)
    return low - beside, high + beside


def thinned(x: Floats, y: Floats, most: int) -> tuple[Floats, Floats]:
    """The curve with at most about ``most`` points: of each block of neighbours its least and its greatest value."""
    if len(x) <= most:
        return x, y
    size = math.ceil(2 * len(x) / most)
    kept: list[int] = []
    for start in range(0, len(y), size):
        block = y[start : start + size]
        finite = np.flatnonzero(np.isfinite(block))
        if not len(finite):
            kept.append(start)  # a gap stays one
            continue
        ends = {int(finite[block[finite].argmin()]), int(finite[block[finite].argmax()])}
        kept += [start + place for place in sorted(ends)]
    places = np.unique([0, *kept, len(y) - 1])
    return x[places], y[places]


def pieces(x: Floats, y: Floats) -> list[list[tuple[float, float]]]:
    """The stretches of a curve between its gaps."""
    found: list[list[tuple[float, float]]] = [[]]
    for at, value in zip(x.tolist(), y.tolist(), strict=True):
        if math.isfinite(at) and math.isfinite(value):
            found[-1].append((at, value))
        elif found[-1]:
            found.append([])
    return [piece for piece in found if piece]
