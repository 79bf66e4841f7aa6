"""A line that shows the chosen files or folders, with buttons to choose them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QFileDialog, QLineEdit, QPushButton, QWidget

from workbench.engine.catalog.path_settings import typed_path
from workbench.views.widgets.basics import Box, Words


class PathsLine(Box):
    """A folder, or several paths that were dropped."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, spacing=2, horizontal=True)
        self._several: tuple[Path, ...] = ()
        self.field = QLineEdit()
        self.field.setAccessibleName("Folder of pictures")
        self.field.setPlaceholderText("A folder: all pictures at any depth. It can be dropped on the window.")
        self.button = QPushButton("F&older…")
        label = Words("Pictures &in:", wrap=False)
        label.setBuddy(self.field)
        self.add(label)
        self.add(self.field, 1)
        self.add(self.button)
        self.button.clicked.connect(self._on_folder)
        self.field.textEdited.connect(self._on_edited)

    @property
    def paths(self) -> tuple[Path, ...]:
        """What was chosen; empty if nothing was."""
        if self._several:
            return self._several
        text = typed_path(self.field.text())
        return (Path(text).expanduser(),) if text else ()

    def take(self, paths: Sequence[Path]) -> None:
        """Choose these."""
        self._several = tuple(paths)
        more = f" and {len(paths) - 1} more" if len(paths) > 1 else ""
        self.field.setText(f"{paths[0]}{more}" if paths else "")
        self.changed.emit()

    @Slot()
    def _on_edited(self) -> None:
        self._several = ()
        self.changed.emit()

    @Slot()
    def _on_folder(self) -> None:
        start = str(self.paths[0]) if self.paths else str(Path.home())
        chosen = QFileDialog.getExistingDirectory(self, "A folder of pictures", start)
        if chosen:
            self.take((Path(chosen),))
