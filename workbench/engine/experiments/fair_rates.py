"""A fair learning rate for each of several settings: short runs at the same rates, with the same number of steps."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from workbench.engine.catalog.datasets import Dataset
from workbench.engine.core.errors import Problem, SpecError
from workbench.engine.core.progress import Job, Loading
from workbench.engine.core.text import aligned, counted, grouped, short
from workbench.engine.data.store import DataStore
from workbench.engine.spec.experiment import ExperimentSpec

if TYPE_CHECKING:
    from workbench.engine.training.run_context import RunContext

#: A rate is in the band if its loss has fallen at least this share as far as that of the best rate.
IN_BAND: Final = 0.9
#: The loss of a rate is the mean over this share of its steps, the last ones.
_LAST: Final = 0.25


@dataclass(frozen=True, slots=True)
class FairTest:
    """``rates`` rates from ``low`` to ``high``, each the one before times the same factor; each is trained for
    ``steps`` steps from the weights of each of ``seeds`` seeds."""

    low: float = 1e-4
    high: float = 10.0
    rates: int = 11
    steps: int = 40
    seeds: int = 2

    def __post_init__(self) -> None:
        is_range = 0.0 < self.low < self.high < math.inf
        if not (is_range and 2 <= self.rates <= 100 and 4 <= self.steps <= 10_000 and 1 <= self.seeds <= 20):
            raise SpecError([Problem("", "A fair test needs rates from low to high, at least 4 steps and one seed.")])

    @property
    def grid(self) -> tuple[float, ...]:
        """The rates, from low to high."""
        return tuple(float(rate) for rate in np.geomspace(self.low, self.high, self.rates))

    @property
    def words(self) -> str:
        """The budget in words, the same for all."""
        return f"{self.rates} rates, {counted(self.steps, 'step')} each, {counted(self.seeds, 'seed')}"


@dataclass(frozen=True, slots=True)
class FairRate:
    """What the test found for the settings called ``name``: ``losses`` (nats) at each of ``rates``, the mean over the
    seeds, infinite where one diverged; ``start`` is the loss before the first step."""

    name: str
    rates: tuple[float, ...]
    losses: tuple[float, ...]
    start: float

    @property
    def best(self) -> float | None:
        """The rate with the lowest loss; None where no rate has lowered it."""
        lowest = min(self.losses)
        return self.rates[self.losses.index(lowest)] if lowest < self.start else None

    @property
    def band(self) -> tuple[float, float] | None:
        """The lowest and the highest rate about the best that are nearly as good, see ``IN_BAND``."""
        if self.best is None:
            return None
        at = self.rates.index(self.best)
        limit = self.start - IN_BAND * (self.start - self.losses[at])
        low = high = at
        while low > 0 and self.losses[low - 1] <= limit:
            low -= 1
        while high < len(self.rates) - 1 and self.losses[high + 1] <= limit:
            high += 1
        return self.rates[low], self.rates[high]

    @property
    def is_at_edge(self) -> bool:
        """Whether the best rate is the lowest or the highest that was tried: a better one may lie beyond."""
        return self.best in (self.rates[0], self.rates[-1])

    @property
    def words(self) -> str:
        """The best rate and the band in a sentence."""
        if self.best is None or self.band is None:
            return "No rate has lowered the loss."
        low, high = (short(each, 2) for each in self.band)
        edge = " It is the last rate that was tried: a better one may lie beyond." if self.is_at_edge else ""
        return f"Rate {short(self.best, 2)}, nearly as good from {low} to {high}.{edge}"


def fair_rates(
    settings: Sequence[tuple[str, ExperimentSpec]], data: DataStore, test: FairTest | None = None
) -> Job[tuple[FairRate, ...]]:
    """Try all rates with each of ``settings`` (name, spec) on throw-away copies. Yields progress.

    All rates of one seed begin with the same weights and see the same batches. Schedules are left out. Raises
    WorkbenchError if one cannot be trained.
    """
    test = test or FairTest()
    found = []
    total = len(settings) * test.rates * test.seeds
    with data.reader():
        for at, (name, spec) in enumerate(settings):
            dataset = yield from data.loading(spec.data.source)
            losses = np.zeros((test.seeds, test.rates))
            starts = []
            first: RunContext | None = None
            for number, (seed, rate) in enumerate(_pairs(test)):
                words = f"{name}: rate {short(test.grid[rate], 2)}"
                yield Loading(at * test.rates * test.seeds + number, total, words)
                copy = _copy(spec, seed, first, dataset)
                first = first or copy
                begin, losses[seed, rate] = _trained(copy, test.grid[rate], test.steps)
                starts.append(begin)
            found.append(FairRate(name, test.grid, tuple(losses.mean(0).tolist()), float(np.mean(starts))))
    return tuple(found)


def _pairs(test: FairTest) -> Iterator[tuple[int, int]]:
    return ((seed, rate) for seed in range(test.seeds) for rate in range(test.rates))


def _copy(spec: ExperimentSpec, seed: int, like: RunContext | None, dataset: Dataset) -> RunContext:
    """A network of ``spec`` at its start, of an ensemble the first member's; ``seed`` is added to its own."""
    from workbench.engine.training.set_up import set_up

    own = spec.ensemble.members_of(spec)[0]
    own = own.edited("loop.seed", own.loop.seed + seed).edited("loop.diagnostics", 0)
    return set_up(own, like=like, dataset=dataset)


def _trained(run: RunContext, rate: float, steps: int) -> tuple[float, float]:
    """The loss before the first of ``steps`` steps at ``rate``, and the mean over the last ones; infinite where it
    diverged."""
    from workbench.engine.training.practice import practice_step

    losses = []
    for _ in range(steps):
        result = practice_step(run, rate)
        losses.append(result.loss)
        if not result.finite:
            return losses[0], math.inf
    last = losses[-max(1, round(_LAST * steps)) :]
    return losses[0], sum(last) / len(last)


def table(found: Sequence[FairRate], test: FairTest) -> str:
    """What was found as text, a line for each."""
    rows = [("racer", "fair rate", "nearly as good", "loss there")]
    for each in found:
        if each.best is None or each.band is None:
            rows.append((each.name, "–", "–", "no rate has lowered it"))
            continue
        band = " to ".join(short(rate, 2) for rate in each.band)
        rows.append((each.name, short(each.best, 2), band, grouped(min(each.losses), 3)))
    return "\n".join([*aligned(rows), f"Equal budget: {test.words}."])
