"""The empty plot of a curve that is not measured yet: it is drawn by the mouse, or point by point by the keyboard."""

from __future__ import annotations

import math
from typing import Final

from PySide6.QtCore import QLineF, QPointF, Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from workbench.bridge.lessons.prediction_desk import PredictionDesk
from workbench.engine.lessons.drawn_curve import Point, drawn_line, height_at
from workbench.engine.lessons.picture import Panel
from workbench.engine.lessons.predict import ExpectedCurve
from workbench.views.lessons.curves import Curves
from workbench.views.widgets.theme import ACCENT

#: Step of the keyboard marker as a share of the axis, and of a point as a share of the height.
_ALONG: Final = 0.05
_UP: Final = 0.025
_HOW = (
    "Draw it here with the mouse. By keyboard: ← and → move the marker, ↑ and ↓ set a point of the curve, Delete takes "
    "it away."
)
_NOTHING: Final = Panel("", "", "", ())


class SketchPlot(Curves):
    """Axes without a measured curve. Follows the desk; what is drawn goes to it."""

    def __init__(self, desk: PredictionDesk, parent: QWidget | None = None) -> None:
        super().__init__(_NOTHING, None, parent)
        self._desk = desk
        self._curve: ExpectedCurve | None = None
        self._stroke: list[Point] | None = None
        self._at = 0.0
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.CrossCursor)
        desk.changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Show the axes of the scene's curve, and what is drawn of it."""
        predict = self._desk.predict
        curve = predict.curve if predict is not None else None
        if curve is not self._curve:
            self._at = 0.0
        self._curve = curve
        if curve is None:
            return
        drawn = drawn_line(self._desk.prediction.curve, curve)
        lines = (drawn,) if drawn is not None else ()
        self.show_panel(
            Panel(f"Draw {curve.words}", curve.x_label, curve.y_label, lines, curve.log_x, curve.log_y), None
        )
        self.x_range = _places(curve.x, curve.log_x)
        self.y_range = _places(curve.y, curve.log_y)
        self.help_text = _HOW

    # --- By hand ------------------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton or not self._desk.is_holding:
            super().mousePressEvent(event)
            return
        self._stroke = [self._share(event.position())]
        self._at = self._stroke[0][0]
        self._desk.begin_stroke(self._stroke[0])

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._stroke is None:
            super().mouseMoveEvent(event)
            return
        self._stroke.append(self._share(event.position()))
        self._desk.stroke(self._stroke)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._stroke = None
        super().mouseReleaseEvent(event)

    def _share(self, at: QPointF) -> Point:
        """A pixel as shares of the axes, limited to them."""
        area = self.area()
        x, y = (at.x() - area.left()) / area.width(), (area.bottom() - at.y()) / area.height()
        return min(1.0, max(0.0, x)), min(1.0, max(0.0, y))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, points = event.key(), self._desk.prediction.curve
        if key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            by = _ALONG if key == Qt.Key.Key_Right else -_ALONG
            self._at = min(1.0, max(0.0, round((self._at + by) / _ALONG) * _ALONG))
            self.update()
        elif key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            by = _UP if key == Qt.Key.Key_Up else -_UP
            self._desk.put_point(self._at, height_at(points, self._at) + by)
        elif key == Qt.Key.Key_Delete:
            self._desk.remove_point(self._at)
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()

    # --- What is seen -------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter, points = QPainter(self), self._desk.prediction.curve
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if not points:
            self.paint_words(painter, _HOW)
        if self.hasFocus():
            self._paint_marker(painter, height_at(points, self._at))
        elif len(points) == 1:
            self._paint_point(painter, *points[0])
        painter.end()

    def _paint_marker(self, painter: QPainter, height: float) -> None:
        area = self.area()
        x = area.left() + self._at * area.width()
        painter.setPen(QPen(self.palette().color(ACCENT), 1, Qt.PenStyle.DashLine))
        painter.drawLine(QLineF(x, area.top(), x, area.bottom()))
        self._paint_point(painter, self._at, height)

    def _paint_point(self, painter: QPainter, x: float, y: float) -> None:
        area, size = self.area(), 1.6 * self._width()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.palette().color(ACCENT))
        painter.drawEllipse(QPointF(area.left() + x * area.width(), area.bottom() - y * area.height()), size, size)


def _places(ends: tuple[float, float], is_log: bool) -> tuple[float, float]:
    return (math.log10(ends[0]), math.log10(ends[1])) if is_log else ends
