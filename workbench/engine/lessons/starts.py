"""Where balls start in a lesson, as functions of its seed."""

from __future__ import annotations

import math

import numpy as np

from workbench.engine.catalog.surfaces import Array
from workbench.engine.core.randomness import mixed

#: How far another seed moves a start: to between this share of its coordinates and the inverse.
_NEAREST = 0.8


def moved(start: tuple[float, float], seed: int) -> tuple[float, float]:
    """``start`` itself with seed 0; else each coordinate times a number from 0.8 to 1.25. What is 0 stays 0."""
    if seed == 0:
        return start
    numbers = np.random.Generator(np.random.PCG64(mixed("lesson start", seed)))
    x, y = _NEAREST ** numbers.uniform(-1, 1, 2)
    return float(start[0] * x), float(start[1] * y)


def around_the_minimum(count: int, seed: int, tilt: float = 0.0) -> Array:
    """The starts of the tilt table's protocol, shape (count, 2): from 0.3 to 1.5 away along either axis of the valley,
    on a random side, turned by ``tilt`` degrees with the valley. Seed 0 has those of the protocol.
    """
    numbers = np.random.default_rng(seed + 1)
    points = [numbers.uniform(0.3, 1.5, 2) * numbers.choice([-1.0, 1.0], 2) for _ in range(count)]
    cos, sin = math.cos(math.radians(tilt)), math.sin(math.radians(tilt))
    found: Array = np.array(points) @ np.array([[cos, sin], [-sin, cos]])
    return found
