"""The cards of the queue as rows, in their order, with keys for what can be done with them."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from PySide6.QtCore import QEvent, QPoint, QSize, Qt, Signal, Slot
from PySide6.QtGui import QIcon, QKeyEvent, QKeySequence, QPalette
from PySide6.QtWidgets import QAbstractItemView, QTreeWidget, QTreeWidgetItem, QWidget

from workbench.bridge.runs.card_words import difference_line, differing_words, shared_words
from workbench.bridge.runs.run_desk import RunDesk
from workbench.engine.core.text import percent
from workbench.engine.shelf.cards import DIRECT, Card, CardState
from workbench.engine.shelf.queue_report import STATE_WORDS
from workbench.engine.shelf.record import RunRecord
from workbench.views.runs.status_icons import Shape, status_pixmap
from workbench.views.widgets.basics import plain_tip
from workbench.views.widgets.menu import is_menu_key
from workbench.views.widgets.tables import make_plain
from workbench.views.widgets.theme import ACCENT, ERROR, MUTED, WARNING, rhythm, theme

HEADS: Final = ("Card", "State", "Best val.", "Differs from the default settings", "What became of it")
CARD, STATE, BEST, SETTINGS, WORDS = range(len(HEADS))
_NUMBER: Final = Qt.ItemDataRole.UserRole
_WIDTHS: Final = (66, 42, 20, 80)
#: The keys of the table, by the names of what they do. They win over the window's, which has other uses for some.
KEYS: Final = {
    "Del": "remove",
    "Return": "open",
    "Enter": "open",
    "Ctrl+D": "duplicate",
    "Alt+Up": "up",
    "Alt+Down": "down",
    "Ctrl+Z": "undo",
}
_SHAPES: Final[dict[CardState, Shape]] = {
    "waiting": "waiting",
    "running": "running",
    "done": "finished",
    "stopped": "stopped",
    "failed": "failed",
    "skipped": "skipped",
}


class QueueTable(QTreeWidget):
    """Shows the cards of ``desk``. ``wanted`` names what is to be done with the chosen ones."""

    wanted = Signal(str)
    renamed = Signal(int, str)  #: a card's number, and the name that was typed
    menu_wanted = Signal(QPoint)  #: the place on the screen

    def __init__(self, desk: RunDesk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        make_plain(self, HEADS, "Cards of the queue")
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setAlternatingRowColors(True)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._on_menu)
        self.itemChanged.connect(self._on_changed)
        self.itemDoubleClicked.connect(self._on_double_clicked)
        theme().changed.connect(self.refresh)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange and hasattr(self, "_desk"):
            self._fit()

    def _fit(self) -> None:
        for column, width in enumerate(_WIDTHS):
            self.setColumnWidth(column, rhythm(self, width))
        self.setIconSize(QSize(rhythm(self, 3.6), rhythm(self, 3.6)))

    # --- Rows

    @property
    def chosen(self) -> list[int]:
        """The numbers of the selected cards from top to bottom."""
        items = (self.topLevelItem(row) for row in range(self.topLevelItemCount()))
        return [int(item.data(CARD, _NUMBER)) for item in items if item is not None and item.isSelected()]

    @property
    def is_editing(self) -> bool:
        """Whether a name is being typed."""
        return self.state() == QAbstractItemView.State.EditingState

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

    def event(self, event: QEvent) -> bool:
        """The table's keys are not the window's while the focus is here."""
        if event.type() == QEvent.Type.ShortcutOverride and not self.is_editing:
            assert isinstance(event, QKeyEvent)
            if _key(event) in KEYS:
                event.accept()
                return True
        return bool(super().event(event))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self.is_editing:
            super().keyPressEvent(event)
        elif _key(event) in KEYS:
            self.wanted.emit(KEYS[_key(event)])
        elif event.key() == Qt.Key.Key_F2:
            self.edit_name()
        elif is_menu_key(event):
            self._on_menu(self.visualRect(self.currentIndex()).bottomLeft())
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

    @Slot(QTreeWidgetItem, int)
    def _on_double_clicked(self, _item: QTreeWidgetItem, _column: int) -> None:
        self.wanted.emit("open")

    @Slot(QPoint)
    def _on_menu(self, place: QPoint) -> None:
        self.menu_wanted.emit(self.viewport().mapToGlobal(place))


def _key(event: QKeyEvent) -> str:
    modifiers = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
    return QKeySequence(modifiers.value | event.key()).toString(QKeySequence.SequenceFormat.PortableText)
