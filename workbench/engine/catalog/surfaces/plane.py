"""A plane: the same gradient everywhere, so that what is seen is the rule alone."""

from __future__ import annotations

from typing import Annotated, ClassVar

import numpy as np

from workbench.engine.catalog.knob import Knob
from workbench.engine.catalog.surfaces.base import Array, Surface, View


class Plane(Surface):
    """``f = a x + b y``."""

    kind: ClassVar[str] = "plane"
    title: ClassVar[str] = "Plane"
    summary: ClassVar[str] = "A slope that is the same everywhere: the length of each step shows what the rule does."
    order: ClassVar[int] = 50
    view: ClassVar[View] = View(-10.0, 10.0, -10.0, 10.0)
    start: ClassVar[tuple[float, float]] = (7.0, 3.0)

    slope_x: Annotated[
        float,
        Knob("Slope, horizontal", "The gradient in the horizontal coordinate.", low=-100.0, high=100.0, live=True),
    ] = 1.0
    slope_y: Annotated[
        float,
        Knob(
            "Slope, vertical",
            "The gradient in the vertical coordinate. With 0 this coordinate never moves.",
            low=-100.0,
            high=100.0,
            live=True,
        ),
    ] = 0.2

    def value(self, x: Array, y: Array) -> Array:
        return self.slope_x * x + self.slope_y * y

    def gradient(self, x: Array, y: Array) -> tuple[Array, Array]:
        return np.full_like(x, self.slope_x), np.full_like(y, self.slope_y)
