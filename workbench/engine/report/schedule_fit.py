"""The formula that comes nearest to a curve drawn by hand, with its parameters."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from workbench.engine.catalog.schedules import Schedule
from workbench.engine.catalog.schedules.constant import Constant
from workbench.engine.catalog.schedules.decays import Cosine, Exponential, Linear, Milestones, OneOverT, StepDecay
from workbench.engine.catalog.schedules.hand_drawn import Drawn
from workbench.engine.catalog.schedules.one_cycle import OneCycle
from workbench.engine.catalog.schedules.restarts import CosineRestarts
from workbench.engine.catalog.settings import settings_of
from workbench.engine.core.text import grouped, short, significant

Floats = npt.NDArray[np.float64]

#: The number of positions in the run at which the curve is compared.
PLACES = 61
#: Equal intervals of step decay, and equal periods of a cosine, that are tried.
MOST_PARTS = 6
_GOLDEN = (math.sqrt(5.0) - 1.0) / 2.0


@dataclass(frozen=True, slots=True)
class Nearest:
    """A formula and its largest error, as a share of the curve's highest value."""

    schedule: Schedule
    off: float

    @property
    def words(self) -> str:
        """E.g. ``Cosine, final share 0.02``."""
        common = set(Schedule.model_fields)
        own = [setting for setting in settings_of(type(self.schedule)) if setting.name not in common]
        shown = [f"{s.knob.label.lower()} {_text(getattr(self.schedule, s.name))}" for s in own]
        return ", ".join([self.schedule.title, *shown])


def nearest(drawn: Drawn, total: int) -> Nearest:
    """The best fit among the closed forms for a run of ``total`` units (in which ``drawn`` counts, warm-up left out).

    The best fit has the smallest maximum difference. Ties go to the simpler formula, which comes first. The warm-up and
    the changes by hand of ``drawn`` are kept.
    """
    fit = _Fit(drawn, max(1, total))
    best: Nearest | None = None
    for schedule in fit.candidates():
        off = fit.off(schedule)
        if best is None or off < best.off * (1.0 - 1e-6):
            best = Nearest(schedule, off)
    assert best is not None  # the constant is always there
    kept = {name: getattr(drawn, name) for name in ("warmup", "warmup_from", "by_hand")}
    return Nearest(best.schedule.model_copy(update=kept), best.off)


class _Fit:
    """One curve at PLACES, and what fits it."""

    def __init__(self, drawn: Drawn, total: int) -> None:
        self._drawn, self._total = drawn, total
        self._k = sorted(set(np.linspace(0, total - 1, PLACES).round().astype(int).tolist()))
        self._curve = self._values(drawn)
        self._scale = float(self._curve.max())

    def _values(self, schedule: Schedule) -> Floats:
        return np.array([schedule.multiplier(k, self._total) for k in self._k])

    def off(self, schedule: Schedule) -> float:
        """The maximum difference divided by the curve's highest value."""
        return float(np.abs(self._values(schedule) - self._curve).max() / self._scale)

    def candidates(self) -> Iterator[Schedule]:
        """Each family at its best parameters, simple ones first."""
        per, total = self._drawn.per, self._total
        yield Constant(per=per)
        yield self._best(lambda final: Linear(per=per, final=final), 0.0, 1.0)
        yield self._best(lambda final: Cosine(per=per, final=final), 0.0, 1.0)
        # From a curve that is flat over the run to one that is gone after a hundredth of it.
        low, high = 1e-2 / total, min(100.0, 1e3 / total)
        yield self._best_log(lambda a: Exponential(per=per, a=a), low, high)
        yield self._best_log(lambda a: OneOverT(per=per, a=a), low, high)
        yield from self._steps()
        yield from self._milestones()
        yield from self._restarts()
        yield from self._cycles()

    def _steps(self) -> Iterator[Schedule]:
        for parts in range(2, MOST_PARTS + 1):
            drops = StepDecay(per=self._drawn.per, every=max(1, round(self._total / parts)))
            yield self._best_log(partial(_with, drops, "gamma"), 1e-3, 1.0)

    def _milestones(self) -> Iterator[Schedule]:
        """Where the drawn curve has steps itself: drops at its points, by their mean factor."""
        if self._drawn.between != "steps" or len(self._drawn.points) < 2:
            return
        factors = [factor for _, factor in self._drawn.points]
        gamma = math.exp(sum(math.log(b / a) for a, b in pairwise(factors)) / (len(factors) - 1))
        at = tuple(max(1, math.ceil(place * self._total - 1e-9)) for place, _ in self._drawn.points[1:])
        if 1e-6 <= gamma <= 1.0:
            yield Milestones(per=self._drawn.per, at=at, gamma=_rounded(gamma))

    def _restarts(self) -> Iterator[Schedule]:
        for parts in range(2, MOST_PARTS + 1):
            cosines = CosineRestarts(per=self._drawn.per, period=max(1, round(self._total / parts)), growth=1)
            yield self._best(partial(_with, cosines, "final"), 0.0, 1.0)

    def _cycles(self) -> Iterator[Schedule]:
        """The peak is where the curve is highest; the ends are its ends."""
        curve = self._curve
        top = int(curve.argmax())
        if not 0 < top < len(curve) - 1 or curve[0] > 1.0 or curve[-1] > curve[0]:
            return
        start, end = _rounded(1.0 / curve[0]), _rounded(curve[0] / curve[-1])
        peak = min(1.0, (self._k[top] + 1.0) / self._total)
        for shape in ("line", "cosine"):
            yield OneCycle(
                per=self._drawn.per,
                peak=_rounded(peak),
                start_division=min(1e6, max(1.0, start)),
                end_division=min(1e6, max(1.0, end)),
                shape=shape,
            )

    def _best_log(self, make: Callable[[float], Schedule], low: float, high: float) -> Schedule:
        return self._best(lambda power: make(_rounded(math.exp(power))), math.log(low), math.log(high), rounded=False)

    def _best(self, make: Callable[[float], Schedule], low: float, high: float, rounded: bool = True) -> Schedule:
        """The member with the smallest difference: a coarse grid, then golden sections around its best place."""

        def made(value: float) -> Schedule:
            return make(_rounded(value) if rounded else value)

        grid = np.linspace(low, high, 13).tolist()
        at = min(range(len(grid)), key=lambda i: self.off(made(grid[i])))
        left, right = grid[max(0, at - 1)], grid[min(len(grid) - 1, at + 1)]
        for _ in range(12):
            one, other = right - _GOLDEN * (right - left), left + _GOLDEN * (right - left)
            if self.off(made(one)) <= self.off(made(other)):
                right = other
            else:
                left = one
        return min((made(value) for value in (grid[at], left, (left + right) / 2.0, right)), key=self.off)


def _with(schedule: Schedule, name: str, value: float) -> Schedule:
    return schedule.model_copy(update={name: value})


def _rounded(value: float) -> float:
    """To three digits, as a person would write it."""
    return significant(value, 3)


def _text(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(_text, value))
    return short(value) if isinstance(value, float) else grouped(value) if isinstance(value, int) else str(value)
