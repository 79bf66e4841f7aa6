"""Grokking: validation accuracy rises long after the training examples are memorized (Power et al. 2022)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, ClassVar, Final

from workbench.engine.core.text import grouped, percent
from workbench.engine.lessons.picture import Panel, Picture, line
from workbench.engine.lessons.quantities.of_runs import OfRun

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from workbench.engine.core.events import EpochEnded
    from workbench.engine.lessons.real_runs import RealRun
    from workbench.engine.training.run_context import RunContext

#: Training accuracy that counts as memorized, and validation accuracy that counts as generalized.
MEMORIZED: Final = 0.99
GENERALIZED: Final = 0.95


class _Grokking(OfRun):
    """Base: shows both accuracies and the norm of the weights, on a logarithmic axis."""

    looks: ClassVar[bool] = True

    def look(self, run: RunContext) -> Mapping[str, float]:
        return {"norm": math.sqrt(sum(float(p.square().sum()) for p in run.network.module.parameters()))}

    def draw(self, runs: Sequence[RealRun]) -> Picture:
        from workbench.engine.lessons.run_panels import run_table

        cells = (("Memorized", _memorized_text), ("Generalized", _generalized_text), ("Best", _best_text))
        return Picture((_accuracies(runs), _norms(runs)), run_table(runs, cells))


class EpochsToGeneralize(_Grokking):
    """Epochs from a training accuracy of 99 % to a validation accuracy of 95 %; infinite if it is not reached."""

    kind: ClassVar[str] = "epochs_to_generalize"
    title: ClassVar[str] = "Epochs from memorization to generalization"
    summary: ClassVar[str] = (
        "The epochs from the first one at which 99 % of the training examples are right to the first one at which 95 % "
        "of the validation examples are."
    )
    order: ClassVar[int] = 34
    unit: ClassVar[str] = "epochs"
    decimals: ClassVar[int | None] = 0

    def number(self, runs: Sequence[RealRun]) -> float:
        memorized, generalized = _memorized(runs[self.run]), _generalized(runs[self.run])
        return math.inf if memorized is None or generalized is None else float(generalized - memorized)


class ScoreWhenFitted(_Grokking):
    """Validation accuracy, in per cent, at the first evaluation with a training accuracy of 99 %; NaN without one."""

    kind: ClassVar[str] = "score_when_fitted"
    title: ClassVar[str] = "Validation accuracy at 99 % training accuracy"
    summary: ClassVar[str] = (
        "The validation accuracy at the first epoch at which 99 % of the training examples are right."
    )
    order: ClassVar[int] = 35
    unit: ClassVar[str] = "%"
    decimals: ClassVar[int | None] = 1

    def number(self, runs: Sequence[RealRun]) -> float:
        memorized = _memorized(runs[self.run])
        return math.nan if memorized is None else 100 * _validation(runs[self.run].evaluations[memorized])


class LongestWait(_Grokking):
    """The most epochs without an improvement, as early stopping counts them, before 95 % of the validation examples are
    right.
    """

    kind: ClassVar[str] = "longest_wait"
    title: ClassVar[str] = "Most epochs without an improvement"
    summary: ClassVar[str] = (
        "The most epochs in a row without an improvement on the validation examples, before 95 % of them are right: "
        "early stopping ends a run whose patience is less."
    )
    order: ClassVar[int] = 36
    unit: ClassVar[str] = "epochs"
    decimals: ClassVar[int | None] = 0

    def number(self, runs: Sequence[RealRun]) -> float:
        run = runs[self.run]
        return float(max(event.epochs_without_improvement for event in run.evaluations[: _generalized(run)]))


def _memorized(run: RealRun) -> int | None:
    """The first evaluation after the start with at least 99 % training accuracy; there is one after each epoch."""
    found = (i for i, e in enumerate(run.evaluations) if i and e.train_eval and e.train_eval.accuracy >= MEMORIZED)
    return next(found, None)


def _generalized(run: RealRun) -> int | None:
    return next((i for i, e in enumerate(run.evaluations) if i and _validation(e) >= GENERALIZED), None)


def _validation(event: EpochEnded) -> float:
    return event.val.accuracy if event.val is not None else math.nan


def _memorized_text(run: RealRun) -> str:
    return _epoch(_memorized(run))


def _generalized_text(run: RealRun) -> str:
    return _epoch(_generalized(run))


def _best_text(run: RealRun) -> str:
    return percent(max(map(_validation, run.evaluations[1:])))


def _epoch(number: int | None) -> str:
    return "never" if number is None else grouped(number)


def _accuracies(runs: Sequence[RealRun]) -> Panel:
    lines = []
    for run in runs:
        after = run.evaluations[1:]
        epochs = [event.epochs_done for event in after]
        training = [100 * event.train_eval.accuracy if event.train_eval else math.nan for event in after]
        lines.append(line(run.name, epochs, [100 * _validation(event) for event in after]))
        lines.append(line("Training" if run is runs[0] else "", epochs, training, "dashed"))
    return Panel("Validation accuracy, training dashed", "Epoch", "Accuracy in per cent", tuple(lines), log_x=True)


def _norms(runs: Sequence[RealRun]) -> Panel:
    lines = []
    for run in runs:
        looks = [(step, found["norm"]) for step, found in run.looks.items() if step]
        lines.append(line(run.name, [step for step, _ in looks], [norm for _, norm in looks]))
    return Panel("Norm of all weights", "Epoch", "Norm", tuple(lines), log_x=True)
