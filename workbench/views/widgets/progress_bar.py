"""A progress bar that does not look like a text field: a flat track, filled from the left."""

from __future__ import annotations

from PySide6.QtCore import QEvent
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QProgressBar, QWidget


class ProgressBar(QProgressBar):
    """Its track has the colour of buttons, while the fields in which one writes have that of paper."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tint()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.ApplicationPaletteChange, QEvent.Type.ParentChange):
            self._tint()

    def _tint(self) -> None:
        palette = QPalette()
        track = palette.color(QPalette.ColorRole.Button)
        for role in (QPalette.ColorRole.Base, QPalette.ColorRole.Window):
            palette.setColor(role, track)
        self.setPalette(palette)
