"""The best learning rate of each racer on a surface, and how it does over a band of rates."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from workbench.engine.catalog.optimizers import Optimizer
from workbench.engine.catalog.surfaces import Array
from workbench.engine.core.progress import Loading
from workbench.engine.playground.measures import ARRIVED
from workbench.engine.playground.race import Race
from workbench.engine.playground.spec import PlaygroundSpec

#: The rates that are tried: of the protocol of the tilt table, 136 from 10^−3.5 to 10.
RATES: npt.NDArray[np.float64] = 10 ** np.linspace(-3.5, 1, 136)
#: For a quick look: every fifth of them.
QUICK = RATES[::5]
#: What a ball counts that has not arrived within the race.
NOT_ARRIVED = 3000.0
#: Updates between two looks at whether all have arrived.
_CHUNK = 20


@dataclass(frozen=True)
class RateBand:
    """``updates`` (rates,): mean number of updates until the balls arrive, ``NOT_ARRIVED`` for each that does not.

    ``best`` is the rate with the fewest.
    """

    optimizer: Optimizer
    rates: npt.NDArray[np.float64]
    updates: npt.NDArray[np.float64]

    @property
    def best(self) -> float:
        """The rate with the fewest updates."""
        return float(self.rates[int(np.argmin(self.updates))])

    @property
    def fewest(self) -> float:
        """The mean number of updates at the best rate."""
        return float(self.updates.min())


def rate_band(
    spec: PlaygroundSpec, optimizer: Optimizer, rates: npt.NDArray[np.float64] = RATES, starts: Array | None = None
) -> Generator[Loading, None, RateBand]:
    """Race ``optimizer`` at every one of ``rates`` on the surface of ``spec``, each from ``starts`` (N, 2)."""
    found = []
    for number, rate in enumerate(rates):
        yield Loading(number, len(rates), f"{optimizer.title}: trying learning rates")
        alone = spec.edited("racers", (optimizer.model_copy(update={"lr": float(rate)}),))
        found.append(float(np.mean(arrivals(alone, starts))))
    return RateBand(optimizer, rates, np.array(found))


def arrivals(spec: PlaygroundSpec, starts: Array | None = None) -> npt.NDArray[np.float64]:
    """For each ball of the one racer of ``spec``: updates until it arrives, ``NOT_ARRIVED`` if it does not; (N,)."""
    race = Race(spec, starts)
    lowest = spec.surface.lowest()
    while True:
        race.advance(_CHUNK)
        trail = race.trails()[0]
        above = trail.heights - lowest
        there = above < ARRIVED * above[0]
        has_arrived, is_lost = there.any(axis=0), trail.lost >= 0
        if (has_arrived | is_lost).all() or race.updates == spec.updates:
            return np.where(has_arrived, there.argmax(axis=0), NOT_ARRIVED).astype(np.float64)
