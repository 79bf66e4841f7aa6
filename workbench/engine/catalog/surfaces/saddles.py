"""Saddle points: no minimum, yet no slope in the middle."""

from __future__ import annotations

from typing import Annotated, ClassVar

from workbench.engine.catalog.knob import Knob
from workbench.engine.catalog.surfaces.base import Array, Surface


class Saddle(Surface):
    """``f = ½ x² − ½ b y² + ¼ y⁴``: a saddle in the middle, a minimum at y = ±√b on either side of it."""

    kind: ClassVar[str] = "saddle"
    title: ClassVar[str] = "Saddle"
    summary: ClassVar[str] = "Downhill to the middle in one direction, and down from it in the other."
    order: ClassVar[int] = 30
    start: ClassVar[tuple[float, float]] = (1.6, 0.001)

    bend: Annotated[
        float,
        Knob(
            "Downward bend",
            "How strongly the surface bends down, away from the middle. The smaller, the longer a ball that comes near "
            "the middle waits there: its gradient is almost zero.",
            low=0.01,
            high=2.0,
            scale="log",
            live=True,
            lesson="At a saddle point the gradient is zero and SGD stops; near it, it is slow.",
        ),
    ] = 0.5

    def value(self, x: Array, y: Array) -> Array:
        return 0.5 * x * x - 0.5 * self.bend * y * y + 0.25 * y**4 + 0.25 * self.bend**2

    def gradient(self, x: Array, y: Array) -> tuple[Array, Array]:
        return 1.0 * x, y**3 - self.bend * y

    def minima(self) -> tuple[tuple[float, float], ...]:
        return ((0.0, self.bend**0.5), (0.0, -(self.bend**0.5)))


class MonkeySaddle(Surface):
    """``f = x³ − 3 x y² + ¼ (x² + y²)²``, three ways down from a middle whose second derivatives are all zero."""

    kind: ClassVar[str] = "monkey_saddle"
    title: ClassVar[str] = "Monkey saddle"
    summary: ClassVar[str] = "Three valleys meet in a middle that is flat to second order."
    order: ClassVar[int] = 31
    view: ClassVar = Surface.view._replace(left=-4.0, right=4.0, bottom=-4.0, top=4.0)
    start: ClassVar[tuple[float, float]] = (1.5, 0.01)

    def value(self, x: Array, y: Array) -> Array:
        return x**3 - 3 * x * y * y + 0.25 * (x * x + y * y) ** 2

    def gradient(self, x: Array, y: Array) -> tuple[Array, Array]:
        square = x * x + y * y
        return 3 * x * x - 3 * y * y + square * x, -6 * x * y + square * y

    def minima(self) -> tuple[tuple[float, float], ...]:
        half = 1.5 * 3**0.5
        return ((-3.0, 0.0), (1.5, half), (1.5, -half))
