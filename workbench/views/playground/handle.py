"""A round handle on a picture: dragged by mouse, moved by the arrow keys, reached by Tab."""

from __future__ import annotations

from typing import Final, Literal

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QWidget

from workbench.views.widgets.basics import plain_tip
from workbench.views.widgets.theme import ACCENT, rhythm

HandleKind = Literal["start", "turn", "squeeze", "hill"]
_KEYS: Final = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, 1),
    Qt.Key.Key_Down: (0, -1),
}


class Handle(QWidget):
    """A child of the picture. Its middle is put at a pixel; it only tells what the hand does."""

    dragged = Signal(QPointF, bool)  #: the pixel in the picture, and whether the drag goes on from an earlier move
    nudged = Signal(int, int, bool)  #: an arrow key: right, up, and whether in large steps (Shift)
    removed = Signal()  #: Delete
    released = Signal()  #: a drag has ended

    def __init__(self, kind: HandleKind, name: str, help_text: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._kind = kind
        self._goes_on = False
        self._held: QPointF | None = None
        self.setAccessibleName(name)
        self.setAccessibleDescription(help_text)
        self.setToolTip(plain_tip(f"{name}. {help_text}"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.SizeAllCursor)
        self.resize(self.sizeHint())

    def sizeHint(self) -> QSize:
        side = rhythm(self, 5.5) | 1
        return QSize(side, side)

    def put(self, pixel: QPointF) -> None:
        """Move its middle to a pixel of the picture."""
        self.move(round(pixel.x()) - self.width() // 2, round(pixel.y()) - self.height() // 2)

    @property
    def is_held(self) -> bool:
        """Whether it is being dragged."""
        return self._held is not None

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            middle = QPointF(self.geometry().center())
            self.resize(self.sizeHint())
            self.put(middle)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._held = event.position() - QPointF(self.rect().center())
            self._goes_on = False

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._held is not None:
            self.dragged.emit(QPointF(self.mapToParent(event.position().toPoint())) - self._held, self._goes_on)
            self._goes_on = True

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self._held is not None:
            self._held = None
            self.released.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if key in _KEYS:
            self.nudged.emit(*_KEYS[key], bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.removed.emit()
        else:
            event.ignore()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        palette = self.palette()
        ground, ink = palette.color(QPalette.ColorRole.Base), palette.color(QPalette.ColorRole.Text)
        side = self.width()
        middle = QPointF(side / 2, side / 2)
        is_strong = self.hasFocus() or self.underMouse()
        painter.setPen(QPen(palette.color(ACCENT) if is_strong else ink, side / 11))
        painter.setBrush(ground)
        if self._kind == "start":
            painter.drawEllipse(middle, side * 0.36, side * 0.36)
            painter.setBrush(painter.pen().color())
            painter.setPen(Qt.PenStyle.NoPen)
            painter.drawEllipse(middle, side * 0.12, side * 0.12)
        elif self._kind == "hill":
            painter.drawEllipse(middle, side * 0.24, side * 0.24)
        else:
            painter.drawRoundedRect(QRectF(side * 0.24, side * 0.24, side * 0.52, side * 0.52), 3, 3)
        if self.hasFocus():
            painter.setPen(QPen(palette.color(ACCENT), 1.5))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(middle, side * 0.46, side * 0.46)
        painter.end()
