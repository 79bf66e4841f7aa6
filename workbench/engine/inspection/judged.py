"""The predictions of a network on labelled examples, and all that is asked of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from workbench.engine.core.errors import WorkbenchError
from workbench.engine.evaluation.evaluation import USUAL, EvaluationOptions, Taken, Watch, evaluate, unwatched
from workbench.engine.evaluation.results import EntryMeasured
from workbench.engine.inspection.by_class import ByClass, by_class
from workbench.engine.inspection.calibration import Calibration, calibration, fitted_temperature, scaled
from workbench.engine.inspection.confusion import Confusion, Floats, Integers, confusion

if TYPE_CHECKING:
    from workbench.engine.evaluation.evaluation_data import Data, EvaluationExamples, MeasuredPart

_ORDER: Final = "Run > Evaluate trained weights… measures it with names or an order that you choose."
_FOLDS: Final = "Each fold is measured on examples of its own; inspect one of them at a time."


@dataclass(frozen=True, eq=False)
class Judged:
    """Log-probabilities ``logs``, float32 (n, K), of the n ``examples``, and ``name`` of what gave them.

    All indices that the properties give are positions among the n examples. ``trained`` is the number of training
    examples of each class (K,), None where it is not known. ``notes`` are sentences, ``doubt`` what makes the figures
    doubtful.
    """

    name: str
    examples: EvaluationExamples
    logs: npt.NDArray[np.float32]
    trained: Integers | None = None
    notes: tuple[str, ...] = ()
    doubt: str = ""

    def at_temperature(self, temperature: float) -> Judged:
        """The same examples with every answer's logarithms divided by ``temperature``; the answers stay."""
        return replace(self, logs=scaled(self.logs, temperature).astype(np.float32))

    @property
    def classes(self) -> tuple[str, ...]:
        """The K names."""
        return self.examples.dataset.classes

    @cached_property
    def labels(self) -> Integers:
        """The class of each example (n,)."""
        return self.examples.dataset.labels[self.examples.indices]

    @cached_property
    def predicted(self) -> Integers:
        """The answer for each example (n,)."""
        made: Integers = self.logs.argmax(1).astype(np.int64)
        return made

    @cached_property
    def is_right(self) -> npt.NDArray[np.bool_]:
        """Whether each answer is right (n,)."""
        made: npt.NDArray[np.bool_] = self.predicted == self.labels
        return made

    @property
    def accuracy(self) -> float:
        """The share of right answers, 0 to 1."""
        return float(self.is_right.mean())

    @cached_property
    def confidence(self) -> Floats:
        """The probability of each answer (n,)."""
        made: Floats = np.minimum(1.0, np.exp(self.logs.max(1).astype(np.float64)))
        return made

    @cached_property
    def losses(self) -> Floats:
        """The cross-entropy of each example in nats (n,)."""
        return -np.take_along_axis(self.logs, self.labels[:, None], axis=1)[:, 0].astype(np.float64)

    @cached_property
    def confusion(self) -> Confusion:
        """The confusion matrix."""
        return confusion(self.labels, self.predicted, len(self.classes))

    @cached_property
    def by_class(self) -> ByClass:
        """Precision, recall and F1 of each class."""
        return by_class(self.confusion)

    @cached_property
    def calibration(self) -> Calibration:
        """The reliability diagram."""
        return calibration(self.confidence, self.is_right)

    def prepare(self) -> None:
        """Compute the expensive figures in advance, so that reading them later returns at once."""
        _ = self.confusion, self.by_class, self.calibration, self.worst, self.confidently_wrong, self.most_uncertain

    def temperature(self) -> float:
        """The temperature that fits these examples best."""
        return fitted_temperature(self.logs, self.labels)

    # --- The examples behind a number ---------------------------------------------------------------------------

    def of_cell(self, true: int, predicted: int) -> Integers:
        """Those of class ``true`` that were taken for ``predicted``, the highest loss first."""
        return self._worst_first((self.labels == true) & (self.predicted == predicted))

    def of_class(self, true: int) -> Integers:
        """Those of class ``true``, the highest loss first."""
        return self._worst_first(self.labels == true)

    def taken_for(self, predicted: int) -> Integers:
        """Those whose answer is ``predicted``, the highest loss first."""
        return self._worst_first(self.predicted == predicted)

    def of_bin(self, number: int) -> Integers:
        """Those of a bin of the reliability diagram, the highest loss first."""
        return self._worst_first(self.calibration.bins == number)

    @cached_property
    def worst(self) -> Integers:
        """The wrong answers, the highest loss first."""
        return self._worst_first(~self.is_right)

    @cached_property
    def most_uncertain(self) -> Integers:
        """All, the highest entropy of the probabilities first."""
        logs = self.logs.astype(np.float64)
        return np.argsort((np.exp(logs) * logs).sum(1), kind="stable")

    @cached_property
    def confidently_wrong(self) -> Integers:
        """The wrong answers, the highest probability of the answer first."""
        wrong = np.flatnonzero(~self.is_right)
        return wrong[np.argsort(-self.confidence[wrong], kind="stable")]

    def _worst_first(self, chosen: npt.NDArray[np.bool_]) -> Integers:
        found = np.flatnonzero(chosen)
        return found[np.argsort(-self.losses[found], kind="stable")]


def judged(
    paths: Sequence[Path],
    data: Data = None,
    part: MeasuredPart = "validation",
    watch: Watch = unwatched,
    options: EvaluationOptions = USUAL,
) -> Judged:
    """The weights at ``paths`` on labelled examples; the arguments are those of ``evaluate``.

    Of several the probabilities are averaged. Raises WorkbenchError where one of them cannot be measured.
    """
    taken: list[Taken] = []
    result = evaluate(paths, data, part, watch, options, taken.append)
    if result.failed:
        failed = result.failed[0]
        raise WorkbenchError(f"{failed.message} {_ORDER}" if failed.needs_names else failed.message)
    if len(taken) > 1 and any(each.examples.is_own_fold for each in taken):
        raise WorkbenchError(_FOLDS)
    if not len(taken[0].examples.indices):
        raise WorkbenchError("There are no examples in this part of the data.")
    measured = result.measured
    return Judged(
        measured[0].name if len(measured) == 1 else result.average_words,
        taken[0].examples,
        _mean([each.logs for each in taken]).astype(np.float32),
        taken[0].training_counts(),
        tuple(dict.fromkeys((*result.data_notes, *(note for each in measured for note in each.notes)))),
        _doubt(measured),
    )


def _mean(logs: Sequence[Floats]) -> Floats:
    """The logarithm of the mean of the probabilities, each (n, K)."""
    return logs[0] if len(logs) == 1 else np.logaddexp.reduce(np.stack(logs), axis=0) - np.log(len(logs))


def _doubt(measured: Sequence[EntryMeasured]) -> str:
    return next((each.doubt for each in measured if each.doubt), "")
