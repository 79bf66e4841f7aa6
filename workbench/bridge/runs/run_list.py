"""The kept runs, read in the background: at once what the index knows, then what the folders say."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from workbench.bridge.threads.background import Cancelled, IsCancelled, Progress, Task, TaskFailure, Tasks
from workbench.bridge.threads.progress import watched
from workbench.engine.core.app_folders import runs_folder
from workbench.engine.core.progress import finished
from workbench.engine.shelf.record import RunRecord
from workbench.engine.shelf.shelf import Shelf

#: While the page is shown, runs are read again after this many milliseconds, or after this many times what the last
#: reading took, whichever is longer.
LOOK_AGAIN_MS: Final = 3_000
_REST: Final = 20


class RunList(QObject):
    """Every run in the folder of runs, newest first. Lives in the GUI thread; ``tasks`` is a thread of its own."""

    changed = Signal()  #: records, progress or trouble

    def __init__(self, tasks: Tasks, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._shelf = Shelf()
        self._task: Task | None = None
        self._is_watched = self._is_stale = False
        self._took = 0.0
        self.records: tuple[RunRecord, ...] = ()
        #: Whether the folders have been read once; before, there may be more runs than ``records``.
        self.is_read = False
        self.words = ""
        self.trouble = ""
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.refresh)

    @property
    def is_reading(self) -> bool:
        """Whether runs are being read."""
        return self._task is not None

    def record(self, folder: Path) -> RunRecord | None:
        """The run in ``folder``, as it was read last."""
        return next((record for record in self.records if record.folder == folder), None)

    def watch(self, on: bool) -> None:
        """Read now, and again and again while the page of runs is shown."""
        self._is_watched = on
        if on:
            self.refresh()
        else:
            self._timer.stop()

    @Slot()
    @Slot(object)
    def refresh(self, _news: object = None) -> None:
        """Read what has changed. While that is going on, another request is kept for afterwards."""
        if self._task is not None:
            self._is_stale = True
            return
        self._timer.stop()
        self._is_stale = False
        if self._shelf.parent != runs_folder():
            self._shelf = Shelf()
        task = self._task = self._tasks.submit("Reading runs", _Reading(self._shelf, not self.is_read))
        task.progressed.connect(self._on_progressed)
        task.done.connect(self._on_done)
        task.failed.connect(self._on_failed)
        task.cancelled.connect(self._on_cancelled)
        self.changed.emit()

    def put(self, records: tuple[RunRecord, ...]) -> None:
        """Show ``records`` at once, where a change is known before the folders are read again."""
        self.records = records
        self.changed.emit()

    @Slot(object, object)
    def _on_progressed(self, _fraction: float, news: object) -> None:
        if isinstance(news, tuple):
            self.records = news
        else:
            self.words = str(news)
        self.changed.emit()

    @Slot(object)
    def _on_done(self, found: tuple[tuple[RunRecord, ...], float]) -> None:
        records, self._took = found
        self._end()
        self.is_read, self.trouble = True, ""
        self.words = ""
        if not _are_same(records, self.records):
            self.records = records
        self.changed.emit()

    @Slot(object)
    def _on_failed(self, failure: TaskFailure) -> None:
        self._end()
        self.is_read, self.trouble = True, failure.message
        self.changed.emit()

    @Slot()
    def _on_cancelled(self) -> None:
        self._task = None

    def _end(self) -> None:
        self._task = None
        if self._is_stale:
            QTimer.singleShot(0, self, self.refresh)
        elif self._is_watched:
            self._timer.start(max(LOOK_AGAIN_MS, round(1000 * _REST * self._took)))


class _Reading:
    """The work in the thread; ``first``: report what the index knows before any folder is looked at."""

    def __init__(self, shelf: Shelf, first: bool) -> None:
        self._shelf, self._first = shelf, first

    def __call__(self, progress: Progress, is_cancelled: IsCancelled) -> tuple[tuple[RunRecord, ...], float]:
        shelf, began = self._shelf, time.monotonic()
        if self._first and (known := shelf.known()):
            progress(0.0, known)  # type: ignore[arg-type]
        if is_cancelled():
            raise Cancelled
        return finished(shelf.refresh(), watched(progress, is_cancelled)), time.monotonic() - began


def _are_same(one: tuple[RunRecord, ...], other: tuple[RunRecord, ...]) -> bool:
    """Whether both hold the same objects; to compare what they say would take too long for the window."""
    return len(one) == len(other) and all(a is b for a, b in zip(one, other, strict=True))
