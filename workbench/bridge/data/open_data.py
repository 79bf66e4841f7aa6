"""Opening what the user drops or chooses: recognised in the background, then put into the spec as one edit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from workbench.bridge.spec_store import SpecStore
from workbench.bridge.threads.background import Failure, Task, Tasks
from workbench.bridge.threads.progress import apart
from workbench.engine.core.errors import SpecError
from workbench.engine.core.progress import IsCancelled
from workbench.engine.data.detect import NotData, OwnData, recognise

#: After so long the user is told that the drive is slow.
SLOW_MS: Final = 5_000


@dataclass(frozen=True, slots=True)
class Refused:
    """Why something was not opened; ``instead`` is a folder near it that can be."""

    message: str
    instead: Path | None = None


class Opening(QObject):
    """One thing at a time: a newer request replaces the one under way."""

    #: OwnData that is now the spec's data source.
    opened = Signal(object)
    #: The Path of a settings file; the window opens it as it opens any.
    settings_found = Signal(object)
    #: Refused.
    refused = Signal(object)
    #: A sentence: it takes long.
    slow = Signal(str)
    #: Nothing is being opened any more.
    ended = Signal()

    def __init__(self, store: SpecStore, tasks: Tasks, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store, self._tasks = store, tasks
        self._task: Task | None = None
        self._names = ""
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(SLOW_MS)
        self._patience.timeout.connect(self._on_slow)

    @property
    def is_busy(self) -> bool:
        """Whether something is being looked at."""
        return self._task is not None

    def open(self, paths: Sequence[Path]) -> None:
        """Find out what ``paths`` are and use it."""
        self.cancel()
        self._names = paths[0].name or str(paths[0]) if paths else ""
        self._task = self._tasks.submit(
            "Looking at the data", apart(partial(_look, tuple(paths)), paths[0] if paths else ""), key="opening"
        )
        self._task.done.connect(self._on_done)
        self._task.failed.connect(self._on_failed)
        self._task.cancelled.connect(self._on_cancelled)
        self._patience.start()

    @Slot()
    def cancel(self) -> None:
        """Forget what is being looked at; nothing changes."""
        if self._task is not None:
            self._task.cancel()

    @Slot(object)
    def _on_done(self, found: OwnData | Refused) -> None:
        self._end()
        if isinstance(found, Refused):
            self.refused.emit(found)
        elif found.spec_file is not None:
            self.settings_found.emit(found.spec_file)
        else:
            self._use(found)

    def _use(self, found: OwnData) -> None:
        self._store.settle()
        try:
            self._store.edit("data.source", found.source(self._store.spec.data.source))
        except SpecError as error:
            self.refused.emit(Refused(f"{found.name} cannot be used: {self._store.words_of(error)}"))
            return
        self.opened.emit(found)

    @Slot(object)
    def _on_failed(self, failure: Failure) -> None:
        self._end()
        self.refused.emit(Refused(failure.message))

    @Slot()
    def _on_cancelled(self) -> None:
        self._end()

    def _end(self) -> None:
        self._task = None
        self._patience.stop()
        self.ended.emit()

    @Slot()
    def _on_slow(self) -> None:
        self.slow.emit(f"Still waiting for {self._names}: its drive answers slowly or not at all.")


def _look(paths: tuple[Path, ...], is_cancelled: IsCancelled) -> OwnData | Refused:
    try:
        return recognise(paths, is_cancelled)
    except NotData as error:
        return Refused(error.message, error.instead)
