"""The icons of run bar and rail, drawn in palette colours for light and dark."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPalette, QPixmap, QPolygonF

_SIZE = 64


def icon(name: str, palette: QPalette) -> QIcon:
    """The icon ``name``, one of the names below, in the palette's text colours."""
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


def _polygon(*points: tuple[float, float]) -> QPolygonF:
    return QPolygonF([QPointF(x, y) for x, y in points])


_SHAPES: dict[str, list[QRectF | QPolygonF]] = {
    "train": [_triangle(14, 54)],
    "resume": [_triangle(14, 54)],
    "pause": [QRectF(14, 10, 13, 44), QRectF(37, 10, 13, 44)],
    "step": [_triangle(8, 40), QRectF(44, 10, 10, 44)],
    "step_back": [_polygon((56, 10), (24, 32), (56, 54)), QRectF(10, 10, 10, 44)],
    "speed": [_polygon((6, 14), (30, 32), (6, 50)), _polygon((34, 14), (58, 32), (34, 50))],
    "decay": [QRectF(8, 12, 14, 42), QRectF(25, 30, 14, 24), QRectF(42, 44, 14, 10)],
    "restart": [_triangle(22, 58), QRectF(8, 10, 10, 44)],
    "stop": [QRectF(12, 12, 40, 40)],
    "page_train": [
        QRectF(6, 6, 5, 52),
        QRectF(6, 53, 52, 5),
        _polygon((18, 8), (24, 8), (30, 30), (58, 38), (58, 44), (26, 36)),
    ],
    "page_runs": [
        *(QRectF(6, y, 10, 10) for y in (8, 27, 46)),
        *(QRectF(23, y + 2, 35, 6) for y in (8, 27, 46)),
    ],
    # A ball that rolls down into a valley.
    "page_playground": [
        _polygon((4, 12), (10, 12), (22, 40), (32, 47), (42, 40), (54, 12), (60, 12), (47, 45), (32, 54), (17, 45)),
        _polygon(*((27 + 8 * math.cos(k * math.pi / 8), 28 + 8 * math.sin(k * math.pi / 8)) for k in range(16))),
    ],
    # A picture with a mountain and a sun, and a mark that it is known.
    "page_use": [
        QRectF(4, 8, 46, 4),
        QRectF(4, 8, 4, 40),
        QRectF(4, 44, 28, 4),
        QRectF(46, 8, 4, 20),
        _polygon((10, 42), (22, 24), (34, 42)),
        _polygon(*((36 + 4 * math.cos(k * math.pi / 8), 20 + 4 * math.sin(k * math.pi / 8)) for k in range(16))),
        _polygon((36, 46), (40, 42), (46, 48), (57, 34), (61, 38), (46, 56)),
    ],
    # A board with a curve, on three legs.
    "page_lessons": [
        QRectF(6, 8, 52, 4),
        QRectF(6, 40, 52, 4),
        QRectF(6, 8, 4, 36),
        QRectF(54, 8, 4, 36),
        _polygon((15, 17), (19, 16), (27, 30), (48, 34), (48, 38), (25, 34)),
        QRectF(30, 44, 4, 14),
        _polygon((20, 44), (24, 44), (18, 58), (14, 58)),
        _polygon((40, 44), (44, 44), (50, 58), (46, 58)),
    ],
}
