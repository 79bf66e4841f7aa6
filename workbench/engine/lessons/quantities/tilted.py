"""What a tilt of the valley costs a rule that scales each coordinate by itself."""

from __future__ import annotations

from functools import lru_cache
from typing import ClassVar, Final

import numpy as np

from workbench.engine.catalog.optimizers import Optimizer
from workbench.engine.catalog.surfaces.bowl import Bowl
from workbench.engine.core.progress import finished
from workbench.engine.core.text import grouped
from workbench.engine.lessons.picture import Frame, Picture, Table
from workbench.engine.lessons.quantities.base import Measuring, Quantity, Stage
from workbench.engine.lessons.quantities.saddles import Racer
from workbench.engine.lessons.racing import names
from workbench.engine.lessons.starts import around_the_minimum
from workbench.engine.playground.spec import PlaygroundSpec

#: Of the 136 rates of the tilt table every ninth is tried, then every third around the best of them.
COARSE, FINE, AROUND = 9, 3, 6
#: A quarter of its starts.
BALLS: Final = 16


class TiltCost(Quantity):
    """Mean updates at the best rate in the tilted bowl, divided by those in the upright one; NaN without a bowl."""

    kind: ClassVar[str] = "tilt_cost"
    title: ClassVar[str] = "Updates in the tilted valley against the upright one"
    summary: ClassVar[str] = (
        "How many times as many updates the optimizer needs in the tilted bowl as in the upright one, each at its best "
        "learning rate, as a mean over several starts: 1 where the tilt costs nothing."
    )
    order: ClassVar[int] = 19
    decimals: ClassVar[int | None] = 2

    racer: Racer = 0

    def measure(self, stage: Stage) -> Measuring:
        surface = stage.race.surface
        if not isinstance(surface, Bowl):
            return float("nan")
        tilts, racers, titles = (0.0, surface.tilt), stage.race.racers, names(stage.race)
        found: list[list[float]] = [[] for _ in racers]
        for place, racer in enumerate(racers):
            for tilt in tilts:
                yield Frame(
                    sum(map(len, found)),
                    2 * len(racers),
                    f"{racer.title}: its best rate",
                    _picture(titles, tilts, found),
                )
                found[place].append(fewest(racer, surface.condition, tilt, stage.seed))
        yield Frame(2 * len(racers), 2 * len(racers), "All have rolled", _picture(titles, tilts, found))
        upright, tilted = found[self.racer]
        return tilted / upright


@lru_cache(maxsize=128)
def fewest(racer: Optimizer, condition: float, tilt: float, seed: int) -> float:
    """Mean updates of ``racer`` at the best of the rates."""
    from workbench.engine.playground.rates import RATES, rate_band

    spec = PlaygroundSpec(surface=Bowl(condition=condition, tilt=tilt))
    starts = around_the_minimum(BALLS, seed, tilt)
    coarse = finished(rate_band(spec, racer, RATES[::COARSE], starts))
    best = int(np.argmin(coarse.updates)) * COARSE
    near = RATES[max(0, best - AROUND) : best + AROUND + 1 : FINE]
    return min(coarse.fewest, finished(rate_band(spec, racer, near, starts)).fewest)


def _picture(titles: tuple[str, ...], tilts: tuple[float, float], found: list[list[float]]) -> Picture:
    rows = tuple(
        (title, *(grouped(own[i], 1) if i < len(own) else "…" for i in range(len(tilts))))
        for title, own in zip(titles, found, strict=True)
    )
    return Picture((), Table(("Updates at the best rate", *(f"{grouped(tilt)}°" for tilt in tilts)), rows))
