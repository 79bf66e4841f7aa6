"""The base of quantities that are a mean over several draws: where one run's number depends much on its seed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from workbench.engine.lessons.picture import Frame, Picture
from workbench.engine.lessons.quantities.base import Measuring, NamedSpec, Stage
from workbench.engine.lessons.quantities.of_runs import Against, OfRun
from workbench.engine.lessons.run_cache import seeded

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from workbench.engine.lessons.real_runs import RealRun

#: The seeds of a run are below this.
_SEEDS = 2**31


class OfDraws(OfRun):
    """Trains each of the lesson's runs with several seeds, all beside each other; the runs of one name are draws.

    ``number`` and ``draw`` get all of them: first the draws of the first run, then those of the next one.
    """

    draws: ClassVar[int] = 3

    def measure(self, stage: Stage) -> Measuring:
        runs = yield from self.trained(stage)
        return self.number(runs)

    def trained(self, stage: Stage) -> Generator[Frame, None, tuple[RealRun, ...]]:
        """All draws of all runs, trained to their ends."""
        from workbench.engine.lessons.real_runs import side_by_side

        runs = tuple(drawn(stage, self.draws))
        return (yield from side_by_side(replace(stage, runs=runs), self.draw, self.look if self.looks else None))

    def of(self, runs: Sequence[RealRun], place: int) -> Sequence[RealRun]:
        """The draws of one run."""
        return runs[place * self.draws : (place + 1) * self.draws]

    def ways(self, runs: Sequence[RealRun]) -> list[Sequence[RealRun]]:
        """The draws of each run."""
        return [self.of(runs, place) for place in range(len(runs) // self.draws)]

    def draw(self, runs: Sequence[RealRun]) -> Picture:
        from workbench.engine.lessons.draw_panels import gap_panel, score_panel, way_table

        ways = self.ways(runs)
        return Picture((gap_panel(ways), score_panel(ways)), way_table(ways))


def drawn(stage: Stage, draws: int) -> list[NamedSpec]:
    """The runs of ``stage``, each with as many seeds, which are other ones for another seed of the stage."""
    seeds = [(stage.seed * draws + draw) % _SEEDS for draw in range(draws)]
    return [NamedSpec(named.name, seeded(named.spec, seed)) for named in stage.runs for seed in seeds]


class OfTwoDraws(OfDraws):
    """Base of a number of the draws of one run against those of another."""

    against: Against = 1

    @property
    def needed_runs(self) -> int:
        return 1 + max(self.run, self.against)


class GapRatio(OfTwoDraws):
    """The mean gap of the last epochs of one run, divided by that of another."""

    kind: ClassVar[str] = "gap_ratio"
    title: ClassVar[str] = "Gap, against the other run"
    summary: ClassVar[str] = (
        "Validation loss minus training loss, both measured with nothing dropped, as a mean over the last ten epochs "
        "of three draws, divided by that of another run."
    )
    order: ClassVar[int] = 70
    decimals: ClassVar[int | None] = 2

    def number(self, runs: Sequence[RealRun]) -> float:
        from workbench.engine.lessons.draw_panels import mean_gap

        return mean_gap(self.of(runs, self.run)) / mean_gap(self.of(runs, self.against))


class MeanScoreLead(OfTwoDraws):
    """The mean best validation accuracy of one run minus that of another, in points."""

    kind: ClassVar[str] = "mean_score_lead"
    title: ClassVar[str] = "Lead in the best validation accuracy"
    summary: ClassVar[str] = (
        "The best validation accuracy of one run minus that of another, as a mean over three draws of the examples."
    )
    order: ClassVar[int] = 71
    unit: ClassVar[str] = "points"
    decimals: ClassVar[int | None] = 1

    def number(self, runs: Sequence[RealRun]) -> float:
        from workbench.engine.lessons.draw_panels import mean_best

        return 100 * (mean_best(self.of(runs, self.run)) - mean_best(self.of(runs, self.against)))
