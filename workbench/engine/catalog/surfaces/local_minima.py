"""Many small minima around one deep one."""

from __future__ import annotations

import math
from typing import Annotated, ClassVar

import numpy as np

from workbench.engine.catalog.knob import Knob
from workbench.engine.catalog.surfaces.base import Array, Surface, View


class LocalMinima(Surface):
    """``f = 0.05 (x² + y²) + d (2 − cos(πx) − cos(πy))``: a shallow bowl with a dimple at about each even pair."""

    kind: ClassVar[str] = "local_minima"
    title: ClassVar[str] = "Local minima"
    summary: ClassVar[str] = "A shallow bowl full of dimples: gradient descent stops in the first one."
    order: ClassVar[int] = 20
    view: ClassVar[View] = View(-7.0, 7.0, -7.0, 7.0)
    start: ClassVar[tuple[float, float]] = (5.3, 4.6)

    depth: Annotated[
        float,
        Knob(
            "Depth of the dimples",
            "How deep the small minima are. Momentum rolls through shallow ones, and stays in deep ones.",
            low=0.0,
            high=2.0,
            live=True,
            lesson="In a local minimum the gradient is zero and SGD stops.",
        ),
    ] = 0.15

    def value(self, x: Array, y: Array) -> Array:
        dimples = self.depth * (2 - np.cos(math.pi * x) - np.cos(math.pi * y))
        found: Array = 0.05 * (x * x + y * y) + dimples
        return found

    def gradient(self, x: Array, y: Array) -> tuple[Array, Array]:
        steep = math.pi * self.depth
        return 0.1 * x + steep * np.sin(math.pi * x), 0.1 * y + steep * np.sin(math.pi * y)

    def minima(self) -> tuple[tuple[float, float], ...]:
        line = self._along_one_axis()
        found = [(a, b) for a in line for b in line]
        return tuple(sorted(found, key=lambda p: float(self.value(np.array(p[0]), np.array(p[1])))))

    def _along_one_axis(self) -> tuple[float, ...]:
        """Minima of one coordinate within the view: Newton's method from each even number."""
        found = []
        for even in range(-6, 7, 2):
            x = float(even)
            for _ in range(20):
                bend = 0.1 + math.pi**2 * self.depth * math.cos(math.pi * x)
                x -= (0.1 * x + math.pi * self.depth * math.sin(math.pi * x)) / bend if bend > 0 else 0.0
            if abs(x - even) < 1 and 0.1 + math.pi**2 * self.depth * math.cos(math.pi * x) > 0:
                slope = 0.1 * x + math.pi * self.depth * math.sin(math.pi * x)
                if abs(slope) < 1e-9:
                    found.append(0.0 if abs(x) < 1e-12 else x)
        return tuple(found)
