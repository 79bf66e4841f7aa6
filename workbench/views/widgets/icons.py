"""The run bar's icons, drawn in palette colours for light and dark."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPalette, QPixmap, QPolygonF

_SIZE = 64


def icon(name: str, palette: QPalette) -> QIcon:
    """The icon ``name`` (train, pause, resume, step, stop, restart, decay) in the palette's text colours."""
    made = QIcon()
    for mode, group in (
        (QIcon.Mode.Normal, QPalette.ColorGroup.Active),
        (QIcon.Mode.Disabled, QPalette.ColorGroup.Disabled),
    ):
        made.addPixmap(_pixmap(name, palette.color(group, QPalette.ColorRole.ButtonText)), mode)
    return made


def _pixmap(name: str, colour: QColor) -> QPixmap:
    pixmap = QPixmap(QSize(_SIZE, _SIZE))
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    for shape in _SHAPES[name]:
        if isinstance(shape, QRectF):
            painter.drawRect(shape)
        else:
            painter.drawPolygon(shape)
    painter.end()
    return pixmap


def _triangle(left: float, right: float) -> QPolygonF:
    return QPolygonF([QPointF(left, 10), QPointF(right, 32), QPointF(left, 54)])


_SHAPES: dict[str, list[QRectF | QPolygonF]] = {
    "train": [_triangle(14, 54)],
    "resume": [_triangle(14, 54)],
    "pause": [QRectF(14, 10, 13, 44), QRectF(37, 10, 13, 44)],
    "step": [_triangle(8, 40), QRectF(44, 10, 10, 44)],
    "decay": [QRectF(8, 12, 14, 42), QRectF(25, 30, 14, 24), QRectF(42, 44, 14, 10)],
    "restart": [_triangle(22, 58), QRectF(8, 10, 10, 44)],
    "stop": [QRectF(12, 12, 40, 40)],
}
