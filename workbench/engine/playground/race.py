"""A race: every racer steps on the same surface from the same start, and its path is kept."""

from __future__ import annotations

import numpy as np

from workbench.engine.catalog.surfaces import Array
from workbench.engine.core.errors import SpecError
from workbench.engine.core.randomness import mixed
from workbench.engine.playground.racer import Racer, one_thread, rows
from workbench.engine.playground.spec import PlaygroundSpec
from workbench.engine.playground.trail import Trail

#: A ball this many times the view's size away from its middle is lost.
FAR = 1000.0
#: Updates whose noise is drawn at once; which ones belong together depends on nothing else.
_NOISE_BLOCK = 256
_FIRST_ROOM = 512


class Race:
    """The race of ``spec``; ``advance`` makes further updates, ``trails`` are the paths so far.

    ``starts`` (N, 2) are the starting points of N balls of each racer; without it there is one, at the spec's start.
    Raises SpecError for a spec with problems.
    """

    def __init__(self, spec: PlaygroundSpec, starts: Array | None = None) -> None:
        problems = spec.problems()
        if problems:
            raise SpecError(problems)
        self.spec = spec
        start = np.array([spec.start()]) if starts is None else np.asarray(starts, dtype=np.float64)
        count, self._balls = len(spec.racers), len(start)
        self._points = np.repeat(start[None], count, axis=0)
        self._gradients = rows(count, self._balls)
        self._racers = [Racer(o, self._points[i], self._gradients[i]) for i, o in enumerate(spec.racers)]
        self._log = [_Log(racer, self._balls) for racer in self._racers]
        self._last = self._points.copy()
        self._lost = np.full((count, self._balls), -1)
        view = spec.surface.view
        self._middle = np.array([(view.left + view.right) / 2, (view.bottom + view.top) / 2])
        self._far, self._all_there = FAR * view.size, True
        self._noise = np.zeros((0, self._balls, 2))
        self.updates = 0

    def advance(self, updates: int) -> None:
        """Make at most ``updates`` further updates; none beyond the length of the race."""
        with np.errstate(all="ignore"), one_thread():
            for _ in range(min(updates, self.spec.updates - self.updates)):
                self._update()

    def trails(self) -> tuple[Trail, ...]:
        """The paths so far, one for each racer; they do not change when the race goes on."""
        return tuple(
            Trail(
                racer.spec,
                self.spec.surface,
                racer.rule,
                log.points(self.updates, self._last[i]),
                log.gradients[: self.updates],
                log.rates[: self.updates],
                {name: log.memory[: self.updates, k] for k, name in enumerate(log.names)},
                self._lost[i].copy(),
            )
            for i, (racer, log) in enumerate(zip(self._racers, self._log, strict=True))
        )

    def _update(self) -> None:
        surface, at = self.spec.surface, self.updates
        self._gradients[..., 0], self._gradients[..., 1] = surface.gradient(self._points[..., 0], self._points[..., 1])
        if self.spec.noise:
            self._gradients += self._noise_at(at)
        factor = self.spec.schedule.factor(at, 1, self.spec.updates)
        for index, (racer, log) in enumerate(zip(self._racers, self._log, strict=True)):
            log.before(at, self._last[index], self._gradients[index], racer.spec.lr * factor, racer)
            if self._all_there or (self._lost[index] < 0).any():
                racer.step(factor)
            log.after(at, racer)
        self.updates += 1
        self._look_for_lost()

    def _look_for_lost(self) -> None:
        away = np.abs(self._points - self._middle).max(axis=-1)
        gone = ~(away <= self._far)
        if not gone.any() and self._all_there:
            self._last[...] = self._points
            return
        self._all_there = False
        self._lost[gone & (self._lost < 0)] = self.updates
        there = self._lost < 0
        self._last[there] = self._points[there]

    def _noise_at(self, update: int) -> Array:
        block, place = divmod(update, _NOISE_BLOCK)
        if place == 0 or not len(self._noise):
            bits = np.random.PCG64(mixed("playground noise", self.spec.seed, block))
            shape = (_NOISE_BLOCK, self._balls, 2)
            self._noise = self.spec.noise * np.random.Generator(bits).standard_normal(shape)
        found: Array = self._noise[place]
        return found


class _Log:
    """What is kept of one racer's updates, in arrays that grow."""

    def __init__(self, racer: Racer, balls: int) -> None:
        self.names = (*racer.memory_names, *racer.direction_names)
        self._before, self._after = racer.memory_names, racer.direction_names
        self._places = np.zeros((_FIRST_ROOM, balls, 2))
        self.gradients = np.zeros((_FIRST_ROOM, balls, 2))
        self.rates = np.zeros(_FIRST_ROOM)
        self.memory = np.zeros((_FIRST_ROOM, len(self.names), balls, 2))

    def before(self, update: int, points: Array, gradients: Array, rate: float, racer: Racer) -> None:
        if update == len(self.rates):
            self._grow()
        self._places[update], self.gradients[update], self.rates[update] = points, gradients, rate
        if self._before:
            racer.memory(self._before, self.memory[update, : len(self._before)])

    def after(self, update: int, racer: Racer) -> None:
        if self._after:
            racer.memory(self._after, self.memory[update, len(self._before) :])

    def points(self, updates: int, last: Array) -> Array:
        """All points with the last one, shape (updates + 1, balls, 2)."""
        found: Array = np.concatenate([self._places[:updates], last[None]])
        return found

    def _grow(self) -> None:
        # New arrays, so that trails that were given away keep theirs.
        self._places, self.gradients, self.rates, self.memory = (
            np.concatenate([part, np.zeros_like(part)])
            for part in (self._places, self.gradients, self.rates, self.memory)
        )
