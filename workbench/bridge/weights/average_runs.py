"""Averaging finished runs in the background: what the tasks' thread is to do."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from workbench.bridge.threads.background import Cancelled, IsCancelled, Progress, Work
from workbench.engine.experiments.average_runs import PotCancelled, PotResult, average
from workbench.engine.run_store.finished_runs import FinishedRun, in_the_pot


def listing(parent: Path) -> Work:
    """Find the finished runs kept in ``parent`` and their snapshots; the result is a tuple of FinishedRun."""

    def work(progress: Progress, is_cancelled: IsCancelled) -> tuple[FinishedRun, ...]:
        return in_the_pot(parent, is_cancelled)

    return work


def averaging(folders: Sequence[Path]) -> Work:
    """Measure these runs and the average of their predictions; the result is a PotResult."""

    def work(progress: Progress, is_cancelled: IsCancelled) -> PotResult:
        try:
            return average(folders, progress, is_cancelled)
        except PotCancelled:
            raise Cancelled from None

    return work
