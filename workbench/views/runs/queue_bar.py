"""Above the cards: the switch of the queue and what it is doing, buttons for cards, when it stops."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QEvent, QTime, Signal, Slot
from PySide6.QtWidgets import QMenu, QPushButton, QTimeEdit, QWidget

from workbench.bridge.runs.run_desk import RunDesk
from workbench.engine.shelf.cards import Card
from workbench.views.runs.queue_menu import CARD_ENTRIES, why_not_do
from workbench.views.widgets.basics import Box, Words, plain_tip
from workbench.views.widgets.check_box import Check
from workbench.views.widgets.flow_layout import FlowLayout
from workbench.views.widgets.theme import rhythm

#: What the button Add offers: name, text, help.
ADDS: Final = (
    ("add_current", "The &current settings", "A card of the settings of the Train page as they are now."),
    ("add_files", "Settings &files…", "A card for each settings file that is chosen."),
    ("add_values", "&Values of one setting…", "A card for each value in a list: 0.1, 0.03, 0.01."),
)
_MORNING: Final = QTime(7, 0)


class QueueBar(Box):
    """``wanted`` names what is to be done: one of ``ADDS`` or ``CARD_ENTRIES``, ``clear_over`` or ``undo``."""

    wanted = Signal(str)

    def __init__(self, desk: RunDesk, parent: QWidget | None = None) -> None:
        super().__init__(parent, margins=(2, 1, 2, 1), spacing=1)
        self._desk = desk
        self.switch = QPushButton()
        self.words = Words()
        self.words.setAccessibleName("What the queue is doing")
        self.stop_now = QPushButton("Stop now, go on &later")
        self.stop_now.setToolTip(
            plain_tip("Stop the card that is being trained and begin no other. It is kept, waits, and goes on later.")
        )
        self.add_button = QPushButton()
        self.stops = Check("Stop at")
        self.time = QTimeEdit(_MORNING)
        self.goes_on = Check("Go on after a failure")
        self.buttons: dict[str, QPushButton] = {}
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        head = Box(spacing=2, horizontal=True)
        head.add(self.switch)
        head.add(self.words, 1)
        head.add(self.stop_now)
        self.add(head)
        self._tools = QWidget()
        self._flow = FlowLayout(self._tools, rhythm(self, 1))
        self._fill_add()
        for entry in CARD_ENTRIES:
            if entry.button:
                self._button(entry.name, entry.button, f"{entry.help} ({entry.key})" if entry.key else entry.help)
        self._button("clear_over", "Clear finished", "Take out the cards that are over; their runs are kept.")
        self._button("undo", "Undo", "Undo the last change of the cards. (Ctrl+Z)")
        self.stops.setToolTip("At this time the run is stopped and kept, and no other begins; it goes on later.")
        self.time.setDisplayFormat("HH:mm")
        self.time.setAccessibleName("Time to stop")
        self.goes_on.setToolTip("Train the next card after one has failed. Otherwise the queue switches itself off.")
        self.add(self._tools)
        when = Box(spacing=2, horizontal=True)
        for widget in (self.stops, self.time, self.goes_on):
            when.add(widget)
        when.box.addStretch(1)
        self.add(when)

    def _fill_add(self) -> None:
        self.add_button.setText("A&dd")
        self.add_button.setToolTip("Add cards.")
        menu = QMenu(self.add_button)
        menu.setToolTipsVisible(True)
        for name, text, help in ADDS:
            action = menu.addAction(text)
            action.setData(name)
            action.setToolTip(help)
        menu.triggered.connect(self._on_add)
        self.add_button.setMenu(menu)
        self._flow.addWidget(self.add_button)

    def _button(self, name: str, text: str, help: str) -> None:
        button = QPushButton(text)
        button.setObjectName(name)
        button.setToolTip(plain_tip(help))
        button.clicked.connect(self._on_button)
        self.buttons[name] = button
        self._flow.addWidget(button)

    def _connect(self) -> None:
        self.switch.clicked.connect(self._on_switch)
        self.stop_now.clicked.connect(self._desk.worker.stop_now)
        self.stops.toggled.connect(self._on_stop_at)
        self.time.editingFinished.connect(self._on_time)
        self.goes_on.clicked.connect(self._desk.queue.set_goes_on)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange and hasattr(self, "_tools"):
            self._tools.updateGeometry()

    # --- Showing

    def show_state(self, chosen: Sequence[Card]) -> None:
        """Show what the queue is doing, and what is possible with the chosen cards."""
        queue, worker = self._desk.queue, self._desk.worker
        self.switch.setText("Switch &off" if worker.is_on else "Switch &on")
        self.switch.setEnabled(worker.is_on or bool(queue.waiting or worker.lost or worker.trains_card))
        self.switch.setToolTip(plain_tip(_OFF_TIP if worker.is_on else _ON_TIP))
        self.words.setText(worker.words)
        self.stop_now.setVisible(worker.trains_card is not None)
        for entry in CARD_ENTRIES:
            if entry.button:
                why_not = why_not_do(entry, self._desk, chosen)
                self.buttons[entry.name].setEnabled(not why_not)
                key = f" ({entry.key})" if entry.key else ""
                self.buttons[entry.name].setToolTip(plain_tip(why_not or f"{entry.help}{key}"))
        self.buttons["clear_over"].setEnabled(any(card.state not in ("waiting", "running") for card in queue.cards))
        self.buttons["undo"].setEnabled(queue.can_undo)
        self._show_choices()

    def _show_choices(self) -> None:
        stop_at, goes_on = self._desk.queue.stop_at, self._desk.queue.goes_on
        self.stops.blockSignals(True)
        self.stops.setChecked(stop_at is not None)
        self.stops.blockSignals(False)
        self.time.setEnabled(stop_at is not None)
        if stop_at is not None and not self.time.hasFocus():
            self.time.setTime(QTime(stop_at.hour, stop_at.minute))
        self.goes_on.setChecked(goes_on)

    # --- What the user does

    @Slot()
    def _on_switch(self) -> None:
        self._desk.worker.switch(not self._desk.worker.is_on)

    @Slot(object)
    def _on_add(self, action: object) -> None:
        self.wanted.emit(str(action.data()))  # type: ignore[attr-defined]

    @Slot()
    def _on_button(self) -> None:
        self.wanted.emit(self.sender().objectName())

    @Slot(bool)
    def _on_stop_at(self, on: bool) -> None:
        self._desk.queue.set_stop_at(self.time.time().toPython() if on else None)  # type: ignore[arg-type]

    @Slot()
    def _on_time(self) -> None:
        if self.stops.isChecked():
            self._on_stop_at(True)


_ON_TIP: Final = "Train the cards that wait, one after the other, until none waits or you switch it off."
_OFF_TIP: Final = "Begin no other card. The one that is being trained goes on to its end."
