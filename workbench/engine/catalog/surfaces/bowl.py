"""A quadratic bowl: the simplest surface on which conditioning and tilt can be set."""

from __future__ import annotations

import math
from typing import Annotated, ClassVar

import numpy as np

from workbench.engine.catalog.knob import Knob
from workbench.engine.catalog.surfaces.base import Array, Surface
from workbench.engine.core.text import short


class Bowl(Surface):
    """``f = ½ (a² + κ b²)``, a and b the coordinates along two axes that are turned by the tilt."""

    kind: ClassVar[str] = "bowl"
    title: ClassVar[str] = "Bowl"
    summary: ClassVar[str] = "A valley with one steep and one flat direction; its steepness and tilt are dragged."
    order: ClassVar[int] = 10

    condition: Annotated[
        float,
        Knob(
            "Condition number",
            "How much steeper the steep direction is than the flat one. With a large one gradient descent zigzags "
            "across the valley and crawls along it: at its best rate it needs about as many updates as this number, "
            "with momentum at its best about the root of it.",
            low=1.0,
            high=1000.0,
            scale="log",
            live=True,
            lesson="A loss that changes quickly in one direction and slowly in another makes SGD zigzag and crawl.",
        ),
    ] = 50.0
    tilt: Annotated[
        float,
        Knob(
            "Tilt",
            "The angle between the flat direction and the horizontal axis. AdaGrad, RMSProp and Adam scale each "
            "coordinate by itself, so that they even out a valley along the axes, but not a tilted one.",
            unit="°",
            low=-90.0,
            high=90.0,
            live=True,
            lesson="A scale for each coordinate cannot undo a rotated valley.",
        ),
    ] = 0.0

    def value(self, x: Array, y: Array) -> Array:
        along, across = self._turned(x, y)
        return 0.5 * (along * along + self.condition * across * across)

    def gradient(self, x: Array, y: Array) -> tuple[Array, Array]:
        along, across = self._turned(x, y)
        cos, sin = self._direction()
        steep = self.condition * across
        return cos * along - sin * steep, sin * along + cos * steep

    def minima(self) -> tuple[tuple[float, float], ...]:
        return ((0.0, 0.0),)

    def begin_at(self) -> tuple[float, float]:
        cos, sin = self._direction()
        along, across = 1.7, 0.6
        return cos * along - sin * across, sin * along + cos * across

    def hessian(self, x: float, y: float) -> Array:
        cos, sin = self._direction()
        turn = np.array([[cos, -sin], [sin, cos]])
        found: Array = turn @ np.diag([1.0, self.condition]) @ turn.T
        return found

    def _direction(self) -> tuple[float, float]:
        angle = math.radians(self.tilt)
        return math.cos(angle), math.sin(angle)

    def _turned(self, x: Array, y: Array) -> tuple[Array, Array]:
        """The coordinates along the flat and along the steep direction."""
        cos, sin = self._direction()
        return cos * x + sin * y, cos * y - sin * x

    def brief(self) -> str:
        return f"κ {short(self.condition, 3)}, {short(self.tilt, 3)}°"
