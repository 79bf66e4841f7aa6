"""Evaluation of saved weights in the background: the work for the tasks' thread."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.bridge.threads.background import Cancelled, Work
from workbench.engine.core.progress import IsCancelled, Progress
from workbench.engine.run_store.finished_runs import FinishedRun, saved_weights
from workbench.engine.weights.chosen_input import UNCHOSEN, ChosenInput

if TYPE_CHECKING:
    from workbench.engine.evaluation.class_orders import ClassOrder
    from workbench.engine.evaluation.evaluation_data import Data, MeasuredPart
    from workbench.engine.evaluation.results import Evaluation, EvaluationProgress


def listing(parent: Path) -> Work:
    """Find the finished runs kept in ``parent``, their averages and snapshots; the result is a tuple of FinishedRun."""

    def work(_progress: Progress, is_cancelled: IsCancelled) -> tuple[FinishedRun, ...]:
        return saved_weights(parent, is_cancelled)

    return work


def evaluating(
    paths: Sequence[Path],
    data: Data,
    part: MeasuredPart,
    order: ClassOrder = None,
    chosen: ChosenInput = UNCHOSEN,
) -> Work:
    """Evaluate the files and run folders ``paths`` (see the engine's ``evaluate``); the result is an Evaluation.

    The words of its progress are an EvaluationProgress: each holds all that is known, since a later one may replace
    it on the way to the window.
    """

    def work(progress: Progress, is_cancelled: IsCancelled) -> Evaluation:
        from workbench.engine.evaluation.evaluation import EvaluationOptions, evaluate

        def watch(now: EvaluationProgress) -> None:
            if is_cancelled():
                raise Cancelled
            progress(now.fraction, now)  # type: ignore[arg-type]

        return evaluate(paths, data, part, watch, EvaluationOptions(order, chosen=chosen))

    return work
