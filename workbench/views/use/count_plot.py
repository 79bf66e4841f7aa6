"""Accuracy of each class against the number of its training examples."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from workbench.engine.core.text import grouped, percent
from workbench.engine.report.svg.colours import PlotColours
from workbench.views.use.choosable import Choosable, ticks

if TYPE_CHECKING:
    from workbench.engine.inspection.judged import Judged

_EMPTY = (
    "Accuracy by class against the number of its training examples will be here, for a network that says on which "
    "data it was trained, inspected on those data."
)


class CountPlot(Choosable):
    """A dot for each class that has examples; the line through it is its 95 % interval."""

    def __init__(self) -> None:
        super().__init__("Accuracy by class against training examples", _EMPTY)
        self._found: Judged | None = None
        #: The classes that are shown, those with the fewest training examples first.
        self.classes: list[int] = []

    def show_judged(self, found: Judged) -> None:
        """Show the classes of ``found``."""
        self._found, self.current, self.classes = found, -1, []
        if found.trained is not None:
            order = np.argsort(found.trained, kind="stable")
            self.classes = [int(label) for label in order if found.by_class.has_recall[label]]
        self.update()

    def clear(self) -> None:
        self._found, self.classes = None, []
        super().clear()

    def _box(self) -> QRectF:
        metrics = self.fontMetrics()
        left = metrics.horizontalAdvance("100 %") + metrics.height()
        return QRectF(self.rect()).adjusted(left, 1.8 * metrics.height(), -2 * metrics.height(), -3 * metrics.height())

    def _range(self) -> tuple[float, float]:
        """The lowest and the highest number of training examples, as powers of ten, with room at the ends."""
        assert self._found is not None and self._found.trained is not None
        counts = [max(1, int(self._found.trained[label])) for label in self.classes]
        low, high = math.log10(min(counts)), math.log10(max(counts))
        room = max(0.05 * (high - low), 0.1)
        return low - room, high + room

    def _place(self, label: int, share: float) -> QPointF:
        assert self._found is not None and self._found.trained is not None
        box, (low, high) = self._box(), self._range()
        x = (math.log10(max(1, int(self._found.trained[label]))) - low) / (high - low)
        return QPointF(box.left() + x * box.width(), box.bottom() - share * box.height())

    def places(self) -> list[QRectF]:
        if self._found is None or self._found.trained is None:
            return []
        side = self.fontMetrics().height() / 2
        at = [self._place(label, float(self._found.by_class.recall[label])) for label in self.classes]
        return [QRectF(point.x() - side / 2, point.y() - side / 2, side, side) for point in at]

    def words(self, number: int) -> str:
        assert self._found is not None and self._found.trained is not None
        label, by_class = self.classes[number], self._found.by_class
        low, high = (percent(float(each)) for each in by_class.recall_interval[label])
        right = percent(float(by_class.recall[label]))
        trained = grouped(int(self._found.trained[label]))
        return f"{self._found.classes[label]}: {right} right ({low} to {high}), {trained} training examples"

    def paint(self, painter: QPainter, colours: PlotColours) -> None:
        assert self._found is not None
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box, metrics = self._box(), self.fontMetrics()
        painter.setPen(QColor(colours.text))
        head = QRectF(0, 0, self.width(), 1.6 * metrics.height())
        painter.drawText(
            head, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, " Right answers of the class"
        )
        self._paint_axes(painter, colours, box)
        for label, place in zip(self.classes, self.places(), strict=True):
            interval = self._found.by_class.recall_interval[label]
            painter.setPen(QPen(QColor(colours.muted), 1))
            painter.drawLine(self._place(label, float(interval[0])), self._place(label, float(interval[1])))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(colours.train))
            painter.drawEllipse(place)

    def _paint_axes(self, painter: QPainter, colours: PlotColours, box: QRectF) -> None:
        metrics = self.fontMetrics()
        for share in ticks(metrics.height(), box.height()):
            y = box.bottom() - share * box.height()
            painter.setPen(QPen(QColor(colours.grid), 1))
            painter.drawLine(QPointF(box.left(), y), QPointF(box.right(), y))
            painter.setPen(QColor(colours.muted))
            beside = QRectF(0, y - metrics.height() / 2, box.left() - metrics.height() / 3, metrics.height())
            painter.drawText(beside, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, percent(share, 0))
        low, high = self._range()
        for at, shown in ((0.0, low), (0.5, (low + high) / 2), (1.0, high)):
            x = box.left() + at * box.width()
            place = QRectF(
                x - 4 * metrics.height(), box.bottom() + metrics.height() / 3, 8 * metrics.height(), metrics.height()
            )
            painter.drawText(place, Qt.AlignmentFlag.AlignCenter, grouped(10**shown))
        below = QRectF(0, box.bottom() + 1.6 * metrics.height(), self.width(), 1.3 * metrics.height())
        painter.drawText(below, Qt.AlignmentFlag.AlignCenter, "training examples (logarithmic)")
