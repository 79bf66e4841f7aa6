"""Strips below the formula: what the optimizer made of the watched weight's gradient over the last steps."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Slot
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF, QShowEvent
from PySide6.QtWidgets import QSizePolicy, QToolButton, QWidget

from workbench.engine.core.observed import RecentSteps, Watched
from workbench.engine.core.text import grouped, short
from workbench.engine.report.weight_strips import STRIPS, Strip, columns_of
from workbench.views.widgets.basics import Box, Words, plain_tip
from workbench.views.widgets.theme import ACCENT, MUTED

Floats = npt.NDArray[np.float64]
_HELP: Final = (
    "The last steps of the watched weight, computed by the rule's lines from what torch remembered: effective rate, "
    "step ÷ learning rate, velocity ÷ gradient. Nothing is computed while this is closed."
)


class WeightStripsView(Box):
    """Closed at first; ``follow`` shows a step. While it is closed or hidden nothing is computed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, margins=(2, 0, 2, 2), spacing=1)
        self._recent: RecentSteps | None = None
        self.toggle = QToolButton(self)
        self.toggle.setText("Over the last steps")
        self.toggle.setCheckable(True)
        self.toggle.setAutoRaise(True)
        self.toggle.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.toggle.setToolTip(plain_tip(_HELP))
        self.toggle.toggled.connect(self._on_toggled)
        self.empty = Words("The strips appear with the second step.", self, MUTED)
        self.strips = [StripPlot(strip, self) for strip in STRIPS]
        for each in (self.toggle, self.empty, *self.strips):
            self.add(each)
        self._on_toggled(False)

    @Slot(object)
    def follow(self, watched: Watched | None) -> None:
        """The formula shows ``watched``."""
        self._recent = None if watched is None else watched.recent
        self._show()

    @Slot(bool)
    def _on_toggled(self, is_open: bool) -> None:
        self.toggle.setArrowType(Qt.ArrowType.DownArrow if is_open else Qt.ArrowType.RightArrow)
        self._show()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._show()

    def _show(self) -> None:
        is_open = self.toggle.isChecked()
        columns = columns_of(self._recent) if is_open and self._recent is not None and self.isVisible() else None
        has_steps = columns is not None and len(columns["step"]) > 1
        self.empty.setVisible(is_open and not has_steps)
        for plot in self.strips:
            values = None
            if columns is not None and self._recent is not None and has_steps:
                values = plot.strip.values(self._recent.rule, columns)
            plot.setVisible(values is not None)
            if values is not None and columns is not None:
                plot.show_values(columns["step"] + 1, values)
        shown = [plot for plot in self.strips if not plot.isHidden()]
        for plot in shown:
            plot.set_last(plot is shown[-1])


class StripPlot(QWidget):
    """One curve against the step on a logarithmic axis, with its name, its range and its last value.

    The last of several says which steps these are.
    """

    def __init__(self, strip: Strip, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.strip = strip
        self.steps: Floats = np.empty(0)
        self.values: Floats = np.empty(0)
        self._is_last = True
        self.setToolTip(plain_tip(strip.help))
        self.setAccessibleName(strip.title)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_values(self, steps: Floats, values: Floats) -> None:
        """Show ``values`` (n,) at the finished ``steps`` (n,); what is not above 0 leaves a gap."""
        self.steps, self.values = steps, values
        self.setAccessibleDescription(f"{self._last}; {self._span}")
        self.update()

    def set_last(self, is_last: bool) -> None:
        """Whether no other strip is below it."""
        if is_last != self._is_last:
            self._is_last = is_last
            self.updateGeometry()

    @property
    def _last(self) -> str:
        """The last value, in words."""
        found = self.values[np.isfinite(self.values)]
        return short(float(found[-1]), 3) if len(found) else "–"

    @property
    def _span(self) -> str:
        return f"steps {grouped(self.steps[0])} – {grouped(self.steps[-1])}" if len(self.steps) else ""

    def sizeHint(self) -> QSize:
        return QSize(
            20 * self.fontMetrics().averageCharWidth(),
            round((5.2 if self._is_last else 4.2) * self.fontMetrics().height()),
        )

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self.updateGeometry()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        metrics, palette = self.fontMetrics(), self.palette()
        line = float(metrics.height())
        top = QRectF(0, 0, self.width(), line)
        painter.setPen(palette.color(self.foregroundRole()))
        painter.drawText(top, Qt.AlignmentFlag.AlignLeft, self.strip.title)
        painter.drawText(top, Qt.AlignmentFlag.AlignRight, self._last)
        with np.errstate(all="ignore"):
            logs = np.log10(self.values)
        known = np.isfinite(logs)
        if known.any():
            low, high = _range(logs[known])
            self._paint_axis(painter, low, high, line)
            self._paint_curve(painter, logs, known, low, high, line)

    def _paint_axis(self, painter: QPainter, low: float, high: float, line: float) -> None:
        painter.setPen(self.palette().color(MUTED))
        room = QRectF(0, line, self.width(), 3 * line)
        painter.drawText(room, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop, short(10.0**high, 2))
        painter.drawText(room, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom, short(10.0**low, 2))
        if self._is_last:
            below = QRectF(0, 4 * line, self.width(), line)
            painter.drawText(below, Qt.AlignmentFlag.AlignRight, self._span)

    def _paint_curve(
        self, painter: QPainter, logs: Floats, known: npt.NDArray[np.bool_], low: float, high: float, line: float
    ) -> None:
        left = 5.5 * self.fontMetrics().horizontalAdvance("0") + 4
        first, span = self.steps[0], max(1.0, self.steps[-1] - self.steps[0])
        x = left + (self.steps - first) / span * (self.width() - left - 2)
        y = 1.15 * line + (high - logs) / (high - low) * 2.7 * line
        painter.setPen(self.palette().color(MUTED))
        painter.drawLine(QPointF(left, 1.1 * line), QPointF(left, 3.9 * line))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self.palette().color(ACCENT), max(1.2, line / 12)))
        breaks = np.flatnonzero(~known)
        for part in np.split(np.arange(len(x)), breaks):
            places = part[known[part]]
            points = [QPointF(a, b) for a, b in zip(x[places].tolist(), y[places].tolist(), strict=True)]
            if len(points) == 1:
                painter.drawPoint(points[0])
            painter.drawPolyline(QPolygonF(points))


def _range(logs: Floats) -> tuple[float, float]:
    """The lowest and the highest of them, at least a fifth of a decade apart."""
    low, high = float(logs.min()), float(logs.max())
    room = max(0.0, 0.2 - (high - low)) / 2
    return low - room, high + room
