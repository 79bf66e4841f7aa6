"""A surface that is made by mouse: hills and holes in a shallow bowl."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

import numpy as np
from pydantic import AfterValidator, BeforeValidator
from pydantic_core import PydanticCustomError

from workbench.engine.catalog.knob import Knob
from workbench.engine.catalog.surfaces.base import Array, Surface, View
from workbench.engine.core.text import short

#: One hill (height above 0) or hole: x, y, height, width.
Bump = tuple[float, float, float, float]
MAX_HEIGHT = 100.0
LEAST_WIDTH, MOST_WIDTH = 0.05, 10.0


def _as_bumps(value: Any) -> Any:
    """Lists of lists, as a file has them, as tuples of tuples of floats."""
    if not isinstance(value, (list, tuple)):
        return value
    return tuple(tuple(map(_as_float, item)) if isinstance(item, (list, tuple)) else item for item in value)


def _as_float(value: Any) -> Any:
    return float(value) if type(value) is int else value


def _checked(bumps: tuple[Bump, ...]) -> tuple[Bump, ...]:
    for x, y, height, width in bumps:
        if max(abs(x), abs(y), abs(height)) > MAX_HEIGHT:
            raise PydanticCustomError(
                "bumps", f"must have places and heights from {short(-MAX_HEIGHT)} to {short(MAX_HEIGHT)}"
            )
        if not LEAST_WIDTH <= width <= MOST_WIDTH:
            raise PydanticCustomError("bumps", f"must have widths from {short(LEAST_WIDTH)} to {short(MOST_WIDTH)}")
    return bumps


class Sculpted(Surface):
    """``f = ½ c (x² + y²) + Σ h exp(−((x − a)² + (y − b)²) / 2w²)`` over the bumps (a, b, h, w)."""

    kind: ClassVar[str] = "sculpted"
    title: ClassVar[str] = "Sculpt your own"
    summary: ClassVar[str] = "A shallow bowl; drag on it to raise hills and dig holes."
    order: ClassVar[int] = 90
    view: ClassVar[View] = View(-3.0, 3.0, -3.0, 3.0)
    start: ClassVar[tuple[float, float]] = (2.0, 1.6)

    curvature: Annotated[
        float,
        Knob(
            "Curvature of the bowl",
            "How strongly the bowl under the hills bends up; with 0 the ground is flat.",
            low=0.0,
            high=10.0,
            live=True,
        ),
    ] = 0.2
    bumps: Annotated[
        tuple[Bump, ...],
        BeforeValidator(_as_bumps),
        AfterValidator(_checked),
        Knob("Hills and holes", "Each has a place (x, y), a height (below 0 for a hole) and a width.", live=True),
    ] = ((0.8, 0.4, 0.8, 0.5), (-0.9, -0.7, -1.0, 0.6))

    def value(self, x: Array, y: Array) -> Array:
        height = 0.5 * self.curvature * (x * x + y * y)
        for bump in self.bumps:
            height = height + _bell(bump, x, y)
        return height

    def gradient(self, x: Array, y: Array) -> tuple[Array, Array]:
        by_x, by_y = self.curvature * x, self.curvature * y
        for bump in self.bumps:
            slope = _bell(bump, x, y) / bump[3] ** 2
            by_x, by_y = by_x - (x - bump[0]) * slope, by_y - (y - bump[1]) * slope
        return by_x, by_y


def _bell(bump: Bump, x: Array, y: Array) -> Array:
    a, b, height, width = bump
    found: Array = height * np.exp(-((x - a) ** 2 + (y - b) ** 2) / (2 * width**2))
    return found
