"""Small pictures of a catalogue, decoded on demand in the background."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QObject, Signal, Slot

from workbench.bridge.data.browse_data import BATCH, Pictures, small_pictures
from workbench.bridge.threads.background import Tasks
from workbench.engine.data.browse import Catalogue


class SmallPictures(QObject):
    """Lives in the GUI thread; ``tasks`` is the thread of thumbnails."""

    ready = Signal(object, object)  #: the Catalogue asked, and a dict from example to picture (uint8 array) or reason

    def __init__(self, tasks: Tasks, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tasks = tasks

    def want(self, found: Catalogue, examples: Sequence[int], side: int) -> None:
        """Decode at most BATCH of these; replaces an earlier request of this object that has not started."""
        work = partial(small_pictures, found, tuple(examples[:BATCH]), side)
        self._tasks.submit("Small pictures", work, key=("small", id(self))).done.connect(self._on_pictures)

    @Slot(object)
    def _on_pictures(self, answer: tuple[Catalogue, Pictures]) -> None:
        self.ready.emit(*answer)
