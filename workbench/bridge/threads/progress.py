"""Progress of background work: watched, given up on request."""

from __future__ import annotations

from collections.abc import Callable

from workbench.bridge.threads.background import Cancelled, IsCancelled, Progress
from workbench.engine.core.progress import Loading
from workbench.engine.core.text import grouped, size_text


def watched(progress: Progress, is_cancelled: IsCancelled, unit: str = "") -> Callable[[Loading], None]:
    """Tells a task's progress from a load's, and ends the load when the task is cancelled. Bytes are said as sizes."""
    said = size_text if unit == "bytes" else grouped

    def watch(loading: Loading) -> None:
        if is_cancelled():
            raise Cancelled
        count = f": {said(loading.done)} of {said(loading.total)}" if loading.total else ""
        progress(loading.done / loading.total if loading.total else 0.0, f"{loading.words}{count}")

    return watch


def give_up(is_cancelled: IsCancelled, _loading: Loading) -> None:
    """End a load whose progress nobody is told when its task is cancelled."""
    if is_cancelled():
        raise Cancelled
