"""Measuring files of weights in the background: what the tasks' thread is to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.bridge.threads.background import Cancelled, IsCancelled, Progress, Work

if TYPE_CHECKING:
    from workbench.engine.catalog.datasets import DataSource
    from workbench.engine.experiments.data_source import Part
    from workbench.engine.experiments.measure_files import Evaluation, Outcome


@dataclass(frozen=True, slots=True)
class Standing:
    """How far the measuring is: what came of the first files, and the share of the next one.

    All that is known stands in each, since one that comes soon after may replace it on the way to the window.
    """

    words: str
    outcomes: tuple[Outcome, ...]
    share: float


def evaluating(files: Sequence[Path], data: Path | DataSource, part: Part) -> Work:
    """Measure ``files`` on the examples of ``data``; it tells a Standing, and the result is an Evaluation."""

    def work(progress: Progress, is_cancelled: IsCancelled) -> Evaluation:
        from workbench.engine.experiments.measure_files import evaluate

        outcomes: list[Outcome] = []
        share = 0.0

        def told(fraction: float, words: str) -> None:
            if is_cancelled():
                raise Cancelled
            progress(fraction, Standing(words, tuple(outcomes), share))  # type: ignore[arg-type]

        def each_file(number: int, seen: float, outcome: Outcome | None) -> None:
            nonlocal share
            share = 0.0 if outcome is not None else seen
            if outcome is not None:
                outcomes.append(outcome)
                told((number + 1) / len(files), "Measuring")

        return evaluate(files, data, part, told, each_file)

    return work
