"""Random passes at test time: how much they differ, and what their average is worth."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar

import numpy as np

from workbench.engine.catalog.knob import Knob
from workbench.engine.catalog.surfaces import Array
from workbench.engine.core.text import grouped, percent
from workbench.engine.lessons.picture import Frame, Panel, Picture, Table, line
from workbench.engine.lessons.quantities.base import Measuring, Stage
from workbench.engine.lessons.quantities.of_runs import OfRun

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workbench.engine.lessons.real_runs import RealRun


@dataclass(frozen=True, eq=False)
class Passes:
    """Class shares (P, N, K) of random passes over N examples, those (N, K) of the plain pass, and the classes (N,)."""

    shares: Array
    plain: Array
    labels: Array

    def accuracy(self, shares: Array) -> float:
        """The share of the examples that ``shares`` (N, K) are right about."""
        return float((shares.argmax(1) == self.labels).mean())

    @property
    def single(self) -> float:
        """The mean accuracy of one random pass."""
        return float(np.mean([self.accuracy(each) for each in self.shares]))

    @property
    def averages(self) -> list[float]:
        """The accuracy of the average of the first pass, of the first two, and so on."""
        sums = np.cumsum(self.shares, axis=0)
        return [self.accuracy(each) for each in sums]

    @property
    def spread(self) -> float:
        """How far the probability of a class varies from pass to pass.

        The largest standard deviation of an example's probabilities, a mean over the examples.
        """
        return float(self.shares.std(0).max(1).mean())


class OfPasses(OfRun):
    """Base of a number of random passes over the validation examples, with the network at the end of the run."""

    passes: Annotated[
        int, Knob("Random passes", "How many random passes are averaged.", low=2, high=200, scale="log")
    ] = 24

    def measure(self, stage: Stage) -> Measuring:
        from workbench.engine.lessons.real_runs import side_by_side

        runs = yield from side_by_side(stage, self.draw)
        run = runs[self.run]
        yield Frame(run.total, run.total, f"{grouped(self.passes)} random passes")
        found = self._made(run)
        yield Frame(run.total, run.total, "All passes are averaged", _picture(found))
        return self.of(found)

    @abstractmethod
    def of(self, found: Passes) -> float:
        """The number."""

    def number(self, runs: Sequence[RealRun]) -> float:
        return self.of(self._made(runs[self.run]))

    def _made(self, run: RealRun) -> Passes:
        from workbench.engine.lessons.passes import labels, plain_pass, random_passes

        return Passes(random_passes(run, self.passes), plain_pass(run), labels(run))


class GainOfAverage(OfPasses):
    """Accuracy of the average of random passes minus the mean accuracy of one, in points."""

    kind: ClassVar[str] = "gain_of_average"
    title: ClassVar[str] = "Average of random passes − one pass"
    summary: ClassVar[str] = (
        "The validation accuracy of the average of several random passes minus the mean accuracy of a single one."
    )
    order: ClassVar[int] = 76
    unit: ClassVar[str] = "points"
    decimals: ClassVar[int | None] = 1

    def of(self, found: Passes) -> float:
        return 100 * (found.averages[-1] - found.single)


class SpreadOfPasses(OfPasses):
    """How far the probability of a class varies from pass to pass."""

    kind: ClassVar[str] = "spread_of_passes"
    title: ClassVar[str] = "Spread over random passes"
    summary: ClassVar[str] = (
        "The standard deviation over random passes of the probability that varies most, a mean over the validation "
        "examples."
    )
    order: ClassVar[int] = 77
    decimals: ClassVar[int | None] = 3

    def of(self, found: Passes) -> float:
        return found.spread


def _picture(found: Passes) -> Picture:
    averages = found.averages
    counts = list(range(1, len(averages) + 1))
    ends = [1, len(averages)]
    lines = (
        line("Average of the passes", counts, [100 * each for each in averages]),
        line("One pass, on average", ends, [100 * found.single] * 2, "dashed"),
        line("Deterministic", ends, [100 * found.accuracy(found.plain)] * 2, "dashed"),
    )
    panel = Panel("Validation accuracy", "Random passes that are averaged", "Accuracy in per cent", lines, log_x=True)
    rows = (
        ("One random pass", percent(found.single)),
        (f"Average of {grouped(len(averages))}", percent(averages[-1])),
        ("Deterministic", percent(found.accuracy(found.plain))),
        ("Deviation of a probability", grouped(found.spread, 3)),
    )
    return Picture((panel,), Table(("Test time", ""), rows))
