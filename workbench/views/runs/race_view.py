"""Races of real networks: the racers as a table, their curves live in one plot, and what can be done with them."""

from __future__ import annotations

from functools import partial
from typing import Final

from PySide6.QtCore import QPoint, Signal, Slot
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QPushButton, QStackedWidget, QWidget

from workbench.bridge.runner import State
from workbench.bridge.runs.race_desk import RaceDesk
from workbench.bridge.runs.race_typing import RaceTyping
from workbench.engine.core.text import counted, grouped
from workbench.engine.race.ready import ready_races
from workbench.views.runs.fair_rates_panel import FairRatesPanel
from workbench.views.runs.race_actions import OF_ONE, RaceActions
from workbench.views.runs.race_bar import RaceBar
from workbench.views.runs.race_curves import RaceCurves
from workbench.views.runs.race_table import RaceTable
from workbench.views.widgets.basics import Box
from workbench.views.widgets.empty_place import EmptyPlace
from workbench.views.widgets.help_place import set_help
from workbench.views.widgets.menu import Menu

EMPTY: Final = (
    "No race yet.\n\nIn a race several settings train from the same weights on the same batches, a step of each in "
    "turn, and their curves are drawn in one plot. Each racer is a separate run with exactly the numbers it would have "
    "if trained alone; racers can join and leave during the race."
)


class RaceView(Box):
    """Follows the race of ``desk``."""

    run_wanted = Signal(str)  #: the folder of a racer's run that should be opened

    def __init__(self, desk: RaceDesk, parent: QWidget | None = None) -> None:
        super().__init__(parent, spacing=0)
        set_help(self, "race")
        self.setAccessibleName("Race")
        self._desk, typing = desk, RaceTyping(desk)
        self.bar, self.table = RaceBar(desk), RaceTable(desk, typing)
        self.fair, self.curves = FairRatesPanel(desk), RaceCurves(desk)
        self.race_actions = RaceActions(desk, typing, lambda: self.table.chosen, self)
        below = Box(spacing=0)
        below.add(self.table)
        below.add(self.fair)
        below.box.addStretch(0)
        below.add(self.curves, 1)
        self.stack = QStackedWidget()
        self.stack.addWidget(self._empty_place())
        self.stack.addWidget(below)
        self.add(self.bar)
        self.add(self.stack, 1)
        self._connect()
        self.refresh()

    def _empty_place(self) -> QWidget:
        self.first = QPushButton("Race the current settings")
        self.first.setToolTip("One racer with the settings of the Train page as they are now; then add others.")
        self.ready: list[QPushButton] = []
        for race in ready_races():
            button = QPushButton(race.title.replace("&", "&&"))
            button.setToolTip(race.note)
            button.clicked.connect(partial(self._desk.play, race.path))
            self.ready.append(button)
        return EmptyPlace(EMPTY, (self.first, *self.ready))

    def _connect(self) -> None:
        desk = self._desk
        desk.changed.connect(self.refresh)
        desk.began.connect(self._on_began)
        desk.fair.changed.connect(self._show_rates)
        desk.fair.progressed.connect(self._show_rates)
        self.first.clicked.connect(desk.begin)
        self.bar.wanted.connect(self.race_actions.do)
        self.table.wanted.connect(self.race_actions.do)
        self.table.menu_wanted.connect(self._on_menu)
        self.table.currentItemChanged.connect(self._show_bar)
        self.race_actions.run_wanted.connect(self.run_wanted)

    # --- Showing

    @property
    def title(self) -> str:
        """The text of the tab."""
        return "Ra&ce" + (" · on" if self._desk.is_racing else "")

    def take_focus(self) -> None:
        """Let keys act on the racers; while there are none, on the button that begins a race."""
        (self.table if self._desk.racers else self.first).setFocus()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.table.set_room(self.height())

    @Slot()
    def refresh(self) -> None:
        """Show the race as it is now."""
        if not self.isVisible():
            return
        self.stack.setCurrentIndex(1 if self._desk.racers or self._desk.draft.spec is not None else 0)
        self.table.refresh()
        self._show_bar()
        self._show_rates()

    @Slot()
    def _show_bar(self) -> None:
        standings, at = self._desk.standings, self.table.chosen
        is_held = (
            standings is not None and at is not None and at < len(standings.racers) and standings.racers[at].is_held
        )
        self.bar.show_state(self.race_actions.why_not(), "&Go on with it" if is_held else "Ho&ld")
        self.bar.words.setText(self._words())

    def _words(self) -> str:
        """What the race is, or is doing."""
        desk, spec = self._desk, self._desk.draft.spec
        if desk.is_racing:
            names = {State.PAUSED: "Paused", State.PAUSING: "Pausing", State.STOPPING: "Stopping"}
            doing = f" {desk.doing}…" if desk.doing else ""
            return f"{names.get(desk.state, 'Racing')}, round {grouped(desk.round)}.{doing}"
        if spec is None:
            return "Several settings, the same weights, the same batches."
        if desk.standings is not None:
            return desk.standings.target_words or "The race is over."
        changes = f", {counted(len(spec.tape), 'live change')}" if spec.tape and desk.replays else ""
        words = f"{counted(len(spec.racers), 'racer')}, {grouped(spec.base.loop.epochs)} epochs{changes}."
        return desk.why_not if spec.racers and desk.why_not else words

    @Slot()
    @Slot(object, object)
    def _show_rates(self, *_news: object) -> None:
        self.fair.refresh()
        self.curves.follow()

    @Slot()
    def _on_began(self) -> None:
        self.curves.restart()
        self.refresh()

    @Slot(QPoint)
    def _on_menu(self, place: QPoint) -> None:
        menu, why_not = Menu("", self), self.race_actions.why_not()
        for name in OF_ONE:
            action = menu.addAction(self.bar.buttons[name].text())
            action.setData(name)
            action.setEnabled(not why_not.get(name))
        action = menu.addAction("&Open its run")
        action.setData("open_run")
        action.setEnabled(bool(self.race_actions.run_of_chosen))
        chosen = menu.exec(place)
        menu.deleteLater()
        if chosen is not None:
            self.race_actions.do(str(chosen.data()))
