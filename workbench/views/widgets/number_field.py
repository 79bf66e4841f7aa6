"""The program's own number field.

Qt's spin box follows the country (0.001 typed in German gives 1), turns nan into its maximum, and changes when the
wheel rolls over it. This field reads both decimal signs everywhere, never alters what was typed without a word, and
leaves the wheel alone unless it has the focus.
"""

from __future__ import annotations

from PySide6.QtCore import QElapsedTimer, QEvent, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import (
    QFocusEvent,
    QFontMetrics,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPaintEvent,
    QPalette,
    QWheelEvent,
)
from PySide6.QtWidgets import QLineEdit, QSizePolicy, QWidget

from workbench.engine.catalog.knob import Knob
from workbench.views.widgets.basics import plain_tip
from workbench.views.widgets.number_text import number_from, number_text
from workbench.views.widgets.slider_scale import SliderScale

PAUSE_MS = 450  #: typing is taken over after a pause this long, so that 0.05 does not pass through 0
_GESTURE_MS = 700
STEP_KEYS = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1, Qt.Key.Key_PageUp: 3, Qt.Key.Key_PageDown: -3}


def steps_of_wheel(widget: QWidget, event: QWheelEvent) -> int:
    """How many steps the wheel makes; none without the focus: then it scrolls what the widget lies in."""
    turned = event.angleDelta().y()
    steps = (turned > 0) - (turned < 0) if widget.hasFocus() else 0
    event.setAccepted(steps != 0)
    return steps


class Gesture:
    """Whether a change continues the one before it, so that a burst of steps is one undo."""

    def __init__(self) -> None:
        self._since = QElapsedTimer()

    def continues(self) -> bool:
        """True if the last call was a moment ago. Each call starts the moment again."""
        going_on = self._since.isValid() and self._since.elapsed() < _GESTURE_MS
        self._since.start()
        return going_on

    def end(self) -> None:
        """The next change is a new gesture."""
        self._since.invalidate()


class LineField(QLineEdit):
    """A line of text that is taken over on Enter, on leaving, and after a pause; ``settled`` says when.

    While ``patient`` it waits for Enter or leaving: a running model must not act on half a number.
    """

    settled = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.patient = False
        self._pending = False
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE_MS)
        self._pause.timeout.connect(self.settle)
        self.textEdited.connect(self._on_edited)
        self.returnPressed.connect(self.settle)

    @property
    def is_pending(self) -> bool:
        """Whether something is typed that nobody has been told of."""
        return self._pending

    def show_text(self, text: str) -> None:
        """Show a text that came from elsewhere. Typing that nobody has been told of is not disturbed."""
        if not self._pending and text != self.text():
            self.setText(text)

    def forget(self) -> None:
        """Drop unfinished typing."""
        self._pending = False
        self._pause.stop()

    @Slot()
    def settle(self) -> None:
        """Take over what is typed, if anything."""
        if self._pending:
            self.forget()
            self.settled.emit(self.text())

    @Slot()
    def _on_edited(self) -> None:
        self._pending = True
        if not self.patient:
            self._pause.start()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The style's outline cannot be seen on a dark ground."""
        super().paintEvent(event)
        if not self.hasFocus():
            painter = QPainter(self)
            painter.setPen(self.palette().color(QPalette.ColorRole.Mid))
            painter.drawRoundedRect(self.rect().adjusted(0, 0, -1, -1), 2, 2)
            painter.end()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.settle()
        super().focusOutEvent(event)

    def event(self, event: QEvent) -> bool:
        """Undo and redo belong to the line while typing, and to the whole experiment otherwise."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride and not self._pending:
            keys = QKeySequence.StandardKey
            if event.matches(keys.Undo) or event.matches(keys.Redo):
                event.ignore()
                return False
        return super().event(event)


class NumberField(LineField):
    """A line that holds a number within a knob's limits. Wrong text stays, and ``refused`` says in words what it is."""

    submitted = Signal(object, bool)  #: the number, and whether the change belongs to the gesture before it
    refused = Signal(str)

    def __init__(self, knob: Knob, scale: SliderScale, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._knob = knob
        self._scale = scale
        self._typed_before = False
        self._gesture = Gesture()
        self.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setToolTip(plain_tip(f"{knob.range_text[:1].upper()}{knob.range_text[1:]} {knob.unit}".strip()))
        self.setInputMethodHints(Qt.InputMethodHint.ImhFormattedNumbersOnly)
        self.settled.connect(self._on_settled)

    def value(self) -> float | int | None:
        """The number in the field; None if the text is none or out of limits."""
        try:
            return number_from(self.text(), self._knob, self._scale.integer)
        except ValueError:
            return None

    def show_value(self, value: float | int | None) -> None:
        """Show a number from elsewhere; None empties the field. The user's way of writing it stays while typing."""
        if not (self.hasFocus() and value is not None and self.value() == value):
            self.show_text("" if value is None else number_text(value))

    def sizeHint(self) -> QSize:
        width = QFontMetrics(self.font()).horizontalAdvance("0.000001") + 2 * QFontMetrics(self.font()).height() // 3
        return QSize(width + QFontMetrics(self.font()).height() // 2, super().sizeHint().height())

    @Slot(str)
    def _on_settled(self, text: str) -> None:
        try:
            value = number_from(text, self._knob, self._scale.integer)
        except ValueError as error:
            self.refused.emit(str(error))
            return
        self.submitted.emit(value, self._typed_before)
        self._typed_before = True

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._typed_before = False
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        value = self.value()
        if value is not None:
            self.show_text(number_text(value))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = STEP_KEYS.get(Qt.Key(event.key()), 0)
        if steps:
            self._step(steps)
        else:
            super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if steps := steps_of_wheel(self, event):
            self._step(steps)

    def _step(self, steps: int) -> None:
        self.settle()
        value = self.value()
        if value is None or self.isReadOnly():
            return
        moved = self._scale.stepped(value, steps)
        if moved != value:
            self.show_text(number_text(moved))
            self.submitted.emit(moved, self._gesture.continues())
