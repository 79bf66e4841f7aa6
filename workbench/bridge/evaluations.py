"""Measuring files of weights in the background: what the tasks' thread is to do."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.bridge.tasks import Cancelled, IsCancelled, Progress, Work

if TYPE_CHECKING:
    from workbench.engine.datasets import DataSource
    from workbench.engine.weights.evaluating import Evaluation
    from workbench.engine.weights.sources import Part


def evaluating(files: Sequence[Path], data: Path | DataSource, part: Part) -> Work:
    """Measure ``files`` on the examples of ``data``; the result is an Evaluation."""

    def work(progress: Progress, is_cancelled: IsCancelled) -> Evaluation:
        from workbench.engine.weights.evaluating import evaluate

        def told(fraction: float, words: str) -> None:
            if is_cancelled():
                raise Cancelled
            progress(fraction, words)

        return evaluate(files, data, part, told)

    return work
