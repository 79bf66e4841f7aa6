"""The bar above the racers: start, hold and end the race, add and remove racers, files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QEvent, Signal, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QLineEdit, QMenu, QPushButton, QWidget

from workbench.bridge.runner import State
from workbench.bridge.runs.race_desk import RaceDesk
from workbench.engine.race.ready import ready_races
from workbench.views.widgets.basics import Box, Words, plain_tip
from workbench.views.widgets.check_box import Check
from workbench.views.widgets.flow_layout import FlowLayout
from workbench.views.widgets.menu import Menu
from workbench.views.widgets.theme import rhythm

#: The least width of the title's field in quarters of a line.
_TITLE: Final = 60
#: How the data of a menu entry begins that opens a ready race; its path follows.
READY: Final = "ready:"


@dataclass(frozen=True, slots=True)
class RaceEntry:
    """What can be done: its name, text, help, and its entries where it is a menu (name, text, help)."""

    name: str
    text: str
    help: str
    entries: tuple[tuple[str, str, str], ...] = ()


ENTRIES: Final = (
    RaceEntry(
        "new",
        "Ne&w",
        "Set up a race.",
        (
            ("begin", "From the &current settings", "One racer with the settings of the Train page as they are now."),
            (
                "base",
                "&Share the current settings",
                "Replace the shared settings by those of the Train page; racers keep their differences.",
            ),
            ("open", "&Open a file…", "Open a race file with its recorded live changes."),
        ),
    ),
    RaceEntry(
        "add",
        "A&dd",
        "Add racers. While a race is on they join it after this round.",
        (
            ("add_one", "A &racer…", "A name, and the settings in which it differs."),
            ("add_values", "&Values of one setting…", "A racer for each value in a list: 0.1, 0.03, 0.01."),
        ),
    ),
    RaceEntry(
        "edit", "Cha&nge…", "Change settings of the chosen racer; while it trains those that can change. (Return)"
    ),
    RaceEntry("duplicate", "Duplicate", "Add the chosen racer once more. (Ctrl+D)"),
    RaceEntry("remove", "Remove", "Take the chosen racer out. While a race is on its run ends here and is kept. (Del)"),
    RaceEntry("hold", "Ho&ld", "Let the chosen racer make no steps until it goes on. (Space)"),
    RaceEntry(
        "fair",
        "Fa&ir rates",
        "Find a learning rate for each racer with an equal budget: the same rates, the same number of steps.",
    ),
    RaceEntry("save", "&Save…", "Write the race into a file, which replays here and without a window."),
    RaceEntry(
        "scene",
        "To the lesson plan",
        "Add the race, as it has gone, as a scene of the plan on the Lessons page.",
    ),
    RaceEntry("undo", "Undo", "Undo the last change of the racers. (Ctrl+Z)"),
    RaceEntry("redo", "Redo", "Redo the change that was undone last. (Ctrl+Y)"),
)


class RaceBar(Box):
    """``wanted`` names what is to be done: an entry of ``ENTRIES``, or ``READY`` with a path."""

    wanted = Signal(str)

    def __init__(self, desk: RaceDesk, parent: QWidget | None = None) -> None:
        super().__init__(parent, margins=(2, 1, 2, 1), spacing=1)
        self._desk = desk
        self.race, self.pause = QPushButton("S&tart race"), QPushButton("&Pause")
        self.title = QLineEdit()
        self.title.setMinimumWidth(rhythm(self, _TITLE))
        self.title.setAccessibleName("Title of the race")
        self.title.setPlaceholderText("Title of the race")
        self.title.setToolTip("The runs of the racers are named after it.")
        self.words = Words()
        self.words.setAccessibleName("What the race is doing")
        self.replays = Check("Replay the live changes")
        self.replays.setToolTip(
            plain_tip("Racers join, are dropped and edited after the same rounds as recorded: exactly the same race.")
        )
        self.pause.setToolTip("Hold all racers between two rounds, or let them go on. (F6)")
        self.buttons: dict[str, QPushButton] = {}
        head = Box(spacing=2, horizontal=True)
        for widget, stretch in ((self.race, 0), (self.pause, 0), (self.title, 0), (self.words, 1), (self.replays, 0)):
            head.add(widget, stretch)
        self.add(head)
        self._tools = QWidget()
        flow = FlowLayout(self._tools, rhythm(self, 1))
        for entry in ENTRIES:
            self.buttons[entry.name] = self._button(entry)
            flow.addWidget(self.buttons[entry.name])
        self.add(self._tools)
        self.race.clicked.connect(self._on_race)
        self.title.editingFinished.connect(self._on_title)
        self.pause.clicked.connect(desk.pause_or_resume)
        self.replays.clicked.connect(desk.set_replays)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange and hasattr(self, "_tools"):
            self._tools.updateGeometry()
            self.title.setMinimumWidth(rhythm(self, _TITLE))

    def _button(self, entry: RaceEntry) -> QPushButton:
        button = QPushButton(entry.text)
        button.setObjectName(entry.name)
        button.setToolTip(plain_tip(entry.help))
        if not entry.entries:
            button.clicked.connect(self._on_button)
            return button
        menu = Menu("", button)
        menu.setToolTipsVisible(True)
        for name, text, help in entry.entries:
            _add(menu, text, name, help)
        if entry.name == "new":
            _add_ready(menu)
        menu.triggered.connect(self._on_menu)
        button.setMenu(menu)
        return button

    # --- Showing

    def show_state(self, why_not: Mapping[str, str], hold: str) -> None:
        """Show the race's state; ``why_not`` says why an entry is not possible now, ``hold`` is what Hold would do."""
        desk, state = self._desk, self._desk.state
        self.race.setText("S&top race" if desk.is_racing else "S&tart race")
        self.race.setEnabled(state is not State.STOPPING if desk.is_racing else not desk.why_not)
        stop = "Let every racer finish its step and save. Their runs are kept and can go on."
        begin = "Train the racers, a step of each in turn."
        self.race.setToolTip(plain_tip(stop if desk.is_racing else desk.why_not or begin))
        is_held = state in (State.PAUSED, State.PAUSING)
        self.pause.setText("&Go on" if is_held else "&Pause")
        self.pause.setEnabled(desk.is_racing and state is not State.STOPPING)
        self.title.setVisible(desk.draft.spec is not None and not desk.is_racing)
        title = desk.draft.spec.title if desk.draft.spec is not None else ""
        if not self.title.hasFocus() and title != self.title.text():
            self.title.setText(title)
            self.title.setCursorPosition(0)
        tape = desk.draft.spec.tape if desk.draft.spec is not None else ()
        self.replays.setVisible(bool(tape) and not desk.is_racing)
        self.replays.setChecked(desk.replays)
        for entry in ENTRIES:
            reason = why_not.get(entry.name, "")
            self.buttons[entry.name].setEnabled(not reason)
            self.buttons[entry.name].setToolTip(plain_tip(reason or entry.help))
        self.buttons["remove"].setText("Dr&op" if desk.is_racing else "Re&move")
        self.buttons["hold"].setText(hold)

    # --- What the user does

    @Slot()
    def _on_race(self) -> None:
        self._desk.stop() if self._desk.is_racing else self._desk.start()

    @Slot()
    def _on_title(self) -> None:
        spec, title = self._desk.draft.spec, " ".join(self.title.text().split())
        if spec is not None and title != spec.title:
            self._desk.draft.set_words(title=title)

    @Slot()
    def _on_button(self) -> None:
        self.wanted.emit(self.sender().objectName())

    @Slot(QAction)
    def _on_menu(self, action: QAction) -> None:
        self.wanted.emit(str(action.data()))


def _add(menu: QMenu, text: str, data: str, help: str) -> None:
    action = menu.addAction(text)
    action.setData(data)
    action.setToolTip(help)


def _add_ready(menu: QMenu) -> None:
    menu.addSeparator()
    for race in ready_races():
        _add(menu, race.title.replace("&", "&&"), f"{READY}{race.path}", race.note)
