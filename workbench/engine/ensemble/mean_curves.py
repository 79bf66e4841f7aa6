"""What the curves of an ensemble show: the mean of its members' figures, at every step and every evaluation.

A member that has stopped early keeps its last figures, as it keeps its last answers in the average of the predictions;
so the curves mean the same from the first step to the last. One that has failed is left out, and a notice says so.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar, TypeVar

from workbench.engine.core.events import EnsembleMeasured, EpochEnded, Evaluated, Measured
from workbench.engine.core.step_store import StepStore
from workbench.engine.training.state import is_better

T = TypeVar("T", bound=Evaluated)

#: One row of a StepStore.
Row = tuple[float, ...]


class MeanCurves:
    """Writes the mean of the members' steps into ``steps``, and knows the epoch with the best mean validation."""

    #: Whether the members are measured on different examples.
    measured_apart: ClassVar[bool] = False

    def __init__(self, steps: StepStore) -> None:
        self.steps = steps
        self.best_epoch = self.best_step = -1
        #: The members' validation accuracies at the best evaluation.
        self.best_accuracies: tuple[float, ...] = ()
        self._best = (-math.inf, math.inf)  # accuracy, loss
        self._stale = 0
        self._improved = False
        self._row: Row = ()

    @property
    def best_accuracy(self) -> float | None:
        """The mean validation accuracy at the best epoch; None before the first."""
        return self._best[0] if self.best_epoch >= 0 else None

    def step(self, rows: Sequence[Row]) -> None:
        """The members' latest steps. Seconds are those of all together."""
        *means, _ = map(mean, zip(*rows, strict=True))
        self._row = (*means, sum(row[-1] for row in rows))
        self.steps.append(*self._row)

    def again(self) -> None:
        """One more step at which no member moves: those with the most steps an epoch have ended."""
        self.steps.append(*self._row)

    def epoch(self, ends: Sequence[EpochEnded], step: int) -> EpochEnded:
        """The mean of the members' last ends of an epoch, which is the run's after ``step`` steps."""
        return self._mean(EpochEnded, ends, step)

    def within(self, latest: Sequence[Evaluated], step: int) -> Evaluated:
        """The mean of the members' last evaluations, which is the run's after ``step`` steps, within an epoch."""
        return self._mean(Evaluated, latest, step)

    def _mean(self, made: type[T], ends: Sequence[Evaluated], step: int) -> T:
        closes = made is EpochEnded
        done = max(end.epochs_done for end in ends)
        val = mean_measured([end.val for end in ends], self.measured_apart)
        is_best = step > 0 and self._rank(val, done if closes else done + 1)
        if is_best:
            self.best_step = step
            self.best_accuracies = tuple(end.val.accuracy for end in ends if end.val is not None)
        if closes and step and val is not None:
            self._stale, self._improved = 0 if self._improved else self._stale + 1, False
        kinds = set(ends[0].averages).intersection(*(end.averages for end in ends))
        return made(
            epochs_done=done,
            step=step,
            seconds=sum(end.seconds for end in ends),
            lr=mean([end.lr for end in ends]),
            running_loss=_mean_or_none([end.running_loss for end in ends]),
            running_accuracy=_mean_or_none([end.running_accuracy for end in ends]),
            train_eval=mean_measured([end.train_eval for end in ends]),
            val=val,
            is_best=is_best,
            epochs_without_improvement=0 if self._improved else self._stale,
            images_per_second=_together([end.images_per_second for end in ends if end.epochs_done == done]),
            averages=_mean_averages([end.averages for end in ends], sorted(kinds)),
            sharpness=_mean_or_none([end.sharpness for end in ends]),
            sharpness_limit=_mean_or_none([end.sharpness_limit for end in ends]),
        )

    def _rank(self, val: Measured | None, epoch: int) -> bool:
        """As in a single run. ``epoch`` (from 1) is the one that is measured, at its end or within it."""
        best_accuracy, best_loss = self._best
        if val is None or not is_better(val, best_accuracy, best_loss):
            return False
        self._best, self.best_epoch, self._improved = (val.accuracy, val.loss), epoch, True
        return True

    def state(self) -> dict[str, Any]:
        """What it remembers, as plain data."""
        return {
            "best_epoch": self.best_epoch,
            "best_step": self.best_step,
            "best": (self._best[0], -self._best[1]),  # as files have it
            "stale": self._stale,
            "improved": self._improved,
            "row": self._row,
            "best_accuracies": self.best_accuracies,
        }

    def restore(self, saved: Mapping[str, Any]) -> None:
        """Put back what ``state`` gave."""
        self.best_epoch, self._stale, self._improved = saved["best_epoch"], saved["stale"], saved.get("improved", False)
        self.best_step = saved.get("best_step", -1)
        self.best_accuracies = tuple(saved.get("best_accuracies", ()))
        accuracy, minus_loss = saved["best"]
        self._best, self._row = (accuracy, -minus_loss), tuple(saved["row"])


def mean(values: Sequence[float]) -> float:
    """The mean; of equal values that value itself, to the last bit."""
    return values[0] if values.count(values[0]) == len(values) else math.fsum(values) / len(values)


class FoldCurves(MeanCurves):
    """The mean over folds: every model is measured on examples of its own, which validation counts together."""

    measured_apart: ClassVar[bool] = True


def mean_measured(each: Sequence[Measured | None], apart: bool = False) -> Measured | None:
    """The mean of measurements of the same examples, or (``apart``) of different ones; None unless all were made.

    The standard errors are means too: members are wrong on the same examples, so averaging them gains little certainty.
    On different examples the errors are independent, and that of the mean is smaller.
    """
    there = [measured for measured in each if measured is not None]
    if len(there) < len(each):
        return None
    error = _independent_error if apart else mean
    return Measured(
        loss=mean([one.loss for one in there]),
        accuracy=mean([one.accuracy for one in there]),
        n=sum(one.n for one in there) if apart else there[0].n,
        loss_se=error([one.loss_se for one in there]),
        accuracy_se=error([one.accuracy_se for one in there]),
    )


def _independent_error(errors: Sequence[float]) -> float:
    """The standard error of the mean of independent numbers with these standard errors."""
    return math.sqrt(math.fsum(error * error for error in errors)) / len(errors)


def _mean_averages(each: Sequence[Mapping[str, Measured]], kinds: Sequence[str]) -> dict[str, Measured]:
    found = ((kind, mean_measured([averages[kind] for averages in each])) for kind in kinds)
    return {kind: measured for kind, measured in found if measured is not None}


def _mean_or_none(values: Sequence[float | None]) -> float | None:
    there = [value for value in values if value is not None]
    return mean(there) if there else None


def _together(speeds: Sequence[float]) -> float:
    """Examples a second through any of the members, which take turns."""
    return len(speeds) / sum(1 / speed for speed in speeds) if speeds and min(speeds) > 0 else 0.0


def with_average(evaluation: T, whole: EnsembleMeasured | None) -> T:
    """``evaluation`` with the average of the predictions among its averages."""
    if whole is None:
        return evaluation
    return replace(evaluation, averages={**evaluation.averages, "ensemble": whole.averaged})
