"""A race: every racer steps on the same surface from the same start, and its path is kept."""

from __future__ import annotations

from collections.abc import Sequence

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
        self._log = _Log(self._racers, self._balls)
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
        log, until = self._log, self.updates
        return tuple(
            Trail(
                racer.spec,
                self.spec.surface,
                racer.rule,
                np.concatenate([log.places[:until, i], self._last[i][None]]),
                log.gradients[:until, i],
                log.rates[:until, i],
                log.memory_of(i, until),
                self._lost[i].copy(),
            )
            for i, racer in enumerate(self._racers)
        )

    def _update(self) -> None:
        surface, at = self.spec.surface, self.updates
        self._gradients[..., 0], self._gradients[..., 1] = surface.gradient(self._points[..., 0], self._points[..., 1])
        if self.spec.noise:
            self._gradients += self._noise_at(at)
        factor = self.spec.schedule.factor(at, 1, self.spec.updates)
        self._log.before(at, self._last, self._gradients, factor)
        for index, racer in enumerate(self._racers):
            if self._all_there or (self._lost[index] < 0).any():
                racer.step(factor)
        self._log.after(at)
        self.updates += 1
        self._look_for_lost()

    def _look_for_lost(self) -> None:
        away = np.abs(self._points - self._middle)
        if self._all_there and away.max() <= self._far:  # not so with a nan
            self._last[...] = self._points
            return
        gone = ~(away.max(axis=-1) <= self._far)
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
    """What is kept of every update, in arrays that grow: (updates, racers, balls, 2), rates (updates, racers).

    What an optimizer remembers has shape (updates, names, balls, 2), one array for each racer that remembers something.
    """

    def __init__(self, racers: Sequence[Racer], balls: int) -> None:
        self._racers = racers
        self._names = [(*racer.memory_names, *racer.direction_names) for racer in racers]
        self._rates = np.array([racer.spec.lr for racer in racers])
        self.places = np.zeros((_FIRST_ROOM, len(racers), balls, 2))
        self.gradients = np.zeros((_FIRST_ROOM, len(racers), balls, 2))
        self.rates = np.zeros((_FIRST_ROOM, len(racers)))
        self._memory = [np.zeros((_FIRST_ROOM, len(names), balls, 2)) for names in self._names]
        self._before = [(i, r.memory_names) for i, r in enumerate(racers) if r.memory_names]
        self._after = [(i, r.direction_names) for i, r in enumerate(racers) if r.direction_names]

    def before(self, update: int, points: Array, gradients: Array, factor: float) -> None:
        """Keep what goes into an update; ``factor`` is the schedule's."""
        if update == len(self.rates):
            self._grow()
        self.places[update], self.gradients[update], self.rates[update] = points, gradients, self._rates * factor
        for index, names in self._before:
            self._racers[index].memory(names, self._memory[index][update, : len(names)])

    def after(self, update: int) -> None:
        """Keep what the update has computed."""
        for index, names in self._after:
            self._racers[index].memory(names, self._memory[index][update, -len(names) :])

    def memory_of(self, racer: int, until: int) -> dict[str, Array]:
        """What a racer remembered, by name: shape (until, balls, 2)."""
        return {name: self._memory[racer][:until, k] for k, name in enumerate(self._names[racer])}

    def _grow(self) -> None:
        # New arrays, so that trails that were given away keep theirs.
        self.places, self.gradients, self.rates = map(_doubled, (self.places, self.gradients, self.rates))
        self._memory = [_doubled(part) for part in self._memory]


def _doubled(part: Array) -> Array:
    return np.concatenate([part, np.zeros_like(part)])
