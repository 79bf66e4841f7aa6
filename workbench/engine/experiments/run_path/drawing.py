"""The loss around a path as a picture file, in the colours of the playground, without a window."""

from __future__ import annotations

import io
from typing import Final

import numpy as np
from PIL import Image, ImageColor, ImageDraw

from workbench.engine.catalog.surfaces import View
from workbench.engine.experiments.run_path.loss_around import LossGrid
from workbench.engine.experiments.run_path.plane import Plane
from workbench.engine.playground.relief import BANDS, COLOURS, relief_of_grid

#: Side length in pixels.
_SIDE: Final = 800
_INK: Final = "#20242b"
_HALO: Final = "#ffffff"


def view_of(grid: LossGrid) -> View:
    """The part of the plane that a grid covers."""
    return View(float(grid.xs[0]), float(grid.xs[-1]), float(grid.ys[0]), float(grid.ys[-1]))


def png_of(plane: Plane, grid: LossGrid, words: str) -> bytes:
    """A PNG with the contours of the loss, the path, and ``words`` as its description."""
    from PIL.PngImagePlugin import PngInfo

    view = view_of(grid)
    found = relief_of_grid(view, grid.heights, _SIDE, _SIDE)
    colours = _colours()
    pixels = colours[found.bands]
    pixels[found.lines] = (0.86 * pixels[found.lines]).astype(np.uint8)
    picture = Image.fromarray(pixels)
    draw = ImageDraw.Draw(picture)
    wide, high = view.right - view.left, view.top - view.bottom
    path = [((x - view.left) / wide * _SIDE, (view.top - y) / high * _SIDE) for x, y in plane.places.tolist()]
    draw.line(path, fill=_HALO, width=7, joint="curve")
    draw.line(path, fill=_INK, width=3, joint="curve")
    for (x, y), fill in ((path[0], _HALO), (path[-1], _INK)):
        draw.ellipse((x - 8, y - 8, x + 8, y + 8), fill=fill, outline=_INK, width=3)
    about = PngInfo()
    about.add_itxt("Description", words)
    file = io.BytesIO()
    picture.save(file, "PNG", pnginfo=about)
    return file.getvalue()


def _colours() -> np.ndarray:
    """The colour of each band (BANDS, 3) uint8: straight between the stops."""
    stops = np.array([ImageColor.getrgb(each) for each in COLOURS], dtype=np.float64)
    at = np.linspace(0, len(stops) - 1, BANDS)
    found = np.stack([np.interp(at, np.arange(len(stops)), stops[:, part]) for part in range(3)], axis=1)
    rounded: np.ndarray = found.round().astype(np.uint8)
    return rounded
