"""From values to pixels of a plot."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.floating]


@dataclass(frozen=True, slots=True)
class Viewport:
    """Visible ranges and size in pixels of a plot. With ``log``, ``bottom`` and ``top`` are exponents of ten."""

    width: float
    height: float
    x0: float
    x1: float
    bottom: float
    top: float
    log: bool = False

    def x(self, values: npt.ArrayLike) -> Floats:
        """Pixels from the left; values far outside are clipped to near outside."""
        with np.errstate(all="ignore"):
            columns = (np.asarray(values, np.float64) - self.x0) * (self.width / (self.x1 - self.x0))
        return np.asarray(np.clip(np.nan_to_num(columns, nan=-4 * self.width), -4 * self.width, 5 * self.width))

    def y(self, values: npt.ArrayLike) -> Floats:
        """Pixels from the top, clipped like ``x``; NaN where a value has no place on the axis."""
        span = self.top - self.bottom
        places = np.clip(on_axis(values, self.log), self.bottom - 4 * span, self.top + 4 * span)
        return np.asarray((self.top - places) * (self.height / span))

    def at(self, pixel: float) -> float:
        """The x value at a pixel."""
        return self.x0 + pixel * (self.x1 - self.x0) / max(self.width, 1.0)


def on_axis(values: npt.ArrayLike, log: bool) -> Floats:
    """Values in axis units: log10 on a log axis; NaN where a value has no place on the axis."""
    found = np.asarray(values, np.float64)
    with np.errstate(all="ignore"):
        if log:
            found = np.log10(np.where(found > 0, found, np.nan))
        return np.where(np.isfinite(found), found, np.nan)


def span_on_axis(low: Floats, high: Floats, log: bool) -> tuple[Floats, Floats]:
    """A span's ends in axis units; on a log axis a span that touches zero reaches below the plot."""
    if not log:
        return low, high
    with np.errstate(all="ignore"):
        up = np.where(high > 0, np.log10(high), -np.inf)
        down = np.where(low > 0, np.log10(low), -99.0)
    return np.where(high > 0, down, np.inf), up
