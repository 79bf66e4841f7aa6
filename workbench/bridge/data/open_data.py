"""Opening what the user drops or chooses: recognised in the background, then put into the spec as one edit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from workbench.bridge.spec_store import SpecStore
from workbench.bridge.threads.background import Tasks
from workbench.bridge.threads.latest_request import LatestRequest
from workbench.bridge.threads.progress import apart, watched
from workbench.engine.catalog.datasets import DataSource
from workbench.engine.core.errors import SpecError
from workbench.engine.core.progress import IsCancelled, Progress, finished
from workbench.engine.core.text import percent
from workbench.engine.data.own_data import NotData, OwnData
from workbench.engine.data.store import DataStore
from workbench.engine.data.usable import refuse_unusable

#: After this time the user reads that the drive is slow.
SLOW_MS: Final = 5_000


@dataclass(frozen=True, slots=True)
class Refused:
    """Why something was not opened; ``instead`` is a folder near it that can be, ``others`` are more to choose from."""

    message: str
    instead: Path | None = None
    others: tuple[Path, ...] = ()


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
    #: How far it is, in words.
    progressed = Signal(str)
    #: Nothing is being opened any more.
    ended = Signal()

    def __init__(self, store: SpecStore, tasks: Tasks, loaded: DataStore, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store, self._loaded = store, loaded
        self._request = LatestRequest(tasks, "Looking at the data", self)
        self._request.changed.connect(self._on_changed)
        self._request.answered.connect(self._on_answered)
        self._request.failed.connect(self._on_failed)
        self._request.progressed.connect(self._on_progressed)
        self._names = ""
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(SLOW_MS)
        self._patience.timeout.connect(self._on_slow)

    @property
    def is_busy(self) -> bool:
        """Whether something is being looked at."""
        return self._request.is_pending

    def open(self, paths: Sequence[Path]) -> None:
        """Find out what ``paths`` are and use it."""
        first = paths[0] if paths else Path()
        self.cancel()
        self._names = first.name or str(first)
        self._request.ask(
            tuple(paths), apart(partial(_look, self._loaded, self._store.spec.data.source, tuple(paths)), first)
        )
        self._patience.start()
        self._store.set_opening(f"“{self._names}” is being read: Train waits until this has finished.")

    @Slot()
    def cancel(self) -> None:
        """Forget what is being looked at; nothing changes."""
        self._request.cancel()

    @Slot()
    def _on_changed(self) -> None:
        if not self.is_busy:
            self._patience.stop()
            if self._request.value is None:  # an answer is used first: in between the data before is not meant
                self._store.set_opening("")
            self.ended.emit()

    @Slot(object)
    def _on_answered(self, found: OwnData | Refused) -> None:
        self._request.forget()  # the same things may be dropped again
        if isinstance(found, Refused):
            self.refused.emit(found)
        elif found.spec_file is not None:
            self.settings_found.emit(found.spec_file)
        else:
            self._use(found)
        self._store.set_opening("")

    def _use(self, found: OwnData) -> None:
        self._store.settle()
        try:
            self._store.edit("data.source", found.source(self._store.spec.data.source))
        except SpecError as error:
            self.refused.emit(Refused(f"{found.name} cannot be used: {self._store.words_of(error)}"))
            return
        self.opened.emit(found)

    @Slot(str)
    def _on_failed(self, trouble: str) -> None:
        self.refused.emit(Refused(trouble))

    @Slot(object, object)
    def _on_progressed(self, fraction: float, _words: str) -> None:
        """A drive that gives data is not slow, whatever time that takes."""
        if fraction > 0:
            self._patience.stop()
            self.progressed.emit(f"Reading “{self._names}”: {percent(fraction, 0)}")

    @Slot()
    def _on_slow(self) -> None:
        self.slow.emit(f"Still waiting for {self._names}: its drive is slow, or other data are looked at first.")


def _look(
    loaded: DataStore,
    current: DataSource,
    paths: tuple[Path, ...],
    progress: Progress,
    is_cancelled: IsCancelled,
) -> OwnData | Refused:
    """What ``paths`` are, or why they cannot take the place of the ``current`` source."""
    try:
        found = loaded.recognised(paths, is_cancelled)
        if found.spec_file is None:
            finished(refuse_unusable(found.source(current), loaded), watched(progress, is_cancelled))
        return found
    except NotData as error:
        return Refused(error.message, error.instead, error.others)
