"""Surfaces on which optimizers have been tried for decades, with their published formulas."""

from __future__ import annotations

from typing import ClassVar

from workbench.engine.catalog.surfaces.base import Array, Surface, View


class Rosenbrock(Surface):
    """``f = (1 − x)² + 100 (y − x²)²`` (Rosenbrock 1960)."""

    kind: ClassVar[str] = "rosenbrock"
    title: ClassVar[str] = "Rosenbrock"
    summary: ClassVar[str] = "A bent valley: its floor is reached at once, its end after a long way."
    order: ClassVar[int] = 60
    heights: ClassVar = "log"
    view: ClassVar[View] = View(-2.0, 2.0, -1.0, 3.0)
    start: ClassVar[tuple[float, float]] = (-1.2, 1.0)

    def value(self, x: Array, y: Array) -> Array:
        return (1 - x) ** 2 + 100 * (y - x * x) ** 2

    def gradient(self, x: Array, y: Array) -> tuple[Array, Array]:
        off = y - x * x
        return -2 * (1 - x) - 400 * x * off, 200 * off

    def minima(self) -> tuple[tuple[float, float], ...]:
        return ((1.0, 1.0),)


class Beale(Surface):
    """``f = (1.5 − x + xy)² + (2.25 − x + xy²)² + (2.625 − x + xy³)²`` (Beale 1958)."""

    kind: ClassVar[str] = "beale"
    title: ClassVar[str] = "Beale"
    summary: ClassVar[str] = "Flat in the middle, with walls a thousand times as steep at the corners."
    order: ClassVar[int] = 61
    heights: ClassVar = "log"
    view: ClassVar[View] = View(-4.5, 4.5, -4.5, 4.5)
    start: ClassVar[tuple[float, float]] = (1.0, 1.5)

    def value(self, x: Array, y: Array) -> Array:
        first, second, third = self._terms(x, y)
        return first**2 + second**2 + third**2

    def gradient(self, x: Array, y: Array) -> tuple[Array, Array]:
        first, second, third = self._terms(x, y)
        by_x = 2 * (first * (y - 1) + second * (y**2 - 1) + third * (y**3 - 1))
        by_y = 2 * x * (first + 2 * second * y + 3 * third * y**2)
        return by_x, by_y

    def minima(self) -> tuple[tuple[float, float], ...]:
        return ((3.0, 0.5),)

    def _terms(self, x: Array, y: Array) -> tuple[Array, Array, Array]:
        return 1.5 - x + x * y, 2.25 - x + x * y**2, 2.625 - x + x * y**3


class Himmelblau(Surface):
    """``f = (x² + y − 11)² + (x + y² − 7)²`` (Himmelblau 1972): four minima of equal depth."""

    kind: ClassVar[str] = "himmelblau"
    title: ClassVar[str] = "Himmelblau"
    summary: ClassVar[str] = "Four minima of equal depth: where a ball ends depends on where it starts."
    order: ClassVar[int] = 62
    heights: ClassVar = "log"
    view: ClassVar[View] = View(-5.5, 5.5, -5.5, 5.5)
    start: ClassVar[tuple[float, float]] = (-0.5, -0.6)

    def value(self, x: Array, y: Array) -> Array:
        return (x * x + y - 11) ** 2 + (x + y * y - 7) ** 2

    def gradient(self, x: Array, y: Array) -> tuple[Array, Array]:
        first, second = x * x + y - 11, x + y * y - 7
        return 4 * x * first + 2 * second, 2 * first + 4 * y * second

    def minima(self) -> tuple[tuple[float, float], ...]:
        return (
            (3.0, 2.0),
            (-2.805118086952745, 3.131312518250573),
            (-3.779310253377747, -3.283185991286170),
            (3.584428340330492, -1.848126526964404),
        )
