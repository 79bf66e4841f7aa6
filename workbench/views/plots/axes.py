"""The axes of a subplot: ticks in a margin of fixed width, and at the right the curves' names with their values.

Both are pyqtgraph axes with paint methods of their own: ticks are computed only when the range moves.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import fmean
from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter

from workbench.engine.report.svg.axis_ticks import AxisScale, Ticks, ticks, with_end
from workbench.engine.report.svg.colours import LIGHT, PlotColours
from workbench.views.plots.run_styles import Mark, draw_mark


class _Axis(pg.AxisItem):
    """An axis without pyqtgraph's label."""

    def _updateLabel(self) -> None:
        """pyqtgraph would typeset the label, which is never seen, at first and whenever the range moves."""
        self._adjustSize()
        self.update()


class SubplotAxis(_Axis):
    """A left or bottom axis."""

    def __init__(self, orientation: str, scale: AxisScale = "linear") -> None:
        self._overhang = 0.0
        super().__init__(orientation)
        self.setStyle(tickLength=0)  # longer ticks would reach into the plot and be painted with every frame
        self.enableAutoSIPrefix(
            False
        )  # else pyqtgraph typesets its label, which is never seen, whenever the range moves
        self.scale_kind: AxisScale = scale
        self.colours: PlotColours = LIGHT
        self.font = QFont()
        self.title = ""
        self.marks: list[float] = []
        self.end: float | None = None
        self.blank = False
        self._key: tuple[object, ...] = ()
        self._ticks: Ticks = []
        self.setZValue(0)

    def apply_style(self, colours: PlotColours, font: QFont) -> None:
        """Set colours and font. The axis gets a fixed width, so that subplots stay aligned."""
        self.colours, self.font = colours, font
        metrics = QFontMetricsF(font)
        if self.orientation == "left":
            self.setWidth(round(metrics.horizontalAdvance("0.0000") + 8))
        else:
            self.setHeight(round(2 * metrics.height() + 8))
            self.prepareGeometryChange()
            self._overhang = metrics.horizontalAdvance("000 000") / 2
        self.update()

    def boundingRect(self) -> QRectF:
        """Half of a tick's text more at both sides: the first and the last one are at the ends of the axis."""
        rect = QRectF(super().boundingRect())
        return rect.adjusted(-self._overhang, 0, self._overhang, 0)

    def set_title(self, title: str) -> None:
        """Set the text below the bottom axis."""
        if title != self.title:
            self.title = title
            self.update()

    def set_end(self, end: float | None) -> None:
        """Set a position of the bottom axis that has a tick of its own, such as the last step of a run."""
        if end != self.end:
            self.end = end
            self.update()

    def set_blank(self, blank: bool) -> None:
        """Hide or show the ticks; an empty plot has none."""
        if blank != self.blank:
            self.blank = blank
            self.update()

    def set_marks(self, marks: list[float]) -> None:
        """Set the x positions of the ⚡ on the bottom axis."""
        if marks != self.marks:
            self.marks = marks
            self.update()

    def ticks(self) -> Ticks:
        """The ticks for the present range and size."""
        if self.blank:
            return []
        size = self.size()
        key = (*self.range, size.width(), size.height(), self.scale_kind, self.font.key(), self.end)
        if key != self._key:
            self._key, self._ticks = key, self._found_ticks()
        return self._ticks

    def _found_ticks(self) -> Ticks:
        metrics, (low, high), size = QFontMetricsF(self.font), self.range, self.size()
        if self.orientation == "left":
            room = size.height() / (1.7 * metrics.height())
        else:
            room = size.width() / (1.8 * metrics.horizontalAdvance("00 000"))
        found = ticks(low, high, int(room), self.scale_kind)
        if self.end is None or len(found) < 2 or not size.width():  # not laid out yet
            return found
        unit = size.width() / (high - low)
        return with_end(found, self.end, lambda text: (metrics.horizontalAdvance(f"{text}0")) / unit)

    def paint(self, painter: QPainter, option: Any, widget: Any = None) -> None:
        if self.blank and not self.title:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setFont(self.font)
        painter.setPen(QColor(self.colours.muted))
        self._paint_left(painter) if self.orientation == "left" else self._paint_bottom(painter)

    def position(self, value: float) -> float:
        """The position of a value along the axis, in pixels of the axis."""
        low, high = self.range
        share = (value - low) / (high - low)
        size = self.size()
        return float(size.width() * share if self.orientation == "bottom" else size.height() * (1 - share))

    def _paint_left(self, painter: QPainter) -> None:
        metrics, width, height = QFontMetricsF(self.font), self.size().width(), self.size().height()
        half = metrics.height() / 2
        for value, text in self.ticks():
            y = self.position(value)
            painter.drawLine(QPointF(width - 4, y), QPointF(width, y))
            top = min(max(y - half, -2.0), height - half)
            box = QRectF(0, top, width - 6, 2 * half)
            painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)

    def _paint_bottom(self, painter: QPainter) -> None:
        metrics, width = QFontMetricsF(self.font), self.size().width()
        for value, text in self.ticks():
            x = self.position(value)
            painter.drawLine(QPointF(x, 0), QPointF(x, 4))
            wide = metrics.horizontalAdvance(text)
            left = min(max(x - wide / 2, -self._overhang), width - wide + self._overhang)
            painter.drawText(QPointF(left, 4 + metrics.ascent()), text)
        box = QRectF(-40, 4 + metrics.height(), width + 80, metrics.height() + 2)
        painter.drawText(box, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop, self.title)
        self._paint_marks(painter, metrics.height() * 0.7)

    def _paint_marks(self, painter: QPainter, size: float) -> None:
        if not self.marks:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self.colours.accent))
        for value in self.marks:
            x = self.position(value)
            if 0 <= x <= self.size().width():
                painter.drawPolygon(bolt(x, 0, size))


def bolt(x: float, y: float, size: float) -> list[QPointF]:
    """A lightning bolt whose top is at (x, y). It is drawn because not every font has one."""
    shape = ((0.15, 0.0), (-0.3, 0.55), (0.0, 0.55), (-0.15, 1.0), (0.32, 0.38), (0.02, 0.38), (0.25, 0.0))
    return [QPointF(x + size * dx, y + size * dy) for dx, dy in shape]


@dataclass(frozen=True, slots=True)
class EndLabel:
    """A curve's name and last value; ``y`` is its end in axis units.

    One that is ``in_legend`` has its mark and name there too, so that the value will do where there is little room.
    """

    y: float
    name: str
    value: str
    colour: str
    faint: bool = False
    mark: Mark = "circle"
    in_legend: bool = False


class EndLabels(_Axis):
    """The right margin: each curve's name and value beside its end, moved apart where they would overlap."""

    def __init__(self) -> None:
        super().__init__("right")
        self.setStyle(tickLength=0)
        self.labels: list[EndLabel] = []
        self.font = QFont()
        self.setZValue(0)

    def apply_style(self, font: QFont, width: float) -> None:
        self.font = font
        self.setWidth(round(width))
        self.update()

    def show_labels(self, labels: list[EndLabel]) -> None:
        """Replace the labels."""
        if labels != self.labels:
            self.labels = labels
            self.update()

    def paint(self, painter: QPainter, option: Any, widget: Any = None) -> None:
        if not self.labels:
            return
        metrics = QFontMetricsF(self.font)
        painter.setFont(self.font)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        line, height = metrics.height() * 0.95, self.size().height()
        fits = max(1, int(height / line + 0.3))
        rows = self.rows(metrics, fits)
        middles = [fmean(self._position(each.y) for each in row) for row in rows]
        for row, y in zip(rows, self._spread(middles, line, height), strict=True):
            room = self.size().width() / max(map(len, rows))
            for place, label in enumerate(row):
                self._paint_label(painter, metrics, label, QRectF(place * room, y - line / 2, room, line))

    def rows(self, metrics: QFontMetricsF, fits: int) -> list[list[EndLabel]]:
        """The labels of each of ``fits`` lines at most: one, or several values whose names are in the legend."""
        ordered = sorted(self.labels, key=_by_height)
        widest = max(metrics.horizontalAdvance(f" {each.value} ") for each in ordered) + metrics.height()
        columns = min(-(-len(ordered) // fits), int(self.size().width() / widest))
        if columns > 1 and all(label.in_legend for label in ordered):
            return [ordered[at : at + columns] for at in range(0, len(ordered), columns)][:fits]
        return [[label] for label in sorted(sorted(self.labels, key=_by_weight)[:fits], key=_by_height)]

    def _paint_label(self, painter: QPainter, metrics: QFontMetricsF, label: EndLabel, place: QRectF) -> None:
        radius, left, y = metrics.height() / 7, place.x() + metrics.height() / 2, place.center().y()
        larger = 1.0 if label.mark == "circle" else 1.5
        at = QPointF(left - metrics.height() / 4, y)
        draw_mark(painter, label.mark, at, radius * larger, QColor(label.colour))  # no dash: a minus
        painter.setPen(QColor(label.colour))
        baseline = y + (metrics.ascent() - metrics.descent()) / 2
        painter.drawText(QPointF(left, baseline), label_text(label, metrics, place.right() - left))

    def _position(self, value: float) -> float:
        low, high = self.range
        return float(self.size().height() * (1 - (value - low) / (high - low)))

    @staticmethod
    def _spread(positions: list[float], line: float, height: float) -> list[float]:
        """Sorted positions, moved as little as possible to be ``line`` pixels apart and inside the plot."""
        low, high = line / 2, max(line / 2, height - line / 2)
        spread: list[float] = []
        for position in positions:
            position = min(max(position, low), high)
            spread.append(max(position, spread[-1] + line) if spread else position)
        limit = high
        for i in reversed(range(len(spread))):
            spread[i] = min(spread[i], limit)
            limit = spread[i] - line
        return spread


def label_text(label: EndLabel, metrics: QFontMetricsF, room: float) -> str:
    """Name and value in ``room`` pixels: the name is shortened first."""
    value = f" {label.value}"
    name = metrics.elidedText(label.name, Qt.TextElideMode.ElideRight, room - metrics.horizontalAdvance(value))
    if name in ("", "…"):
        return metrics.elidedText(label.value, Qt.TextElideMode.ElideRight, room)
    return name + value


def _by_height(label: EndLabel) -> float:
    return -label.y


def _by_weight(label: EndLabel) -> bool:
    return label.faint
