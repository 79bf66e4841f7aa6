"""The y range of a subplot: follows the data with hysteresis, because every move needs new ticks and a full redraw."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from workbench.views.plots.series import SubplotSpec
from workbench.views.plots.viewport import ZERO, on_axis

Range = tuple[float, float]

#: Margin beyond the data, as a fraction of its extent; and the filled fraction below which the range shrinks again.
_ROOM: Final = 0.12
_TOO_EMPTY: Final = 0.5
#: This fraction of the columns may leave the plot as outliers, if the range would otherwise be 1.5 times as large.
_OUTLIERS: Final = 0.02
_MUCH_LARGER: Final = 1.5
#: A diverging running curve leaves a linear plot at the top: at 3 times the highest measured value.
_BEYOND_MEASURED: Final = 3.0
#: The largest value on an axis: beyond it the axis' own arithmetic would overflow.
_FARTHEST: Final = 1e30
#: A logarithmic axis does not follow values below 1e-12, which single precision does not resolve in losses and
#: gradients, nor values more than three decades below what 95 % of the curve exceeds.
_SMALLEST: Final = -12.0
_USUAL: Final = 0.05
_BELOW_USUAL: Final = 3.0


class YRange:
    """``range`` is in axis units (log10 with ``log``); ``fixed`` is True while the user has zoomed.

    ``below``: a logarithmic axis ends above some of the values.
    """

    def __init__(self, spec: SubplotSpec) -> None:
        self.spec = spec
        self.log = spec.scale == "log"
        self.fixed = self.below = False
        self._fresh = True
        self.range: Range = self._start()

    @property
    def edge(self) -> bool:
        """Whether values below the axis are drawn on its lower edge. In a range that the user chose they are not."""
        return self.log and not self.fixed

    def set_log(self, log: bool) -> None:
        """Switch the kind of axis; the range starts again."""
        if log != self.log:
            self.log = log
            self.restart()

    def restart(self) -> None:
        """Reset the range to its state before any data."""
        self.fixed = self.below = False
        self._fresh = True
        self.range = self._start()

    def fix(self, low: float, high: float) -> None:
        """Set the range to what the user chose."""
        if math.isfinite(low) and math.isfinite(high) and high - low > 1e-12 * max(1.0, abs(low), abs(high)):
            self.fixed, self.range = True, (low, high)

    def follow(self, low: np.ndarray, high: np.ndarray, measured: list[np.ndarray]) -> bool:
        """Fit the range to columns (in axis units; low > high where empty) and measured values; True if it moved."""
        if self.spec.limits is not None and not self.log:
            return self._set(self.spec.limits)
        there = (low <= high) & (high > -np.inf)
        low, high = low[there], high[there]
        placed = [on_axis(values, self.log) for values in measured]
        if self.log:
            return self._follow_log(low, high, [values[~np.isnan(values)] for values in placed])
        return self._fit(self._extent(low, high, [values[np.isfinite(values)] for values in placed]))

    def _follow_log(self, low: np.ndarray, high: np.ndarray, measured: list[np.ndarray]) -> bool:
        values = np.concatenate([low, high, *measured])
        moved = self._fit(_log_extent(values, low, high, measured))
        was_below, self.below = self.below, bool((values < self.range[0]).any())
        return moved or self.below != was_below

    def _fit(self, found: Range | None) -> bool:
        if found is None:
            return False
        wanted = self._with_room(*found)
        bottom, top = self.range
        inside = not self._fresh and bottom <= found[0] and found[1] <= top
        if inside and found[1] - found[0] >= _TOO_EMPTY * (top - bottom) * 0.999:
            return False
        if inside and wanted[1] - wanted[0] > 0.75 * (top - bottom):
            return False
        self._fresh = False
        return self._set(wanted)

    def _set(self, wanted: Range) -> bool:
        moved = wanted != self.range
        self.range = wanted
        return moved

    def _start(self) -> Range:
        if self.log:
            return (-3.0, 1.0)
        return self.spec.limits or (0.0, 1.0)

    def _extent(self, low: np.ndarray, high: np.ndarray, measured: list[np.ndarray]) -> Range | None:
        lows, highs = [], []
        for values in measured:
            if len(values):
                lows.append(float(values.min()))
                highs.append(float(values.max()))
        if len(low):
            least, most = _without_outliers(low, high)
            capped = highs and self.spec.floor is not None and max(highs) > 0
            lows.append(least)
            highs.append(min(most, _BEYOND_MEASURED * max(highs)) if capped else most)
        if not lows:
            return None
        lows, highs = [max(-_FARTHEST, min(lows))], [min(_FARTHEST, max(highs))]
        if self.spec.floor is not None:
            lows.append(self.spec.floor)
            highs.append(self.spec.floor)
        return min(lows), max(highs)

    def _with_room(self, low: float, high: float) -> Range:
        if self.log:
            low, high = max(low, -30.0), max(high, -30.0)
            if high - low < 1.0:
                middle = (low + high) / 2
                low, high = middle - 0.5, middle + 0.5
            return math.floor(low * 4 - 0.4) / 4, math.ceil(high * 4 + 0.4) / 4
        if high - low <= 1e-9 * max(1.0, abs(low), abs(high)):
            low, high = min(low, self.spec.floor or low), max(high, low + max(1.0, abs(low)))
        span = high - low
        floor = self.spec.floor
        return low if low == floor else low - _ROOM * span, high if high == floor else high + _ROOM * span


def _log_extent(values: np.ndarray, low: np.ndarray, high: np.ndarray, measured: list[np.ndarray]) -> Range | None:
    """The exponents that a logarithmic axis shows of ``values``: those of the columns and of the measured curves.

    Where smaller values are left out, the axis shows a decade below the others, so that the two are apart.
    """
    readable = values[values >= _SMALLEST]
    readable = readable if len(readable) else values[values > ZERO]
    if not len(readable):
        return None
    usual, bottom = float(np.quantile(readable, _USUAL)) - _BELOW_USUAL, float(readable.min())
    if float(values.min()) < max(usual, bottom):
        bottom -= 1.0
    bottom = max(usual, bottom)
    inside = high >= bottom
    tops = [float(each.max()) for each in measured if len(each)]
    if inside.any():
        tops.append(_without_outliers(np.maximum(low[inside], bottom), high[inside])[1])
    return bottom, min(_FARTHEST, max(tops))


def _without_outliers(low: np.ndarray, high: np.ndarray) -> Range:
    skip = int(_OUTLIERS * len(low))
    bottom, top = float(np.partition(low, skip)[skip]), float(np.partition(high, -1 - skip)[-1 - skip])
    least, most = float(low.min()), float(high.max())
    return (least, most) if most - least <= _MUCH_LARGER * (top - bottom) else (bottom, top)
