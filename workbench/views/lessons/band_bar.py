"""A bar that shows where a measured number lies: the band in which the claim holds, and a mark."""

from __future__ import annotations

import math
from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPalette, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from workbench.engine.core.text import number_text
from workbench.engine.lessons.band import Band
from workbench.engine.lessons.play import Finding
from workbench.views.widgets.theme import ERROR, MUTED, good_colour, rhythm

#: Room on either side of the band, as a share of its width.
_AROUND: Final = 0.75


class BandBar(QWidget):
    """Shows a finding; nothing before there is one. Where it is low, the ends of the band have no numbers."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._finding: Finding | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)
        self.setAccessibleName("Measured number and its band")

    def show_finding(self, finding: Finding | None) -> None:
        """Show this finding; None: an empty bar."""
        self._finding = finding
        self.setAccessibleDescription(f"{finding.number}, expected {finding.band.text}" if finding is not None else "")
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(rhythm(self, 60), 2 * self.fontMetrics().height() + rhythm(self, 1))

    def minimumSizeHint(self) -> QSize:
        return QSize(0, self.fontMetrics().height() + rhythm(self, 1))

    @property
    def has_numbers(self) -> bool:
        """Whether there is room for numbers below the bar."""
        return self.height() >= 2 * self.fontMetrics().height()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        high = self.fontMetrics().height()
        track = QRectF(high / 2, high * 0.55, self.width() - high, high * 0.4)
        painter.fillRect(track, self.palette().color(QPalette.ColorRole.Button))
        if self._finding is not None:
            low, top = shown_range(self._finding.band, self._finding.measured)
            self._paint_band(painter, track, self._finding.band, low, top)
            self._paint_mark(painter, track, self._finding, low, top)
        painter.end()

    def _paint_band(self, painter: QPainter, track: QRectF, band: Band, low: float, top: float) -> None:
        ends = tuple(_place(end, low, top, default) for end, default in ((band.low, 0.0), (band.high, 1.0)))
        left, right = (track.left() + share * track.width() for share in ends)
        colour = QColor(good_colour(self.palette()))
        colour.setAlphaF(0.45)
        painter.fillRect(QRectF(left, track.top(), right - left, track.height()), colour)
        if self.has_numbers:
            self._paint_ends(painter, track, band, left, right)

    def _paint_ends(self, painter: QPainter, track: QRectF, band: Band, left: float, right: float) -> None:
        painter.setPen(self.palette().color(MUTED))
        texts = [(x, number_text(end)) for x, end in ((left, band.low), (right, band.high)) if end is not None]
        for place, (x, text) in enumerate(texts):
            wide = self.fontMetrics().horizontalAdvance(text) + 4
            at = min(max(0.0, x - wide / 2), self.width() - wide)
            if place and at < texts[0][0] + wide / 2:  # two ends that are near each other
                at = min(texts[0][0] + wide / 2, self.width() - wide)
            room = QRectF(at, track.bottom() + 1, wide, self.fontMetrics().height())
            painter.drawText(room, Qt.AlignmentFlag.AlignCenter, text)

    def _paint_mark(self, painter: QPainter, track: QRectF, finding: Finding, low: float, top: float) -> None:
        if not math.isfinite(finding.measured):
            return
        colour = self.palette().color(QPalette.ColorRole.WindowText if finding.holds else ERROR)
        x = track.left() + _place(finding.measured, low, top, 0.0) * track.width()
        half = track.height() * 0.75
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawRect(QRectF(x - half / 5, track.top() - 1, half / 2.5, track.height() + 2))
        tip = track.top() + half * 0.2
        painter.drawPolygon(
            QPolygonF([QPointF(x - half, tip - 1.5 * half), QPointF(x + half, tip - 1.5 * half), QPointF(x, tip)])
        )


def shown_range(band: Band, value: float) -> tuple[float, float]:
    """The least and greatest number of a bar that has all of the band, and ``value`` if it is not far away."""
    ends = [end for end in (band.low, band.high) if end is not None]
    wide = ends[-1] - ends[0] or abs(ends[0]) or 1.0
    low, top = ends[0] - _AROUND * wide, ends[-1] + _AROUND * wide
    if math.isfinite(value):
        low, top = min(low, max(value, low - 2 * wide)), max(top, min(value, top + 2 * wide))
    return low, top


def _place(value: float | None, low: float, top: float, default: float) -> float:
    """Where ``value`` is from 0 to 1; beyond the ends at the end."""
    return default if value is None else min(1.0, max(0.0, (value - low) / (top - low)))
