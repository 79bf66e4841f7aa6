"""The cards of the queue as rows, in their order, with keys for what can be done with them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar, Final

from PySide6.QtCore import QEvent, Qt, Signal, Slot
from PySide6.QtGui import QIcon, QKeyEvent, QPalette
from PySide6.QtWidgets import QAbstractItemView, QTreeWidgetItem, QWidget

from workbench.bridge.runs.card_words import difference_line, differing_words, shared_words
from workbench.bridge.runs.run_desk import RunDesk
from workbench.engine.core.text import percent
from workbench.engine.shelf.cards import DIRECT, Card, CardState
from workbench.engine.shelf.queue_report import STATE_WORDS
from workbench.engine.shelf.record import RunRecord
from workbench.views.runs.keyed_table import KeyedTable
from workbench.views.runs.status_icons import Shape, status_pixmap
from workbench.views.widgets.basics import plain_tip
from workbench.views.widgets.theme import ACCENT, ERROR, MUTED, WARNING, theme

HEADS: Final = ("Card", "State", "Best val.", "Differs from the default settings", "What became of it")
CARD, STATE, BEST, SETTINGS, WORDS = range(len(HEADS))
_NUMBER: Final = Qt.ItemDataRole.UserRole
_SHAPES: Final[dict[CardState, Shape]] = {
    "waiting": "waiting",
    "running": "running",
    "done": "finished",
    "stopped": "stopped",
    "failed": "failed",
    "skipped": "skipped",
}


class QueueTable(KeyedTable):
    """Shows the cards of ``desk``."""

    keys: ClassVar[Mapping[str, str]] = {
        "Del": "remove",
        "Return": "open",
        "Enter": "open",
        "Ctrl+D": "duplicate",
        "Alt+Up": "up",
        "Alt+Down": "down",
        "Ctrl+Z": "undo",
    }
    widths: ClassVar[tuple[float, ...]] = (66, 42, 20, 80)

    renamed = Signal(int, str)  #: a card's number, and the name that was typed

    def __init__(self, desk: RunDesk, parent: QWidget | None = None) -> None:
        super().__init__(HEADS, "Cards of the queue", parent)
        self._desk = desk
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.itemChanged.connect(self._on_changed)
        theme().changed.connect(self.refresh)
        self.fit_columns()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange and hasattr(self, "_desk"):
            self.fit_columns()

    # --- Rows

    @property
    def chosen(self) -> list[int]:
        """The numbers of the selected cards from top to bottom."""
        items = (self.topLevelItem(row) for row in range(self.topLevelItemCount()))
        return [int(item.data(CARD, _NUMBER)) for item in items if item is not None and item.isSelected()]

    @Slot()
    def refresh(self) -> None:
        """Show the cards as they are now; selection and the keyboard's place stay where they can."""
        if self.is_editing:
            return  # the field would vanish
        chosen, current = set(self.chosen), self._current
        at, scrolled = self.currentIndex().row(), self.verticalScrollBar().value()
        cards = self._desk.queue.cards
        self.blockSignals(True)
        self.clear()
        shared, icons = shared_words(cards), dict[Shape, QIcon]()
        self.addTopLevelItems([self._item(card, shared, icons) for card in cards])
        numbers = [card.number for card in cards]
        place = numbers.index(current) if current in numbers else min(max(at, 0), len(cards) - 1)
        if cards:
            self.setCurrentIndex(self.model().index(place, CARD))
        kept = chosen & set(numbers) or ({numbers[place]} if chosen and cards else set())
        for row, number in enumerate(numbers):
            item = self.topLevelItem(row)
            if item is not None:
                item.setSelected(number in kept)
        self.blockSignals(False)
        self.verticalScrollBar().setValue(scrolled)
        self.itemSelectionChanged.emit()

    @property
    def _current(self) -> int:
        item = self.currentItem()
        return int(item.data(CARD, _NUMBER)) if item is not None else 0

    def _item(self, card: Card, shared: frozenset[str], icons: dict[Shape, QIcon]) -> QTreeWidgetItem:
        record = self._desk.runs.record(Path(card.run)) if card.run else None
        best = record.best_accuracy if record is not None else None
        cells = (
            card.title,
            self.state_words(card, record),
            "" if best is None else percent(best),
            difference_line(card.settings, shared=shared) or "–",
            self._desk.worker.words_of(card),
        )
        item = QTreeWidgetItem(list(cells))
        item.setFlags(item.flags() | Qt.ItemFlag.ItemIsEditable)
        item.setData(CARD, _NUMBER, card.number)
        shape = self._shape(card, record)
        if shape not in icons:
            icons[shape] = self._icon(shape)
        item.setIcon(STATE, icons[shape])
        item.setTextAlignment(BEST, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        for column, tip in enumerate(cells):
            item.setToolTip(column, plain_tip(tip))
        if words := differing_words(card.settings):
            item.setToolTip(SETTINGS, plain_tip("\n".join(words)))
        return item

    def _icon(self, shape: Shape) -> QIcon:
        """The shape of a state, also on the colour of the selection."""
        side, selected = self.iconSize().height(), QPalette(self.palette())
        for role in (ACCENT, MUTED, ERROR, WARNING, QPalette.ColorRole.Text):
            selected.setBrush(role, selected.brush(QPalette.ColorRole.HighlightedText))
        icon = QIcon(status_pixmap(shape, self.palette(), side, 2.0))
        icon.addPixmap(status_pixmap(shape, selected, side, 2.0), QIcon.Mode.Selected)
        return icon

    def state_words(self, card: Card, record: RunRecord | None = None) -> str:
        """What became of a card, in a word or two."""
        if self._desk.worker.is_lost(card):
            return "Interrupted"
        if card.number == self._desk.queue.training:
            return "Paused" if record is not None and record.status == "paused" else "Running"
        if card.state == "waiting" and card.run:
            return "Waiting, goes on"
        words = STATE_WORDS[card.state].capitalize()
        return f"{words} (direct)" if card.source == DIRECT else words

    def _shape(self, card: Card, record: RunRecord | None) -> Shape:
        if self._desk.worker.is_lost(card):
            return "lost"
        if card.number == self._desk.queue.training:
            return "paused" if record is not None and record.status == "paused" else "running"
        return _SHAPES[card.state]

    # --- Keys and mouse

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_F2 and not self.is_editing:
            self.edit_name()
        else:
            super().keyPressEvent(event)

    def edit_name(self) -> None:
        """Rename the card that the keyboard is at."""
        item = self.currentItem()
        if item is not None:
            self.editItem(item, CARD)

    @Slot(QTreeWidgetItem, int)
    def _on_changed(self, item: QTreeWidgetItem, column: int) -> None:
        if column == CARD:
            self.renamed.emit(int(item.data(CARD, _NUMBER)), item.text(CARD))
