"""The blocks of the transfer model of the active run or, without one, of the form; computed in the background."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from workbench.bridge.previews import Previews
from workbench.bridge.spec_store import SpecStore
from workbench.bridge.threads.background import Tasks, Work
from workbench.bridge.threads.latest_request import LatestRequest
from workbench.bridge.threads.progress import simply
from workbench.engine.catalog.models.transfer import Transfer
from workbench.engine.report.data_summary import DataSummary

if TYPE_CHECKING:
    from workbench.engine.transfer.blocks import Block


class NetworkBlocks(QObject):
    """Keeps the blocks up to date while they are watched. Lives in the GUI thread."""

    changed = Signal()  #: ``value``, ``data`` or the state of ``request``

    def __init__(self, store: SpecStore, previews: Previews, tasks: Tasks, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store, self._previews = store, previews
        self._is_watched = False
        self.request = LatestRequest(tasks, "Building the network", self)
        self.request.changed.connect(self.changed)
        store.changed.connect(self._update)
        store.marks_changed.connect(self._update)
        previews.data_ready.connect(self._update)

    @property
    def value(self) -> tuple[Block, ...]:
        """The blocks from the input to the head; empty while they are unknown."""
        return self.request.value or ()

    @property
    def data(self) -> DataSummary | None:
        """The summary of the data that the network is trained on; None while it is unknown."""
        return self._previews.data

    def watch(self, watched: bool) -> None:
        """Start or end watching: nothing is computed while no view shows the blocks."""
        self._is_watched = watched
        self._update()

    @Slot()
    @Slot(object)
    def _update(self, _news: object = None) -> None:
        spec = self._store.running_spec or self._store.spec
        model, data = spec.model, self._previews.data
        if not self._is_watched or not isinstance(model, Transfer) or data is None or len(data.shape) != 3:
            self.changed.emit()
            return
        shape, classes = data.shape, len(data.classes)
        self.request.ask(blocks_key(model, shape, classes), build_blocks(model, shape, classes))
        self.changed.emit()


def blocks_key(model: Transfer, shape: tuple[int, ...], classes: int) -> tuple[object, ...]:
    """What the blocks depend on. The line between frozen and trained blocks is not part of it."""
    return model.weights, model.size, model.standardize, shape, classes


def build_blocks(model: Transfer, shape: tuple[int, ...], classes: int) -> Work:
    """Work that builds the network with its new head. Its result is a tuple of Block."""

    def build() -> tuple[Block, ...]:
        from workbench.engine.transfer.blocks import blocks_of

        return blocks_of(model, shape, classes)

    return simply(build)
