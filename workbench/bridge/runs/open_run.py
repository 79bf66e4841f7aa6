"""Runs from disk as histories, read in the background, so that plots show them as they were."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from workbench.bridge.threads.background import IsCancelled, Progress, Task, TaskFailure, Tasks
from workbench.bridge.threads.progress import watched
from workbench.engine.core.progress import finished
from workbench.engine.run_store.history import History
from workbench.engine.shelf.opened import Mark, News, news_since, opening
from workbench.engine.shelf.record import RunRecord

#: What has changed since is read again: the folder, and how far its run was.
_Key = tuple[Path, int, str]
#: A run that was read whole, or what is new of it.
_Read = tuple[History, Mark] | News


class OpenRuns(QObject):
    """Keeps the histories that were asked for. Lives in the GUI thread."""

    progressed = Signal(object, str)  #: a folder, and how far the reading of its run is
    opened = Signal(object)  #: the folder whose history is there now, or has grown
    failed = Signal(object, str)  #: a folder, and why its run cannot be shown

    def __init__(self, tasks: Tasks, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._pending: dict[Path, Task] = {}
        self._histories: dict[Path, tuple[_Key, History, Mark]] = {}

    def history(self, record: RunRecord) -> History | None:
        """The history of a run as it is now; None if it was not read yet."""
        key, history, _mark = self._histories.get(record.folder, (None, None, None))
        return history if key == _key(record) else None

    def latest(self, record: RunRecord) -> History | None:
        """The history as it was read last, while a newer one may be pending."""
        return self._histories[record.folder][1] if record.folder in self._histories else None

    def ask(self, record: RunRecord) -> None:
        """Read the history, unless it is there or pending; ``opened`` or ``failed`` follows.

        Of one that was read before only what is new is read, and added to it.
        """
        if self.history(record) is not None or record.folder in self._pending:
            return
        mark = self._histories[record.folder][2] if record.folder in self._histories else None
        task = self._tasks.submit(f"Opening {record.shown_name}", _Opening(record, mark))
        self._pending[record.folder] = task
        task.progressed.connect(self._on_progressed)
        task.done.connect(self._on_done)
        task.failed.connect(self._on_failed)
        task.cancelled.connect(self._on_cancelled)

    def keep_only(self, folders: Collection[Path]) -> None:
        """Forget the histories that are shown nowhere any more."""
        self._histories = {folder: found for folder, found in self._histories.items() if folder in folders}

    @Slot(object, object)
    def _on_progressed(self, _fraction: float, words: str) -> None:
        folder = self._folder_of_sender()
        if folder is not None:
            self.progressed.emit(folder, words)

    @Slot(object)
    def _on_done(self, found: tuple[RunRecord, _Read]) -> None:
        record, read = found
        self._pending.pop(record.folder, None)
        if isinstance(read, News):
            if record.folder not in self._histories:  # it was forgotten meanwhile, and may be wanted again
                self.ask(record)
                return
            history, mark = self._histories[record.folder][1], read.mark
            read.fold_into(history)
        else:
            history, mark = read
        self._histories[record.folder] = (_key(record), history, mark)
        self.opened.emit(record.folder)

    @Slot(object)
    def _on_failed(self, failure: TaskFailure) -> None:
        folder = self._gone()
        if folder is not None:
            self.failed.emit(folder, failure.message)

    @Slot()
    def _on_cancelled(self) -> None:
        self._gone()

    def _folder_of_sender(self) -> Path | None:
        sender = self.sender()
        return next((folder for folder, task in self._pending.items() if task is sender), None)

    def _gone(self) -> Path | None:
        folder = self._folder_of_sender()
        if folder is not None:
            del self._pending[folder]
        return folder


class _Opening:
    """Reads what is new since ``mark``, or everything where there is none, or the run is not what it was."""

    def __init__(self, record: RunRecord, mark: Mark | None) -> None:
        self._record, self._mark = record, mark

    def __call__(self, progress: Progress, is_cancelled: IsCancelled) -> tuple[RunRecord, _Read]:
        folder = self._record.folder
        news = news_since(self._mark, folder) if self._mark is not None else None
        if news is None:
            return self._record, finished(opening(folder), watched(progress, is_cancelled, "bytes"))
        return self._record, news


def _key(record: RunRecord) -> _Key:
    return record.folder, record.step, record.status
