"""Runs from disk as histories, read in the background, so that plots show them as they were."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from workbench.bridge.threads.background import IsCancelled, Progress, Task, TaskFailure, Tasks
from workbench.engine.run_store.history import History
from workbench.engine.shelf.opened import opened_history
from workbench.engine.shelf.record import RunRecord

#: What has changed since is read again: the folder, and how far its run was.
_Key = tuple[Path, int, str]


class OpenRuns(QObject):
    """Keeps the histories that were asked for. Lives in the GUI thread."""

    opened = Signal(object)  #: the folder whose history is there now
    failed = Signal(object, str)  #: a folder, and why its run cannot be shown

    def __init__(self, tasks: Tasks, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._pending: dict[Path, Task] = {}
        self._histories: dict[Path, tuple[_Key, History]] = {}

    def history(self, record: RunRecord) -> History | None:
        """The history of a run as it is now; None if it was not read yet."""
        key, history = self._histories.get(record.folder, (None, None))
        return history if key == _key(record) else None

    def latest(self, record: RunRecord) -> History | None:
        """The history as it was read last, while a newer one may be on its way."""
        return self._histories[record.folder][1] if record.folder in self._histories else None

    def ask(self, record: RunRecord) -> None:
        """Read the history, unless it is there or on its way; ``opened`` or ``failed`` follows."""
        if self.history(record) is not None or record.folder in self._pending:
            return
        task = self._tasks.submit(f"Opening {record.name}", _Opening(record))
        self._pending[record.folder] = task
        task.done.connect(self._on_done)
        task.failed.connect(self._on_failed)
        task.cancelled.connect(self._on_cancelled)

    def keep_only(self, folders: Collection[Path]) -> None:
        """Forget the histories that are shown nowhere any more."""
        self._histories = {folder: found for folder, found in self._histories.items() if folder in folders}

    @Slot(object)
    def _on_done(self, found: tuple[RunRecord, History]) -> None:
        record, history = found
        self._pending.pop(record.folder, None)
        self._histories[record.folder] = (_key(record), history)
        self.opened.emit(record.folder)

    @Slot(object)
    def _on_failed(self, failure: TaskFailure) -> None:
        folder = self._gone()
        if folder is not None:
            self.failed.emit(folder, failure.message)

    @Slot()
    def _on_cancelled(self) -> None:
        self._gone()

    def _gone(self) -> Path | None:
        sender = self.sender()
        folder = next((folder for folder, task in self._pending.items() if task is sender), None)
        if folder is not None:
            del self._pending[folder]
        return folder


class _Opening:
    def __init__(self, record: RunRecord) -> None:
        self._record = record

    def __call__(self, _progress: Progress, _is_cancelled: IsCancelled) -> tuple[RunRecord, History]:
        return self._record, opened_history(self._record.folder)


def _key(record: RunRecord) -> _Key:
    return record.folder, record.step, record.status
