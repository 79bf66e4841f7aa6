"""What dropping units or weights does to a run: the gap, the steps, and the expectation that is kept at test time."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from workbench.engine.lessons.picture import Picture
from workbench.engine.lessons.quantities.of_runs import OfRun, OfTwoRuns

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workbench.engine.lessons.real_runs import RealRun

#: Random passes over which an activation is averaged.
PASSES: Final = 200


class GapAgainst(OfTwoRuns):
    """The gap of one run at its end, divided by that of another."""

    kind: ClassVar[str] = "gap_against"
    title: ClassVar[str] = "Gap, against the other run"
    summary: ClassVar[str] = (
        "Validation loss minus training loss after the last epoch, both measured without dropping, divided by that of "
        "another run."
    )
    order: ClassVar[int] = 78
    decimals: ClassVar[int | None] = 2

    def number(self, runs: Sequence[RealRun]) -> float:
        from workbench.engine.lessons.real_runs import gap

        return gap(runs[self.run]) / gap(runs[self.against])

    def draw(self, runs: Sequence[RealRun]) -> Picture:
        from workbench.engine.lessons.run_panels import BEST, GAP, gap_panel, loss_panel, run_table

        return Picture((gap_panel(runs), loss_panel(runs)), run_table(runs, (GAP, BEST)))


class ActivationKept(OfRun):
    """What comes out of the first random layer in training, a mean over many passes, ÷ in evaluation; NaN without one.

    The run is the one that has such a layer; inverted dropout keeps the expectation, so that it is 1.
    """

    kind: ClassVar[str] = "activation_kept"
    title: ClassVar[str] = "Mean activation in training ÷ at test time"
    summary: ClassVar[str] = (
        "What comes out of the first random layer as a mean over 200 random passes, as a multiple of what comes out "
        "with nothing dropped: the least squares factor over all units and 256 training examples."
    )
    order: ClassVar[int] = 79
    decimals: ClassVar[int | None] = 3

    def number(self, runs: Sequence[RealRun]) -> float:
        from workbench.engine.lessons.passes import kept_share

        return kept_share(runs[self.run], PASSES)
