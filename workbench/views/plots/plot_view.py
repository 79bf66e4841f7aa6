"""The pyqtgraph plot of a subplot: wheel and drag zoom, a double-click resets; ranges are set from outside."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, Qt, Signal, Slot
from PySide6.QtGui import QFocusEvent, QHelpEvent, QMouseEvent, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from workbench.engine.report.svg.axis_ticks import AxisScale
from workbench.views.plots.axes import EndLabels, SubplotAxis
from workbench.views.plots.paint_budget import spent
from workbench.views.plots.plot_area import PlotArea
from workbench.views.plots.subplot_item import SubplotItem


@dataclass(frozen=True, slots=True)
class Zoom:
    """The range that the user asks for, in axis units; None for an axis that stays."""

    x: tuple[float, float] | None
    y: tuple[float, float] | None


class ZoomBox(pg.ViewBox):
    """Emits ``zoomed`` and ``reset`` instead of zooming by itself, because all subplots share the x axis."""

    zoomed = Signal(object)
    reset = Signal()

    def __init__(self) -> None:
        super().__init__(enableMenu=False, enableMouse=True, defaultPadding=0.0)
        self.setMouseMode(pg.ViewBox.RectMode)
        self.disableAutoRange()

    def wheelEvent(self, ev: Any, axis: int | None = None) -> None:
        """Zoom about the mouse: x, or y over the left axis and with Ctrl."""
        ev.accept()
        factor = 1.0015 ** -ev.delta()
        centre = self.mapToView(ev.pos())
        vertical = axis == 1 or (axis is None and bool(ev.modifiers() & Qt.KeyboardModifier.ControlModifier))
        (x0, x1), (y0, y1) = self.viewRange()
        if vertical:
            self.zoomed.emit(Zoom(None, _about(y0, y1, centre.y(), factor)))
        else:
            self.zoomed.emit(Zoom(_about(x0, x1, centre.x(), factor), None))

    def mouseDragEvent(self, ev: Any, axis: int | None = None) -> None:
        """Left: zoom to the rectangle. Middle, or left with Shift: move."""
        ev.accept()
        moving = ev.button() == Qt.MouseButton.MiddleButton or bool(ev.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if moving:
            self._move(ev)
        elif ev.button() == Qt.MouseButton.LeftButton and axis is None:
            self._drag_rectangle(ev)

    def mouseClickEvent(self, ev: Any) -> None:
        if ev.double() and ev.button() == Qt.MouseButton.LeftButton:
            ev.accept()
            self.reset.emit()

    def _move(self, ev: Any) -> None:
        shift = self.mapToView(ev.lastPos()) - self.mapToView(ev.pos())
        (x0, x1), (y0, y1) = self.viewRange()
        self.zoomed.emit(Zoom((x0 + shift.x(), x1 + shift.x()), (y0 + shift.y(), y1 + shift.y())))

    def _drag_rectangle(self, ev: Any) -> None:
        down = ev.buttonDownPos(Qt.MouseButton.LeftButton)
        if not ev.isFinish():
            self.updateScaleBox(down, ev.pos())
            return
        self.rbScaleBox.hide()
        rect = QRectF(QPointF(down), QPointF(ev.pos())).normalized()
        one, other = self.mapToView(rect.topLeft()), self.mapToView(rect.bottomRight())
        x = (one.x(), other.x()) if rect.width() > 5 else None
        y = (other.y(), one.y()) if rect.height() > 5 else None
        if x or y:
            self.zoomed.emit(Zoom(x, y))


class PlotView(pg.GraphicsView):
    """The plot area with its axes. ``painted`` is the total time of its paint events, in seconds."""

    hovered = Signal(object)  #: pixels from the left of the subplot, None when the mouse leaves
    tip_wanted = Signal(float, QPoint)
    focused = Signal(bool)  #: whether it has the keyboard focus
    fitted = Signal()  #: the size of the subplot changed

    def __init__(self, scale: AxisScale, parent: QWidget | None = None) -> None:
        self._rect: QRect | None = None  # asking pyqtgraph takes as long as painting a strip
        self.box = ZoomBox()
        self.left, self.bottom, self.ends = SubplotAxis("left", scale), SubplotAxis("bottom"), EndLabels()
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.enableMouse(False)
        self.area = PlotArea(self.box, self.left, self.bottom, self.ends)
        self.setCentralItem(self.area)
        self.scene().sigPrepareForPaint.connect(self.box.prepareForPaint)  # see qt_workarounds: the ranges, up to date
        self.setCacheMode(self.CacheModeFlag.CacheNone)  # a picture in SVG and PDF
        self.item = SubplotItem(self.box)
        self.setMinimumHeight(24)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)  # the context menu has all that can be done here
        self.painted = 0.0
        self.box.sigResized.connect(self._on_resized)

    def plot_rect(self) -> QRect:
        """The plot area in pixels of this widget."""
        if self._rect is None:
            rect = self.box.sceneBoundingRect()  # may end in half pixels, which belong to the axes
            self._rect = QRect(int(rect.x()), int(rect.y()), int(rect.width()), int(rect.height()))
        return self._rect

    def settle(self) -> None:
        """Lay out the axes now; Qt would do it later."""
        self.area.settle()
        self._rect = None

    def close(self) -> None:
        """Close it for good, as ``pg.PlotWidget`` does."""
        self.area.take_apart()
        self.setParent(None)
        super().close()

    @Slot(object)
    def _on_resized(self, box: object) -> None:
        self._rect = None
        self.fitted.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._rect = None

    def set_range(self, x: tuple[float, float], y: tuple[float, float]) -> None:
        """Set both ranges."""
        self.box.setRange(xRange=x, yRange=y, padding=0, disableAutoRange=True)

    def show_columns(self, left: float, right: float) -> None:
        """Repaint the strip between two x pixels of the plot area."""
        rect = self.plot_rect()
        self.viewport().update(rect.x() + int(left) - 1, rect.y(), int(right) - int(left) + 3, rect.height())

    def show_all(self) -> None:
        """Repaint the plot area."""
        self.viewport().update(self.plot_rect())

    def paintEvent(self, event: QPaintEvent) -> None:
        start = spent()
        area = self.plot_rect()
        if area.contains(event.rect()) and self.item.is_plain and not self.box.rbScaleBox.isVisible():
            # Only columns of the plot area: pyqtgraph's scene would call Python methods of every item, and each call
            # takes the GIL from training. Painting is overridden for that; see qt_workarounds.
            self.item.show_images(self.viewport(), area.topLeft(), event.rect())
        else:
            super().paintEvent(event)
        self.painted += spent() - start

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        rect = self.plot_rect()
        inside = rect.left() <= event.position().x() <= rect.right()
        self.hovered.emit(event.position().x() - rect.x() if inside else None)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.focused.emit(True)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.focused.emit(False)

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.hovered.emit(None)

    def viewportEvent(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            self.tip_wanted.emit(float(event.pos().x() - self.plot_rect().x()), event.globalPos())
            return True
        return bool(super().viewportEvent(event))


def _about(low: float, high: float, centre: float, factor: float) -> tuple[float, float]:
    return centre - (centre - low) * factor, centre + (high - centre) * factor
