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
    ``path``: length of the path. ``swings``: sign changes of the steps along the steep direction at the start.
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
    counted, lost = _counted(trail, ball), int(trail.lost[ball])
    is_there = counted.arrived is not None and counted.arrived <= end
    return Measures(
        arrived=counted.arrived if is_there else None,
        path=float(counted.paths[end]),
        swings=int(counted.swings[end]),
        overshoot=counted.overshoot(end),
        first_step=float(np.abs(trail.steps[0, ball]).max() / trail.rates[0]) if end else None,
        height=float(trail.heights[end, ball]),
        lost=lost if 0 <= lost <= end else None,
    )


class _Counted:
    """What is counted along the path of one ball, at all of its updates."""

    def __init__(self, trail: Trail, ball: int) -> None:
        self._points = trail.points[:, ball]
        self._minima = [np.array(each) for each in trail.surface.minima()]
        self._beyond: dict[int, Array] = {}
        self.paths = path_lengths(self._points)
        self.swings = swings(trail, ball)
        above = trail.heights[:, ball] - trail.surface.lowest()
        there = np.flatnonzero(above < ARRIVED * above[0])
        self.arrived = int(there[0]) if len(there) else None

    def overshoot(self, end: int) -> float:
        """How far the ball has gone past the minimum nearest to it at ``end``, as a share of the first way to it.

        Measured along the line from the start to that minimum; 0 without a minimum, or where the ball starts at it.
        """
        if not self._minima:
            return 0.0
        away = [float(np.linalg.norm(self._points[end] - each)) for each in self._minima]
        nearest = int(np.argmin(away))
        if nearest not in self._beyond:
            self._beyond[nearest] = self._farthest_beyond(self._minima[nearest])
        return float(self._beyond[nearest][end])

    def _farthest_beyond(self, minimum: Array) -> Array:
        way = minimum - self._points[0]
        length = float(np.linalg.norm(way))
        if not length:
            return np.zeros(len(self._points))
        beyond = (self._points - minimum) @ (way / length)
        found: Array = np.maximum.accumulate(np.maximum(beyond, 0.0)) / length
        return found


def _counted(trail: Trail, ball: int) -> _Counted:
    if ball not in trail.counted:
        trail.counted[ball] = _Counted(trail, ball)
    found: _Counted = trail.counted[ball]
    return found


def work_out(trail: Trail, ball: int = 0) -> None:
    """Work out at once what measures and strips read from a path: it is kept with the trail."""
    _counted(trail, ball)
    _ = trail.effective_rates, trail.velocities


def path_lengths(points: Array) -> Array:
    """The length of the path up to each of ``points`` (T + 1, 2): shape (T + 1,)."""
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
