"""A progress bar that does not look like a text field: a flat track, filled from the left."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPalette, QPixmap
from PySide6.QtWidgets import QProgressBar, QStyle, QStyleOptionProgressBar

_Role = QPalette.ColorRole


class ProgressBar(QProgressBar):
    """Only a line while nothing is done. Its text is in one line: ``brief`` where the other one has no room."""

    brief = ""
    _is_animated = False

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.minimum() == self.maximum():  # how much there is to do is not known: the style shows that it goes on
            self._is_animated = True
            super().paintEvent(event)
            return
        if self._is_animated:
            self._end_animation()
        painter = QPainter(self)
        words, share = self._words(), self._share()
        if words or share:
            self._paint_filled(painter, words, share)
        else:
            self._paint_line(painter)
        painter.end()

    def _end_animation(self) -> None:
        """The style ends its animation, 60 repaints a second, only when it paints a bar whose end is known."""
        self._is_animated = False
        option, elsewhere = QStyleOptionProgressBar(), QPixmap(1, 1)
        self.initStyleOption(option)
        option.progress = option.maximum  # of a bar without a value the style paints nothing
        painter = QPainter(elsewhere)
        self.style().drawControl(QStyle.ControlElement.CE_ProgressBarContents, option, painter, self)
        painter.end()

    def _share(self) -> float:
        done = self.value() - self.minimum()
        return min(1.0, max(0.0, done / (self.maximum() - self.minimum())))

    def _words(self) -> str:
        words = self.text() if self.isTextVisible() else ""
        metrics, room = self.fontMetrics(), self.width() - self.fontMetrics().height() // 2
        if metrics.horizontalAdvance(words) > room and self.brief:
            words = self.brief
        return metrics.elidedText(words, Qt.TextElideMode.ElideRight, room)

    def _paint_line(self, painter: QPainter) -> None:
        middle = self.height() // 2
        painter.fillRect(QRect(0, middle - 1, self.width(), 2), self._colour(_Role.Mid))

    def _paint_filled(self, painter: QPainter, words: str, share: float) -> None:
        track = QRect(0, 2, self.width(), self.height() - 4)
        filled = QRect(track)
        filled.setWidth(round(track.width() * share))
        painter.fillRect(track, self._colour(_Role.Button))
        painter.fillRect(filled, self._colour(_Role.Highlight))
        painter.setPen(self._colour(_Role.Mid))
        painter.drawRect(QRectF(track).adjusted(0.5, 0.5, -0.5, -0.5))
        rest = track.adjusted(filled.width(), 0, 0, 0)
        for part, role in ((filled, _Role.HighlightedText), (rest, _Role.WindowText)):
            painter.setClipRect(part)
            painter.setPen(self._colour(role))
            painter.drawText(track, Qt.AlignmentFlag.AlignCenter, words)

    def _colour(self, role: QPalette.ColorRole) -> QColor:
        return self.palette().color(QPalette.ColorGroup.Active, role)
