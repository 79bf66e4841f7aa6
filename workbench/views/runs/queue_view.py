"""The queue: its cards, its switch, and what is shown while there are none."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from PySide6.QtCore import QPoint, Qt, Signal, Slot
from PySide6.QtWidgets import QFileDialog, QPushButton, QStackedWidget, QWidget

from workbench.bridge.runs.run_desk import RunDesk
from workbench.engine.shelf.cards import Card
from workbench.engine.shelf.record import RunRecord
from workbench.views.runs.card_dialog import CardDialog
from workbench.views.runs.queue_bar import QueueBar
from workbench.views.runs.queue_menu import CARD_ENTRIES, card_menu, why_not_do
from workbench.views.runs.queue_report_dialog import QueueReportDialog
from workbench.views.runs.queue_table import QueueTable
from workbench.views.runs.values_dialog import ValuesDialog, cards_of_form
from workbench.views.widgets.basics import Box, Words
from workbench.views.widgets.empty_place import EmptyPlace
from workbench.views.widgets.help_place import set_help
from workbench.views.widgets.theme import MUTED

EMPTY: Final = (
    "The queue is empty.\n\nCards are settings that wait to be trained, one after the other, for as long as it takes. "
    "A card keeps its settings as they were when it was added. The queue begins when you switch it on."
)
_FILTER: Final = "Settings (*.toml);;All files (*)"


class QueueView(Box):
    """Follows the queue of ``desk``."""

    run_wanted = Signal(object)  #: the RunRecord that is to be opened
    tab_changed = Signal(str)  #: the words of the tab

    def __init__(self, desk: RunDesk, parent: QWidget | None = None) -> None:
        super().__init__(parent, spacing=0)
        set_help(self, "queue")
        self.setAccessibleName("Queue")
        self._desk, self._folder = desk, str(Path.home())
        self.bar, self.table = QueueBar(desk), QueueTable(desk)
        self.stack = QStackedWidget()
        self.stack.addWidget(self._empty_place())
        self.stack.addWidget(self.table)
        self.report = Words(tone=MUTED)
        self.report.setAccessibleName("The last report")
        self.show_report = QPushButton("Re&port…")
        self.show_report.setToolTip("What became of each card the last time the queue was on.")
        self._foot = Box(margins=(2, 1, 2, 1), spacing=2, horizontal=True)
        self._foot.add(self.report, 1)
        self._foot.add(self.show_report)
        self.add(self.bar)
        self.add(self.stack, 1)
        self.add(self._foot)
        self._connect()
        self.refresh()

    def _empty_place(self) -> QWidget:
        self.first = QPushButton("Add the current settings")
        return EmptyPlace(EMPTY, (self.first,))

    def _connect(self) -> None:
        queue, worker = self._desk.queue, self._desk.worker
        for changed in (queue.changed, worker.changed, self._desk.runs.changed):
            changed.connect(self.refresh)
        self.first.clicked.connect(self._desk.add_current)
        self.bar.wanted.connect(self.do)
        self.table.wanted.connect(self.do)
        self.table.menu_wanted.connect(self._on_menu)
        # Later: the table may not be filled anew while it still takes the name from its field.
        self.table.renamed.connect(queue.rename, Qt.ConnectionType.QueuedConnection)
        self.table.itemSelectionChanged.connect(self._on_chosen)
        self.show_report.clicked.connect(self.open_report)

    @property
    def chosen(self) -> list[Card]:
        """The chosen cards."""
        numbers = set(self.table.chosen)
        return [card for card in self._desk.queue.cards if card.number in numbers]

    @property
    def title(self) -> str:
        """What the tab says: how many cards wait, and whether the queue is on."""
        waiting, is_on = self._desk.queue.waiting, self._desk.worker.is_on
        return "&Queue" + (f" ({waiting})" if waiting else "") + (" · on" if is_on else "")

    def take_focus(self) -> None:
        """Let keys act on the cards; while there are none, on the button that adds the first."""
        (self.table if self._desk.queue.cards else self.first).setFocus()

    @Slot()
    def refresh(self) -> None:
        """Show the queue as it is now."""
        self.stack.setCurrentIndex(1 if self._desk.queue.cards else 0)
        self.table.refresh()
        self._on_chosen()
        report = self._desk.worker.report
        self._foot.setVisible(report is not None)
        if report is not None:
            self.report.setText(f"Last time: {report[0].sentence} {report[0].about_highest}".rstrip())
        self.tab_changed.emit(self.title)

    @Slot()
    def _on_chosen(self) -> None:
        self.bar.show_state(self.chosen)

    # --- Doing

    @Slot(QPoint)
    def _on_menu(self, place: QPoint) -> None:
        menu = card_menu(self._desk, self.chosen, self)
        chosen = menu.exec(place)
        menu.deleteLater()
        if chosen is not None:
            self.do(str(chosen.data()))

    @Slot(str)
    def do(self, name: str) -> None:
        """Do what an entry of ``ADDS`` or ``CARD_ENTRIES`` says, or ``clear_over`` or ``undo``."""
        queue, cards = self._desk.queue, self.chosen
        acts = {
            "add_current": self._desk.add_current,
            "add_files": self._add_files,
            "add_values": self._add_values,
            "clear_over": queue.clear_over,
            "undo": queue.undo,
        }
        if name in acts:
            acts[name]()
            return
        if name == "open" and len(cards) == 1 and not cards[0].run:
            name = "edit"
        entry = next(each for each in CARD_ENTRIES if each.name == name)
        if not why_not_do(entry, self._desk, cards):
            self._do_with(name, cards)

    def _do_with(self, name: str, cards: list[Card]) -> None:
        queue, numbers = self._desk.queue, [card.number for card in cards]
        if name in ("open", "edit", "rename", "use"):
            self._do_with_one(name, cards[0])
        elif name == "duplicate":
            queue.duplicate(numbers)
        elif name in ("up", "down"):
            queue.move(numbers, -1 if name == "up" else 1)
        elif name == "remove":
            queue.remove(numbers)
        elif name == "skip":
            queue.skip(numbers, True)
        else:
            queue.again(numbers, anew=name == "anew")

    def _do_with_one(self, name: str, card: Card) -> None:
        if name == "open":
            self._open(card)
        elif name == "edit":
            CardDialog(self._desk.queue, card, self).open()
        elif name == "rename":
            self.table.edit_name()
        else:
            self._desk.use_settings(card)

    def _open(self, card: Card) -> None:
        record: RunRecord | None = self._desk.runs.record(Path(card.run))
        if record is None:
            self._desk.told.emit(f"The run of {card.title} is not in the folder of runs (any more): {card.run}", "info")
        else:
            self.run_wanted.emit(record)

    def _add_files(self) -> None:
        chosen, _ = QFileDialog.getOpenFileNames(self, "Add settings files", self._folder, _FILTER)
        if chosen:
            self._folder = str(Path(chosen[0]).parent)
            self._desk.queue.add_files([Path(each) for each in chosen])

    def _add_values(self) -> None:
        ValuesDialog(self._desk.form, cards_of_form(self._desk), self).open()

    @Slot()
    def open_report(self) -> None:
        """Show what became of each card the last time the queue was on."""
        if self._desk.worker.report is not None:
            QueueReportDialog(*self._desk.worker.report, self).open()
