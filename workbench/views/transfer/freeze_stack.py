"""The network as a stack of blocks with one line through it: blocks below the line are frozen.

The picture goes in at the bottom and the answer comes out at the top, so "below the line" is what sees the picture
first. Plain data in, signals out: the owner of the settings changes them and shows the new state.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QSize, Qt, Signal, Slot
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

from workbench.engine.core.text import abbreviated
from workbench.views.transfer.block_row import ROW, BlockRow, ColumnHeads
from workbench.views.transfer.freeze_line import LINE, FreezeLine, Pile
from workbench.views.transfer.stack_state import StackBlock, StackState
from workbench.views.widgets.basics import Box, Words, plain_tip
from workbench.views.widgets.check_box import Check
from workbench.views.widgets.scroll_bar import reserve_scroll_bar
from workbench.views.widgets.theme import ERROR, MUTED, rhythm


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
        self._pile = Pile()
        self._heads = ColumnHeads(self._pile, self)
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
            f"{abbreviated(kept)} parameters are frozen, {abbreviated(learn)} are trained."
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
        return QSize(rhythm(self, 150), rhythm(self, rows * (ROW + 1) + LINE + 26))

    def minimumSizeHint(self) -> QSize:
        return QSize(rhythm(self, 60), rhythm(self, 50))
