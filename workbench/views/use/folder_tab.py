"""A folder of pictures without labels, predicted into a CSV table."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QFileDialog, QVBoxLayout, QWidget

from workbench.bridge.use.use_desk import UseDesk
from workbench.views.use.paths_line import PathsLine
from workbench.views.widgets.basics import Box, Words
from workbench.views.widgets.start_bar import StartBar
from workbench.views.widgets.theme import ERROR, MUTED

_WHAT: Final = (
    "Every picture below a folder becomes a row: path, class, probability, second class and its probability. A file "
    "that cannot be read has a row that says why. The file is in its place only when it is whole: Stop leaves "
    "it as it was."
)


class FolderTab(QWidget):
    """Asks for the place of the table when it starts."""

    def __init__(self, desk: UseDesk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.desk = desk
        self.paths, self.bar, self.words = PathsLine(), StartBar("prediction"), Words(tone=MUTED)
        self.bar.start_button.setText("Predi&ct to CSV…")
        box = Box(margins=(2, 2, 2, 2), spacing=2)
        for widget in (Words(_WHAT, tone=MUTED), self.paths, self.bar, self.words):
            box.add(widget)
        box.box.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(box)
        self.bar.start_button.clicked.connect(self._on_start)
        self.bar.cancel_button.clicked.connect(self.cancel)
        self.paths.changed.connect(self.show_state)
        desk.changed.connect(self.show_state)
        desk.slot.changed.connect(self.show_state)
        desk.slot.renewed.connect(self.show_state)
        desk.written.connect(self._on_written)
        self.show_state()

    def take(self, paths: Sequence[Path]) -> None:
        """Predict these next."""
        self.paths.take(paths)

    @Slot()
    def _on_start(self) -> None:
        folder = self.paths.paths[0]
        start = str((folder if folder.is_dir() else folder.parent) / "predictions.csv")
        chosen, _ = QFileDialog.getSaveFileName(self, "Where the table goes", start, "Tables (*.csv);;All files (*)")
        if chosen:
            self.begin(Path(chosen))

    def begin(self, out: Path) -> None:
        """Predict what was chosen into ``out``."""
        self._say("")
        self.desk.write_table(self.paths.paths, out)

    @Slot()
    def cancel(self) -> None:
        """End the work; the table stays as it was."""
        self.desk.table.cancel()
        self._say("Stopped. Nothing was written.")

    @Slot(str, bool)
    def _on_written(self, words: str, is_well: bool) -> None:
        self._say(words, is_wrong=not is_well)
        self.show_state()

    def _say(self, words: str, is_wrong: bool = False) -> None:
        self.words.setForegroundRole(ERROR if is_wrong else MUTED)
        self.words.setText(words)

    def _why_not(self) -> str:
        if self.desk.slot.network is None:
            return self.desk.slot.trouble or "The network is still being loaded."
        return "" if self.paths.paths else "Choose a folder of pictures."

    @Slot()
    def show_state(self) -> None:
        """Follow the work and what is chosen."""
        request = self.desk.table
        self.bar.show_state(request.is_pending, request.fraction, self._why_not(), False)
        self.bar.start_button.setText("Predi&ct to CSV…")
        if request.is_pending:
            self._say(request.words)
