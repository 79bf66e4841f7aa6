"""From values to pixels of a plot."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.floating]

#: Where zero is on a log axis: below every float32.
ZERO: Final = -99.0


@dataclass(frozen=True, slots=True)
class Viewport:
    """Visible ranges and size in pixels of a plot. With ``log``, ``bottom`` and ``top`` are exponents of ten.

    With ``edge``, values below the plot are placed on its lower edge.
    """

    width: float
    height: float
    x0: float
    x1: float
    bottom: float
    top: float
    log: bool = False
    edge: bool = False

    def x(self, values: npt.ArrayLike) -> Floats:
        """Pixels from the left; values far outside are clipped to near outside."""
        with np.errstate(all="ignore"):
            columns = (np.asarray(values, np.float64) - self.x0) * (self.width / (self.x1 - self.x0))
        return np.asarray(np.clip(np.nan_to_num(columns, nan=-4 * self.width), -4 * self.width, 5 * self.width))

    def y(self, values: npt.ArrayLike) -> Floats:
        """Pixels from the top, clipped like ``x``; NaN where there is no number."""
        span = self.top - self.bottom
        places = np.clip(on_axis(values, self.log), self.bottom - 4 * span, self.top + 4 * span)
        pixels = (self.top - places) * (self.height / span)
        return np.asarray(np.minimum(pixels, self.height - 1) if self.edge else pixels)

    def at(self, pixel: float) -> float:
        """The x value at a pixel."""
        return self.x0 + pixel * (self.x1 - self.x0) / max(self.width, 1.0)


def on_axis(values: npt.ArrayLike, log: bool) -> Floats:
    """Values in axis units: log10 on a log axis, -inf for zero and below; NaN where there is no finite number."""
    found = np.asarray(values, np.float64)
    found = np.where(np.isfinite(found), found, np.nan)
    with np.errstate(all="ignore"):
        return np.log10(np.maximum(found, 0.0)) if log else found


def span_on_axis(low: Floats, high: Floats, log: bool) -> tuple[Floats, Floats]:
    """A span's ends in axis units; on a log axis zero and below is ``ZERO``. Empty spans stay +inf, -inf."""
    if not log:
        return low, high
    there = low <= high
    with np.errstate(all="ignore"):
        down, up = (np.where(ends > 0, np.log10(ends), ZERO) for ends in (low, high))
    return np.where(there, down, np.inf), np.where(there, up, -np.inf)
