"""A shape for each status of a run or a card, so that it can be read without its colour."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Literal

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPalette, QPen, QPixmap, QPolygonF

from workbench.engine.shelf.record import Status
from workbench.views.widgets.theme import ACCENT, ERROR, MUTED, WARNING

_SIDE: Final = 64
#: What has a shape: the status of a run, and what only cards of the queue can be.
Shape = Status | Literal["waiting", "skipped"]
_Points = tuple[tuple[float, float], ...]


def status_pixmap(status: Shape, palette: QPalette, side: int, ratio: float = 1.0) -> QPixmap:
    """The shape of ``status`` in the palette's colours, ``side`` logical pixels wide."""
    pixmap = QPixmap(round(side * ratio), round(side * ratio))
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.scale(side / _SIDE, side / _SIDE)
    _SHAPES[status](painter, palette.color(_ROLES[status]))
    painter.end()
    return pixmap


def _filled(*polygons: _Points) -> Callable[[QPainter, QColor], None]:
    def draw(painter: QPainter, colour: QColor) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        for points in polygons:
            painter.drawPolygon(QPolygonF([QPointF(x, y) for x, y in points]))

    return draw


def _lines(*lines: _Points) -> Callable[[QPainter, QColor], None]:
    def draw(painter: QPainter, colour: QColor) -> None:
        painter.setPen(QPen(colour, 9, c=Qt.PenCapStyle.RoundCap, j=Qt.PenJoinStyle.RoundJoin))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for points in lines:
            painter.drawPolyline(QPolygonF([QPointF(x, y) for x, y in points]))

    return draw


def _question(painter: QPainter, colour: QColor) -> None:
    font = painter.font()
    font.setPixelSize(60)
    font.setBold(True)
    painter.setFont(font)
    painter.setPen(colour)
    painter.drawText(QRectF(0, 0, _SIDE, _SIDE), Qt.AlignmentFlag.AlignCenter, "?")


_SHAPES: Final[dict[str, Callable[[QPainter, QColor], None]]] = {
    "running": _filled(((14, 8), (56, 32), (14, 56))),
    "paused": _filled(((12, 10), (26, 10), (26, 54), (12, 54)), ((38, 10), (52, 10), (52, 54), (38, 54))),
    "stopped": _filled(((12, 12), (52, 12), (52, 52), (12, 52))),
    "finished": _lines(((10, 34), (26, 50), (54, 14))),
    "diverged": _lines(((8, 52), (26, 44), (36, 30), (40, 8)), ((28, 20), (40, 8), (52, 20))),
    "failed": _lines(((12, 12), (52, 52)), ((12, 52), (52, 12))),
    "lost": _question,
    "waiting": _lines(((12, 32), (12, 32.1)), ((32, 32), (32, 32.1)), ((52, 32), (52, 32.1))),
    "skipped": _lines(((14, 32), (50, 32))),
}
_ROLES: Final[dict[str, QPalette.ColorRole]] = {
    "running": ACCENT,
    "paused": ACCENT,
    "stopped": MUTED,
    "finished": QPalette.ColorRole.Text,
    "diverged": ERROR,
    "failed": ERROR,
    "lost": WARNING,
    "waiting": MUTED,
    "skipped": MUTED,
}
