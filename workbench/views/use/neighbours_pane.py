"""The training pictures that are nearest to the picture in feature space."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from PySide6.QtCore import QModelIndex, Signal, Slot
from PySide6.QtWidgets import QPushButton, QWidget

from workbench.bridge.use.explain_desk import ExplainDesk, picture_of
from workbench.bridge.use.small_pictures import SmallPictures
from workbench.views.data.thumbnails import ThumbnailView
from workbench.views.use.gallery import NeighboursModel
from workbench.views.widgets.basics import Box, Words, plain_tip
from workbench.views.widgets.start_bar import StartBar
from workbench.views.widgets.theme import ERROR, MUTED

if TYPE_CHECKING:
    from workbench.engine.explain.inside import Nearest

_WHAT: Final = (
    "The features of all training pictures are computed once; then the nearest ones to the picture will be here, each "
    "with its class and distance, and the network's answer if it is wrong."
)
_OLD: Final = " The features are those of earlier weights of the run; compute them again for the newest."


class NeighboursPane(Box):
    """Enter, a double click or the button opens a picture: it is explained next."""

    opened = Signal(object, str)  #: a picture to explain (a file, or pixels), and what it is called

    def __init__(self, desk: ExplainDesk, pictures: SmallPictures, parent: QWidget | None = None) -> None:
        super().__init__(parent, margins=(1, 1, 1, 1), spacing=1)
        self.desk, self._pictures = desk, pictures
        self._why_not = ""
        self.bar, self.words = StartBar("work on the training pictures"), Words(_WHAT, tone=MUTED)
        self.model = NeighboursModel()
        self.view = ThumbnailView(model=self.model)
        self.view.setAccessibleName("The nearest training pictures")
        self.open_button = QPushButton("Explain this picture")
        self.open_button.setToolTip(plain_tip("Give the selected picture to the network (Enter or a double click)."))
        foot = Box(horizontal=True)
        foot.box.addStretch(1)
        foot.add(self.open_button)
        self.add(self.bar)
        self.add(self.words)
        self.add(self.view, 1)
        self.add(foot)
        self.bar.start_button.clicked.connect(desk.make_index)
        self.bar.cancel_button.clicked.connect(desk.index.cancel)
        desk.index.changed.connect(self.show_state)
        desk.index.answered.connect(self._on_indexed)
        desk.nearest.answered.connect(self._on_nearest)
        desk.nearest.changed.connect(self.show_state)
        self.view.needed.connect(self._on_needed)
        self.view.activated.connect(self._on_activated)
        self.view.selectionModel().selectionChanged.connect(self.show_state)
        self.open_button.clicked.connect(self._on_open)
        pictures.ready.connect(self.view.take)
        self.show_state()

    def ask(self, why_not: str) -> None:
        """Look for the nearest pictures to the one that is there; ``why_not`` says why there is none."""
        self._why_not = why_not
        if self.desk.indexed is None or why_not:
            self.view.thumbnails.show(None, np.empty(0, np.int64))
        self.desk.look_for_nearest()
        self.show_state()

    @Slot(object)
    def _on_indexed(self, _indexed: object) -> None:
        self.desk.look_for_nearest()

    @Slot(object)
    def _on_nearest(self, found: Nearest) -> None:
        self.model.captions = found.captions
        self.view.thumbnails.show(found.catalogue, np.arange(len(found.catalogue)))
        self.view.scrollToTop()

    @Slot(object, int)
    def _on_needed(self, examples: list[int], side: int) -> None:
        if self.model.found is not None:
            self._pictures.want(self.model.found, examples, side)

    @Slot(QModelIndex)
    def _on_activated(self, index: QModelIndex) -> None:
        self._open(self.model.example(index.row()))

    @Slot()
    def _on_open(self) -> None:
        if chosen := self.view.chosen():
            self._open(chosen[0])

    def _open(self, example: int) -> None:
        found = self.model.found
        if found is not None:
            name, label = found.names[example], found.classes[int(found.labels[example])]
            self.opened.emit(picture_of(found, example), f"{name} of the training pictures, class {label}")

    @Slot()
    def show_state(self) -> None:
        """Follow the work and what is there."""
        index, found = self.desk.index, self.desk.nearest.value
        known = self.desk.indexed
        self.bar.show_state(index.is_pending, index.fraction, self._no_network(), False)
        self.bar.start_button.setText("C&ompute again" if known is not None else "C&ompute")
        self.bar.start_button.setVisible(known is None or self.desk.is_index_of_old_weights)
        self.bar.cancel_button.setVisible(index.is_pending)
        self.bar.setVisible(known is None or index.is_pending or self.desk.is_index_of_old_weights)
        self.open_button.setEnabled(bool(self.view.chosen()))
        trouble = index.trouble or self.desk.nearest.trouble
        if index.is_pending:
            self._say(f"{index.words}…" if index.words else "The training pictures are read…")
        elif trouble:
            self._say(trouble, is_wrong=True)
        elif self._why_not or known is None:
            self._say(self._why_not or _WHAT)
        elif found is not None:
            self._say(found.words + (_OLD if self.desk.is_index_of_old_weights else ""))

    def _no_network(self) -> str:
        return "" if self.desk.explainer is not None else "There is no network yet."

    def _say(self, words: str, is_wrong: bool = False) -> None:
        self.words.setForegroundRole(ERROR if is_wrong else MUTED)
        self.words.setText(words)
