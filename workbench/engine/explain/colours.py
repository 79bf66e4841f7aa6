"""Colours for maps that the colour-blind can read, the same in the window and in files."""

from __future__ import annotations

from functools import cache
from typing import Final

import numpy as np
import numpy.typing as npt

Bytes = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float64]

#: Ten points of viridis (van der Walt and Smith 2015), from low to high.
_AMOUNT: Final = "440154 482878 3e4989 31688e 26828e 1f9e89 35b779 6ece58 b5de2b fde725"
#: RdBu of ColorBrewer (Harrower and Brewer 2003) in eleven steps, turned: blue is below zero, red above.
_SIGNED: Final = "053061 2166ac 4393c3 92c5de d1e5f0 f7f7f7 fddbc7 f4a582 d6604d b2182b 67001f"

#: Odd, so that one of them is the middle.
_STEPS: Final = 1021


def limit_of(values: Floats) -> float:
    """The largest absolute value, which has the last colour; 1 where all are 0."""
    return float(np.abs(values).max()) or 1.0


def coloured(values: Floats, is_signed: bool, limit: float) -> Bytes:
    """``values`` (…) as colours, uint8 (…, 3): from 0 to ``limit``, or from −``limit`` to it."""
    low = -limit if is_signed else 0.0
    at = np.clip((values - low) / (limit - low), 0, 1) * (_STEPS - 1)
    made: Bytes = _table(is_signed)[np.rint(at).astype(np.intp)]
    return made


@cache
def _table(is_signed: bool) -> Bytes:
    """The colours in _STEPS steps, uint8 (_STEPS, 3): looking them up takes a tenth of computing them."""
    names = (_SIGNED if is_signed else _AMOUNT).split()
    points = np.array([[int(each[i : i + 2], 16) for i in (0, 2, 4)] for each in names], np.float64)
    at, steps = np.linspace(0, len(points) - 1, _STEPS), np.arange(len(points))
    made: Bytes = np.rint(np.stack([np.interp(at, steps, points[:, k]) for k in range(3)], -1)).astype(np.uint8)
    return made


def drawn_map(values: Floats, is_signed: bool) -> Bytes:
    """A map (h, w) as colours, uint8 (h, w, 3), scaled to its own range; non-finite values are gray."""
    finite = np.where(np.isfinite(values), values, 0.0)
    made = coloured(finite, is_signed, limit_of(finite))
    made[~np.isfinite(values)] = 128
    return made


def _names(is_signed: bool) -> list[str]:
    return (_SIGNED if is_signed else _AMOUNT).split()
