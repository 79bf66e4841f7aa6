"""From coordinates of a surface to pixels and back, with equal scales; zoomed and moved."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF

from workbench.engine.catalog.surfaces import View

Array = npt.NDArray[np.float64]
#: How far the picture can be zoomed, as a factor on the surface's own view.
_NEAREST, _FARTHEST = 1e-5, 50.0


@dataclass(frozen=True, slots=True)
class Frame:
    """A picture of ``width`` × ``height`` pixels around the point (``x``, ``y``); ``unit`` is the length of a pixel."""

    x: float
    y: float
    unit: float
    width: int
    height: int

    @property
    def view(self) -> View:
        """The part of the plane that is seen."""
        half, tall = self.unit * self.width / 2, self.unit * self.height / 2
        return View(self.x - half, self.x + half, self.y - tall, self.y + tall)

    def pixels(self, points: Array) -> Array:
        """Pixels of ``points`` (…, 2), of the same shape."""
        found: Array = (points - (self.x, self.y)) * (1 / self.unit, -1 / self.unit) + (self.width / 2, self.height / 2)
        return found

    def pixel(self, x: float, y: float) -> QPointF:
        """The pixel of one point."""
        return QPointF((x - self.x) / self.unit + self.width / 2, (self.y - y) / self.unit + self.height / 2)

    def point(self, pixel: QPointF) -> tuple[float, float]:
        """The point at a pixel."""
        right, down = pixel.x() - self.width / 2, pixel.y() - self.height / 2
        return self.x + self.unit * right, self.y - self.unit * down

    def area(self, view: View) -> QRectF:
        """Where ``view`` lies in the picture."""
        return QRectF(self.pixel(view.left, view.top), self.pixel(view.right, view.bottom))

    def zoomed(self, factor: float, about: QPointF, own: View) -> Frame:
        """Nearer by ``factor``; the point under ``about`` stays there. ``own`` is the surface's view."""
        fit = fitted(own, self.width, self.height).unit
        unit = min(max(self.unit / factor, _NEAREST * fit), _FARTHEST * fit)
        x, y = self.point(about)
        keep = unit / self.unit
        return Frame(x + (self.x - x) * keep, y + (self.y - y) * keep, unit, self.width, self.height)

    def moved(self, right: float, down: float) -> Frame:
        """The picture shifted by pixels."""
        return Frame(self.x - self.unit * right, self.y + self.unit * down, self.unit, self.width, self.height)

    def resized(self, width: int, height: int) -> Frame:
        """As much of the surface in another size."""
        scale = min(width / self.width, height / self.height)
        return Frame(self.x, self.y, self.unit / scale, width, height)


def fitted(view: View, width: int, height: int) -> Frame:
    """The frame that shows all of ``view``."""
    width, height = max(width, 1), max(height, 1)
    unit = max((view.right - view.left) / width, (view.top - view.bottom) / height)
    return Frame((view.left + view.right) / 2, (view.bottom + view.top) / 2, unit, width, height)
