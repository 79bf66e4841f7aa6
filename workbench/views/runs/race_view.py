"""Races of real networks: the racers as a table, their curves live in one plot, and what can be done with them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import QEvent, QPoint, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QFileDialog, QPushButton, QStackedWidget, QWidget

from workbench.bridge.runner import State
from workbench.bridge.runs.card_words import choices
from workbench.bridge.runs.race_desk import RaceDesk
from workbench.bridge.runs.race_typing import RaceTyping
from workbench.engine.core.app_folders import home
from workbench.engine.core.text import counted, grouped
from workbench.engine.experiments.fair_rates import FairTest
from workbench.engine.race.ready import FOLDER, ready_races
from workbench.engine.race.standings import TOMBSTONE
from workbench.engine.report.svg.colours import DARK, LIGHT
from workbench.views.plots.paint_budget import spent
from workbench.views.plots.racer_table import RacerTable
from workbench.views.plots.run_styles import run_style
from workbench.views.plots.series import RACED
from workbench.views.plots.subplot_lines import Ghost
from workbench.views.plots.train_plots import TrainPlots
from workbench.views.runs.fair_rates_chart import FairRatesChart
from workbench.views.runs.race_bar import READY, RaceBar
from workbench.views.runs.race_table import RaceTable
from workbench.views.runs.racer_dialog import RacerDialog
from workbench.views.runs.values_dialog import Becoming, ValuesDialog
from workbench.views.widgets.basics import Box, Words
from workbench.views.widgets.help_place import set_help
from workbench.views.widgets.menu import Menu
from workbench.views.widgets.theme import MUTED, rhythm, theme

EMPTY: Final = (
    "No race yet.\n\nIn a race several settings train from the same weights on the same batches, a step of each in "
    "turn, and their curves are drawn in one plot. Each racer is a separate run with exactly the numbers it would have "
    "if trained alone; racers can join and leave during the race."
)
_FILTER: Final = "Races (*.toml);;All files (*)"
#: Of entries, those that need a chosen racer.
_OF_ONE: Final = ("edit", "duplicate", "remove", "hold")
_LIVE: Final = "These settings can change while the racer trains; from its next batch on it has the new values."
_NEW: Final = "All other settings are those that the racers share."
#: The least height of the curves in quarters of a line.
_LEAST_PLOTS: Final = 24
#: Milliseconds between two frames of the curves at least.
_FRAME_MS: Final = 100


class RaceView(Box):
    """Follows the race of ``desk``."""

    run_wanted = Signal(str)  #: the folder of a racer's run that should be opened

    def __init__(self, desk: RaceDesk, parent: QWidget | None = None) -> None:
        super().__init__(parent, spacing=0)
        set_help(self, "race")
        self.setAccessibleName("Race")
        self._desk, self._typing, self._folder = desk, RaceTyping(desk), home() / "races"
        self.bar = RaceBar(desk)
        self.table = RaceTable(desk, self._typing)
        self.chart, self.rates_words = FairRatesChart(), Words(tone=MUTED)
        self.use, self.cancel = QPushButton("&Use these rates"), QPushButton("Cancel")
        self.use.setToolTip("Give each racer its fair rate, as one change.")
        self.cancel.setToolTip("Stop the search for rates.")
        self._plots: TrainPlots | None = None
        self._tables: list[RacerTable] = []
        self._frame = QTimer(self)
        self._frame.setSingleShot(True)
        self._frame.timeout.connect(self._draw)
        self.stack = QStackedWidget()
        self._lay_out()
        self._connect()
        self.refresh()

    def _lay_out(self) -> None:
        self.fair = Box(margins=(2, 1, 2, 1), spacing=1)
        foot = Box(spacing=2, horizontal=True)
        for widget, stretch in ((self.rates_words, 1), (self.use, 0), (self.cancel, 0)):
            foot.add(widget, stretch)
        self.fair.add(self.chart)
        self.fair.add(foot)
        self._below = Box(spacing=0)
        self._below.add(self.table)
        self._below.add(self.fair)
        self._below.box.addStretch(0)
        self.stack.addWidget(self._empty_place())
        self.stack.addWidget(self._below)
        self.add(self.bar)
        self.add(self.stack, 1)

    def _empty_place(self) -> QWidget:
        words = Words(EMPTY)
        words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.first = QPushButton("Race the current settings")
        self.first.setToolTip("One racer with the settings of the Train page as they are now; then add others.")
        place = Box(margins=(4, 4, 4, 4), spacing=2)
        place.box.addStretch(1)
        self._empty = Box(horizontal=True)
        self._empty.box.addStretch(1)
        self._empty.add(words, 6)
        self._empty.box.addStretch(1)
        place.add(self._empty)
        place.box.addWidget(self.first, 0, Qt.AlignmentFlag.AlignHCenter)
        self.ready: list[QPushButton] = []
        for race in ready_races():
            button = QPushButton(race.title.replace("&", "&&"))
            button.setToolTip(race.note)
            button.clicked.connect(partial(self._desk.play, race.path))
            place.box.addWidget(button, 0, Qt.AlignmentFlag.AlignHCenter)
            self.ready.append(button)
        place.box.addStretch(2)
        return place

    def _connect(self) -> None:
        desk = self._desk
        desk.changed.connect(self.refresh)
        desk.began.connect(self._on_began)
        desk.fair.changed.connect(self._show_rates)
        desk.fair.progressed.connect(self._show_rates)
        self.first.clicked.connect(desk.begin)
        self.bar.wanted.connect(self.do)
        self.table.wanted.connect(self.do)
        self.table.menu_wanted.connect(self._on_menu)
        self.table.currentItemChanged.connect(self._show_bar)
        self.use.clicked.connect(desk.use_rates)
        self.cancel.clicked.connect(desk.fair.cancel)
        theme().changed.connect(self._on_theme)

    @property
    def plots(self) -> TrainPlots:
        """The curves, made when they are first wanted."""
        if self._plots is None:
            self._plots = TrainPlots(self._below, RACED)
            self._plots.setAccessibleName("Curves of the racers")
            self._plots.told.connect(self._desk.told)
            self._below.add(self._plots, 1)
            self._on_theme()
            self._show_plots()
        return self._plots

    # --- Showing

    @property
    def title(self) -> str:
        """What the tab says."""
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

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._frame.stop()

    @Slot()
    def refresh(self) -> None:
        """Show the race as it is now."""
        if not self.isVisible():
            return
        spec = self._desk.draft.spec
        self.stack.setCurrentIndex(1 if self._desk.racers or spec is not None else 0)
        self.table.refresh()
        self._show_bar()
        self._show_rates()
        if self._desk.racers and not self._frame.isActive():
            self._frame.start(0 if not self._tables else _FRAME_MS)

    @Slot()
    def _show_bar(self) -> None:
        standings, at = self._desk.standings, self.table.chosen
        is_held = (
            standings is not None and at is not None and at < len(standings.racers) and standings.racers[at].is_held
        )
        self.bar.show_state(self._why_not(), "&Go on with it" if is_held else "Ho&ld")
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

    def _why_not(self) -> Mapping[str, str]:
        """Why entries are not possible now."""
        desk = self._desk
        found: dict[str, str] = {}
        if desk.is_racing:
            racing = "Not while a race is on."
            found |= dict.fromkeys(("new", "fair", "save", "undo", "redo"), racing)
        else:
            found["hold"] = "Only while a race is on."
            if desk.draft.spec is None:
                found["save"] = "There is no race yet."
            if not desk.draft.can_undo:
                found["undo"] = "There is nothing to undo."
            if not desk.draft.can_redo:
                found["redo"] = "There is nothing to redo."
            if desk.why_no_rates:
                found["fair"] = desk.why_no_rates
        if self.table.chosen is None:
            found |= dict.fromkeys(_OF_ONE, "Choose a racer first.")
        return found

    @Slot()
    @Slot(object, object)
    def _show_rates(self, *_news: object) -> None:
        fair = self._desk.fair
        self.fair.setVisible(bool(fair.is_pending or fair.trouble or fair.value))
        self.chart.show_rates(self._desk.rates)
        self.chart.setVisible(bool(self._desk.rates))
        self.use.setVisible(bool(self._desk.rates) and not self._desk.is_racing)
        self.cancel.setVisible(fair.is_pending)
        self._show_plots()
        budget = f"Equal budget: {FairTest().words}."
        words = f"{budget} Bar: nearly as good as the best rate. Ticks: how far the loss falls at each rate."
        self.rates_words.setText(fair.words if fair.is_pending else fair.trouble or words)

    def _show_plots(self) -> None:
        """The curves, unless there are none yet and fair rates need the room."""
        if self._plots is not None:
            self._plots.setVisible(self._desk.standings is not None or not self._desk.rates)

    # --- Curves

    @Slot()
    def _on_began(self) -> None:
        self._tables = []
        self.plots.set_beside([])
        self.refresh()

    @Slot()
    def _draw(self) -> None:
        """Draw new values, at a limited rate."""
        if not self.isVisible():
            return
        standings = self._desk.standings
        began, racers = spent(), standings.racers if standings is not None else []
        plots = self.plots
        histories = [each.history for each in racers]
        is_other = [table.history for table in self._tables] != histories
        if is_other:
            self._tables = [RacerTable(history) for history in histories]
        is_new = sum(table.update() for table in self._tables) > 0  # all of them
        titles = [f"{each.racer.name} {TOMBSTONE}" if each.has_failed else each.racer.name for each in racers]
        if is_other or titles != [ghost.title for ghost in plots.stack.ghosts]:
            ghosts = [Ghost(title, table, style=run_style(at))
                      for at, (title, table) in enumerate(zip(titles, self._tables, strict=True))]  # fmt: skip
            plots.set_beside(ghosts)
        elif is_new:
            plots.stack.redraw()
        if self._desk.is_racing:
            cost = spent() - began
            self._frame.start(max(_FRAME_MS, round(1000 * plots.paint_budget.next_delay(cost))))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange and self._plots is not None:
            self._on_theme()

    @Slot()
    def _on_theme(self) -> None:
        if self._plots is not None:
            self._plots.set_colours(DARK if theme().colours.dark else LIGHT)
            self._plots.set_scale(theme().scale)
            self._plots.setMinimumHeight(rhythm(self, _LEAST_PLOTS))

    # --- Doing

    def _folder_of(self, at: int | None) -> str:
        """The folder of a racer's run; empty before it has begun."""
        standings = self._desk.standings
        if at is None or standings is None or at >= len(standings.racers):
            return ""
        started = standings.racers[at].history.started
        return started.folder if started is not None else ""

    @Slot(QPoint)
    def _on_menu(self, place: QPoint) -> None:
        menu, why_not = Menu("", self), self._why_not()
        for name in _OF_ONE:
            action = menu.addAction(self.bar.buttons[name].text())
            action.setData(name)
            action.setEnabled(not why_not.get(name))
        action = menu.addAction("&Open its run")
        action.setData("open_run")
        action.setEnabled(bool(self._folder_of(self.table.chosen)))
        chosen = menu.exec(place)
        menu.deleteLater()
        if chosen is not None:
            self.do(str(chosen.data()))

    @Slot(str)
    def do(self, name: str) -> None:
        """Do what an entry of the bar says, or begin the ready race of a path."""
        if name.startswith(READY):
            self._desk.play(Path(name.removeprefix(READY)))
            return
        if self._why_not().get(name):
            return
        at = self.table.chosen
        if name == "open_run":
            self.run_wanted.emit(self._folder_of(at))
            return
        if name in _OF_ONE and at is not None:
            self._do_with(name, at)
            return
        draft = self._desk.draft
        acts = {
            "begin": self._desk.begin,
            "open": self._open,
            "add_one": self._add_one,
            "add_values": self._add_values,
            "fair": self._desk.find_rates,
            "base": self._desk.take_form,
            "save": self._save,
            "undo": draft.undo,
            "redo": draft.redo,
        }
        acts[name]()

    def _do_with(self, name: str, at: int) -> None:
        desk = self._desk
        if name == "edit":
            self._edit(at)
        elif name == "duplicate":
            self._say(desk.add([desk.racers[at]]))
        elif name == "remove":
            desk.drop(at) if desk.is_racing else desk.draft.remove([at])
        elif desk.standings is not None:
            desk.hold(at, not desk.standings.racers[at].is_held)

    def _say(self, trouble: str) -> None:
        if trouble:
            self._desk.told.emit(trouble, "warning")

    def _add_one(self) -> None:
        RacerDialog("Add a racer", _NEW, "", choices(self._typing.base), self._typing.add, self).open()

    def _add_values(self) -> None:
        intro = f"Each value becomes a racer. {_NEW}"
        becoming = Becoming("racer", intro, ("race", "Set up a race"), self._typing.values, self._add_all)
        ValuesDialog(self._typing.base, becoming, self).open()

    def _add_all(self, racers: object) -> bool:
        trouble = self._desk.add(list(racers))  # type: ignore[call-overload]
        self._say(trouble)
        return not trouble

    def _edit(self, at: int) -> None:
        name, typing = self._desk.racers[at].name, self._typing
        if self._desk.is_racing:
            found = typing.live_choices(at)
            RacerDialog(f"Change “{name}”", _LIVE, None, found, lambda _, typed: typing.edit(at, typed), self).open()
        else:
            words = f"It differs in: {typing.differs(at) or 'nothing'}."
            found = choices(typing.spec_of(at))
            RacerDialog(f"Edit “{name}”", words, name, found, partial(typing.change, at), self).open()

    def _open(self) -> None:
        folder = self._folder if self._folder.is_dir() else FOLDER
        chosen, _ = QFileDialog.getOpenFileName(self, "Open a race", str(folder), _FILTER)
        if chosen:
            self._folder = Path(chosen).parent
            self._desk.open(Path(chosen))

    def _save(self) -> None:
        chosen, _ = QFileDialog.getSaveFileName(self, "Save the race", str(self._folder / "race.toml"), _FILTER)
        if chosen:
            path = Path(chosen) if Path(chosen).suffix else Path(f"{chosen}.toml")
            self._folder = path.parent
            self._desk.save(path)
