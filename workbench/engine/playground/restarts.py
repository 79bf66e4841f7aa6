"""Random restarts: many balls from random points, and in which minimum each ends."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from workbench.engine.catalog.surfaces import Array
from workbench.engine.core.progress import Loading
from workbench.engine.core.randomness import mixed
from workbench.engine.playground.race import Race
from workbench.engine.playground.spec import PlaygroundSpec

BALLS = 50
#: A ball within this share of the view's size of a minimum has ended there.
NEAR = 0.02
_CHUNKS = 20


@dataclass(frozen=True)
class Restarts:
    """Where the balls of each racer end. ``starts`` (N, 2); ``ends`` (racers, N, 2); ``heights`` (racers, N).

    ``minimum`` (racers, N) is the index of the minimum of the surface that a ball is in, −1 for none, −2 for a
    lost ball.
    """

    starts: Array
    ends: Array
    heights: Array
    minimum: npt.NDArray[np.int64]


def random_starts(spec: PlaygroundSpec, balls: int = BALLS) -> Array:
    """Points spread evenly at random over the surface's view, shape (balls, 2); they follow from the seed alone."""
    view = spec.surface.view
    numbers = np.random.Generator(np.random.PCG64(mixed("playground restarts", spec.seed)))
    low, high = np.array([view.left, view.bottom]), np.array([view.right, view.top])
    found: Array = low + (high - low) * numbers.random((balls, 2))
    return found


def restarts(spec: PlaygroundSpec, balls: int = BALLS) -> Generator[Loading, None, Restarts]:
    """Race from ``balls`` random points to the end. Raises SpecError for a spec with problems."""
    starts = random_starts(spec, balls)
    race = Race(spec, starts)
    for done in range(_CHUNKS):
        yield Loading(done, _CHUNKS, "Balls are rolling from random points")
        race.advance(-(-spec.updates // _CHUNKS))
    trails = race.trails()
    ends = np.stack([trail.points[-1] for trail in trails])
    minimum = np.stack([np.where(t.lost >= 0, -2, _minimum_of(spec, t.points[-1])) for t in trails])
    return Restarts(starts, ends, np.stack([trail.heights[-1] for trail in trails]), minimum)


def _minimum_of(spec: PlaygroundSpec, points: Array) -> npt.NDArray[np.int64]:
    minima = np.array(spec.surface.minima())
    if not len(minima):
        return np.full(len(points), -1)
    away = np.linalg.norm(points[:, None] - minima[None], axis=-1)
    return np.where(away.min(axis=1) <= NEAR * spec.surface.view.size, away.argmin(axis=1), -1)
