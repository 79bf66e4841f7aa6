"""A curve with no more points than can be seen."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from workbench.views.playground.frame import Array


class Line(NamedTuple):
    """Points of a curve: ``x`` and ``y`` of shape (N,)."""

    x: Array
    y: Array


def thinned(values: Array, pixels: int) -> Line:
    """``values`` (T,) against 0, 1, …: if there are more than two for each of the pixels, the least and greatest there.

    So a swing or a peak is never left out. The two are in the order in which the values rise or fall.
    """
    every = -(-len(values) // max(1, pixels))
    if every <= 2:
        return Line(np.arange(len(values), dtype=np.float64), values)
    whole = len(values) // every * every
    groups = values[:whole].reshape(-1, every)
    low, high = np.fmin.reduce(groups, axis=1), np.fmax.reduce(groups, axis=1)
    falls = groups[:, -1] < groups[:, 0]
    y = np.stack([np.where(falls, high, low), np.where(falls, low, high)], axis=1).ravel()
    x = (np.arange(len(groups))[:, None] * every + (0.0, every - 1.0)).ravel()
    rest = np.arange(whole, len(values), dtype=np.float64)
    return Line(np.concatenate([x, rest]), np.concatenate([y, values[whole:]]))
