"""What is asked of the spec's data in the background, and asked anew when they change."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from workbench.bridge.spec_store import SpecStore
from workbench.bridge.threads.background import Tasks
from workbench.bridge.threads.latest_request import LatestRequest
from workbench.engine.catalog.datasets import DataSource
from workbench.engine.data.store import DataStore
from workbench.engine.spec.data_spec import DataSpec
from workbench.engine.spec.experiment import ExperimentSpec


def is_own(source: DataSource) -> bool:
    """Whether the data comes from the user's disk."""
    return hasattr(source, "folder") or hasattr(source, "file")


def is_ready(source: DataSource) -> bool:
    """Whether a folder or file is chosen at all."""
    return bool(getattr(source, "folder", "") or getattr(source, "file", ""))


def name_of(source: DataSource) -> str:
    """What the user calls data of their own."""
    place = getattr(source, "folder", "") or getattr(source, "file", "")
    return Path(place).name or place or source.title


class DataRequest(QObject):
    """Lives in the GUI thread; the disk is only touched in the background. A subclass asks in ``_ask``."""

    #: The result, ``trouble`` or how far it is has changed.
    changed = Signal()

    def __init__(
        self,
        store: SpecStore,
        tasks: Tasks,
        loaded: DataStore,
        name: str,
        gather_ms: int,
        parent: QObject | None = None,
    ) -> None:
        """``name`` says what is done; edits that follow each other within ``gather_ms`` are asked about once."""
        super().__init__(parent)
        self._store, self._loaded = store, loaded
        self._asked = LatestRequest(tasks, name, self)
        self._asked.changed.connect(self.changed)
        self._data: DataSpec | None = None
        self._gather = QTimer(self)
        self._gather.setSingleShot(True)
        self._gather.setInterval(gather_ms)
        self._gather.timeout.connect(self._ask)

    @property
    def concerns(self) -> bool:
        """Whether the data comes from the user's disk and is chosen."""
        source = self._store.spec.data.source
        return is_own(source) and is_ready(source)

    @property
    def is_busy(self) -> bool:
        """Whether a request goes on or is about to begin."""
        return self._asked.is_pending or self._gather.isActive()

    @property
    def trouble(self) -> str:
        """Why there is no result, as a sentence; empty if there is one, or none was asked for."""
        return self._asked.trouble

    def finish(self) -> None:
        """Discard gathered edits and ask nothing more; to be called when the worker threads have ended."""
        self._gather.stop()

    @Slot(object)
    def _on_spec(self, spec: ExperimentSpec) -> None:
        if spec.data == self._data:
            return
        self._data = spec.data
        self._asked.cancel()
        self._asked.forget()
        self._reset()
        if self.concerns:
            self._gather.start()
        else:
            self._gather.stop()
        self.changed.emit()

    def _reset(self) -> None:
        """What follows from the result before is no longer so."""

    def _ask_again(self) -> None:
        """The files may have changed, though the settings have not."""
        self._asked.forget()
        self._gather.start()
        self.changed.emit()

    @Slot()
    def _ask(self) -> None:
        raise NotImplementedError
