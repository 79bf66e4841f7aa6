"""Decays of the learning rate: their formulas, and what a drop does to the loss."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final

import numpy as np

from workbench.engine.catalog.knob import Knob
from workbench.engine.core.text import grouped
from workbench.engine.lessons.picture import Panel, Picture, line
from workbench.engine.lessons.quantities.of_runs import OfRun, OfTwoRuns

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from workbench.engine.lessons.real_runs import RealRun

After = Annotated[
    int,
    Knob("After epoch", "The loss behind this epoch is compared with that before it.", unit="epochs", low=1, high=50),
]
#: Steps over which a noisy loss is averaged in the picture.
OVER: Final = 60
#: The lecture's formulas: the share of the first rate after k epochs, written out again for comparison.
_FORMULAS: Final[dict[str, Callable[[Any, int], float]]] = {
    "constant": lambda schedule, k: 1.0,
    "step": lambda schedule, k: schedule.gamma ** math.floor(k / schedule.every),
    "exponential": lambda schedule, k: math.exp(-schedule.a * k),
    "one_over_t": lambda schedule, k: 1 / (1 + schedule.a * k),
}


class LossBehindDrop(OfRun):
    """The mean loss of the steps behind an epoch, divided by that of as many steps before."""

    kind: ClassVar[str] = "loss_behind_drop"
    title: ClassVar[str] = "Loss behind the drop ÷ loss before it"
    summary: ClassVar[str] = (
        "The mean training loss of all steps behind an epoch, divided by that of as many steps before its end."
    )
    order: ClassVar[int] = 55
    decimals: ClassVar[int | None] = 2

    after: After = 4

    def number(self, runs: Sequence[RealRun]) -> float:
        return drop(runs[self.run], self.after)

    def draw(self, runs: Sequence[RealRun]) -> Picture:
        return decays(runs, self.after)


class LossAgainst(OfTwoRuns):
    """The mean loss of a run behind an epoch, divided by that of another run at the same steps."""

    kind: ClassVar[str] = "loss_against"
    title: ClassVar[str] = "Loss behind the drop, against the other run"
    summary: ClassVar[str] = (
        "The mean training loss of all steps behind an epoch, divided by that of another run at the same steps."
    )
    order: ClassVar[int] = 56
    decimals: ClassVar[int | None] = 2

    after: After = 4

    def number(self, runs: Sequence[RealRun]) -> float:
        own, other = (_means(runs[place], self.after)[1] for place in (self.run, self.against))
        return own / other

    def draw(self, runs: Sequence[RealRun]) -> Picture:
        return decays(runs, self.after)


class FormulaError(OfRun):
    """The largest relative difference between the rates of all runs and the formulas of their schedules."""

    kind: ClassVar[str] = "formula_error"
    title: ClassVar[str] = "Largest difference from the formulas"
    summary: ClassVar[str] = (
        "The largest relative difference between the rate of a step and lr · gamma^⌊k / every⌋, lr · exp(−a·k) or "
        "lr / (1 + a·k), over all steps of all runs."
    )
    order: ClassVar[int] = 57

    def number(self, runs: Sequence[RealRun]) -> float:
        return max(map(_error, runs))

    def draw(self, runs: Sequence[RealRun]) -> Picture:
        return decays(runs)


def drop(run: RealRun, after: int) -> float:
    """The mean loss behind the epoch ``after``, divided by that of as many steps before; NaN if there are none."""
    before, behind = _means(run, after)
    return behind / before


def _means(run: RealRun, after: int) -> tuple[float, float]:
    losses, at = run.column("loss"), after * run.context.batches.per_epoch
    behind = losses[at:]
    before = losses[max(0, at - len(behind)) : at]
    return (float(before.mean()), float(behind.mean())) if len(behind) else (math.nan, math.nan)


def decays(runs: Sequence[RealRun], after: int | None = None) -> Picture:
    """The losses and the rates of all runs, and the mean losses around the epoch ``after``."""
    from workbench.engine.lessons.run_panels import BEST, loss_panel, run_table

    rates = tuple(line(run.name, np.arange(1, run.steps.count + 1), run.column("lr")) for run in runs)
    panels = (loss_panel(runs, over=OVER), Panel("Learning rate", "Step", "Learning rate", rates, log_y=True))
    cells = () if after is None else (("Loss before", _mean(after, 0)), ("Behind", _mean(after, 1)))
    return Picture(panels, run_table(runs, (*cells, BEST)))


def _mean(after: int, side: int) -> Callable[[RealRun], str]:
    return lambda run: grouped(_means(run, after)[side], 2)


def _error(run: RealRun) -> float:
    schedule, per_epoch = run.spec.schedule, run.context.batches.per_epoch
    formula = _FORMULAS.get(schedule.kind)
    if formula is None:
        return math.nan
    rates = run.column("lr")
    units = [step // per_epoch if schedule.per == "epoch" else step for step in range(len(rates))]
    wanted = np.array([run.spec.optimizer.lr * formula(schedule, k) for k in units])
    return float(np.abs(rates / wanted - 1).max())
