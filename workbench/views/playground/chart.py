"""The base of the playground's small charts: an area with axes and a title, painted by hand."""

from __future__ import annotations

from typing import Final, Literal

import numpy as np
from PySide6.QtCore import QEvent, QLineF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPalette, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from workbench.engine.report.svg.axis_ticks import ticks
from workbench.views.playground.frame import Array
from workbench.views.widgets.basics import show_tip
from workbench.views.widgets.theme import MUTED, rhythm

Scale = Literal["linear", "log"]
_AT_LEFT: Final = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


def scaled(values: Array, scale: Scale) -> Array:
    """Values as places on an axis: their logarithms on a logarithmic one."""
    with np.errstate(all="ignore"):
        found: Array = np.log10(values) if scale == "log" else values
    return found


class Chart(QWidget):
    """``title`` is drawn above the area, ``help_text`` is its tooltip. Ranges are places on the axes."""

    def __init__(self, title: str, help_text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title, self.help_text = title, help_text
        self.x_range, self.y_range = (0.0, 1.0), (0.0, 1.0)
        self._area: QRectF | None = None
        self.x_scale: Scale = "linear"
        self.y_scale: Scale = "linear"
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(title)
        self.setAccessibleDescription(help_text)

    def sizeHint(self) -> QSize:
        return QSize(rhythm(self, 60), rhythm(self, 32))

    def minimumSizeHint(self) -> QSize:
        return QSize(rhythm(self, 24), rhythm(self, 20))

    def area(self) -> QRectF:
        """Where curves are drawn, in pixels."""
        if self._area is None:
            self._area = self._fitted()
        return self._area

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._area = None

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._area = None

    def _fitted(self) -> QRectF:
        metrics = self.fontMetrics()
        left = metrics.horizontalAdvance("1e-10") + rhythm(self, 2)
        top, bottom = metrics.height() + rhythm(self, 1), metrics.height() + rhythm(self, 0.5)
        wide, high = self.width() - left - rhythm(self, 2), self.height() - top - bottom
        return QRectF(left, top, max(1, wide), max(1, high))

    def xs(self, places: Array) -> Array:
        """Pixels of places on the horizontal axis."""
        area, (low, high) = self.area(), self.x_range
        found: Array = area.left() + area.width() * (places - low) / (high - low)
        return found

    def ys(self, places: Array) -> Array:
        """Pixels of places on the vertical axis; those far outside end a little outside of the area."""
        area, (low, high) = self.area(), self.y_range
        found: Array = area.bottom() - area.height() * (places - low) / (high - low)
        return np.clip(found, area.top() - 50.0, area.bottom() + 50.0)

    def paint_frame(self, painter: QPainter, numbers: bool = True) -> None:
        """The ground, both axes with their numbers, and the title. A chart with nothing on it yet has no numbers."""
        painter.fillRect(self.rect(), self.palette().color(QPalette.ColorRole.Base))
        if numbers:
            self._paint_y(painter)
            self._paint_x(painter)
        painter.setPen(self.palette().color(QPalette.ColorRole.Text))
        head = QRectF(rhythm(self, 1), 0, self.width() - rhythm(self, 2), self.fontMetrics().height())
        words = self.fontMetrics().elidedText(self.title, Qt.TextElideMode.ElideRight, int(head.width()))
        painter.drawText(head, _AT_LEFT, words)

    def paint_words(self, painter: QPainter, words: str) -> None:
        """A sentence in the middle, where nothing is drawn yet."""
        painter.setPen(self.palette().color(MUTED))
        painter.drawText(self.area(), Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, words)

    def _paint_y(self, painter: QPainter) -> None:
        area, metrics = self.area(), self.fontMetrics()
        muted, grid = self.palette().color(MUTED), QColor(self.palette().color(QPalette.ColorRole.Mid))
        grid.setAlphaF(0.45)
        room = max(2, int(area.height() / (2.2 * metrics.height())))
        for at, words in ticks(*self.y_range, room, self.y_scale):
            y = float(self.ys(np.array(at)))
            painter.setPen(QPen(grid, 1))
            painter.drawLine(QLineF(area.left(), y, area.right(), y))
            painter.setPen(muted)
            box = QRectF(0, y - metrics.height() / 2, area.left() - rhythm(self, 1), metrics.height())
            painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, words)

    def _paint_x(self, painter: QPainter) -> None:
        area, metrics = self.area(), self.fontMetrics()
        is_log = self.x_scale == "log"  # its numbers are short, and one does not show the scale
        wide = metrics.horizontalAdvance("1e-4" if is_log else "00 000")
        room = max(2 if is_log else 1, int(area.width() / (1.6 * wide)))
        painter.setPen(self.palette().color(MUTED))
        for at, words in ticks(*self.x_range, room, self.x_scale):
            x = float(self.xs(np.array(at)))
            half = metrics.horizontalAdvance(words) / 2
            x = min(x, self.width() - half - 1)
            box = QRectF(x - half - 1, area.bottom() + 1, 2 * half + 2, metrics.height())
            painter.drawText(box, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop, words)

    def event(self, event: QEvent) -> bool:
        return show_tip(self, event, lambda _at: f"{self.title}: {self.help_text}") or super().event(event)
