"""The picture of a surface: which band of heights each pixel belongs to, and where the bands meet."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from workbench.engine.catalog.surfaces import Surface, View

BANDS = 24
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
    bands = np.searchsorted(levels, heights).astype(np.uint8)
    lines = np.zeros(bands.shape, dtype=np.bool_)
    lines[:, 1:] |= bands[:, 1:] != bands[:, :-1]
    lines[1:] |= bands[1:] != bands[:-1]
    return Relief(view, bands, lines, levels + surface.lowest())


def _of_own_view(surface: Surface) -> npt.NDArray[np.float64]:
    """Heights over the surface's own view, so that colours stay when the picture is moved."""
    x, y = np.meshgrid(np.linspace(*surface.view[:2], 41), np.linspace(*surface.view[2:], 41))
    return surface.value(x, y) - surface.lowest()


def _levels(surface: Surface, highest: float) -> npt.NDArray[np.float64]:
    shares = np.arange(1, BANDS) / BANDS
    if surface.heights == "log":
        return highest * _FLOOR ** (1 - shares)
    return highest * shares**2  # closer near the bottom, where balls end
