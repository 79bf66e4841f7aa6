"""A text of a few lines: the rest is shown on demand, so that a long one takes no room from what is below it."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from workbench.views.widgets.basics import Words

#: The text takes at most this part of the window's height while it is folded, and at least two lines.
_SHARE = 14


class FoldedWords(Words):
    """Shows the first lines of its text, or all of it after ``unfold``."""

    cut_changed = Signal(bool)  #: whether there is more text than is shown, or was before it was unfolded

    _folded = True
    _is_long = False

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.setAlignment(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)

    @Slot(bool)
    def unfold(self, all_of_it: bool) -> None:
        """Show the whole text, or its first lines again."""
        self._folded = not all_of_it
        self._look()
        self.updateGeometry()

    def setText(self, text: str) -> None:
        super().setText(text)
        self._look()

    def heightForWidth(self, width: int) -> int:
        height = super().heightForWidth(width)
        return min(height, self._most()) if self._folded else height

    def sizeHint(self) -> QSize:
        return self._limited(super().sizeHint())

    def minimumSizeHint(self) -> QSize:
        return self._limited(super().minimumSizeHint())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._look()

    def _limited(self, hint: QSize) -> QSize:
        return QSize(hint.width(), min(hint.height(), self._most())) if self._folded else hint

    def _most(self) -> int:
        """The height of the lines that are shown while folded."""
        line = self.fontMetrics().lineSpacing()
        return line * max(2, self.window().height() // (_SHARE * line))

    def _look(self) -> None:
        is_long = super().heightForWidth(self.width()) > self._most()
        side = Qt.AlignmentFlag.AlignTop if is_long else Qt.AlignmentFlag.AlignVCenter
        self.setAlignment(side | Qt.AlignmentFlag.AlignLeft)
        if is_long != self._is_long:
            self._is_long = is_long
            self.cut_changed.emit(is_long)
