"""One block of the stack as a row, and the columns that all rows share."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from PySide6.QtCore import QEvent, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QFontMetrics, QPainter, QPaintEvent, QPalette, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from workbench.engine.catalog.models.transfer import Transfer
from workbench.engine.catalog.settings import setting_of
from workbench.engine.core.text import abbreviated, grouped, size_text
from workbench.views.transfer.lock_button import LockButton
from workbench.views.transfer.stack_state import StackBlock
from workbench.views.widgets.basics import draw_sign, plain_tip
from workbench.views.widgets.number_field import NumberField
from workbench.views.widgets.slider_scale import scale_for
from workbench.views.widgets.theme import ACCENT, MUTED, WARNING, rhythm, theme

#: Of a single block; the limits are those of the setting for all blocks below the head.
RATE: Final = replace(
    setting_of(Transfer, "rate_below").knob,
    label="Rate",
    help="The block's learning rate is the run's times this. Earlier layers need smaller steps: 0.1 is usual.",
)
#: Widths of the columns behind the name, in quarters of a line, and from which width of a row there is room for each.
_OUTPUT, _PARAMETERS, _MEMORY, _RATE = 21.0, 17.0, 17.0, 16.0
_ROOM: Final = {"memory": 132.0, "output": 112.0, "parameters": 88.0}
ROW: Final = 8.0
#: Less of a remark than this is left out.
_FEWEST_LETTERS: Final = 7
_Align = Qt.AlignmentFlag


class ColumnHeads(QWidget):
    """The names of the columns of ``pile``."""

    def __init__(self, pile: QWidget, parent: QWidget) -> None:
        super().__init__(parent)
        self._pile = pile
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(rhythm(self, 40), rhythm(self, 5))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(self.palette().color(MUTED))
        columns = columns_of(self, self._pile.width())
        painter.drawText(columns["name"], _Align.AlignVCenter | _Align.AlignLeft, "Block")
        for key, words in (("output", "Output"), ("parameters", "Params"), ("memory", "Memory"), ("rate", "Rate ×")):
            if key in columns:
                painter.drawText(columns[key], _Align.AlignVCenter | _Align.AlignRight, words)
        painter.end()


def columns_of(widget: QWidget, width: int) -> dict[str, QRect]:
    """The areas of the columns of a row by name; those without room are left out."""
    unit = rhythm(widget, 1)
    height = widget.height()
    right = width - 2 * unit
    places: dict[str, QRect] = {}
    for key, wide in (("rate", _RATE), ("memory", _MEMORY), ("parameters", _PARAMETERS), ("output", _OUTPUT)):
        if width < _ROOM.get(key, 0.0) * unit:
            continue
        places[key] = QRect(right - round(wide * unit), 0, round(wide * unit), height)
        right -= round(wide * unit) + unit
    left = 10 * unit
    places["name"] = QRect(left, 0, max(unit, right - left), height)
    return places


class BlockRow(QWidget):
    """One block: lock, name, output, parameters, memory and the multiplier of its learning rate."""

    def __init__(self, block: StackBlock, is_head: bool) -> None:
        super().__init__()
        self.block, self.is_head = block, is_head
        self.frozen = self.below = self.exception = False
        self.waiting = ""
        self.lock = LockButton(self)
        self.rate = NumberField(RATE, scale_for(RATE, 0.1, False), self)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def set_block(self, block: StackBlock) -> None:
        """The same block with other numbers."""
        self.block = block
        self.update()

    def show_state(self, *, frozen: bool, below: bool, exception: bool, rate: float, waiting: str = "") -> None:
        """Show whether the block is frozen, and why; ``waiting`` has words if it is frozen only for now."""
        self.frozen, self.below, self.exception, self.waiting = frozen, below, exception, waiting
        self.lock.show_state(frozen, fixed=self.is_head)
        name, description = self._lock_words()
        self.lock.setAccessibleName(name)
        self.lock.setAccessibleDescription(description)
        self.lock.setToolTip(plain_tip(description))
        self.rate.setAccessibleName(f"Rate of {self.block.name}, times the learning rate")
        self.rate.setEnabled(not frozen and not self.is_head)
        self.rate.setAccessibleDescription(RATE.help)
        if frozen:
            self.rate.show_text("–")
        else:
            self.rate.show_value(rate)
        self.setToolTip(plain_tip(self._words()))
        self.update()

    def _lock_words(self) -> tuple[str, str]:
        """The name of the lock button, and what it says about the block."""
        does = "frozen" if self.frozen else f"trained {self.waiting}" if self.waiting else "trained"
        name = f"{self.block.name}: {does}"
        if self.is_head:
            return name, "The new head is always trained."
        side = "below" if self.below else "above"
        if self.exception:
            why = f"An exception: it is {side} the line and is {does} anyway."
            return f"{name}, an exception", f"{why} Press to make it follow the line again."
        why = f"It is {side} the line." + (f" It is {does}." if self.waiting else "")
        return name, f"{why} Press to {'train' if self.frozen else 'freeze'} it regardless of the line."

    def _words(self) -> str:
        block = self.block
        shape = f"Output {_shape(block.output)}. " if block.output else ""
        memory = f", {size_text(block.memory)}" if block.memory else ""
        note = f"{block.note}. " if block.note else ""
        return f"{block.name}: {note}{shape}{grouped(block.parameters)} parameters{memory}."

    def sizeHint(self) -> QSize:
        return QSize(rhythm(self, 60), rhythm(self, ROW))

    def minimumSizeHint(self) -> QSize:
        return QSize(rhythm(self, 30), rhythm(self, ROW))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self.updateGeometry()
            self._place()

    def _place(self) -> None:
        unit = rhythm(self, 1)
        self.lock.setGeometry(2 * unit, unit, 7 * unit, self.height() - 2 * unit)
        column = columns_of(self, self.width())["rate"]
        wide = min(self.rate.sizeHint().width(), column.width())
        high = min(self.rate.sizeHint().height(), self.height() - 2)
        self.rate.setGeometry(column.right() - wide + 1, (self.height() - high) // 2, wide, high)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        unit = rhythm(self, 1)
        body = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        self._paint_ground(painter, body, unit)
        self._paint_words(painter, unit)
        painter.end()

    def _paint_ground(self, painter: QPainter, body: QRectF, unit: int) -> None:
        palette = self.palette()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(palette.color(QPalette.ColorRole.Mid), 1))
        painter.setBrush(palette.color(QPalette.ColorRole.Base))
        painter.drawRoundedRect(body, unit, unit)
        if self.frozen or self.waiting:
            cool = QColor(theme().colours.train)
            tint, hatch = QColor(cool), QColor(cool)
            tint.setAlphaF(0.16)
            hatch.setAlphaF(0.22)
            painter.setPen(Qt.PenStyle.NoPen)
            hatched = QBrush(hatch, Qt.BrushStyle.BDiagPattern)
            for brush in (QBrush(tint), hatched) if self.frozen else (hatched,):
                painter.setBrush(brush)
                painter.drawRoundedRect(body, unit, unit)
        if not self.frozen:
            strip = QRectF(body.left() + 1, body.top() + 1, unit, body.height() - 2)
            painter.fillRect(strip, palette.color(ACCENT))

    def _paint_words(self, painter: QPainter, unit: int) -> None:
        columns = columns_of(self, self.width())
        left = self._paint_name(painter, columns["name"]) + 2 * unit
        self._paint_remark(painter, left, columns["name"].right() - left, unit)
        painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
        texts = {
            "output": _shape(self.block.output),
            "parameters": abbreviated(self.block.parameters),
            "memory": _memory(self.block.memory),
        }
        for key, text in texts.items():
            if key in columns:
                painter.drawText(columns[key], _Align.AlignVCenter | _Align.AlignRight, text)

    def _paint_name(self, painter: QPainter, area: QRect) -> int:
        """Draw the name in bold, cut to ``area``; returns where it ends."""
        bold = QFont(self.font())
        bold.setBold(True)
        painter.setFont(bold)
        painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
        name = QFontMetrics(bold).elidedText(self.block.name, Qt.TextElideMode.ElideRight, area.width())
        painter.drawText(area, _Align.AlignVCenter | _Align.AlignLeft, name)
        painter.setFont(self.font())
        return area.left() + QFontMetrics(bold).horizontalAdvance(name)

    def _paint_remark(self, painter: QPainter, left: int, room: int, unit: int) -> None:
        """Draw the remark into ``room`` pixels from ``left`` on, behind a sign if it is an exception."""
        remark, tone = self._remark()
        if not remark:
            return
        if self.exception:
            square = QRectF(left, (self.height() - 3 * unit) / 2, 3 * unit, 3 * unit)
            if room > 3 * unit:
                draw_sign(painter, "warning", square, self.palette())
            left += 4 * unit
            room -= 4 * unit
        painter.setPen(self.palette().color(tone))
        room = max(0, room)
        words = QFontMetrics(self.font()).elidedText(remark, Qt.TextElideMode.ElideRight, room)
        if words != remark and len(words) < _FEWEST_LETTERS:
            return  # two letters and dots say nothing; the tooltip has the whole remark
        painter.drawText(QRect(left, 0, room, self.height()), _Align.AlignVCenter, words)

    def _remark(self) -> tuple[str, QPalette.ColorRole]:
        if self.exception:
            return f"exception: {'frozen' if self.frozen else 'trained'}", WARNING
        return self.waiting or self.block.note, QPalette.ColorRole.WindowText if self.waiting else MUTED


def _memory(size: int) -> str:
    """Bytes in a column: "296 bytes" would be wider than it."""
    return "–" if not size else size_text(size) if size >= 1000 else f"{grouped(size / 1000, 1)} kB"


def _shape(shape: tuple[int, ...]) -> str:
    return "×".join(map(str, shape)) if shape else "–"
