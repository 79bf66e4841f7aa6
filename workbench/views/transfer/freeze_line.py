"""The freeze line between two rows of the stack, and the pile that places the rows around it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QFontMetrics,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
    QPolygonF,
    QResizeEvent,
    QShowEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractSlider, QWidget

from workbench.views.transfer.block_row import BlockRow
from workbench.views.widgets.basics import Words, plain_tip
from workbench.views.widgets.theme import ACCENT, MUTED, rhythm

LINE: Final = 6.0
_Align = Qt.AlignmentFlag


def fitting(metrics: QFontMetrics, texts: Sequence[str], room: int) -> str:
    """The first of ``texts`` that fits into ``room``; empty if none does."""
    return next((text for text in texts if metrics.horizontalAdvance(text) <= room), "")


class FreezeLine(QAbstractSlider):
    """The line: dragged, or moved with Up and Down, Home and End. Its value is the number of blocks below it."""

    moved = Signal(int, bool)  #: the new value, and whether the move belongs to the one before it

    def __init__(self, pile: Pile) -> None:
        super().__init__(pile)
        self._pile = pile
        self._dragged = False
        self.setOrientation(Qt.Orientation.Vertical)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.SizeVerCursor)
        self.setPageStep(2)
        self.setRange(0, 0)
        self.setAccessibleName("Freeze line: the number of blocks below it is frozen")
        self.setToolTip(
            plain_tip("Blocks below this line are frozen. Drag it, or move it with Up and Down, Home and End.")
        )

    def show_value(self, value: int) -> None:
        """Move the line above the first ``value`` blocks; emits nothing."""
        self.setValue(value)

    def sizeHint(self) -> QSize:
        return QSize(rhythm(self, 60), rhythm(self, LINE))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1, Qt.Key.Key_PageUp: 2, Qt.Key.Key_PageDown: -2}
        key = Qt.Key(event.key())
        if key in (Qt.Key.Key_Home, Qt.Key.Key_End):
            self._ask(self.minimum() if key == Qt.Key.Key_Home else self.maximum(), False)
        elif key in steps:
            self._ask(self.value() + steps[key], event.isAutoRepeat())
        else:
            event.ignore()

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()  # the wheel scrolls the stack and never moves the line

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            event.ignore()
            return
        self._dragged = False
        self.setSliderDown(True)
        self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self.isSliderDown():
            y = self.mapToParent(event.position().toPoint()).y()
            if self._ask(self._pile.line_at(y), self._dragged):
                self._dragged = True

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self.setSliderDown(False)
        self.update()

    def _ask(self, value: int, continues: bool) -> bool:
        value = min(self.maximum(), max(self.minimum(), value))
        if value == self.value():
            return False
        self.moved.emit(value, continues)
        return True

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        palette, unit = self.palette(), rhythm(self, 1)
        colour = palette.color(ACCENT) if self.isEnabled() else palette.color(MUTED)
        middle, lit = self.height() / 2, self.hasFocus() or self.isSliderDown()
        painter.setPen(QPen(colour, unit * (0.9 if lit else 0.55)))
        painter.drawLine(QPointF(0, middle), QPointF(self.width(), middle))
        words = self.shown()
        width = self.fontMetrics().horizontalAdvance(words) + (8 if words else 7) * unit
        label = QRectF(self.width() / 2 - width / 2, 0.5, width, self.height() - 1)
        painter.setBrush(colour if lit else palette.color(QPalette.ColorRole.Window))
        painter.setPen(QPen(colour, unit * 0.4))
        painter.drawRoundedRect(label, unit, unit)
        painter.setPen(palette.color(QPalette.ColorRole.HighlightedText if lit else QPalette.ColorRole.WindowText))
        painter.drawText(label.adjusted(4 * unit, 0, 0, 0), _Align.AlignCenter, words)
        self._paint_grip(painter, QPointF(label.left() + 3.5 * unit, middle), unit)
        painter.end()

    def _paint_grip(self, painter: QPainter, centre: QPointF, unit: int) -> None:
        painter.setBrush(painter.pen().color())
        painter.setPen(Qt.PenStyle.NoPen)
        for way in (-1, 1):
            tip = QPointF(centre.x(), centre.y() + way * 2.2 * unit)
            base = centre.y() + way * 0.6 * unit
            painter.drawPolygon(
                QPolygonF([tip, QPointF(centre.x() - 1.3 * unit, base), QPointF(centre.x() + 1.3 * unit, base)])
            )

    def shown(self) -> str:
        """The label on the line; the arrows beside it always have room."""
        return fitting(self.fontMetrics(), self._words(), self.width() - 9 * rhythm(self, 1))

    def _words(self) -> tuple[str, ...]:
        """What the line says, and shorter where there is less room."""
        if self.value() == self.minimum():
            return "nothing below: all blocks are trained", "all blocks trained", "all trained"
        if self.value() == self.maximum():
            return "all blocks below: only the head is trained", "only the head trained", "head only"
        return "frozen below this line", "frozen below", "frozen"


class Pile(QWidget):
    """The rows from the head at the top down to the input, with the line between two of them."""

    def __init__(self) -> None:
        super().__init__()
        self._rows: list[BlockRow] = []
        self._input = Words(parent=self, tone=MUTED, wrap=False)
        self._inputs: tuple[str, ...] = ()
        self.line: FreezeLine | None = None

    def clear_rows(self) -> None:
        """Take all rows out."""
        for row in self._rows:
            row.hide()
            row.deleteLater()
        self._rows = []

    def set_rows(self, rows: Sequence[BlockRow]) -> None:
        """Rows from the input on."""
        self._rows = list(rows)
        for row in self._rows:
            row.setParent(self)
            row.show()
        self.place()

    def set_input(self, words: str) -> None:
        """What goes in at the bottom."""
        behind = f": {words}" if words else ""
        self._inputs = (f"▲  input picture{behind}", f"▲  input{behind}", f"▲  {words}", "▲")
        self._input.setToolTip(plain_tip(f"Input picture{behind}"))
        self._input.setAccessibleName(f"Input picture{behind}")
        self.place()

    def line_at(self, y: int) -> int:
        """How many blocks are below a line that a hand holds at ``y``."""
        return sum(row.geometry().center().y() > y for row in self._rows[:-1])

    def place(self) -> None:
        """Put everything where it belongs."""
        unit = rhythm(self, 1)
        self._input.setText(fitting(self._input.fontMetrics(), self._inputs, self.width()))
        y = 0
        for thing in self._order():
            height = thing.sizeHint().height()
            thing.setGeometry(0, y, self.width(), height)
            y += height + unit
        wanted = max(0, y)
        if wanted != self.minimumHeight():
            self.setMinimumHeight(wanted)

    def _order(self) -> Iterator[QWidget]:
        line = self.line
        below = line.value() if line is not None else 0
        for index in range(len(self._rows) - 1, -1, -1):
            if line is not None and index == below - 1:
                yield line
            yield self._rows[index]
        if line is not None and below == 0:
            yield line
        yield self._input

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.place()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.place()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self.place()
