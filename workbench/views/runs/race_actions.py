"""The actions of a race and its racers: which are possible, their dialogs and files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QFileDialog, QWidget

from workbench.bridge.runs.card_words import choices
from workbench.bridge.runs.race_desk import RaceDesk
from workbench.bridge.runs.race_typing import RaceTyping
from workbench.engine.core.app_folders import home
from workbench.engine.race.ready import FOLDER
from workbench.views.runs.race_bar import READY
from workbench.views.runs.racer_dialog import RacerDialog
from workbench.views.runs.settings_dialog import Asked
from workbench.views.runs.values_dialog import Becoming, ValuesDialog

_FILTER: Final = "Races (*.toml);;All files (*)"
#: Entries that need a chosen racer.
OF_ONE: Final = ("edit", "duplicate", "remove", "hold")
_LIVE: Final = "These settings can change while the racer trains; from its next batch on it has the new values."
_NEW: Final = "All other settings are those that the racers share."


class RaceActions(QObject):
    """``chosen`` gives the number of the chosen racer; dialogs belong to ``window``."""

    run_wanted = Signal(str)  #: the folder of a racer's run that should be opened

    def __init__(self, desk: RaceDesk, typing: RaceTyping, chosen: Callable[[], int | None], window: QWidget) -> None:
        super().__init__(window)
        self._desk, self._typing, self._chosen, self._window = desk, typing, chosen, window
        self._folder = home() / "races"

    def why_not(self) -> Mapping[str, str]:
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
        if desk.why_no_scene:
            found["scene"] = desk.why_no_scene
        if self._chosen() is None:
            found |= dict.fromkeys(OF_ONE, "Choose a racer first.")
        return found

    @property
    def run_of_chosen(self) -> str:
        """The folder of the chosen racer's run; empty before it has begun."""
        at, standings = self._chosen(), self._desk.standings
        if at is None or standings is None or at >= len(standings.racers):
            return ""
        started = standings.racers[at].history.started
        return started.folder if started is not None else ""

    @Slot(str)
    def do(self, name: str) -> None:
        """Run an action of the bar, or open the prepared race of a path."""
        if name.startswith(READY):
            self._desk.play(Path(name.removeprefix(READY)))
            return
        if self.why_not().get(name):
            return
        at = self._chosen()
        if name == "open_run":
            self.run_wanted.emit(self.run_of_chosen)
            return
        if name in OF_ONE and at is not None:
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
            "scene": self._desk.add_scene,
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
        asked = Asked("Add a racer", _NEW, "", choices(self._typing.base))
        RacerDialog(asked, self._typing.add, self._window).open()

    def _add_values(self) -> None:
        intro = f"Each value becomes a racer. {_NEW}"
        becoming = Becoming("racer", intro, ("race", "Set up a race"), self._typing.values, self._add_all)
        ValuesDialog(self._typing.base, becoming, self._window).open()

    def _add_all(self, racers: object) -> bool:
        trouble = self._desk.add(list(racers))  # type: ignore[call-overload]
        self._say(trouble)
        return not trouble

    def _edit(self, at: int) -> None:
        name, typing = self._desk.racers[at].name, self._typing
        if self._desk.is_racing:
            asked = Asked(f"Change “{name}”", _LIVE, None, typing.live_choices(at))
            RacerDialog(asked, lambda _, typed: typing.edit(at, typed), self._window).open()
        else:
            words = f"It differs in: {typing.differs(at) or 'nothing'}."
            asked = Asked(f"Edit “{name}”", words, name, choices(typing.spec_of(at)))
            RacerDialog(asked, partial(typing.change, at), self._window).open()

    def _open(self) -> None:
        folder = self._folder if self._folder.is_dir() else FOLDER
        chosen, _ = QFileDialog.getOpenFileName(self._window, "Open a race", str(folder), _FILTER)
        if chosen:
            self._folder = Path(chosen).parent
            self._desk.open(Path(chosen))

    def _save(self) -> None:
        chosen, _ = QFileDialog.getSaveFileName(self._window, "Save the race", str(self._folder / "race.toml"), _FILTER)
        if chosen:
            path = Path(chosen) if Path(chosen).suffix else Path(f"{chosen}.toml")
            self._folder = path.parent
            self._desk.save(path)
