"""A slider for a knob: logarithmic where the knob is, and the wheel moves it only with the focus."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPalette, QPen, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QSlider, QWidget

from workbench.views.widgets.number_field import STEP_KEYS, Gesture, steps_of_wheel
from workbench.views.widgets.slider_scale import TICKS, SliderScale
from workbench.views.widgets.theme import rhythm

_KEYS = STEP_KEYS | {Qt.Key.Key_Right: 1, Qt.Key.Key_Left: -1}


class KnobSlider(QSlider):
    """A slider over a knob's values. Keys and wheel make the same steps as in the number field.

    It draws itself, because the style's handle does not grow with the font. A click anywhere moves the handle there.
    """

    submitted = Signal(object, bool)  #: the number, and whether it continues the gesture before

    def __init__(self, scale: SliderScale, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._scale = scale
        self._value: float | int = scale.value_at(0)
        self._gesture = Gesture()
        self._dragged = False  # whether this drag has changed something already
        self._grip = 0.0  # from the handle's centre to the mouse
        self.setRange(0, TICKS)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)  # not by the wheel
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_value(self, value: float | int) -> None:
        """Move the handle to ``value``, unless the user is dragging it."""
        self._value = value
        if not self.isSliderDown():
            self.setValue(self._scale.tick_of(value))

    def sizeHint(self) -> QSize:
        return QSize(10 * self._size(), round(1.3 * self._size()))

    def minimumSizeHint(self) -> QSize:
        return QSize(4 * self._size(), round(1.3 * self._size()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            event.ignore()
            return
        self._dragged = False
        self._gesture.end()
        self._grip = event.position().x() - self._x_of(self.value())
        if abs(self._grip) > self._size() / 2:
            self._grip = 0.0
        self.setSliderDown(True)
        self._follow(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self.isSliderDown():
            self._follow(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self.setSliderDown(False)
        self._gesture.end()
        self.show_value(self._value)

    def _follow(self, event: QMouseEvent) -> None:
        share = (event.position().x() - self._grip - self._size() / 2) / max(1, self.width() - self._size())
        tick = min(TICKS, max(0, round(share * TICKS)))
        if tick != self.value():
            self.setValue(tick)
            self._dragged |= self._submit(self._scale.value_at(tick), self._dragged)

    def _submit(self, value: float | int, merge: bool) -> bool:
        if value == self._value:
            return False
        self.submitted.emit(value, merge)
        return True

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = _KEYS.get(Qt.Key(event.key()), 0)
        if steps:
            self._step(steps)
        else:
            super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if steps := steps_of_wheel(self, event):
            self._step(steps)

    def _step(self, steps: int) -> None:
        self._submit(self._scale.stepped(self._value, steps), self._gesture.continues())

    def _size(self) -> int:
        """The handle's diameter."""
        return rhythm(self, 3.2)

    def _x_of(self, tick: int) -> float:
        return self._size() / 2 + (self.width() - self._size()) * tick / TICKS

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        palette, role = self.palette(), QPalette.ColorRole
        middle, x, thick = self.height() / 2, self._x_of(self.value()), self._size() * 0.22
        left, right = self._x_of(0), self._x_of(TICKS)
        accent = palette.color(role.Highlight)
        for start, end, colour in ((left, right, palette.color(role.Mid)), (left, x, accent)):
            painter.setPen(QPen(colour, thick, c=Qt.PenCapStyle.RoundCap))
            painter.drawLine(QPointF(start, middle), QPointF(end, middle))
        lit = self.hasFocus() or self.isSliderDown()
        painter.setPen(QPen(accent, thick * (0.9 if lit else 0.5)))
        painter.setBrush(palette.color(role.Base if self.isEnabled() else role.Window))
        radius = self._size() / 2 - thick / 2
        if self.isEnabled():
            painter.drawEllipse(QPointF(x, middle), radius, radius)
        painter.end()
