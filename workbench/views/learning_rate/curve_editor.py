"""The schedule preview as an editor: the points of a drawn schedule are moved with mouse and keys."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QPointF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QWidget

from workbench.engine.catalog.knob import MAX_ITEMS
from workbench.engine.catalog.pairs import HIGHEST, LOWEST
from workbench.engine.catalog.schedules.hand_drawn import Drawn
from workbench.engine.core.text import significant
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.views.learning_rate.schedule_preview import PlotArea, SchedulePreview
from workbench.views.widgets.theme import ACCENT, rhythm

Points = tuple[tuple[float, float], ...]

#: The smallest distance of two points, as a fraction of the run. A key moves a point by ten times that, or by 5 %.
APART = 0.001
_SIDEWAYS = {Qt.Key.Key_Left: -10 * APART, Qt.Key.Key_Right: 10 * APART}
_UPWARDS = {Qt.Key.Key_Up: 1.05, Qt.Key.Key_Down: 1 / 1.05}
_SELECT = {Qt.Key.Key_PageUp: 1, Qt.Key.Key_PageDown: -1}
_REMOVE = (Qt.Key.Key_Delete, Qt.Key.Key_Backspace)


class CurveEditor(SchedulePreview):
    """Emits ``edited`` with new points. A drag or a quick series of keys is one gesture with one undo entry."""

    edited = Signal(object, bool)  #: the points, and whether they continue the gesture before

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.selected: int | None = None
        self._held: PlotArea | None = None  # the axes are fixed while a point is dragged
        self._moved = False

    def set_spec(self, spec: ExperimentSpec) -> None:
        super().set_spec(spec)
        points = self._points
        drawn = points is not None
        self.updateGeometry()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus if drawn else Qt.FocusPolicy.NoFocus)
        self.setCursor(Qt.CursorShape.CrossCursor if drawn else Qt.CursorShape.ArrowCursor)
        if points is None or (self.selected is not None and self.selected >= len(points)):
            self.selected = None
        if drawn:
            how = "Drag a point, click to add one, double-click to remove one. Keys: Page Up and Page Down select, "
            how += "arrows move, Insert adds, Delete removes."
            self.setAccessibleDescription(f"{self.accessibleDescription()} {how}")

    def sizeHint(self) -> QSize:
        return QSize(rhythm(self, 60), self._height())

    def minimumSizeHint(self) -> QSize:
        return QSize(rhythm(self, 20), self._height())

    def _height(self) -> int:
        """Higher while it can be edited."""
        return rhythm(self, 46 if self._points is not None else 26)

    @property
    def _points(self) -> Points | None:
        schedule = self._spec.schedule
        return schedule.points if isinstance(schedule, Drawn) else None

    # --- Positions

    def _frame(self) -> PlotArea:
        if self._held is not None:
            return self._held
        frame = super()._frame()
        if self._points is None:
            return frame
        edge = rhythm(self, 1.5)  # a point at an end must be completely visible
        area = frame.area.adjusted(edge, 0, -edge, 0)
        room = 1.25  # room to drag a point above the highest one and, on a log axis, below the lowest
        return replace(frame, area=area, high=frame.high * room, low=frame.low / 10 if frame.log else frame.low)

    def position_of(self, point: tuple[float, float]) -> QPointF:
        """The position of a point in the widget."""
        frame, (share, factor) = self._frame(), point
        first, length = self._span()
        return QPointF(frame.x(first + share * length), frame.y(self._spec.optimizer.lr * factor))

    def _span(self) -> tuple[float, float]:
        """The first step after the warm-up, and the number of steps from there to the end."""
        schedule = self._spec.schedule
        warmup = schedule.warmup * (self.steps_per_epoch if schedule.per == "epoch" else 1)
        return min(warmup, self.total_steps - 1), max(1, self.total_steps - warmup)

    def _point_at(self, place: QPointF) -> tuple[float, float]:
        """The point at a position in the widget, within the limits."""
        frame = self._frame()
        first, length = self._span()
        share = (frame.step_at(place.x()) - first) / length
        factor = frame.rate_at(place.y()) / self._spec.optimizer.lr
        least = max(LOWEST, frame.high / self._spec.optimizer.lr * 1e-3) if not frame.log else LOWEST
        return _rounded(min(max(share, 0.0), 1.0), min(max(factor, least), HIGHEST))

    def _near(self, place: QPointF) -> int | None:
        """The index of the nearest point within reach of the mouse; None if there is none."""
        far = [(self.position_of(point) - place).manhattanLength() for point in self._points or ()]
        best = min(range(len(far)), key=far.__getitem__, default=None)
        return best if best is not None and far[best] <= 4 * rhythm(self, 1) else None

    # --- Changing

    def _move(self, index: int, point: tuple[float, float], joins: bool) -> bool:
        """Move a point, but not past its neighbours; False if it did not move."""
        points = list(self._points or ())
        low = points[index - 1][0] + APART if index > 0 else 0.0
        high = points[index + 1][0] - APART if index + 1 < len(points) else 1.0
        if low > high:
            return False
        points[index] = _rounded(min(max(point[0], low), high), min(max(point[1], LOWEST), HIGHEST))
        if tuple(points) == self._points:
            return False
        self.edited.emit(tuple(points), joins)
        return True

    def _add(self, point: tuple[float, float]) -> bool:
        """Add and select a point; False if another one is too near or the list is full."""
        points = self._points or ()
        if len(points) >= MAX_ITEMS or any(abs(x - point[0]) < APART for x, _ in points):
            return False
        self.selected = sum(x < point[0] for x, _ in points)
        self.edited.emit((*points[: self.selected], point, *points[self.selected :]), False)
        return True

    def _remove(self, index: int) -> None:
        points = self._points or ()
        if len(points) > 1:
            self.selected = max(0, index - 1) if self.selected is not None else None
            self.edited.emit(points[:index] + points[index + 1 :], False)

    # --- The mouse

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self._points is None or event.button() != Qt.MouseButton.LeftButton:
            super().mousePressEvent(event)
            return
        self.selected = self._near(event.position())
        self._moved = False
        if self.selected is None:
            self._moved = self._add(self._point_at(event.position()))
        self._held = self._frame()
        self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._held is not None and self.selected is not None:
            moved = self._move(self.selected, self._point_at(event.position()), self._moved)
            self._moved = self._moved or moved
        super().mouseMoveEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._held = None
        super().mouseReleaseEvent(event)
        self.update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        index = self._near(event.position()) if self._points is not None else None
        if index is not None:
            self._held = None
            self._remove(index)

    # --- Keys

    def keyPressEvent(self, event: QKeyEvent) -> None:
        points, key = self._points, Qt.Key(event.key())
        if not points or not self._on_key(points, key, event.isAutoRepeat()):
            super().keyPressEvent(event)

    def _on_key(self, points: Points, key: Qt.Key, repeats: bool) -> bool:
        """Handle a key; False if it has no meaning here."""
        at = self.selected if self.selected is not None else 0
        x, factor = points[at]
        if key in _SELECT:
            self.selected = (at + _SELECT[key]) % len(points) if self.selected is not None else 0
        elif key in _SIDEWAYS:
            self._move(at, (x + _SIDEWAYS[key], factor), repeats)
        elif key in _UPWARDS:
            self._move(at, (x, factor * _UPWARDS[key]), repeats)
        elif key == Qt.Key.Key_Insert:
            after = points[at + 1] if at + 1 < len(points) else (1.0, factor)
            self._add(_rounded((x + after[0]) / 2, (factor + after[1]) / 2))
        elif key in _REMOVE:
            self._remove(at)
        else:
            return False
        self.selected = at if self.selected is None else self.selected
        self.update()
        return True

    # --- Drawing

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        points = self._points
        if points is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        accent, base = self.palette().color(ACCENT), self.palette().color(QPalette.ColorRole.Base)
        for index, point in enumerate(points):
            chosen = index == self.selected
            painter.setPen(QPen(accent, rhythm(self, 0.4)))
            painter.setBrush(accent if chosen else base)
            radius = rhythm(self, 1.3 if chosen and self.hasFocus() else 1.0)
            painter.drawEllipse(self.position_of(point), radius, radius)
        painter.end()


def _rounded(share: float, factor: float) -> tuple[float, float]:
    return round(share, 4), significant(factor, 3)
