"""A canvas to draw a digit or a letter on, by the mouse, a pen, or the keys."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QColor, QImage, QKeyEvent, QMouseEvent, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from workbench.views.widgets.theme import ACCENT, MUTED, rhythm

#: The side of the picture that is passed to the network, in pixels.
SIDE: Final = 280
#: Interval between two predictions while a line is drawn, in milliseconds.
ASK_MS: Final = 80
#: How far an arrow key moves the pen, as a share of the side.
_KEY_STEP: Final = 1 / 28
_STEPS: Final = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}


class Canvas(QWidget):
    """Square. Points are shares of the side, so that a drawing keeps its shape at any size.

    By keys: the arrows move the pen, with Shift they draw; Backspace removes the last line, Delete all.
    """

    drawn = Signal()  #: the drawing has changed, a little after

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Drawing canvas")
        self.setAccessibleDescription("Shift and arrow keys draw, Backspace removes the last line, Delete clears")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.CrossCursor)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        #: Each line: its width as a share of the side, and its points.
        self._lines: list[tuple[float, list[QPointF]]] = []
        self._pen = QPointF(0.5, 0.5)
        self._is_drawing = self._is_drawn_by_key = False
        self.line_width = 0.09
        self.is_dark = True
        self._asking = QTimer(self)
        self._asking.setSingleShot(True)
        self._asking.setInterval(ASK_MS)
        self._asking.timeout.connect(self.drawn)

    def sizeHint(self) -> QSize:
        return QSize(rhythm(self, 64), rhythm(self, 64))

    def minimumSizeHint(self) -> QSize:
        return QSize(rhythm(self, 36), rhythm(self, 36))

    def heightForWidth(self, width: int) -> int:
        return width

    @property
    def is_empty(self) -> bool:
        """Whether nothing is drawn."""
        return not self._lines

    def set_dark(self, is_dark: bool) -> None:
        """White ink on black, or black on white."""
        if is_dark != self.is_dark:
            self.is_dark = is_dark
            self._changed()

    @Slot()
    def clear(self) -> None:
        """Remove all lines."""
        self._lines = []
        self._changed()

    @Slot()
    def undo(self) -> None:
        """Remove the last line."""
        if self._lines:
            self._lines.pop()
            self._changed()

    def image(self) -> QImage:
        """What is drawn, gray, SIDE × SIDE."""
        image = QImage(SIDE, SIDE, QImage.Format.Format_Grayscale8)
        image.fill(Qt.GlobalColor.black if self.is_dark else Qt.GlobalColor.white)
        painter = QPainter(image)
        self._paint_lines(painter, QRectF(0, 0, SIDE, SIDE))
        painter.end()
        return image

    # --- Drawing -------------------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._is_drawing = True
            self._begin(self._share(event.position()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._is_drawing:
            self._go_on(self._share(event.position()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._is_drawing = False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if key in _STEPS:
            self._move_pen(key, bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))
        elif key == Qt.Key.Key_Backspace:
            self.undo()
        elif key == Qt.Key.Key_Delete:
            self.clear()
        else:
            super().keyPressEvent(event)

    def _move_pen(self, key: Qt.Key, draws: bool) -> None:
        right, down = _STEPS[key]
        if draws and not self._is_drawn_by_key:
            self._begin(self._pen)
        self._is_drawn_by_key = draws
        x, y = self._pen.x() + right * _KEY_STEP, self._pen.y() + down * _KEY_STEP
        self._pen = QPointF(min(1.0, max(0.0, x)), min(1.0, max(0.0, y)))
        if draws:
            self._go_on(self._pen)
        self.update()

    def _begin(self, at: QPointF) -> None:
        self._pen = at
        self._lines.append((self.line_width, [at]))
        self._changed()

    def _go_on(self, to: QPointF) -> None:
        self._pen = to
        if self._lines:
            self._lines[-1][1].append(to)
            self._changed()

    def _changed(self) -> None:
        self.update()
        if not self._asking.isActive():
            self._asking.start()

    def _share(self, at: QPointF) -> QPointF:
        area = self._area()
        return QPointF((at.x() - area.x()) / area.width(), (at.y() - area.y()) / area.height())

    def _area(self) -> QRectF:
        side = min(self.width(), self.height())
        return QRectF((self.width() - side) / 2, (self.height() - side) / 2, side, side)

    # --- Painting ------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        area = self._area()
        painter.fillRect(area, Qt.GlobalColor.black if self.is_dark else Qt.GlobalColor.white)
        painter.setClipRect(area)
        self._paint_lines(painter, area)
        if self.is_empty:
            painter.setPen(QColor("#a0a0a0" if self.is_dark else "#606060"))
            painter.drawText(area, Qt.AlignmentFlag.AlignCenter, "Draw here")
        if self.hasFocus():
            painter.setPen(QPen(self.palette().color(ACCENT), 2))
            painter.drawRect(area.adjusted(1, 1, -1, -1))
            painter.drawEllipse(self._at(self._pen, area), 3.0, 3.0)
        else:
            painter.setPen(self.palette().color(MUTED))
            painter.drawRect(area.adjusted(0, 0, -1, -1))
        painter.end()

    def _paint_lines(self, painter: QPainter, area: QRectF) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ink = QColor(Qt.GlobalColor.white if self.is_dark else Qt.GlobalColor.black)
        for width, points in self._lines:
            pen = QPen(ink, width * area.width())
            pen.setCapStyle(Qt.PenCapStyle.RoundCap)
            pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
            painter.setPen(pen)
            if len(points) == 1:
                painter.drawPoint(self._at(points[0], area))
                continue
            path = QPainterPath(self._at(points[0], area))
            for point in points[1:]:
                path.lineTo(self._at(point, area))
            painter.drawPath(path)

    @staticmethod
    def _at(share: QPointF, area: QRectF) -> QPointF:
        return QPointF(area.x() + share.x() * area.width(), area.y() + share.y() * area.height())
