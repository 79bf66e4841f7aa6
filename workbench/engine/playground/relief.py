"""The picture of a surface: which band of heights each pixel belongs to, and where the bands meet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from workbench.engine.catalog.surfaces import Surface, View

BANDS = 24
#: Colours from the lowest to the highest band on light ground: low ground is blue, high ground sandy, as on a map.
COLOURS: Final = ("#a5c8dc", "#bcd9de", "#d3e5d8", "#e6ecd6", "#f3efdc", "#faf6ec", "#fdfcf8")
#: Multiple of the median above which the loss is shown as one band: far from the path it grows without bound.
_HIGHEST: Final = 3.0
#: With heights in their logarithm the lowest band begins at this share of the range.
_FLOOR = 1e-4


@dataclass(frozen=True)
class Relief:
    """``bands`` (rows, columns) uint8: 0 is the lowest; the first row is the top of the view. ``lines``: where bands
    meet.

    ``levels`` are the ``BANDS − 1`` heights between the bands, rising.
    """

    view: View
    bands: npt.NDArray[np.uint8]
    lines: npt.NDArray[np.bool_]
    levels: npt.NDArray[np.float64]


def relief(surface: Surface, view: View, columns: int, rows: int) -> Relief:
    """The picture of ``surface`` over ``view`` in ``columns`` × ``rows`` pixels."""
    x, y = np.meshgrid(np.linspace(view.left, view.right, columns), np.linspace(view.top, view.bottom, rows))
    heights = surface.value(x, y) - surface.lowest()
    levels = _levels(surface, float(np.max(_of_own_view(surface))))
    return _banded(view, heights, levels, surface.lowest())


def relief_of_grid(view: View, heights: npt.NDArray[np.float64], columns: int, rows: int) -> Relief:
    """The picture of ``heights`` (n, m), measured at equal distances over ``view`` from its lower left corner, straight
    between them. What is no number is as high as the highest band.
    """
    known = heights[np.isfinite(heights)]
    low = float(known.min()) if len(known) else 0.0
    top = min(float(known.max()), low + _HIGHEST * float(np.median(known) - low)) if len(known) else 1.0
    filled = np.where(np.isfinite(heights), heights, top + (top - low))
    at_x, at_y = np.linspace(0, heights.shape[1] - 1, columns), np.linspace(heights.shape[0] - 1, 0, rows)
    left, below = (
        np.clip(at.astype(int), 0, size - 2) for at, size in zip((at_x, at_y), filled.shape[::-1], strict=True)
    )
    x, y = at_x - left, (at_y - below)[:, None]
    corner = filled[below][:, left] * (1 - y) + filled[below + 1][:, left] * y
    beside = filled[below][:, left + 1] * (1 - y) + filled[below + 1][:, left + 1] * y
    shares = np.arange(1, BANDS) / BANDS
    return _banded(view, corner * (1 - x) + beside * x - low, (top - low or 1.0) * shares**2, low)


def _banded(view: View, heights: npt.NDArray[np.float64], levels: npt.NDArray[np.float64], lowest: float) -> Relief:
    """The picture of heights above ``lowest``, the first row at the top."""
    bands = np.searchsorted(levels, heights).astype(np.uint8)
    lines = np.zeros(bands.shape, dtype=np.bool_)
    lines[:, 1:] |= bands[:, 1:] != bands[:, :-1]
    lines[1:] |= bands[1:] != bands[:-1]
    return Relief(view, bands, lines, levels + lowest)


def _of_own_view(surface: Surface) -> npt.NDArray[np.float64]:
    """Heights over the surface's own view, so that colours stay when the picture is moved."""
    x, y = np.meshgrid(np.linspace(*surface.view[:2], 41), np.linspace(*surface.view[2:], 41))
    return surface.value(x, y) - surface.lowest()


def _levels(surface: Surface, highest: float) -> npt.NDArray[np.float64]:
    shares = np.arange(1, BANDS) / BANDS
    if surface.heights == "log":
        return highest * _FLOOR ** (1 - shares)
    return highest * shares**2  # closer near the bottom, where balls end
