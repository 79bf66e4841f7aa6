"""Runs as dots: the gap at the best evaluation against the best validation accuracy."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, QSizeF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from workbench.engine.core.text import percent
from workbench.engine.report.svg.axis_ticks import ticks
from workbench.engine.report.svg.colours import DARK, LIGHT
from workbench.engine.shelf.bands import Dot
from workbench.views.plots.run_styles import RunStyle, draw_mark
from workbench.views.runs.columns import short_names
from workbench.views.widgets.basics import show_tip
from workbench.views.widgets.theme import theme

#: Names are tried this many lines above and below their marks.
_ROWS: Final = 6
#: The axis of the gap, in fewer words where there is less room.
_GAP: Final = ("accuracy gap, training − validation", "accuracy gap", "gap")
StyleOf = Callable[[Path], RunStyle | None]


class ScatterPlot(QWidget):
    """Ticked runs have their colour and shape and are named; the others are small grey dots."""

    def __init__(self, style_of: StyleOf, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._style_of = style_of
        self._dots: tuple[Dot, ...] = ()
        self._names: dict[Path, str] = {}
        self.setAccessibleName("Gap against best validation")

    def show_dots(self, dots: Sequence[Dot]) -> None:
        """Show other runs."""
        self._dots = tuple(dots)
        self._names = short_names([dot.record for dot in self._named()])
        words = (
            f"{d.record.shown_name}: gap {percent(d.gap)}, best validation {percent(d.best)}" for d in self._named()
        )
        self.setAccessibleDescription("; ".join(words))
        self.update()

    def _named(self) -> list[Dot]:
        return [dot for dot in self._dots if self._style_of(dot.record.folder) is not None]

    def sizeHint(self) -> QSize:
        line = self.fontMetrics().height()
        return QSize(24 * line, 14 * line)

    # --- Places

    @property
    def _box(self) -> QRectF:
        metrics = self.fontMetrics()
        left = metrics.horizontalAdvance("100.0 %") + metrics.height()
        return QRectF(self.rect()).adjusted(left, 1.8 * metrics.height(), -metrics.height(), -2.6 * metrics.height())

    @staticmethod
    def _range(values: Sequence[float]) -> tuple[float, float]:
        low, high = (min(values), max(values)) if values else (0.0, 1.0)
        room = max(0.15 * (high - low), 0.01)
        return low - room, high + room

    def _place(self, dot: Dot) -> QPointF:
        box = self._box
        (x0, x1), (y0, y1) = (self._range([getattr(d, what) for d in self._dots]) for what in ("gap", "best"))
        x, y = (dot.gap - x0) / (x1 - x0), (dot.best - y0) / (y1 - y0)
        return QPointF(box.left() + x * box.width(), box.bottom() - y * box.height())

    def event(self, event: QEvent) -> bool:
        return show_tip(self, event, lambda at: self._tip(QPointF(at))) or super().event(event)

    def _tip(self, at: QPointF) -> str:
        near = [(self._place(d) - at, d) for d in self._dots]
        near = [each for each in near if each[0].manhattanLength() < self.fontMetrics().height()]
        if not near:
            return ""
        dot = min(near, key=lambda each: each[0].manhattanLength())[1]
        return f"{dot.record.shown_name}\ngap {percent(dot.gap)}, best validation {percent(dot.best)}"

    # --- Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colours = DARK if theme().colours.dark else LIGHT
        painter.fillRect(self.rect(), QColor(colours.background))
        painter.setPen(QColor(colours.text))
        top = QRectF(0, 0, self.width(), 1.6 * self.fontMetrics().height())
        if not self._dots:
            painter.setPen(QColor(colours.muted))
            words = "Runs that were measured on training and validation are dots here."
            painter.drawText(self.rect(), int(Qt.AlignmentFlag.AlignCenter) | int(Qt.TextFlag.TextWordWrap), words)
            return
        painter.drawText(top, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, " Best validation accuracy")
        self._paint_axes(painter, QColor(colours.grid), QColor(colours.muted))
        for dot in self._dots:
            if self._style_of(dot.record.folder) is None:
                draw_mark(painter, "circle", self._place(dot), 2.4 * theme().scale, QColor(colours.ghost))
        for dot, name in zip(self._named(), self.name_places(), strict=True):
            self._paint_named(painter, dot, name)

    def _paint_axes(self, painter: QPainter, grid: QColor, muted: QColor) -> None:
        box, metrics = self._box, self.fontMetrics()
        (x0, x1), (y0, y1) = (self._range([getattr(d, what) for d in self._dots]) for what in ("gap", "best"))
        for value, text in ticks(y0, y1, max(2, int(box.height() / (2.2 * metrics.height()))), "share"):
            y = box.bottom() - (value - y0) / (y1 - y0) * box.height()
            painter.setPen(QPen(grid, 1))
            painter.drawLine(QPointF(box.left(), y), QPointF(box.right(), y))
            painter.setPen(muted)
            place = QRectF(0, y - metrics.height() / 2, box.left() - metrics.height() / 3, metrics.height())
            painter.drawText(place, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)
        for value, text in ticks(x0, x1, max(2, int(box.width() / (7 * metrics.height()))), "share"):
            x = box.left() + (value - x0) / (x1 - x0) * box.width()
            painter.setPen(QPen(grid, 1))
            painter.drawLine(QPointF(x, box.top()), QPointF(x, box.bottom()))
            painter.setPen(muted)
            place = QRectF(x - 4 * metrics.height(), box.bottom() + 2, 8 * metrics.height(), metrics.height())
            painter.drawText(place, Qt.AlignmentFlag.AlignCenter, text)
        below = QRectF(box.left(), box.bottom() + 1.2 * metrics.height(), box.width(), 1.2 * metrics.height())
        words = next((each for each in _GAP if metrics.horizontalAdvance(each) <= box.width()), _GAP[-1])
        painter.drawText(below, Qt.AlignmentFlag.AlignCenter, words)

    def _paint_named(self, painter: QPainter, dot: Dot, name: QRectF) -> None:
        style = self._style_of(dot.record.folder)
        if style is None:
            return
        colour = QColor(style.colour(theme().colours.dark))
        mark, high = self._place(dot), self.fontMetrics().height()
        if distance(name, mark) > high:
            painter.setPen(QPen(colour, 1))
            painter.drawLine(mark, _nearest(name, mark))
        draw_mark(painter, style.mark, mark, high / 3, colour)
        painter.setPen(colour)
        painter.drawText(name, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, self._name(dot))

    def _name(self, dot: Dot) -> str:
        room = round(self._box.width() * 0.45)
        return self.fontMetrics().elidedText(self._names[dot.record.folder], Qt.TextElideMode.ElideMiddle, room)

    def name_places(self) -> list[QRectF]:
        """Where the names of the ticked runs stand: as near to their marks as other names and marks leave room."""
        high, places = self.fontMetrics().height(), list[QRectF]()
        marks = [self._place(dot) for dot in self._named()]
        taken = [QRectF(mark.x() - high / 3, mark.y() - high / 3, high / 1.5, high / 1.5) for mark in marks]
        area = QRectF(0, self._box.top() - high / 2, self.width(), self._box.height() + high / 2)
        for dot, mark in zip(self._named(), marks, strict=True):
            size = QSizeF(self.fontMetrics().horizontalAdvance(self._name(dot)) + 1, high)
            free = (at for at in _around(mark, size) if area.contains(at) and not any(map(at.intersects, taken)))
            place = next(free, QRectF(QPointF(mark.x() + high / 2, mark.y() - high / 2), size))
            places.append(place)
            taken.append(place)
        return places


def _around(mark: QPointF, size: QSizeF) -> list[QRectF]:
    """Places for a name of ``size`` around its mark, the nearest first: right, left, above, below, then further off."""
    wide, high = size.width(), size.height()
    off = high / 2
    lefts = (mark.x() + off, mark.x() - off - wide, mark.x() - wide / 2, mark.x() - wide, mark.x())
    rows = (mark.y() - high / 2 + by * high / 2 for by in range(-2 * _ROWS, 2 * _ROWS + 1))
    around = [QRectF(QPointF(left, top), size) for top in rows for left in lefts]
    return sorted(around, key=lambda place: distance(place, mark))


def distance(place: QRectF, mark: QPointF) -> float:
    """From the mark to the nearest point of the place."""
    to = _nearest(place, mark) - mark
    return math.hypot(to.x(), to.y())


def _nearest(place: QRectF, mark: QPointF) -> QPointF:
    return QPointF(
        min(max(mark.x(), place.left()), place.right()),
        min(max(mark.y(), place.top()), place.bottom()),
    )
