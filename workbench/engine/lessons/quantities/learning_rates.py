"""The same run at several learning rates: slow, good, stuck, diverged."""

from __future__ import annotations

import math
from abc import abstractmethod
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, ClassVar

from workbench.engine.catalog.knob import Knob
from workbench.engine.catalog.variant import AsTuple
from workbench.engine.core.text import grouped, percent, short
from workbench.engine.lessons.picture import Picture, Table
from workbench.engine.lessons.quantities.base import Measuring, NamedSpec, Stage
from workbench.engine.lessons.quantities.of_runs import OfRun

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workbench.engine.lessons.real_runs import RealRun


class AtRates(OfRun):
    """Base of a number of one of several runs that differ in nothing but their learning rate."""

    rates: Annotated[
        tuple[float, ...], AsTuple, Knob("Learning rates", "A run is trained with each.", low=1e-6, high=1e6)
    ] = (0.001, 0.1, 1.0, 1e5)

    @property
    def needed_runs(self) -> int:
        return 1

    def measure(self, stage: Stage) -> Measuring:
        specs = [(f"Rate {short(rate)}", stage.run.edited("optimizer.lr", rate)) for rate in self.rates]
        return super().measure(replace(stage, runs=tuple(NamedSpec(*each) for each in specs)))

    @abstractmethod
    def number(self, runs: Sequence[RealRun]) -> float: ...

    def draw(self, runs: Sequence[RealRun]) -> Picture:
        from workbench.engine.lessons.run_panels import accuracy_panel, guessing_loss, loss_panel

        guessing = guessing_loss(runs[0])
        return Picture(
            (loss_panel(runs, guessing, "Guessing", most=1.5 * guessing), accuracy_panel(runs)), _table(runs)
        )


class LeadOfTheBestRate(AtRates):
    """The loss at the end with the next best rate, divided by that with the best."""

    kind: ClassVar[str] = "lead_of_the_best_rate"
    title: ClassVar[str] = "Loss at the end, next best rate against the best"
    summary: ClassVar[str] = (
        "The mean loss of the last 50 steps with the next best of the learning rates, divided by that with the best."
    )
    order: ClassVar[int] = 50
    decimals: ClassVar[int | None] = 1

    def number(self, runs: Sequence[RealRun]) -> float:
        losses = sorted(map(_end, runs))
        return losses[1] / losses[0] if len(losses) > 1 else math.nan


class LateFall(AtRates):
    """The mean loss of a run's second half, divided by that of the quarter before: 1 if it has stopped falling."""

    kind: ClassVar[str] = "late_fall"
    title: ClassVar[str] = "Loss of the second half ÷ that of the quarter before"
    summary: ClassVar[str] = (
        "The mean loss of the second half of a run, divided by that of the quarter before; 1 where it no longer falls."
    )
    order: ClassVar[int] = 51
    decimals: ClassVar[int | None] = 2

    def number(self, runs: Sequence[RealRun]) -> float:
        losses = runs[self.run].column("loss")
        half = len(losses) // 2
        return float(losses[half:].mean() / losses[half // 2 : half].mean())


class StepOfDivergence(AtRates):
    """The step at which a run diverges; infinite if it does not."""

    kind: ClassVar[str] = "step_of_divergence"
    title: ClassVar[str] = "Step at which it diverges"
    summary: ClassVar[str] = "The first step whose loss is far above that of guessing, or no number."
    order: ClassVar[int] = 52
    decimals: ClassVar[int | None] = 0

    def number(self, runs: Sequence[RealRun]) -> float:
        found = runs[self.run].diverged_at
        return math.inf if found is None else float(found)


def _end(run: RealRun) -> float:
    from workbench.engine.lessons.real_runs import loss_at_end

    found = loss_at_end(run)
    return found if math.isfinite(found) else math.inf


def _table(runs: Sequence[RealRun]) -> Table:
    """The runs that have ended, the best first."""
    ended = sorted((run for run in runs if run.ended is not None), key=_end)
    rows = [(run.name, _loss_text(run), _score_text(run)) for run in ended]
    return Table(("Best first", "Loss at the end", "Best validation"), tuple(rows))


def _loss_text(run: RealRun) -> str:
    return f"diverged at step {grouped(run.diverged_at)}" if run.diverged_at is not None else short(_end(run), 3)


def _score_text(run: RealRun) -> str:
    from workbench.engine.lessons.real_runs import best_accuracy

    found = best_accuracy(run)
    return percent(found) if math.isfinite(found) else "–"
