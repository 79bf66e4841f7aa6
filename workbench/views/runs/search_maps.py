"""The trials of a study over several fields at once: parallel coordinates, and a contour of two."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from workbench.engine.core.text import grouped, percent
from workbench.engine.report.svg.axis_ticks import ticks
from workbench.engine.search.figures import CELLS, Figures, Floats, tick_words
from workbench.views.runs.trial_plot import TrialPlot, blend
from workbench.views.widgets.theme import theme

#: Maximum number of trials that are drawn as lines: the best ones, and an even selection of the others.
MOST_LINES: Final = 600
_BEST_LINES: Final = 150
#: Width of the contour's scale with its texts, in lines.
_SCALE: Final = 5.5


class ParallelPlot(TrialPlot):
    """A line for each trial across an axis for each field, and the accuracy."""

    title: ClassVar[str] = "Parallel coordinates"

    def range_of(self, figures: Figures) -> tuple[float, float]:
        """The ends are written at the axis: without the room for dots they are accuracies that there can be."""
        low, high = super().range_of(figures)
        return max(low, 0.0), min(high, 1.0)

    def draw(self, painter: QPainter, figures: Figures) -> None:
        box, (low, high) = self.box(2.0, 2.6), self.range_of(figures)
        line = self.fontMetrics().height()
        box = box.adjusted(0, 0, -4 * line, 0)
        height = np.clip((figures.values - low) / (high - low), 0, 1)
        table = np.column_stack([figures.places, height])
        x = box.left() + np.linspace(0, 1, table.shape[1]) * box.width()
        rows = drawn_rows(figures)
        self._lines(painter, box, table, x, rows, height)
        self._axes(painter, box, figures, x, (low, high))
        shown = int(np.isfinite(figures.values).sum())
        if len(rows) < shown:
            words = f"{grouped(len(rows))} of {grouped(shown)} lines: the best, and every few of the others"
            painter.setPen(QColor(self.colours.muted))
            painter.drawText(QRectF(0, 0, self.width(), line), Qt.AlignmentFlag.AlignRight, words)

    def _lines(
        self, painter: QPainter, box: QRectF, table: Floats, x: Floats, rows: Sequence[int], height: Floats
    ) -> None:
        """The lines, the best last; one is broken where a trial has no value of a field."""
        many = len(rows) > 300
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, not many)
        y = box.bottom() - table * box.height()
        colours = [QColor(blend(self.colours, share / 10)) for share in range(11)]
        for level in range(11):
            of_level = [row for row in rows if round(10 * height[row]) == level]
            segments = [
                QLineF(x[at], y[row, at], x[at + 1], y[row, at + 1])
                for row in of_level
                for at in range(len(x) - 1)
                if np.isfinite(y[row, at]) and np.isfinite(y[row, at + 1])
            ]
            painter.setPen(QPen(colours[level], 1 if many else 1.3 * theme().scale))
            painter.drawLines(segments)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        if self.chosen is not None:
            painter.setPen(QPen(QColor(self.colours.accent), 3 * theme().scale))
            known = [at for at in range(len(x)) if np.isfinite(y[self.chosen, at])]
            painter.drawPolyline(QPolygonF([QPointF(x[at], y[self.chosen, at]) for at in known]))

    def _axes(self, painter: QPainter, box: QRectF, figures: Figures, x: Floats, ends: tuple[float, float]) -> None:
        line = self.fontMetrics().height()
        names = [*self.labels, "Accuracy"]
        texts = [tick_words(field) for field in figures.fields]
        texts.append(tuple((share, percent(ends[0] + share * (ends[1] - ends[0]))) for share in (0.0, 1.0)))
        wide = box.width() / max(1, len(names) - 1)
        for at, name in enumerate(names):
            painter.setPen(QPen(QColor(self.colours.muted), 1))
            painter.drawLine(QPointF(x[at], box.top()), QPointF(x[at], box.bottom()))
            for place, text in texts[at]:
                y = box.bottom() - place * box.height()
                text = self.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, int(wide - line / 2))
                painter.drawText(
                    QPointF(x[at] + line / 4, min(max(y + line / 3, box.top() + line / 2), box.bottom())), text
                )
            painter.setPen(QColor(self.colours.text))
            left = min(max(x[at] - wide / 2, 0.0), self.width() - wide)
            name = self.fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, int(wide))
            painter.drawText(QRectF(left, box.bottom() + line / 2, wide, line), Qt.AlignmentFlag.AlignCenter, name)


class ContourPlot(TrialPlot):
    """The mean accuracy over two fields: the best value of one may move with the other."""

    title: ClassVar[str] = "Contour of two fields"
    empty: ClassVar[str] = "With two fields and complete trials their accuracy is a map here."

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.axes = (0, 1)

    def show_axes(self, across: int, up: int) -> None:
        """Show two other fields."""
        self.axes = (across, up)
        self.update()

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to draw yet."""
        return super().is_empty or self.figures is None or max(self.axes) >= len(self.figures.fields)

    def draw(self, painter: QPainter, figures: Figures) -> None:
        across, up = self.axes
        box, (low, high) = self.data_box(), self.range_of(figures)
        cells = figures.contour(across, up, self._cells(figures))
        size = len(cells)
        for row, column in np.argwhere(np.isfinite(cells)).tolist():
            share = float(np.clip((cells[row, column] - low) / (high - low), 0, 1))
            left, right = (box.left() + (column + each) / size * box.width() for each in (0, 1))
            bottom, top = (box.bottom() - (row + each) / size * box.height() for each in (0, 1))
            painter.fillRect(QRectF(left, top, right - left, bottom - top), QColor(blend(self.colours, share)))
        x, y = figures.places[:, across], figures.places[:, up]
        complete = np.isfinite(figures.values)
        self.dots(painter, box, x[complete], y[complete], self.colours.text, 2)
        for at in self.marked:
            colour = self.colours.accent if at == self.chosen else self.colours.val
            self.dots(painter, box, x[[at]], y[[at]], colour, 9)
        painter.setPen(QPen(QColor(self.colours.muted), 1))
        painter.drawRect(box)
        self.below(painter, box, across)
        self._beside(painter, box, up)
        self._scale(painter, low, high)

    def data_box(self) -> QRectF:
        """Where the cells are; the scale of their colours is at the right of it."""
        line = self.fontMetrics().height()
        return self.box(6.5, 2.6).adjusted(0, 0.5 * line, -_SCALE * line, 0)

    def scale_place(self) -> QRectF:
        """Where the colours of the scale are, the highest accuracy at the top."""
        box, line = self.data_box(), self.fontMetrics().height()
        return QRectF(box.right() + 0.8 * line, box.top(), 0.8 * line, box.height())

    def _scale(self, painter: QPainter, low: float, high: float) -> None:
        """The colours from ``low`` to ``high``, with the accuracies that they mean. What lies below has the lowest."""
        place, line = self.scale_place(), self.fontMetrics().height()
        strips = max(2, int(place.height()))
        for strip in range(strips):
            share = (strip + 0.5) / strips
            top = place.bottom() - (strip + 1) / strips * place.height()
            rect = QRectF(place.left(), top, place.width(), place.height() / strips + 0.5)
            painter.fillRect(rect, QColor(blend(self.colours, share)))
        painter.setPen(QColor(self.colours.muted))
        painter.drawRect(place)
        for value, text in ticks(low, high, max(2, int(place.height() / (2.2 * line))), "share"):
            y = place.bottom() - (value - low) / (high - low) * place.height()
            painter.drawLine(QLineF(place.right(), y, place.right() + line / 4, y))
            room = QRectF(place.right() + line / 3, y - line / 2, self.width() - place.right() - line / 3, line)
            painter.drawText(room, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)
        painter.setPen(QColor(self.colours.text))
        head = QRectF(0, 0, self.width() - line / 4, 1.3 * line)
        painter.drawText(head, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, "Accuracy")

    @staticmethod
    def _cells(figures: Figures) -> int:
        """Coarser of few trials, so that most cells have one."""
        return int(np.clip(np.sqrt(np.isfinite(figures.values).sum()) * 0.9, 3, CELLS))

    def _beside(self, painter: QPainter, box: QRectF, at: int) -> None:
        """The label and the ends of the field that goes up, at the left."""
        assert self.figures is not None
        line = self.fontMetrics().height()
        painter.setPen(QColor(self.colours.muted))
        for place, text in tick_words(self.figures.fields[at]):
            y = min(max(box.bottom() - place * box.height() - line / 2, box.top()), box.bottom() - line)
            room = QRectF(1.3 * line, y, box.left() - 1.6 * line, line)
            painter.drawText(room, Qt.AlignmentFlag.AlignRight, text)
        painter.save()
        painter.translate(0, box.bottom())
        painter.rotate(-90)
        painter.setPen(QColor(self.colours.text))
        painter.drawText(QRectF(0, 0, box.height(), 1.3 * line), Qt.AlignmentFlag.AlignCenter, self.labels[at])
        painter.restore()


def drawn_rows(figures: Figures) -> list[int]:
    """The rows of complete trials that are drawn as lines, the best last: all of few; of many the best and every few
    of the others."""
    complete = np.flatnonzero(np.isfinite(figures.values))
    order = complete[np.argsort(figures.values[complete], kind="stable")]
    if len(order) <= MOST_LINES:
        return [int(row) for row in order]
    others, best = order[:-_BEST_LINES], order[-_BEST_LINES:]
    thinned = others[np.linspace(0, len(others) - 1, MOST_LINES - _BEST_LINES).astype(int)]
    return [int(row) for row in (*thinned, *best)]
