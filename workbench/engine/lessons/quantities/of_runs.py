"""The bases of quantities that are a number of one of the lesson's runs, or of one against another."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from workbench.engine.catalog.knob import Knob
from workbench.engine.lessons.picture import Picture
from workbench.engine.lessons.quantities.base import Measuring, Quantity, Stage

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from workbench.engine.lessons.real_runs import RealRun
    from workbench.engine.training.run_context import RunContext

RunNumber = Annotated[int, Knob("Run", "Which of the runs, counted from 0.", low=0, high=9)]
Against = Annotated[int, Knob("Against", "The run with which it is compared, counted from 0.", low=0, high=9)]


class OfRun(Quantity):
    """Base of a number of one run: trains the lesson's runs beside each other, shows ``draw`` of them as they go."""

    needs: ClassVar[Literal["playground", "experiment", "curves"]] = "experiment"
    #: Whether ``look`` is called periodically during training.
    looks: ClassVar[bool] = False

    run: RunNumber = 0

    @property
    def needed_runs(self) -> int:
        return 1 + self.run

    def measure(self, stage: Stage) -> Measuring:
        from workbench.engine.lessons.real_runs import side_by_side

        runs = yield from side_by_side(stage, self.draw, self.look if self.looks else None)
        return self.number(runs)

    @abstractmethod
    def number(self, runs: Sequence[RealRun]) -> float:
        """The number, when all have ended."""

    def draw(self, runs: Sequence[RealRun]) -> Picture:
        """What there is to see of them so far: losses and validation accuracies."""
        from workbench.engine.lessons.run_panels import BEST, GAP, accuracy_panel, loss_panel, run_table

        return Picture((loss_panel(runs), accuracy_panel(runs)), run_table(runs, (BEST, GAP)))

    def look(self, run: RunContext) -> Mapping[str, float]:
        """Numbers that are read as a run goes on, into its ``looks``; it must not change the run."""
        return {}


class OfTwoRuns(OfRun):
    """Base of a number of one run against another."""

    against: Against = 1

    @property
    def needed_runs(self) -> int:
        return 1 + max(self.run, self.against)
