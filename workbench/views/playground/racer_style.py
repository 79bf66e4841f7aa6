"""How racers are told apart: a colour and a line style each, so that neither is needed alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QLineF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from workbench.views.plots.run_styles import run_style
from workbench.views.widgets.theme import rhythm

#: Lengths of dashes and gaps in widths of the line; none for a solid one.
_DASHES: Final[tuple[tuple[float, ...], ...]] = (
    (),
    (5.0, 2.5),
    (1.2, 2.0),
    (7.0, 2.0, 1.2, 2.0),
    (4.0, 1.8, 1.2, 1.8, 1.2, 1.8),
    (2.6, 1.6),
)


@dataclass(frozen=True, slots=True)
class RacerStyle:
    """``dashes`` are lengths of dashes and gaps in widths of the line; empty: solid."""

    colour: str
    dashes: tuple[float, ...]

    def pen(self, width: float, offset: float = 0.0) -> QPen:
        """The line, ``width`` pixels wide; its dashes begin ``offset`` pixels before."""
        pen = QPen(QColor(self.colour), width)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        if self.dashes:
            pen.setDashPattern(list(self.dashes))
            pen.setDashOffset(offset / width)
        return pen


def is_dark(palette: QPalette) -> bool:
    """Whether the window is dark."""
    return palette.color(QPalette.ColorRole.Window).lightness() < 128


def racer_style(number: int, dark: bool) -> RacerStyle:
    """The style of the ``number``-th racer (0, 1, …) on dark or light ground."""
    return RacerStyle(run_style(number).colour(dark), _DASHES[number % len(_DASHES)])


class LineSample(QWidget):
    """A short piece of a racer's line."""

    def __init__(self, number: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._number = number
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(rhythm(self, 9), rhythm(self, 4))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        draw_sample(painter, QRectF(self.rect()), self._number, is_dark(self.palette()))
        painter.end()


def draw_sample(painter: QPainter, area: QRectF, number: int, dark: bool) -> None:
    """Draw the line of the ``number``-th racer across ``area``."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(racer_style(number, dark).pen(max(2.0, area.height() / 7)))
    y = area.center().y()
    painter.drawLine(QLineF(area.left() + 1, y, area.right() - 1, y))
