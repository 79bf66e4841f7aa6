"""Who trains which trial of a study: worker, trial, steps a second, last sign of life, and the curves so far."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem, QWidget

from workbench.engine.core.text import counted, duration, grouped, percent
from workbench.engine.search.figures import Figures
from workbench.engine.search.trial import Running
from workbench.views.runs.trial_plot import TrialPlot
from workbench.views.widgets.theme import theme

_HEADS: Final = ("Worker", "Trial", "Accuracy", "Steps", "Steps/s", "Last sign of life")
#: Maximum number of workers that are listed, the silent ones first.
_MOST: Final = 200


class RunningPlot(TrialPlot):
    """The best accuracy so far of each running trial against its epochs, and a table of those who train them."""

    title: ClassVar[str] = "Running trials"
    empty: ClassVar[str] = "No worker trains a trial of this study now."

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.running: tuple[Running, ...] = ()
        self.table = QTableWidget(0, len(_HEADS), self)
        self.table.setAccessibleName("Workers")
        self.table.setHorizontalHeaderLabels(list(_HEADS))
        self.table.verticalHeader().setVisible(False)
        self.table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.table.setTabKeyNavigation(False)
        self.table.setAlternatingRowColors(True)
        self.table.setShowGrid(False)
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setStretchLastSection(True)
        self.table.hide()

    def show_running(self, running: Sequence[Running]) -> None:
        """Show these running trials."""
        if tuple(running) == self.running:
            return
        self.running = tuple(running)
        rows = sorted(self.running, key=lambda each: -(each.age or 0.0))[:_MOST]
        self.table.setRowCount(len(rows))
        for row, each in enumerate(sorted(rows, key=lambda each: each.number)):
            for column, text in enumerate(_cells(each)):
                item = QTableWidgetItem(text)
                side = Qt.AlignmentFlag.AlignLeft if column in (0, 5) else Qt.AlignmentFlag.AlignRight
                item.setTextAlignment(side | Qt.AlignmentFlag.AlignVCenter)
                self.table.setItem(row, column, item)
        self.table.setVisible(bool(rows))
        self.setAccessibleDescription(self.words())
        self._place()
        self.update()

    def words(self) -> str:
        if not self.running:
            return self.empty
        curves = sum(bool(each.curve) for each in self.running)
        return f"{counted(len(self.running), 'worker')}, {counted(curves, 'curve')}"

    @property
    def is_empty(self) -> bool:
        return not self.running

    def resizeEvent(self, event: object) -> None:
        self._place()

    def _place(self) -> None:
        """The table takes the lower part, as high as its rows up to half."""
        row = round(1.5 * self.fontMetrics().height())
        self.table.verticalHeader().setDefaultSectionSize(row)
        frame = 2 * self.table.frameWidth()
        high = self.table.horizontalHeader().sizeHint().height() + len(self.running) * row + frame
        high = min(high, self.height() // 2)
        self.table.setGeometry(0, self.height() - high, self.width(), high)

    def draw(self, painter: QPainter, figures: Figures) -> None:
        line = self.fontMetrics().height()
        box = QRectF(self.box())
        box.setBottom(self.table.geometry().top() - 2.4 * line)
        curves = [each for each in self.running if each.curve]
        if not curves:
            painter.setPen(QColor(self.colours.muted))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, "The first epoch of each has not ended yet.")
            return
        values = [value for each in curves for _, value in each.curve]
        low, high = max(0.0, min(values) - 0.02), min(1.0, max(values) + 0.02)
        last = max(2, *(each.curve[-1][0] for each in curves))
        self.accuracy_axis(painter, box, low, high)
        for each in curves:
            self._curve(painter, box, each, (low, high), last)
        words = f"Best accuracy so far against the epoch, up to epoch {grouped(last)}; the number is the trial"
        self.caption(painter, box, words)

    def _curve(self, painter: QPainter, box: QRectF, each: Running, ends: tuple[float, float], last: int) -> None:
        """Its colour is that of its number, so that it stays when another trial ends."""
        (low, high), colours, line = ends, self.colours, self.fontMetrics().height()
        colour = QColor((colours.train, colours.val, colours.accent, colours.muted)[each.number % 4])
        points = [
            QPointF(
                box.left() + epoch / last * (box.width() - 2 * line),
                box.bottom() - (value - low) / (high - low) * box.height(),
            )
            for epoch, value in each.curve
        ]
        painter.setPen(QPen(colour, 1.6 * theme().scale))
        painter.drawPolyline(QPolygonF(points))
        pen = QPen(colour, 5 * theme().scale)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        painter.drawPoint(points[-1])
        painter.drawText(points[-1] + QPointF(line / 3, line / 3), str(each.number))


def _age(seconds: float) -> str:
    return f"{round(seconds)} s" if seconds < 90 else duration(seconds)


def _cells(each: Running) -> tuple[str, ...]:
    reached = percent(each.curve[-1][1], 2) if each.curve else "–"
    rate = grouped(each.rate, 1) if each.rate else "–"
    sign = "none yet" if each.age is None else f"{_age(max(0.0, each.age))} ago"
    return (each.worker or "–", str(each.number), reached, grouped(each.step), rate, sign)
