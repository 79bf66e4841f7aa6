"""The network as a stack of blocks with one line through it: what stands below the line is frozen.

The picture goes in at the bottom and the answer comes out at the top, so "below the line" is what sees the picture
first. Plain data in, signals out: whoever owns the settings changes them and shows the new state.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import (
    QBrush,
    QColor,
    QFont,
    QFontMetrics,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPalette,
    QPen,
    QPolygonF,
    QResizeEvent,
    QShowEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSlider,
    QFrame,
    QScrollArea,
    QSizePolicy,
    QWidget,
)

from workbench.engine.catalog.knob import Knob
from workbench.engine.core.text import size_text
from workbench.views.widgets.basics import Box, Words, draw_sign, plain_tip
from workbench.views.widgets.check_box import Check
from workbench.views.widgets.collapsible_header import draw_focus
from workbench.views.widgets.number_field import NumberField
from workbench.views.widgets.number_words import count, grouped
from workbench.views.widgets.scroll_bar import reserve_scroll_bar
from workbench.views.widgets.slider_scale import scale_for
from workbench.views.widgets.theme import ACCENT, ERROR, MUTED, WARNING, rhythm, theme

RATE: Final = Knob(
    "Rate",
    "The block learns with the learning rate times this. Earlier layers need smaller steps: 0.1 is usual.",
    low=0.0001,
    high=10.0,
    scale="log",
)
#: Widths of the columns behind the name, in quarters of a line, and from which width of a row there is room for each.
_OUTPUT, _PARAMETERS, _MEMORY, _RATE = 21.0, 17.0, 17.0, 16.0
_ROOM: Final = {"memory": 132.0, "output": 112.0, "parameters": 88.0}
_ROW, _LINE = 8.0, 6.0
#: Less of a remark than this is left out.
_FEWEST_LETTERS: Final = 7
_Align = Qt.AlignmentFlag


@dataclass(frozen=True, slots=True)
class StackBlock:
    """One block as the stack shows it. ``key`` is its name in the settings; ``memory`` is bytes."""

    key: str
    name: str
    parameters: int
    memory: int = 0
    output: tuple[int, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class StackState:
    """Where the line is: so many blocks from the input are below it. ``exceptions`` are against the line.

    ``waiting`` has words for blocks that are frozen for now although they stand above the line.
    """

    line: int = 0
    exceptions: frozenset[str] = frozenset()
    rates: Mapping[str, float] = field(default_factory=dict)
    norms_frozen: bool = False
    waiting: Mapping[str, str] = field(default_factory=dict)

    def frozen(self, index: int, key: str) -> bool:
        """Whether the block at ``index`` from the input is frozen."""
        return (index < self.line) != (key in self.exceptions)


class FreezeStack(Box):
    """The blocks with the head on top, the line between them, and a switch for batch norm."""

    line_moved = Signal(int, bool)  #: blocks below the line, and whether the move belongs to the one before it
    block_toggled = Signal(str)  #: the key of a block that is to be an exception, or not any more
    rate_changed = Signal(str, float, bool)  #: key, the new multiplier, and whether it continues the change before it
    norms_toggled = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, spacing=1)
        self._blocks: tuple[StackBlock, ...] = ()
        self._head = StackBlock("", "New head", 0)
        self._state = StackState()
        self._input = ""
        self.rows: list[BlockRow] = []
        self._pile = _Pile()
        self._heads = _Heads(self._pile, self)
        self._scroll = QScrollArea(self)
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        reserve_scroll_bar(self._scroll)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.line = FreezeLine(self._pile)
        self._pile.line = self.line
        self._scroll.setWidget(self._pile)
        self.norms = Check("&Batch norm frozen too", self)
        self._sum = Words(tone=MUTED)
        self._trouble = Words(tone=ERROR)
        for part, stretch in ((self._heads, 0), (self._scroll, 1), (self.norms, 0), (self._sum, 0), (self._trouble, 0)):
            self.add(part, stretch)
        self.box.addStretch(0)
        self._trouble.say("")
        self.line.moved.connect(self.line_moved)
        self.norms.clicked.connect(self.norms_toggled)
        self.setAccessibleName("Blocks of the network")

    # --- What is shown -------------------------------------------------------------------------------------------

    @property
    def state(self) -> StackState:
        """Where the line is."""
        return self._state

    @property
    def blocks(self) -> tuple[StackBlock, ...]:
        """The blocks from the input on, without the head."""
        return self._blocks

    def set_blocks(self, blocks: Sequence[StackBlock], head: StackBlock, picture: str = "") -> None:
        """Show another network: its blocks from the input on, and the head that is always trained."""
        if (tuple(blocks), head, picture) == (self._blocks, self._head, self._input) and self.rows:
            return
        same = [each.key for each in blocks] == [each.key for each in self._blocks] and bool(self.rows)
        self._blocks, self._head, self._input = tuple(blocks), head, picture
        if same:
            for row, block in zip(self.rows, (*self._blocks, head), strict=True):
                row.set_block(block)
        else:
            self._rebuild()
        self._pile.set_input(picture)
        self._show()

    def set_state(self, state: StackState) -> None:
        """Show where the line is, the exceptions and the rates."""
        self._state = state
        self._show()

    def say(self, trouble: str) -> None:
        """Say below the blocks what is wrong; empty takes it back."""
        self._trouble.say(trouble)

    def name_norms(self, label: str, help_text: str) -> None:
        """Words for the switch under the blocks."""
        self.norms.setText(f"&{label}")
        self.norms.setToolTip(plain_tip(help_text))
        self.norms.setAccessibleDescription(help_text)

    def _rebuild(self) -> None:
        self._pile.clear_rows()
        self.rows = [BlockRow(block, is_head=False) for block in self._blocks]
        self.rows.append(BlockRow(self._head, is_head=True))
        for row in self.rows:
            row.lock.clicked.connect(self._on_lock)
            row.rate.submitted.connect(self._on_rate)
            row.rate.refused.connect(self._on_refused)
        self._pile.set_rows(self.rows)
        self.line.setRange(0, len(self._blocks))
        previous: QWidget = self.line
        for row in reversed(self.rows):
            for stop in (row.lock, row.rate):
                QWidget.setTabOrder(previous, stop)
                previous = stop
        QWidget.setTabOrder(previous, self.norms)

    def _show(self) -> None:
        state = self._state
        self.line.show_value(state.line)
        self.line.setEnabled(bool(self._blocks))
        for index, (row, block) in enumerate(zip(self.rows, (*self._blocks, self._head), strict=False)):
            is_head = index == len(self._blocks)
            frozen = not is_head and state.frozen(index, block.key)
            row.show_state(
                frozen=frozen,
                below=not is_head and index < state.line,
                exception=not is_head and block.key in state.exceptions,
                waiting="" if is_head or frozen else state.waiting.get(block.key, ""),
                rate=1.0 if is_head else state.rates.get(block.key, 1.0),
            )
        self._pile.place()
        self._scroll.setMaximumHeight(self._pile.minimumHeight())
        self.norms.setChecked(state.norms_frozen)
        self.norms.setEnabled(bool(self._blocks))
        self._sum.say(self.summary())
        self.line.setAccessibleDescription(self.summary())

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._pile.place()
            self._scroll.setMaximumHeight(self._pile.minimumHeight())

    def summary(self) -> str:
        """How much is frozen and how much learns, in one sentence."""
        if not self._blocks:
            return ""
        frozen = [b for i, b in enumerate(self._blocks) if self._state.frozen(i, b.key)]
        kept = sum(block.parameters for block in frozen)
        learn = self._head.parameters + sum(block.parameters for block in self._blocks) - kept
        return (
            f"{len(frozen)} of {len(self._blocks)} blocks frozen: "
            f"{count(kept)} parameters stay as they are, {count(learn)} learn."
        )

    # --- The hand ------------------------------------------------------------------------------------------------

    @Slot()
    def _on_lock(self) -> None:
        sender = self.sender()
        for row in self.rows:
            if row.lock is sender and not row.is_head:
                self.block_toggled.emit(row.block.key)
                return

    @Slot(object, bool)
    def _on_rate(self, value: float, continues: bool) -> None:
        self.say("")
        for row in self.rows:
            if row.rate is self.sender() and not row.is_head:
                self.rate_changed.emit(row.block.key, float(value), continues)
                return

    @Slot(str)
    def _on_refused(self, words: str) -> None:
        for row in self.rows:
            if row.rate is self.sender():
                self.say(f"The rate of {row.block.name} {words}.")

    def sizeHint(self) -> QSize:
        rows = max(4, len(self._blocks) + 1)
        return QSize(rhythm(self, 150), rhythm(self, rows * (_ROW + 1) + _LINE + 26))

    def minimumSizeHint(self) -> QSize:
        return QSize(rhythm(self, 60), rhythm(self, 50))


class _Heads(QWidget):
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
    """Where the columns of a row stand; those without room are left out."""
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
        name, does = self.block.name, "frozen" if frozen else "trained"
        side = "below" if below else "above"
        why = "The new head always learns." if self.is_head else f"It stands {side} the line."
        if waiting:
            why, does = f"{why} It learns {waiting}.", f"learns {waiting}"
        if exception:
            why = f"An exception: it stands {side} the line and is {does} all the same."
        self.lock.setAccessibleName(f"{name}: {does}" + (", an exception" if exception else ""))
        change = "" if self.is_head else f" Press to {'train' if frozen else 'freeze'} it against the line."
        if exception:
            change = " Press to follow the line again."
        self.lock.setAccessibleDescription(why + change)
        self.lock.setToolTip(plain_tip(why + change))
        self.rate.setEnabled(not frozen and not self.is_head)
        self.rate.setAccessibleName(f"Rate of {name}, times the learning rate")
        self.rate.setAccessibleDescription(RATE.help)
        if frozen:
            self.rate.show_text("–")
        else:
            self.rate.show_value(rate)
        self.setToolTip(plain_tip(self._words()))
        self.update()

    def _words(self) -> str:
        block = self.block
        shape = f"Output {_shape(block.output)}. " if block.output else ""
        memory = f", {size_text(block.memory)}" if block.memory else ""
        note = f"{block.note}. " if block.note else ""
        return f"{block.name}: {note}{shape}{grouped(block.parameters)} parameters{memory}."

    def sizeHint(self) -> QSize:
        return QSize(rhythm(self, 60), rhythm(self, _ROW))

    def minimumSizeHint(self) -> QSize:
        return QSize(rhythm(self, 30), rhythm(self, _ROW))

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
        palette, block = self.palette(), self.block
        columns = columns_of(self, self.width())
        area = columns["name"]
        bold = QFont(self.font())
        bold.setBold(True)
        painter.setFont(bold)
        painter.setPen(palette.color(QPalette.ColorRole.WindowText))
        name = QFontMetrics(bold).elidedText(block.name, Qt.TextElideMode.ElideRight, area.width())
        painter.drawText(area, _Align.AlignVCenter | _Align.AlignLeft, name)
        left = area.left() + QFontMetrics(bold).horizontalAdvance(name) + 2 * unit
        painter.setFont(self.font())
        side, tone = self._remark()
        if side:
            metrics = QFontMetrics(self.font())
            room = area.right() - left
            if self.exception:
                square = QRectF(left, (self.height() - 3 * unit) / 2, 3 * unit, 3 * unit)
                if room > 3 * unit:
                    draw_sign(painter, "warning", square, palette)
                left += 4 * unit
                room -= 4 * unit
            painter.setPen(palette.color(tone))
            words = metrics.elidedText(side, Qt.TextElideMode.ElideRight, max(0, room))
            if words != side and len(words) < _FEWEST_LETTERS:
                words = ""  # two letters and dots tell nothing; the tooltip has it all
            painter.drawText(QRect(left, 0, max(0, room), self.height()), _Align.AlignVCenter, words)
        painter.setPen(palette.color(QPalette.ColorRole.WindowText))
        texts = {
            "output": _shape(block.output),
            "parameters": count(block.parameters),
            "memory": _memory(block.memory),
        }
        for key, text in texts.items():
            if key in columns:
                painter.drawText(columns[key], _Align.AlignVCenter | _Align.AlignRight, text)

    def _remark(self) -> tuple[str, QPalette.ColorRole]:
        if self.exception:
            return f"exception: {'frozen' if self.frozen else 'trained'}", WARNING
        return self.waiting or self.block.note, QPalette.ColorRole.WindowText if self.waiting else MUTED


def _memory(size: int) -> str:
    """Bytes in a column: "296 bytes" would be wider than it."""
    return "–" if not size else size_text(size) if size >= 1000 else f"{size / 1000:.1f} kB"


def _shape(shape: tuple[int, ...]) -> str:
    return "×".join(map(str, shape)) if shape else "–"


class LockButton(QAbstractButton):
    """A padlock: closed where the block is frozen, open where it learns. Click or Space asks for the other."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._frozen = self._fixed = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def show_state(self, frozen: bool, fixed: bool) -> None:
        """Closed or open; a fixed one cannot be pressed."""
        self._frozen, self._fixed = frozen, fixed
        self.setEnabled(not fixed)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(rhythm(self, 6), rhythm(self, 6))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        palette = self.palette()
        if self.isEnabled() and (self.underMouse() or self.isDown()):
            painter.fillRect(self.rect(), palette.color(QPalette.ColorRole.Button))
        side = min(self.width(), self.height())
        middle = QPointF(self.width() / 2, self.height() / 2)
        colour = QColor(theme().colours.train_text) if self._frozen else palette.color(ACCENT)
        if self._fixed:
            colour = palette.color(MUTED)
        draw_lock(painter, QRectF(middle.x() - side / 2, middle.y() - side / 2, side, side), self._frozen, colour)
        if self.hasFocus():
            draw_focus(painter, self.rect(), palette)
        painter.end()


def draw_lock(painter: QPainter, square: QRectF, closed: bool, colour: QColor) -> None:
    """A padlock into ``square``; an open one has its bow turned aside."""
    side, x, y = square.width(), square.x(), square.y()
    painter.setPen(QPen(colour, side * 0.09, c=Qt.PenCapStyle.RoundCap))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    shift = 0.0 if closed else 0.26 * side
    bow = QPainterPath(QPointF(x + 0.34 * side + shift, y + 0.5 * side))
    bow.lineTo(x + 0.34 * side + shift, y + 0.34 * side)
    bow.arcTo(QRectF(x + 0.34 * side + shift, y + 0.16 * side, 0.32 * side, 0.34 * side), 180, -180)
    bow.lineTo(x + 0.66 * side + shift, y + (0.5 if closed else 0.38) * side)
    painter.drawPath(bow)
    body = QRectF(x + 0.24 * side, y + 0.48 * side, 0.52 * side, 0.38 * side)
    painter.setPen(Qt.PenStyle.NoPen)
    if closed:
        painter.setBrush(colour)
        painter.drawRoundedRect(body, side * 0.06, side * 0.06)
    else:
        painter.setPen(QPen(colour, side * 0.08))
        painter.drawRoundedRect(body, side * 0.06, side * 0.06)


def fitting(metrics: QFontMetrics, texts: Sequence[str], room: int) -> str:
    """The first of ``texts`` that fits into ``room``; empty if none does."""
    return next((text for text in texts if metrics.horizontalAdvance(text) <= room), "")


class FreezeLine(QAbstractSlider):
    """The line: dragged, or moved with Up and Down, Home and End. Its value is the number of blocks below it."""

    moved = Signal(int, bool)  #: the new value, and whether the move belongs to the one before it

    def __init__(self, pile: _Pile) -> None:
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
            plain_tip("What stands below this line is frozen. Drag it, or move it with Up and Down, Home and End.")
        )

    def show_value(self, value: int) -> None:
        """Stand above so many blocks."""
        self.setValue(value)

    def sizeHint(self) -> QSize:
        return QSize(rhythm(self, 60), rhythm(self, _LINE))

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
        """What stands on the line: there is always room for the arrows."""
        return fitting(self.fontMetrics(), self._words(), self.width() - 9 * rhythm(self, 1))

    def _words(self) -> tuple[str, ...]:
        """What the line says, and shorter where there is less room."""
        if self.value() == self.minimum():
            return "nothing below: all blocks learn", "all blocks learn", "all learn"
        if self.value() == self.maximum():
            return "all blocks below: only the head learns", "only the head learns", "head only"
        return "frozen below this line", "frozen below", "frozen"


class _Pile(QWidget):
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
        self._inputs = (f"▲  the picture goes in here{behind}", f"▲  picture{behind}", f"▲  {words}", "▲")
        self._input.setToolTip(plain_tip(f"The picture goes in here{behind}"))
        self._input.setAccessibleName(f"The picture goes in here{behind}")
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
