"""The program's own number field.

Qt's spin box depends on the locale (0.001 typed in German gives 1), turns nan into its maximum, and changes when the
wheel is turned over it. This field accepts both decimal separators everywhere, never changes typed text silently, and
ignores the wheel without the focus.
"""

from __future__ import annotations

from PySide6.QtCore import QElapsedTimer, QEvent, QRect, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import (
    QFocusEvent,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPaintEvent,
    QPalette,
    QWheelEvent,
)
from PySide6.QtWidgets import QLineEdit, QSizePolicy, QStyle, QStyleOptionFrame, QWidget

from workbench.engine.catalog.knob import Knob
from workbench.engine.core.text import editable
from workbench.views.widgets.basics import plain_tip, show_tip
from workbench.views.widgets.number_parser import number_from
from workbench.views.widgets.slider_scale import SliderScale

PAUSE_MS = 450  #: typed text is submitted after a pause of this length, so that 0.05 is not submitted as 0 first
_GESTURE_MS = 700
#: Pixels that QLineEdit leaves free at each side of its text.
_BESIDE = 2
#: The longest number of six significant digits, which is how exactly a search proposes them.
_WIDEST = "0.000138688"
STEP_KEYS = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1, Qt.Key.Key_PageUp: 3, Qt.Key.Key_PageDown: -3}


def steps_of_wheel(widget: QWidget, event: QWheelEvent) -> int:
    """The number of steps of the wheel; 0 without the focus, when the wheel scrolls the surrounding area."""
    turned = event.angleDelta().y()
    steps = (turned > 0) - (turned < 0) if widget.hasFocus() else 0
    event.setAccepted(steps != 0)
    return steps


class Gesture:
    """Joins changes in quick succession, so that they have one undo entry."""

    def __init__(self) -> None:
        self._since = QElapsedTimer()

    def continues(self) -> bool:
        """True if the last call was less than 0.7 s ago. Each call restarts the time."""
        going_on = self._since.isValid() and self._since.elapsed() < _GESTURE_MS
        self._since.start()
        return going_on

    def end(self) -> None:
        """Let the next change begin a new gesture."""
        self._since.invalidate()


class LineField(QLineEdit):
    """A line of text that is submitted (``settled``) on Enter, on focus loss, and after a pause.

    While ``patient`` it is not submitted after a pause: a running model must not get an incomplete number.
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
        """Whether there is typed text that has not been submitted."""
        return self._pending

    def show_text(self, text: str) -> None:
        """Show a text from the store, unless there is typed text that has not been submitted."""
        if not self._pending and text != self.text():
            self.setText(text)

    def forget(self) -> None:
        """Discard text that has not been submitted."""
        self._pending = False
        self._pause.stop()

    @Slot()
    def settle(self) -> None:
        """Submit typed text, if there is any."""
        if self._pending:
            self.forget()
            self.settled.emit(self.text())

    @Slot()
    def _on_edited(self) -> None:
        self._pending = True
        if not self.patient:
            self._pause.start()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw an outline, because the style's is invisible on a dark background."""
        super().paintEvent(event)
        if not self.hasFocus():
            painter = QPainter(self)
            self._paint_outline(painter)
            painter.end()

    def _paint_outline(self, painter: QPainter) -> None:
        painter.setPen(self.palette().color(QPalette.ColorRole.Mid))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(self.rect().adjusted(0, 0, -1, -1), 2, 2)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.settle()
        super().focusOutEvent(event)

    def event(self, event: QEvent) -> bool:
        """Undo and redo act on the line while typing, and on the experiment otherwise."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride and not self._pending:
            keys = QKeySequence.StandardKey
            if event.matches(keys.Undo) or event.matches(keys.Redo):
                event.ignore()
                return False
        return super().event(event)


class NumberField(LineField):
    """A line for a number within a knob's limits. Wrong text stays, and ``refused`` carries the error message."""

    submitted = Signal(object, bool)  #: the number, and whether it continues the gesture before
    refused = Signal(str)

    def __init__(self, knob: Knob, scale: SliderScale, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._knob = knob
        self._scale = scale
        self._typed_before = False
        self._gesture = Gesture()
        self.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._range = f"{knob.range_text[:1].upper()}{knob.range_text[1:]} {knob.unit}".strip()
        self.setToolTip(plain_tip(self._range))
        self.setInputMethodHints(Qt.InputMethodHint.ImhFormattedNumbersOnly)
        self.settled.connect(self._on_settled)

    def value(self) -> float | int | None:
        """The number in the field; None if the text is not a number within the limits."""
        try:
            return number_from(self.text(), self._knob, self._scale.integer)
        except ValueError:
            return None

    def show_value(self, value: float | int | None) -> None:
        """Show a number; None empties the field. With the focus, text that means the same number stays as typed."""
        if not (self.hasFocus() and value is not None and self.value() == value):
            self.show_text("" if value is None else editable(value))

    def sizeHint(self) -> QSize:
        metrics = self.fontMetrics()
        return QSize(metrics.horizontalAdvance(_WIDEST) + metrics.height(), super().sizeHint().height())

    @property
    def is_cut(self) -> bool:
        """Whether the field is too narrow for its number."""
        return self.fontMetrics().horizontalAdvance(self.text()) > self._room().width()

    def _room(self) -> QRect:
        """Where the style draws the text."""
        option = QStyleOptionFrame()
        self.initStyleOption(option)
        inside = self.style().subElementRect(QStyle.SubElement.SE_LineEditContents, option, self)
        return inside.adjusted(_BESIDE, 0, -_BESIDE, 0)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Without the focus, a number that is cut shows its first and last characters: an exponent is among these."""
        super().paintEvent(event)
        if not self.hasFocus() and self.is_cut:
            self._paint_elided()

    def _paint_elided(self) -> None:
        option, room = QStyleOptionFrame(), self._room()
        self.initStyleOption(option)
        painter = QPainter(self)
        self.style().drawPrimitive(QStyle.PrimitiveElement.PE_PanelLineEdit, option, painter, self)
        shown = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideMiddle, room.width())
        group = QPalette.ColorGroup.Normal if self.isEnabled() else QPalette.ColorGroup.Disabled
        painter.setPen(self.palette().color(group, QPalette.ColorRole.Text))
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, shown)
        self._paint_outline(painter)
        painter.end()

    def event(self, event: QEvent) -> bool:
        """The tooltip begins with the whole number where it is cut."""
        if self.is_cut and show_tip(self, event, lambda _: f"{self.text()}\n{self._range}"):
            return True
        return super().event(event)

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
            self.show_text(editable(value))

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
            self.show_text(editable(moved))
            self.submitted.emit(moved, self._gesture.continues())
