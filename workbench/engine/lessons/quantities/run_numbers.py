"""Loss and score of a run at its end, and its steps to a target loss."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar

from workbench.engine.catalog.knob import Knob
from workbench.engine.core.text import grouped
from workbench.engine.lessons.picture import Picture
from workbench.engine.lessons.quantities.of_runs import OfRun, OfTwoRuns

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workbench.engine.lessons.real_runs import RealRun


class LossAtEnd(OfRun):
    """The mean training loss of a run's last steps; NaN if it has diverged to what is no number."""

    kind: ClassVar[str] = "loss_at_end"
    title: ClassVar[str] = "Training loss at the end"
    summary: ClassVar[str] = "The mean training loss of the last 50 steps."
    order: ClassVar[int] = 41
    decimals: ClassVar[int | None] = 3

    def number(self, runs: Sequence[RealRun]) -> float:
        from workbench.engine.lessons.real_runs import loss_at_end

        return loss_at_end(runs[self.run])


class BestScore(OfRun):
    """The best validation accuracy of a run, in per cent."""

    kind: ClassVar[str] = "best_score"
    title: ClassVar[str] = "Best validation accuracy"
    summary: ClassVar[str] = "The best validation accuracy of all epochs."
    order: ClassVar[int] = 42
    unit: ClassVar[str] = "%"
    decimals: ClassVar[int | None] = 1

    def number(self, runs: Sequence[RealRun]) -> float:
        from workbench.engine.lessons.real_runs import best_accuracy

        return 100 * best_accuracy(runs[self.run])


class ScoreLead(OfTwoRuns):
    """The best validation accuracy of a run minus that of another, in percentage points."""

    kind: ClassVar[str] = "score_lead"
    title: ClassVar[str] = "Lead in the best validation accuracy"
    summary: ClassVar[str] = "The best validation accuracy of one run minus that of another."
    order: ClassVar[int] = 43
    unit: ClassVar[str] = "points"
    decimals: ClassVar[int | None] = 1

    def number(self, runs: Sequence[RealRun]) -> float:
        from workbench.engine.lessons.real_runs import best_accuracy

        return 100 * (best_accuracy(runs[self.run]) - best_accuracy(runs[self.against]))


class StepsToLoss(OfTwoRuns):
    """Steps of one run to the target loss, divided by those of another; one that does not get there counts in full."""

    kind: ClassVar[str] = "steps_to_loss"
    title: ClassVar[str] = "Steps to the target loss, against the other run"
    summary: ClassVar[str] = (
        "The steps until the mean training loss of 20 steps is below the target, divided by those of another run. "
        "A run that does not get there counts with all of its steps."
    )
    order: ClassVar[int] = 40
    decimals: ClassVar[int | None] = 2

    target: Annotated[
        float, Knob("Target loss", "The mean loss of 20 steps that is to be reached.", low=1e-3, high=10)
    ] = 0.5

    def number(self, runs: Sequence[RealRun]) -> float:
        return self._steps(runs[self.run]) / self._steps(runs[self.against])

    def _steps(self, run: RealRun) -> int:
        found = self._found(run)
        return run.total if found is None else found

    def _found(self, run: RealRun) -> int | None:
        from workbench.engine.lessons.real_runs import steps_to
        from workbench.engine.lessons.run_panels import OVER

        return steps_to(run, self.target, OVER)

    def draw(self, runs: Sequence[RealRun]) -> Picture:
        from workbench.engine.lessons.run_panels import BEST, accuracy_panel, loss_panel, run_table

        table = run_table(runs, ((f"Steps to {grouped(self.target, 2)}", self._text), BEST))
        return Picture((loss_panel(runs, self.target), accuracy_panel(runs)), table)

    def _text(self, run: RealRun) -> str:
        found = self._found(run)
        return f"more than {grouped(run.steps.count)}" if found is None else grouped(found)
