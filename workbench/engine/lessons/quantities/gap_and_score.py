"""The gap between training and validation, and the score that counts."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from workbench.engine.lessons.picture import Picture
from workbench.engine.lessons.quantities.of_runs import OfRun, OfTwoRuns

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workbench.engine.lessons.real_runs import RealRun


class ScoreOfLargerGap(OfTwoRuns):
    """The best validation accuracy of that of two runs whose gap is the larger, minus that of the other, in points."""

    kind: ClassVar[str] = "score_of_larger_gap"
    title: ClassVar[str] = "Lead of the run with the larger gap"
    summary: ClassVar[str] = (
        "Of two runs: the best validation accuracy of that whose gap at the end is the larger, minus that of the other."
    )
    order: ClassVar[int] = 61
    unit: ClassVar[str] = "points"
    decimals: ClassVar[int | None] = 1

    def number(self, runs: Sequence[RealRun]) -> float:
        from workbench.engine.lessons.real_runs import best_accuracy, gap

        small, large = sorted((runs[self.run], runs[self.against]), key=gap)
        return 100 * (best_accuracy(large) - best_accuracy(small))

    def draw(self, runs: Sequence[RealRun]) -> Picture:
        return _side_by_side(runs)


class GapAtEnd(OfRun):
    """Validation loss minus training loss, measured alike, at a run's last evaluation."""

    kind: ClassVar[str] = "gap_at_end"
    title: ClassVar[str] = "Gap at the end"
    summary: ClassVar[str] = "Validation loss minus training loss, both measured after the last epoch."
    order: ClassVar[int] = 62
    decimals: ClassVar[int | None] = 3

    def number(self, runs: Sequence[RealRun]) -> float:
        from workbench.engine.lessons.real_runs import gap

        return gap(runs[self.run])

    def draw(self, runs: Sequence[RealRun]) -> Picture:
        return _side_by_side(runs)


def _side_by_side(runs: Sequence[RealRun]) -> Picture:
    from workbench.engine.lessons.run_panels import BEST, GAP, accuracy_panel, gap_panel, run_table

    return Picture((gap_panel(runs), accuracy_panel(runs)), run_table(runs, (GAP, BEST)))
