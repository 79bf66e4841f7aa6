"""How many steps a run takes to a target loss, against another run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from workbench.engine.catalog.knob import Knob
from workbench.engine.core.text import grouped
from workbench.engine.lessons.picture import Picture
from workbench.engine.lessons.quantities.base import Measuring, Quantity, Stage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workbench.engine.lessons.real_runs import RealRun

#: Which of the lesson's runs, the first one has the number 0.
RunNumber = Annotated[int, Knob("Run", "Which of the runs, counted from 0.", low=0, high=9)]


class StepsToLoss(Quantity):
    """Steps of one run to the target loss, divided by those of another; one that does not get there counts in full."""

    kind: ClassVar[str] = "steps_to_loss"
    title: ClassVar[str] = "Steps to the target loss, against the other run"
    summary: ClassVar[str] = (
        "The steps until the mean training loss of 20 steps is below the target, divided by those of another run. "
        "A run that does not get there counts with all of its steps."
    )
    order: ClassVar[int] = 40
    decimals: ClassVar[int | None] = 2
    needs: ClassVar[Literal["playground", "experiment", "curves"]] = "experiment"

    target: Annotated[
        float, Knob("Target loss", "The mean loss of 20 steps that is to be reached.", low=1e-3, high=10)
    ] = 0.5
    run: RunNumber = 0
    against: RunNumber = 1

    @property
    def needed_runs(self) -> int:
        return 1 + max(self.run, self.against)

    def measure(self, stage: Stage) -> Measuring:
        from workbench.engine.lessons.real_runs import side_by_side

        runs = yield from side_by_side(stage, self._picture)
        return self._steps(runs[self.run]) / self._steps(runs[self.against])

    def _steps(self, run: RealRun) -> int:
        from workbench.engine.lessons.real_runs import steps_to
        from workbench.engine.lessons.run_panels import OVER

        found = steps_to(run, self.target, OVER)
        return run.total if found is None else found

    def _picture(self, runs: Sequence[RealRun]) -> Picture:
        from workbench.engine.lessons.run_panels import BEST, loss_panel, run_table

        return Picture((loss_panel(runs, self.target),), run_table(runs, (("Steps", self._text), BEST)))

    def _text(self, run: RealRun) -> str:
        from workbench.engine.lessons.real_runs import steps_to
        from workbench.engine.lessons.run_panels import OVER

        found = steps_to(run, self.target, OVER)
        return f"more than {grouped(run.steps.count)}" if found is None else grouped(found)
