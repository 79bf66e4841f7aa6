"""Valleys and plains: a ravine, and a plateau with a hole."""

from __future__ import annotations

from typing import Annotated, ClassVar

import numpy as np

from workbench.engine.catalog.knob import Knob
from workbench.engine.catalog.surfaces.base import Array, Surface, View


class Ravine(Surface):
    """``f = 0.05 (x − 3)² + s (y − ½ sin x)²``: a narrow floor that winds slowly down to x = 3."""

    kind: ClassVar[str] = "ravine"
    title: ClassVar[str] = "Ravine"
    summary: ClassVar[str] = "A narrow winding floor between steep walls, falling slowly."
    order: ClassVar[int] = 40
    heights: ClassVar = "log"
    view: ClassVar[View] = View(-4.0, 5.0, -2.5, 2.5)
    start: ClassVar[tuple[float, float]] = (-3.2, 1.4)

    walls: Annotated[
        float,
        Knob(
            "Steepness of the walls",
            "How fast the walls rise beside the floor. The steeper they are, the smaller the rate must be, and the "
            "slower the progress along the floor.",
            low=0.1,
            high=100.0,
            scale="log",
            live=True,
        ),
    ] = 5.0

    def value(self, x: Array, y: Array) -> Array:
        found: Array = 0.05 * (x - 3) ** 2 + self.walls * (y - 0.5 * np.sin(x)) ** 2
        return found

    def gradient(self, x: Array, y: Array) -> tuple[Array, Array]:
        aside = 2 * self.walls * (y - 0.5 * np.sin(x))
        return 0.1 * (x - 3) - 0.5 * np.cos(x) * aside, aside

    def minima(self) -> tuple[tuple[float, float], ...]:
        return ((3.0, 0.5 * float(np.sin(3.0))),)


class Plateau(Surface):
    """``f = 1 − exp(−(x² + y²) / 2w²)``: flat far away, with a hole in the middle."""

    kind: ClassVar[str] = "plateau"
    title: ClassVar[str] = "Plateau"
    summary: ClassVar[str] = "Almost flat, with a hole: small gradients say little about the distance that is left."
    order: ClassVar[int] = 45
    view: ClassVar[View] = View(-4.0, 4.0, -4.0, 4.0)
    start: ClassVar[tuple[float, float]] = (2.6, 1.5)

    width: Annotated[
        float,
        Knob(
            "Width of the hole",
            "How far the slope of the hole reaches. Beyond about three times this the gradient is almost zero.",
            low=0.3,
            high=3.0,
            live=True,
        ),
    ] = 1.0

    def value(self, x: Array, y: Array) -> Array:
        found: Array = 1 - self._hole(x, y)
        return found

    def gradient(self, x: Array, y: Array) -> tuple[Array, Array]:
        slope = self._hole(x, y) / self.width**2
        return x * slope, y * slope

    def minima(self) -> tuple[tuple[float, float], ...]:
        return ((0.0, 0.0),)

    def _hole(self, x: Array, y: Array) -> Array:
        found: Array = np.exp(-(x * x + y * y) / (2 * self.width**2))
        return found
