"""The blocks of the transfer model in the form, or of the one that trains, kept up to date in the background."""

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
    """Computes nothing until it is watched."""

    changed = Signal()

    def __init__(self, store: SpecStore, previews: Previews, tasks: Tasks, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store, self._previews = store, previews
        self._is_watched = False
        self.asked = LatestRequest(tasks, "Building the network", self)
        self.asked.changed.connect(self.changed)
        store.changed.connect(self._look)
        store.marks_changed.connect(self._look)
        previews.data_ready.connect(self._look)

    @property
    def value(self) -> tuple[Block, ...]:
        """The blocks from the input on, the head last; empty while they are not known."""
        return self.asked.value or ()

    @property
    def data(self) -> DataSummary | None:
        """The data that the network sees."""
        return self._previews.data

    def watch(self, watched: bool) -> None:
        """Whether somebody looks."""
        self._is_watched = watched
        self._look()

    @Slot()
    @Slot(object)
    def _look(self, _news: object = None) -> None:
        spec = self._store.running_spec or self._store.spec
        model, data = spec.model, self._previews.data
        if not self._is_watched or not isinstance(model, Transfer) or data is None or len(data.shape) != 3:
            self.changed.emit()
            return
        shape, classes = data.shape, len(data.classes)
        self.asked.ask(blocks_question(model, shape, classes), building(model, shape, classes))
        self.changed.emit()


def blocks_question(model: Transfer, shape: tuple[int, ...], classes: int) -> tuple[object, ...]:
    """What the blocks depend on: moving the line needs no new network."""
    return model.weights, model.size, model.standardize, shape, classes


def building(model: Transfer, shape: tuple[int, ...], classes: int) -> Work:
    """Build the network with its new head; the result is a tuple of Block."""

    def build() -> tuple[Block, ...]:
        from workbench.engine.transfer.blocks import blocks_of

        return blocks_of(model, shape, classes)

    return simply(build)
