"""Ensembles: the average of the predictions against the mean member."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np

from workbench.engine.core.text import grouped, percent
from workbench.engine.lessons.picture import Panel, Picture, Table, line
from workbench.engine.lessons.quantities.of_draws import OfDraws

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workbench.engine.core.events import EnsembleMeasured
    from workbench.engine.lessons.real_runs import RealRun


class EnsembleGain(OfDraws):
    """Accuracy of the average of the members' predictions minus the mean member's, in points; NaN for one network."""

    kind: ClassVar[str] = "ensemble_gain"
    title: ClassVar[str] = "Ensemble − mean member"
    summary: ClassVar[str] = (
        "The validation accuracy of the average of all members' predictions minus the mean of the members' own, after "
        "the last epoch; the mean over four draws of the training examples."
    )
    order: ClassVar[int] = 72
    unit: ClassVar[str] = "points"
    decimals: ClassVar[int | None] = 1
    draws: ClassVar[int] = 4

    def number(self, runs: Sequence[RealRun]) -> float:
        gains = [_gain(found[-1]) for found in map(_measured, self.of(runs, self.run)) if found]
        return float(np.mean(gains)) if gains else float("nan")

    def draw(self, runs: Sequence[RealRun]) -> Picture:
        found = [each for each in map(_measured, self.of(runs, self.run)) if each]
        common = min(map(len, found), default=0)
        epochs = list(range(common))
        averaged = [100 * float(np.mean([each[i].averaged.accuracy for each in found])) for i in epochs]
        member = [100 * float(np.mean([each[i].mean_member for each in found])) for i in epochs]
        lines = (line("Average of the predictions", epochs, averaged), line("Mean member", epochs, member))
        gain = line("", epochs, np.array(averaged) - np.array(member))
        of_draws = f"mean of {grouped(self.draws)} draws"
        accuracy = Panel(f"Validation accuracy, {of_draws}", "Epoch", "Accuracy in per cent", lines)
        lead = Panel(f"Ensemble − mean member, {of_draws}", "Epoch", "Points", (gain,), is_measured=True)
        return Picture((accuracy, lead), _table(runs))


def _measured(run: RealRun) -> list[EnsembleMeasured]:
    """The evaluations of the ensemble, after each epoch."""
    from workbench.engine.core.events import EnsembleMeasured

    return run.of(EnsembleMeasured)


def _gain(found: EnsembleMeasured) -> float:
    return 100 * (found.averaged.accuracy - found.mean_member)


def _table(runs: Sequence[RealRun]) -> Table:
    """A row for each draw that has ended."""
    rows = []
    for number, run in enumerate(runs, 1):
        found = _measured(run)
        if run.ended is not None and found:
            last = found[-1]
            texts = (percent(last.mean_member), percent(last.averaged.accuracy), f"{grouped(_gain(last), 1)}")
            rows.append((grouped(number), *texts))
    return Table(("Draw", "Mean member", "Ensemble", "Gain"), tuple(rows))
