"""Check boxes and radio buttons that draw their own indicator.

The style's indicators do not grow with the font, and their outline is invisible on a dark background.
"""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QAbstractButton, QCheckBox, QRadioButton, QSizePolicy, QStyle, QWidget

from workbench.views.widgets.theme import ACCENT, MUTED, rhythm


def _size(button: QAbstractButton) -> QSize:
    metrics = QFontMetrics(button.font())
    label = metrics.size(Qt.TextFlag.TextShowMnemonic, button.text())
    return QSize(_side(button) + rhythm(button, 2) + label.width(), max(_side(button), label.height()) + 2)


def _side(button: QAbstractButton) -> int:
    return rhythm(button, 3.2)


def _draw(button: QAbstractButton, circle: bool) -> None:
    painter = QPainter(button)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    side = _side(button)
    square = QRectF(1, (button.height() - side) / 2, side, side)
    state = Qt.CheckState.Checked if button.isChecked() else Qt.CheckState.Unchecked
    draw_indicator(painter, square, button.palette(), state, circle, button.hasFocus() or button.underMouse())
    _draw_label(button, painter, side)
    painter.end()


def draw_indicator(
    painter: QPainter, place: QRectF, palette: QPalette, state: Qt.CheckState, circle: bool = False, lit: bool = False
) -> None:
    """Draw a check box, or the ``circle`` of a radio button, in the square ``place``; ``lit`` under mouse or focus."""
    side, square = place.height(), place.adjusted(1, 1, -1, -1)
    chosen = state != Qt.CheckState.Unchecked
    pen = max(1.0, side / 12)
    painter.setPen(QPen(palette.color(ACCENT if lit or chosen else MUTED), pen * (2 if lit else 1)))
    painter.setBrush(palette.color(ACCENT if chosen and not circle else QPalette.ColorRole.Base))
    radius = square.width() / 2 if circle else side / 6
    painter.drawRoundedRect(square, radius, radius)
    if chosen and circle:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(palette.color(ACCENT))
        painter.drawEllipse(square.center(), side * 0.22, side * 0.22)
    elif chosen:
        painter.setPen(QPen(palette.color(QPalette.ColorRole.HighlightedText), side / 8, c=Qt.PenCapStyle.RoundCap))
        points = _TICK if state == Qt.CheckState.Checked else _DASH
        painter.drawPolyline(
            [QPointF(square.x() + x * square.width(), square.y() + y * square.height()) for x, y in points]
        )


_TICK: Final = ((0.24, 0.52), (0.43, 0.70), (0.76, 0.30))
_DASH: Final = ((0.24, 0.5), (0.76, 0.5))


def _draw_label(button: QAbstractButton, painter: QPainter, side: int) -> None:
    underline = button.style().styleHint(QStyle.StyleHint.SH_UnderlineShortcut, None, button)
    mnemonic = Qt.TextFlag.TextShowMnemonic if underline else Qt.TextFlag.TextHideMnemonic
    left = side + rhythm(button, 1.5)
    area = QRect(left, 0, button.width() - left, button.height())
    text = QFontMetrics(button.font()).elidedText(button.text(), Qt.TextElideMode.ElideRight, area.width(), mnemonic)
    painter.setPen(button.palette().color(QPalette.ColorRole.WindowText))
    painter.drawText(area, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter | mnemonic, text)


class Check(QCheckBox):
    """A check box in the theme's colours and the font's size. A long label is elided where there is no room for it."""

    def __init__(self, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return _size(self)

    def minimumSizeHint(self) -> QSize:
        return QSize(min(_size(self).width(), rhythm(self, 24)), _size(self).height())

    def hitButton(self, position: QPoint) -> bool:
        return self.rect().contains(position)

    def paintEvent(self, event: QPaintEvent) -> None:
        _draw(self, circle=False)


class Radio(QRadioButton):
    """A radio button in the theme's colours and the font's size."""

    def sizeHint(self) -> QSize:
        return _size(self)

    def minimumSizeHint(self) -> QSize:
        return _size(self)

    def hitButton(self, position: QPoint) -> bool:
        return self.rect().contains(position)

    def paintEvent(self, event: QPaintEvent) -> None:
        _draw(self, circle=True)
