"""The fair rates of all racers over one axis of rates: the best of each, and the band that is nearly as good."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from workbench.engine.core.text import power_of_ten, short
from workbench.engine.experiments.fair_rates import FairRate
from workbench.views.plots.run_styles import draw_mark, run_style
from workbench.views.widgets.basics import show_tip
from workbench.views.widgets.theme import MUTED, rhythm, theme

#: The share of the width that the names take.
_NAMES: Final = 0.3
#: The height of a row in lines of text, and the least height of all in quarters of a line.
_ROW, _LEAST = 1.5, 24
_LEFT: Final = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


class FairRatesChart(QWidget):
    """A row for each racer: every rate that was tried as a tick, high where its loss fell far."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Fair rates")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)
        self.rates: tuple[FairRate, ...] = ()
        theme().changed.connect(self.update)

    def show_rates(self, rates: Sequence[FairRate]) -> None:
        """Show what was found, in the order of the racers."""
        if tuple(rates) != self.rates:
            self.rates = tuple(rates)
            self.setAccessibleDescription(" ".join(f"{each.name}: {each.words}" for each in rates))
            self.updateGeometry()
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(rhythm(self, 90), round((_ROW * len(self.rates) + 1.3) * self.fontMetrics().height()))

    def minimumSizeHint(self) -> QSize:
        return QSize(rhythm(self, 60), min(self.sizeHint().height(), rhythm(self, _LEAST)))

    @property
    def _row_height(self) -> float:
        """As high as a line and a half where there is room."""
        high = self.fontMetrics().height()
        room = (self.height() - 1.3 * high) / max(1, len(self.rates))
        return min(_ROW * high, max(0.8 * high, room))

    @property
    def _axis(self) -> QRectF:
        """Where rates are drawn."""
        left = _NAMES * self.width()
        right = rhythm(self, 6)
        return QRectF(left, 0, max(1.0, self.width() - left - right), len(self.rates) * self._row_height)

    def _x(self, rate: float) -> float:
        low, high = (math.log10(each) for each in (self.rates[0].rates[0], self.rates[0].rates[-1]))
        return self._axis.left() + self._axis.width() * (math.log10(rate) - low) / (high - low)

    def event(self, event: QEvent) -> bool:
        return show_tip(self, event, self._tip) or bool(super().event(event))

    def _tip(self, place: QPoint) -> str:
        row = int(place.y() // self._row_height)
        return f"{self.rates[row].name}: {self.rates[row].words}" if 0 <= row < len(self.rates) else ""

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self.rates:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_scale(painter)
        for row, rate in enumerate(self.rates):
            self._paint_row(painter, row, rate)
        painter.end()

    def _paint_scale(self, painter: QPainter) -> None:
        rates, axis, high = self.rates[0].rates, self._axis, self.fontMetrics().height()
        first, last = math.ceil(math.log10(rates[0]) - 1e-9), math.floor(math.log10(rates[-1]) + 1e-9)
        painter.setPen(QPen(self.palette().color(MUTED), 1))
        painter.drawLine(axis.bottomLeft(), axis.bottomRight())
        for exponent in range(first, last + 1):
            x = self._x(10.0**exponent)
            painter.drawLine(QPointF(x, axis.bottom()), QPointF(x, axis.bottom() + high / 4))
            words = QRectF(x - 2 * high, axis.bottom() + high / 4, 4 * high, high)
            painter.drawText(words, Qt.AlignmentFlag.AlignCenter, power_of_ten(10.0**exponent))

    def _paint_row(self, painter: QPainter, row: int, rate: FairRate) -> None:
        top, high = row * self._row_height, self._row_height
        style = run_style(row)
        colour = QColor(style.colour(theme().colours.dark))
        middle = top + high / 2
        draw_mark(painter, style.mark, QPointF(rhythm(self, 1.5), middle), rhythm(self, 1), colour)
        room = QRectF(rhythm(self, 4), top, self._axis.left() - rhythm(self, 5), high)
        painter.setPen(self.palette().color(self.foregroundRole()))
        name = self.fontMetrics().elidedText(rate.name, Qt.TextElideMode.ElideRight, int(room.width()))
        painter.drawText(room, _LEFT, name)
        if rate.best is None or rate.band is None:
            painter.setPen(self.palette().color(MUTED))
            painter.drawText(QRectF(self._axis.left(), top, self._axis.width(), high), _LEFT, "no rate lowers the loss")
            return
        self._paint_band(painter, rate, colour, QRectF(0, top, 0, high))
        x = self._x(rate.best)
        draw_mark(painter, style.mark, QPointF(x, middle), rhythm(self, 1.2), colour)
        painter.setPen(self.palette().color(self.foregroundRole()))
        words = short(rate.best, 2)
        beside = self.fontMetrics().horizontalAdvance(words) + rhythm(self, 3)
        at = x + rhythm(self, 2.5) if x + beside < self.width() else x - beside
        painter.drawText(QRectF(at, top, beside, high), _LEFT, words)

    def _paint_band(self, painter: QPainter, rate: FairRate, colour: QColor, row: QRectF) -> None:
        """The band as a bar, and how far the loss fell at each rate as a tick up to its height."""
        assert rate.band is not None
        low, high = (self._x(each) for each in rate.band)
        bar, half = QColor(colour), rhythm(self, 1)
        bar.setAlphaF(0.25)
        inner = row.adjusted(0, rhythm(self, 0.5), 0, -rhythm(self, 0.5))
        painter.fillRect(QRectF(low - half, inner.top(), high - low + 2 * half, inner.height()), bar)
        fall = rate.start - min(rate.losses)
        painter.setPen(QPen(self.palette().color(MUTED), 1))
        for each, loss in zip(rate.rates, rate.losses, strict=True):
            share = max(0.0, (rate.start - loss) / fall) if math.isfinite(loss) else 0.0
            x = self._x(each)
            painter.drawLine(QPointF(x, inner.bottom()), QPointF(x, inner.bottom() - share * inner.height()))
