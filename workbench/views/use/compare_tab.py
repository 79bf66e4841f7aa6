"""Two networks side by side: the pictures about which they disagree."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from PySide6.QtCore import Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from workbench.bridge.threads.background import Tasks
from workbench.bridge.use.small_pictures import SmallPictures
from workbench.bridge.use.use_desk import UseDesk
from workbench.engine.core.text import counted, grouped, percent
from workbench.engine.use.picture_list import listed
from workbench.views.data.thumbnails import ThumbnailView
from workbench.views.use.gallery import CaptionedModel
from workbench.views.use.network_bar import NetworkBar
from workbench.views.use.paths_line import PathsLine
from workbench.views.widgets.basics import Box, Words
from workbench.views.widgets.start_bar import StartBar
from workbench.views.widgets.theme import ERROR, MUTED

if TYPE_CHECKING:
    from workbench.engine.use.disagree import Disagreements

_WHAT: Final = "Both networks classify all pictures; those with different predicted classes will be here."


class CompareTab(QWidget):
    """The network of the page is the first one; the second is chosen here."""

    def __init__(self, desk: UseDesk, tasks: Tasks, pictures: SmallPictures, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.desk, self._pictures = desk, pictures
        self.other = NetworkBar(desk.other, tasks, "Second network", is_first=False)
        self.paths, self.bar, self.words = PathsLine(), StartBar("comparison"), Words(_WHAT, tone=MUTED)
        self.model = CaptionedModel()
        self.view = ThumbnailView(model=self.model)
        self.view.setAccessibleName("Pictures about which the networks disagree")
        box = Box(margins=(2, 2, 2, 2), spacing=2)
        for widget in (self.other, self.paths, self.bar, self.words):
            box.add(widget)
        box.add(self.view, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(box)
        self._connect()
        self.show_state()

    def _connect(self) -> None:
        desk = self.desk
        self.bar.start_button.clicked.connect(self.begin)
        self.bar.cancel_button.clicked.connect(self.cancel)
        self.paths.changed.connect(self.show_state)
        for signal in (desk.changed, desk.slot.changed, desk.slot.renewed, desk.other.changed, desk.other.renewed):
            signal.connect(self.show_state)
        desk.compared.connect(self._on_compared)
        desk.comparison.failed.connect(self._on_failed)
        self.view.needed.connect(self._on_needed)
        self._pictures.ready.connect(self.view.take)

    def take(self, paths: Sequence[Path]) -> None:
        """Compare on these next."""
        self.paths.take(paths)

    @Slot()
    def begin(self) -> None:
        """Compare the two networks on what was chosen."""
        self.desk.compare(self.paths.paths)

    @Slot()
    def cancel(self) -> None:
        """End the work."""
        self.desk.comparison.cancel()
        self._say("Stopped.")

    @Slot(object)
    def _on_compared(self, found: Disagreements) -> None:
        self.model.captions = [
            (
                f"{each.first} {percent(each.first_probability, 0)}",
                f"{each.second} {percent(each.second_probability, 0)}",
            )
            for each in found.pictures
        ]
        catalogue = listed([each.path for each in found.pictures])
        self.view.thumbnails.show(catalogue, np.arange(len(catalogue)))
        said = f"They disagree about {grouped(len(found.pictures))} of {counted(found.count, 'picture')}."
        if found.unreadable:
            said += f" {counted(found.unreadable, 'file')} could not be read."
        self._say(f"{said} Below each: what the first says, then the second. The surest are first.")
        self.show_state()

    @Slot(object, int)
    def _on_needed(self, examples: list[int], side: int) -> None:
        if self.model.found is not None:
            self._pictures.want(self.model.found, examples, side)

    @Slot(str)
    def _on_failed(self, why: str) -> None:
        self._say(why, is_wrong=True)

    def _say(self, words: str, is_wrong: bool = False) -> None:
        self.words.setForegroundRole(ERROR if is_wrong else MUTED)
        self.words.setText(words)

    def _why_not(self) -> str:
        for slot in (self.desk.slot, self.desk.other):
            if slot.network is None:
                return slot.trouble or "A network is still being loaded."
        return "" if self.paths.paths else "Choose a folder of pictures."

    @Slot()
    def show_state(self) -> None:
        """Follow the work and what is chosen."""
        request = self.desk.comparison
        self.bar.show_state(request.is_pending, request.fraction, self._why_not(), False)
        self.bar.start_button.setText("&Compare")
        if request.is_pending:
            self._say(request.words)
