"""The size of dialogs, which follows the size of their letters."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Slot
from PySide6.QtWidgets import QWidget

from workbench.views.widgets.theme import grow_to_words, resize_within_screen, rhythm, theme


def set_size(dialog: QWidget, wide: float, high: float) -> None:
    """Give ``dialog`` a size in quarters of a line, within the screen, which grows and shrinks with the font."""
    resize_within_screen(dialog, rhythm(dialog, wide), rhythm(dialog, high))
    _SizeOfFont(dialog)


class _SizeOfFont(QObject):
    """Resizes a dialog by as much as its font has changed, after its layout has learned of it."""

    def __init__(self, dialog: QWidget) -> None:
        super().__init__(dialog)
        self._dialog = dialog
        self._line, self._size = dialog.fontMetrics().height(), dialog.size()
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(0)
        self._later.timeout.connect(self._follow)
        theme().changed.connect(self._on_changed)

    @Slot()
    def _on_changed(self) -> None:
        if not self._later.isActive():
            self._size = self._dialog.size()
            self._later.start()

    @Slot()
    def _follow(self) -> None:
        before, self._line = self._line, self._dialog.fontMetrics().height()
        if self._line != before:
            wide, high = (round(each * self._line / before) for each in self._size.toTuple())
            resize_within_screen(self._dialog, wide, high)
            grow_to_words(self._dialog)
