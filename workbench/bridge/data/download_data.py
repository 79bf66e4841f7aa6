"""Downloading a well-known set, on the user's click alone, in a thread of its own that can be stopped."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from workbench.bridge.spec_store import SpecStore
from workbench.bridge.threads.background import IsCancelled, Progress, Task, TaskFailure, Tasks
from workbench.bridge.threads.progress import give_up, watched
from workbench.engine.catalog.datasets.torchvision_sets import Name, TorchvisionSet, download
from workbench.engine.core.app_folders import home
from workbench.engine.core.errors import SpecError
from workbench.engine.core.progress import finished
from workbench.engine.core.responsive_io import in_daemon_thread


class Downloading(QObject):
    """One download at a time. Lives in the GUI thread."""

    changed = Signal()  #: whether it goes on, how far it is, what it says
    arrived = Signal()  #: a set has come: the data can be read again

    def __init__(self, store: SpecStore, tasks: Tasks) -> None:
        super().__init__()
        self._store, self._tasks = store, tasks
        self._task: Task | None = None
        self._folder = ""
        self.fraction, self.words, self.failed = 0.0, "", False

    @property
    def is_busy(self) -> bool:
        """Whether a download goes on."""
        return self._task is not None

    def folder_for(self, source: TorchvisionSet) -> str:
        """Where the set will be put: the chosen folder, or one of the program's own."""
        return source.folder.strip() or str(home() / "sets")

    @Slot()
    def begin(self) -> None:
        """Download the set that is chosen now."""
        source = self._store.spec.data.source
        if self.is_busy or not isinstance(source, TorchvisionSet):
            return
        self._folder = self.folder_for(source)
        self.fraction, self.words, self.failed = 0.0, f"Asking for {source.name}", False
        self._task = self._tasks.submit("Downloading", partial(_bring, source.name, self._folder))
        self._task.progressed.connect(self._on_progressed)
        self._task.done.connect(self._on_done)
        self._task.failed.connect(self._on_failed)
        self._task.cancelled.connect(self._on_cancelled)
        self.changed.emit()

    @Slot()
    def cancel(self) -> None:
        """Stop; files that are whole are kept for the next try."""
        if self._task is not None:
            self._task.cancel()

    @Slot(object, object)
    def _on_progressed(self, fraction: float, words: str) -> None:
        self.fraction, self.words = fraction, words
        self.changed.emit()

    @Slot(object)
    def _on_done(self, name: str) -> None:
        self._end(f"{name} is in {self._folder} now.")
        source = self._store.spec.data.source
        if isinstance(source, TorchvisionSet) and source.name == name and not source.folder.strip():
            try:
                self._store.edit("data.source.folder", self._folder)
            except SpecError as error:
                self._end(self._store.words_of(error), failed=True)
                return
        self.arrived.emit()

    @Slot(object)
    def _on_failed(self, failure: TaskFailure) -> None:
        self._end(failure.message, failed=True)

    @Slot()
    def _on_cancelled(self) -> None:
        self._end("The download was stopped. Complete files are kept for the next try.")

    def _end(self, words: str, failed: bool = False) -> None:
        self._task, self.words, self.failed = None, words, failed
        self.changed.emit()


def _bring(name: Name, folder: str, progress: Progress, is_cancelled: IsCancelled) -> str:
    """In a thread of its own: a network that is silent for half a minute must not keep the window from closing."""
    report = watched(progress, is_cancelled, "bytes")
    work = partial(download, name, Path(folder).expanduser(), report)
    finished(in_daemon_thread(work, folder, ""), partial(give_up, is_cancelled))
    return name
