"""What own data is taken for, in the background: read as soon as it is chosen or a setting of it is changed."""

from __future__ import annotations

from functools import partial
from typing import Any, Final

from PySide6.QtCore import QObject, Slot

from workbench.bridge.data.data_request import DataRequest, name_of
from workbench.bridge.spec_store import SpecStore
from workbench.bridge.threads.background import Tasks
from workbench.bridge.threads.progress import as_task
from workbench.engine.catalog.datasets.understanding import Doubt, Reading
from workbench.engine.core.errors import Mend, Problem
from workbench.engine.data.store import DataStore
from workbench.engine.data.understand import Understood, understand

#: Edits are gathered this long: a slider that is dragged must not begin a request at each pixel.
GATHER_MS: Final = 120
_SOURCE: Final = "data.source"


class DataUnderstanding(DataRequest):
    """Follows the spec's data. A doubt that needs an answer is a problem of the spec, for which Train is refused."""

    def __init__(self, store: SpecStore, tasks: Tasks, loaded: DataStore, parent: QObject | None = None) -> None:
        super().__init__(store, tasks, loaded, "Looking at the data", GATHER_MS, parent)
        self._asked.answered.connect(self._on_answered)

    def start(self) -> None:
        """Follow the spec from now on."""
        self._store.changed.connect(self._on_spec)
        self._on_spec(self._store.spec)

    @property
    def understood(self) -> Understood | None:
        """What the data is taken for; None while it is not known."""
        found: Understood | None = self._asked.value
        return found

    @property
    def reading(self) -> str:
        """That the data is being looked at, in a sentence; empty if it is not. A run that starts now asks the same."""
        if not self.is_busy:
            return ""
        return f"“{name_of(self._store.spec.data.source)}” is being read: its classes and parts are not known yet."

    def choose(self, reading: Reading) -> None:
        """Read the data in this way, as one undo entry. Raises SpecError."""
        self._store.edit_all(reading.edits)

    @Slot()
    def look_again(self) -> None:
        """The files may have changed."""
        if self.concerns:
            self._ask_again()

    @Slot(str, str)
    def on_failed(self, section: str, _message: str) -> None:
        """Data that was understood could not be read: the files are not what they were."""
        if section == "data" and self.understood is not None and self.understood.refused is None:
            self.look_again()

    def _reset(self) -> None:
        self._store.set_doubts(())

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
