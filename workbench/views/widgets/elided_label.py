"""A label of one line that is cut where it has no room."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel


class ElidedLabel(QLabel):
    """One line that ends in … (or has it at another place) where it has no room."""

    cut_at = Qt.TextElideMode.ElideRight

    def minimumSizeHint(self) -> QSize:
        return QSize(0, super().minimumSizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        room = self.contentsRect().adjusted(self.fontMetrics().height() // 3, 0, -self.fontMetrics().height() // 2, 0)
        words = self.fontMetrics().elidedText(self.text(), self.cut_at, room.width())
        painter.drawText(
            room, Qt.AlignmentFlag.AlignVCenter | self.alignment() & Qt.AlignmentFlag.AlignHorizontal_Mask, words
        )
