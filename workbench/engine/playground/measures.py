"""What is counted on one racer's path: how soon it arrives, how far it goes, how often it swings."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from workbench.engine.catalog.surfaces import Array
from workbench.engine.playground.trail import Trail

#: A racer has arrived where the height above the lowest is this share of that at the start.
ARRIVED = 1e-4


@dataclass(frozen=True, slots=True)
class Measures:
    """Numbers of one ball's path so far.

    ``arrived``: updates until the height above the lowest is ``ARRIVED`` of that at the start, None if it is not.
    ``path``: length of the way. ``swings``: sign changes of the steps along the steep direction at the start.
    ``overshoot``: how far the ball went past the minimum where it is now nearest, along its way from the start, as a
    share of that way; 0 without a known minimum. ``first_step``: the longest coordinate of the first step ÷ its rate,
    None before it. ``height``: the last height. ``lost``: the update at which it left for infinity, None if it has not.
    """

    arrived: int | None
    path: float
    swings: int
    overshoot: float
    first_step: float | None
    height: float
    lost: int | None


def measures(trail: Trail, ball: int = 0, until: int | None = None) -> Measures:
    """The measures of one ball after ``until`` updates (all of them if None)."""
    end = trail.updates if until is None else min(until, trail.updates)
    points, heights = trail.points[: end + 1, ball], trail.heights[: end + 1, ball]
    lost = int(trail.lost[ball])
    return Measures(
        arrived=updates_to_arrive(trail, ball, end),
        path=float(path_lengths(points)[-1]),
        swings=int(swings(trail, ball)[end]),
        overshoot=overshoot(points, trail.surface.minima()),
        first_step=float(np.abs(trail.steps[0, ball]).max() / trail.rates[0]) if end else None,
        height=float(heights[-1]),
        lost=lost if 0 <= lost <= end else None,
    )


def updates_to_arrive(trail: Trail, ball: int = 0, until: int | None = None) -> int | None:
    """The first number of updates after which the ball has arrived; None if it has not."""
    lowest = trail.surface.lowest()
    above = trail.heights[: None if until is None else until + 1, ball] - lowest
    there = np.flatnonzero(above < ARRIVED * above[0])
    return int(there[0]) if len(there) else None


def path_lengths(points: Array) -> Array:
    """The length of the way to each of ``points`` (T + 1, 2): shape (T + 1,)."""
    lengths = np.linalg.norm(np.diff(points, axis=0), axis=1)
    return np.concatenate([[0.0], np.cumsum(lengths)])


def swings(trail: Trail, ball: int = 0) -> np.ndarray:
    """Sign changes of the steps along the steep direction so far, shape (T + 1,); steps of length 0 do not count."""
    direction = trail.surface.steep_direction(*trail.points[0, ball])
    signs = np.sign(trail.steps[:, ball] @ direction)
    changed = np.zeros(len(signs) + 1, dtype=int)
    places = np.flatnonzero(signs)
    changed[places[1:] + 1] = signs[places[1:]] != signs[places[:-1]]
    return np.cumsum(changed)


def overshoot(points: Array, minima: tuple[tuple[float, float], ...]) -> float:
    """How far ``points`` (T + 1, 2) go past the minimum nearest to the last of them, as a share of the first way to it.

    Measured along the line from the start to that minimum; 0 without a minimum, or where the ball starts at it.
    """
    if not minima:
        return 0.0
    target = min((np.array(m) for m in minima), key=lambda m: float(np.linalg.norm(points[-1] - m)))
    way = target - points[0]
    length = float(np.linalg.norm(way))
    if not length:
        return 0.0
    beyond = (points - target) @ (way / length)
    return max(0.0, float(beyond.max()) / length)
