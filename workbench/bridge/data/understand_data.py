"""What own data is taken for, in the background: read as soon as it is chosen or a setting of it is changed."""

from __future__ import annotations

from functools import partial
from typing import Any, Final

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from workbench.bridge.data.check_data import is_own, is_ready
from workbench.bridge.spec_store import SpecStore
from workbench.bridge.threads.background import Tasks
from workbench.bridge.threads.latest_request import LatestRequest
from workbench.bridge.threads.progress import as_task
from workbench.engine.catalog.datasets.understanding import Doubt, Reading
from workbench.engine.core.errors import Mend, Problem
from workbench.engine.data.store import DataStore
from workbench.engine.data.understand import Understood, understand
from workbench.engine.spec.data_spec import DataSpec
from workbench.engine.spec.experiment import ExperimentSpec

#: Edits are gathered this long: a slider that is dragged must not begin a request at each pixel.
GATHER_MS: Final = 120
_SOURCE: Final = "data.source"


class DataUnderstanding(QObject):
    """Follows the spec's data. A doubt that needs an answer is a problem of the spec, for which Train is refused."""

    changed = Signal()  #: ``understood``, ``trouble`` or whether it is being found out

    def __init__(self, store: SpecStore, tasks: Tasks, loaded: DataStore, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store, self._loaded = store, loaded
        self._asked = LatestRequest(tasks, "Looking at the data", self)
        self._asked.changed.connect(self.changed)
        self._asked.answered.connect(self._on_answered)
        self._data: DataSpec | None = None
        self._gather = QTimer(self)
        self._gather.setSingleShot(True)
        self._gather.setInterval(GATHER_MS)
        self._gather.timeout.connect(self._ask)

    def start(self) -> None:
        """Follow the spec from now on."""
        self._store.changed.connect(self._on_spec)
        self._on_spec(self._store.spec)

    @property
    def concerns(self) -> bool:
        """Whether the data comes from the user's disk and is chosen."""
        source = self._store.spec.data.source
        return is_own(source) and is_ready(source)

    @property
    def is_busy(self) -> bool:
        """Whether it is being found out."""
        return self._asked.is_pending or self._gather.isActive()

    @property
    def understood(self) -> Understood | None:
        """What the data is taken for; None while it is not known."""
        found: Understood | None = self._asked.value
        return found

    @property
    def trouble(self) -> str:
        """Why it could not be found out; empty if it could."""
        return self._asked.trouble

    def choose(self, reading: Reading) -> None:
        """Read the data so, as one undo entry. Raises SpecError."""
        self._store.edit_all({f"{_SOURCE}.{name}": value for name, value in reading.settings})

    @Slot()
    def look_again(self) -> None:
        """The files may have changed."""
        if self.concerns:
            self._asked.forget()
            self._gather.start()
            self.changed.emit()

    @Slot(object)
    def _on_spec(self, spec: ExperimentSpec) -> None:
        if spec.data == self._data:
            return
        self._data = spec.data
        self._asked.cancel()
        self._asked.forget()
        self._store.set_doubts(())
        if self.concerns:
            self._gather.start()
        else:
            self._gather.stop()
        self.changed.emit()

    @Slot()
    def _ask(self) -> None:
        spec = self._store.spec
        self._asked.ask(spec.data, as_task(partial(understand, spec, self._loaded)))

    @Slot(object)
    def _on_answered(self, understood: Understood) -> None:
        doubts = [doubt for doubt in understood.doubts if doubt.is_refused]
        self._store.set_doubts(tuple(self._problem(doubt) for doubt in doubts))

    def _problem(self, doubt: Doubt) -> Problem:
        return Problem("data", doubt.sentence, mends=tuple(map(self._mend, doubt.readings)))

    def _mend(self, reading: Reading) -> Mend:
        source = self._store.spec.data.source
        plain: dict[str, Any] = {"kind": source.kind, **source.model_dump(), **dict(reading.settings)}
        return Mend(reading.label, _SOURCE, plain)
