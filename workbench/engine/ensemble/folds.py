"""k-fold cross-validation as one run: a model for each fold, all of them trained side by side from the same weights.

It is trained as an ensemble is, round by round, but nothing is averaged of the predictions: each model is validated on
the fold that it has not seen, and what is shown is the mean over the folds with their spread. Every fold has a run
folder of its own, whose settings train this fold again.
"""

from __future__ import annotations

from typing import ClassVar

from workbench.engine.catalog.datasets import Dataset
from workbench.engine.core.events import FoldsMeasured, MeasuredOnTest
from workbench.engine.core.step_store import StepStore
from workbench.engine.core.text import counted, grouped
from workbench.engine.ensemble.mean_curves import FoldCurves, MeanCurves, mean_measured
from workbench.engine.ensemble.measuring import Measuring
from workbench.engine.ensemble.on_test import AnswersOnTest
from workbench.engine.ensemble.training import EnsembleTraining, own_steps
from workbench.engine.report.words_on_test import spread_words
from workbench.engine.training.command_channel import EventStream
from workbench.engine.training.evaluate import score
from workbench.engine.training.run_context import RunContext
from workbench.engine.training.set_up import set_up


class MeasuringFolds(Measuring):
    """Measures the models of the folds, each on examples of its own."""

    def _average(self, epochs: int) -> EventStream:
        """Nothing is averaged of the predictions: what each fold has reached is sent instead."""
        shared = self._shared
        latest = [(m.number, m.latest.val) for m in shared.sound if m.latest is not None]
        made = [(number, val) for number, val in latest if val is not None]
        if made:
            numbers = tuple(number for number, _ in made)
            accuracies, losses = tuple(val.accuracy for _, val in made), tuple(val.loss for _, val in made)
            yield from shared.channel.offer(FoldsMeasured(epochs, shared.progress.step, numbers, accuracies, losses))

    def _tested(self, asked: AnswersOnTest) -> MeasuredOnTest:
        each = [score(one, asked.labels) for one in asked.logs]
        mean = mean_measured(each)
        assert mean is not None
        accuracies = tuple(one.accuracy for one in each)
        return MeasuredOnTest(self._shared.progress.step, mean, asked.looks, accuracies, asked.is_share)


class FoldTraining(EnsembleTraining):
    """The runs of all folds as one, and its events. Its spec has ``data.folds`` and no ``data.fold``."""

    noun: ClassVar[str] = "Fold"

    def _differences(self) -> tuple[str, ...]:
        return ("data.fold",)

    def _set_up(self, dataset: Dataset | None) -> list[RunContext]:
        runs: list[RunContext] = []
        for fold in range(1, (self.spec.data.folds or 0) + 1):
            spec = self.spec.edited("data.fold", fold)
            own = self._own_folder(fold, spec)
            runs.append(set_up(spec, own, own_steps(own), dataset=dataset))
        return runs

    def _curves(self, steps: StepStore) -> MeanCurves:
        return FoldCurves(steps)

    @property
    def parameters(self) -> int:
        """Those of one model: the models of the folds are never used together."""
        return self.members[0].context.network.parameters

    def _measured_by(self) -> Measuring:
        return MeasuringFolds(self._shared)

    def _last_words(self, reason: str) -> str:
        if reason == "failed":
            return super()._last_words(reason)
        head = f"Stopped after {counted(self.progress.step, 'step')}." if reason == "stopped" else "Finished."
        best = self.mean.best_accuracies
        if len(best) < 2:
            return head
        of = f"{len(best)} folds" if len(best) == len(self.members) else f"{len(best)} of {len(self.members)} folds"
        when = f"best in epoch {grouped(self.mean.best_epoch)}"
        return f"{head} Mean validation accuracy of {of} {spread_words(best)} (standard deviation), {when}"
