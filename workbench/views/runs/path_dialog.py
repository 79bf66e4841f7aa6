"""The path of a run over the loss around it, in the plane of its own two main directions."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QDialog, QPushButton, QVBoxLayout, QWidget

from workbench.bridge.runs.path_desk import PathDesk
from workbench.views.plots.loss_picture import LossPicture
from workbench.views.plots.picture_menu import PictureMenu
from workbench.views.widgets.basics import Box, Words
from workbench.views.widgets.dialog_size import set_size
from workbench.views.widgets.help_place import set_help
from workbench.views.widgets.progress_bar import ProgressBar
from workbench.views.widgets.theme import ERROR, MUTED

_WHAT = (
    "The run is trained once more, and the states of its weights are collected. The picture shows them in the plane in "
    "which they vary most, over the loss there. The run itself is not touched."
)


class PathDialog(QDialog):
    """Begins at once; closing it gives up what is not measured yet."""

    def __init__(self, desk: PathDesk, folder: Path, name: str, parent: QWidget) -> None:
        super().__init__(parent)
        set_help(self, "runs", "Loss landscape")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(f"Loss landscape of {name}")
        self._desk, self._name = desk, name
        self.picture = LossPicture()
        self.picture.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.words, self.trouble, self.told = Words(_WHAT, tone=MUTED), Words(tone=ERROR), Words(tone=MUTED)
        self._line = Box(horizontal=True)
        self.progress = ProgressBar()
        self.progress.setRange(0, 1000)
        self.progress.setAccessibleName("Progress of the measurement")
        self.cancel = QPushButton("C&ancel")
        self.cancel.clicked.connect(desk.cancel)
        self._line.add(self.progress, 1)
        self._line.add(self.cancel)
        self.menu = PictureMenu(self.picture, lambda: f"{folder.name}-path")
        self.menu.told.connect(lambda words, _kind: self.told.say(words))
        column = QVBoxLayout(self)
        column.addWidget(self.words)
        column.addWidget(self.picture, 1)
        for part in (self.trouble, self._line, self.told):
            column.addWidget(part)
        self.told.hide()
        desk.changed.connect(self.refresh)
        self.finished.connect(desk.close)
        set_size(self, 200, 190)
        desk.begin(folder)
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Show the results so far."""
        desk, found = self._desk, self._desk.picture
        self.trouble.say(desk.trouble)
        self._line.setVisible(desk.is_working)
        self.progress.setValue(round(1000 * desk.share))
        self.progress.setFormat(desk.words or "It begins…")
        self.picture.setVisible(found is not None)
        if found is not None:
            self.words.setText(" ".join(found.words))
            grid = found.grid
            title, words = f"Loss around the path of {self._name}", found.meter.words
            self.picture.show_ground(title, words, grid.xs, grid.ys, grid.heights, found.plane.places)
