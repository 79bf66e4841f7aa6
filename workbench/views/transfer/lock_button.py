"""The padlock of a block: closed where it is frozen, open where it is trained."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QAbstractButton, QWidget

from workbench.views.widgets.collapsible_header import draw_focus
from workbench.views.widgets.theme import ACCENT, MUTED, rhythm, theme


class LockButton(QAbstractButton):
    """A padlock: closed where the block is frozen, open where it learns. Click or Space asks for the other."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._frozen = self._fixed = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def show_state(self, frozen: bool, fixed: bool) -> None:
        """Closed or open; a fixed one cannot be pressed."""
        self._frozen, self._fixed = frozen, fixed
        self.setEnabled(not fixed)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(rhythm(self, 6), rhythm(self, 6))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        palette = self.palette()
        if self.isEnabled() and (self.underMouse() or self.isDown()):
            painter.fillRect(self.rect(), palette.color(QPalette.ColorRole.Button))
        side = min(self.width(), self.height())
        middle = QPointF(self.width() / 2, self.height() / 2)
        colour = QColor(theme().colours.train_text) if self._frozen else palette.color(ACCENT)
        if self._fixed:
            colour = palette.color(MUTED)
        draw_lock(painter, QRectF(middle.x() - side / 2, middle.y() - side / 2, side, side), self._frozen, colour)
        if self.hasFocus():
            draw_focus(painter, self.rect(), palette)
        painter.end()


def draw_lock(painter: QPainter, square: QRectF, closed: bool, colour: QColor) -> None:
    """A padlock into ``square``; an open one has its bow turned aside."""
    side, x, y = square.width(), square.x(), square.y()
    painter.setPen(QPen(colour, side * 0.09, c=Qt.PenCapStyle.RoundCap))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    shift = 0.0 if closed else 0.26 * side
    bow = QPainterPath(QPointF(x + 0.34 * side + shift, y + 0.5 * side))
    bow.lineTo(x + 0.34 * side + shift, y + 0.34 * side)
    bow.arcTo(QRectF(x + 0.34 * side + shift, y + 0.16 * side, 0.32 * side, 0.34 * side), 180, -180)
    bow.lineTo(x + 0.66 * side + shift, y + (0.5 if closed else 0.38) * side)
    painter.drawPath(bow)
    body = QRectF(x + 0.24 * side, y + 0.48 * side, 0.52 * side, 0.38 * side)
    painter.setPen(Qt.PenStyle.NoPen)
    if closed:
        painter.setBrush(colour)
        painter.drawRoundedRect(body, side * 0.06, side * 0.06)
    else:
        painter.setPen(QPen(colour, side * 0.08))
        painter.drawRoundedRect(body, side * 0.06, side * 0.06)
