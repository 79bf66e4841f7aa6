"""How runs are told apart in one plot: by a colour and by a shape, so that neither is needed alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from workbench.engine.report.svg.colours import SERIES_ON_DARK, SERIES_ON_LIGHT

Mark = Literal["circle", "square", "triangle", "diamond", "ring", "cross", "down"]

_MARKS: Final[tuple[Mark, ...]] = ("circle", "square", "triangle", "diamond", "ring", "cross", "down")


@dataclass(frozen=True, slots=True)
class RunStyle:
    """One run's ``mark`` and its colours on light and dark ground."""

    light: str
    dark: str
    mark: Mark

    def colour(self, dark: bool) -> str:
        """The colour on dark or light ground."""
        return self.dark if dark else self.light


def run_style(number: int) -> RunStyle:
    """The style of the ``number``-th run shown; after as many as there are colours the shapes are others."""
    colour, turn = number % len(SERIES_ON_LIGHT), number // len(SERIES_ON_LIGHT)
    return RunStyle(SERIES_ON_LIGHT[colour], SERIES_ON_DARK[colour], _MARKS[(number + turn) % len(_MARKS)])


def draw_mark(painter: QPainter, mark: Mark, centre: QPointF, size: float, colour: QColor) -> None:
    """Draw a shape of ``size`` (half its width, in pixels) about ``centre``."""
    painter.setPen(QPen(colour, max(1.0, size / 2.2)) if mark in ("ring", "cross") else Qt.PenStyle.NoPen)
    painter.setBrush(Qt.BrushStyle.NoBrush if mark in ("ring", "cross") else colour)
    x, y, half = centre.x(), centre.y(), size
    if mark in ("circle", "ring"):
        painter.drawEllipse(centre, half, half)
    elif mark == "square":
        painter.drawRect(QRectF(x - 0.9 * half, y - 0.9 * half, 1.8 * half, 1.8 * half))
    elif mark == "cross":
        painter.drawLine(QPointF(x - half, y - half), QPointF(x + half, y + half))
        painter.drawLine(QPointF(x - half, y + half), QPointF(x + half, y - half))
    else:
        painter.drawPolygon(QPolygonF([QPointF(x + a * half, y + b * half) for a, b in _CORNERS[mark]]))


_CORNERS: Final[dict[str, tuple[tuple[float, float], ...]]] = {
    "triangle": ((0, -1.2), (1.1, 0.8), (-1.1, 0.8)),
    "down": ((0, 1.2), (1.1, -0.8), (-1.1, -0.8)),
    "diamond": ((0, -1.3), (1.3, 0), (0, 1.3), (-1.3, 0)),
}
