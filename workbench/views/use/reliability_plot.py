"""The reliability diagram: how often the network is right at each confidence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from workbench.engine.core.text import grouped, percent
from workbench.engine.report.svg.colours import PlotColours
from workbench.views.use.choosable import Choosable, ticks

if TYPE_CHECKING:
    from workbench.engine.inspection.calibration import Calibration


class ReliabilityPlot(Choosable):
    """A bar for each bin of the confidence that has examples; the line is where both agree."""

    def __init__(self) -> None:
        super().__init__("Reliability diagram", "How often the network is right at each confidence will be here.")
        self._found: Calibration | None = None
        #: The bins that have examples.
        self.bins: list[int] = []

    def show_calibration(self, found: Calibration) -> None:
        """Show another one."""
        self._found, self.current = found, -1
        self.bins = [number for number, count in enumerate(found.counts.tolist()) if count]
        self.update()

    def clear(self) -> None:
        self._found, self.bins = None, []
        super().clear()

    def _box(self) -> QRectF:
        metrics = self.fontMetrics()
        left = metrics.horizontalAdvance("100 %") + metrics.height()
        return QRectF(self.rect()).adjusted(left, 1.8 * metrics.height(), -2 * metrics.height(), -3 * metrics.height())

    def places(self) -> list[QRectF]:
        if self._found is None:
            return []
        box, found = self._box(), self._found
        made = []
        for number in self.bins:
            left, right = (box.left() + edge * box.width() for edge in found.edges[number : number + 2])
            high = max(2.0, found.accuracy[number] * box.height())
            made.append(QRectF(left + 1, box.bottom() - high, right - left - 2, high))
        return made

    def words(self, number: int) -> str:
        assert self._found is not None
        which, found = self.bins[number], self._found
        low, high = (percent(float(edge), 0) for edge in found.edges[which : which + 2])
        mean, right = percent(float(found.confidence[which])), percent(float(found.accuracy[which]))
        count = grouped(int(found.counts[which]))
        return f"Confidence {low} to {high}: {count} examples, {right} right at a mean confidence of {mean}"

    def paint(self, painter: QPainter, colours: PlotColours) -> None:
        assert self._found is not None
        box, metrics = self._box(), self.fontMetrics()
        painter.setPen(QColor(colours.text))
        head = QRectF(0, 0, self.width(), 1.6 * metrics.height())
        painter.drawText(head, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, " Right answers")
        for share in ticks(metrics.height(), box.height()):
            self._paint_tick(painter, colours, box, share)
        most = max(1, int(self._found.counts.max()))
        for place, number in zip(self.places(), self.bins, strict=True):
            colour = QColor(colours.train)
            colour.setAlphaF(0.35 + 0.65 * (int(self._found.counts[number]) / most) ** 0.5)
            painter.fillRect(place, colour)
        painter.setPen(QPen(QColor(colours.muted), 1, Qt.PenStyle.DashLine))
        painter.drawLine(box.bottomLeft(), box.topRight())
        below = QRectF(0, box.bottom() + 1.6 * metrics.height(), self.width(), 1.3 * metrics.height())
        painter.setPen(QColor(colours.muted))
        painter.drawText(below, Qt.AlignmentFlag.AlignCenter, "confidence (stronger bars: more examples)")

    def _paint_tick(self, painter: QPainter, colours: PlotColours, box: QRectF, share: float) -> None:
        metrics = self.fontMetrics()
        x, y = box.left() + share * box.width(), box.bottom() - share * box.height()
        painter.setPen(QPen(QColor(colours.grid), 1))
        painter.drawLine(QPointF(box.left(), y), QPointF(box.right(), y))
        painter.setPen(QColor(colours.muted))
        beside = QRectF(0, y - metrics.height() / 2, box.left() - metrics.height() / 3, metrics.height())
        painter.drawText(beside, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, percent(share, 0))
        place = QRectF(
            x - 4 * metrics.height(), box.bottom() + metrics.height() / 3, 8 * metrics.height(), metrics.height()
        )
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, percent(share, 0))
