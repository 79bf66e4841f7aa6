"""Races of real networks: set up, run on the training thread, edited while they run, kept in a file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal, Slot

from workbench.bridge.runner import State
from workbench.bridge.runs.race_draft import RaceDraft
from workbench.bridge.session import Session
from workbench.bridge.setting_names import error_words, problem_words
from workbench.bridge.threads.background import Tasks
from workbench.bridge.threads.latest_request import LatestRequest
from workbench.bridge.threads.progress import as_task
from workbench.engine.core.app_folders import runs_folder
from workbench.engine.core.drive import Run
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.events import EvalProgress, Event, Notice, RunEnded
from workbench.engine.core.progress import Loading
from workbench.engine.core.race_events import AFTER_ROUND, AddRacer, DropRacer, EditRacer, HoldRacer, RaceCommand
from workbench.engine.core.step_store import StepStore
from workbench.engine.core.text import grouped, significant
from workbench.engine.data.store import DataStore
from workbench.engine.experiments.fair_rates import FairRate, FairTest, fair_rates
from workbench.engine.race.file import load, save
from workbench.engine.race.keep import KeptRace, kept_runs, races_folder
from workbench.engine.race.ready import FOLDER as READY
from workbench.engine.race.spec import MOST_RACERS, Racer, RaceSpec, named_apart
from workbench.engine.race.standings import Standings
from workbench.engine.report.manual_lr_changes import RATE
from workbench.engine.run_store.place import why_not_kept
from workbench.engine.spec.experiment import ExperimentSpec

#: An evaluation that takes longer (seconds) says how far it is.
_LONG = 0.5


class RaceDesk(QObject):
    """The draft of a race, and the race that runs or has run last. Lives in the GUI thread."""

    changed = Signal()  #: the standings, or whether a race is on
    began = Signal()  #: a race has begun: the standings are new
    ended = Signal(object)  #: the RunEnded of the race
    told = Signal(str, str)  #: a sentence for the user, and "info", "warning" or "error"
    scene_wanted = Signal(object, object)  #: a RaceSpec that has run, and the History of each racer
    shown_wanted = Signal()  #: the race should be shown
    opened_path = Signal(object)  #: the Path of a race's file that was opened or saved, but for the bundled ones

    def __init__(self, session: Session, tasks: Tasks, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.draft = RaceDraft(lambda: session.store.spec, self)
        #: Standings of the last race; None before the first, and after the list of racers was changed.
        self.standings: Standings | None = None
        self.is_racing = False
        #: Whether the recorded live changes of an opened race are replayed.
        self.replays = False
        #: What the race waits for, or is doing beside training; else empty.
        self.doing = ""
        self.fair = LatestRequest(tasks, "Finding fair rates", self)
        self._raced: RaceSpec | None = None
        #: The standings of the last race: an undo back to its racers shows them again.
        self._last: Standings | None = None
        self._maker: _RaceMaker | None = None
        self.draft.changed.connect(self._on_draft)
        session.runner.events.connect(self._on_events)
        session.runner.state_changed.connect(self._on_state)
        session.job_ended.connect(self._on_ended)

    # --- Setting up ------------------------------------------------------------------------------------------------

    @Slot()
    def begin(self) -> None:
        """Set up a new race of the form's settings, and show it."""
        self._session.store.settle()
        if not self.is_racing:
            self.draft.begin()
        self.shown_wanted.emit()

    def take_form(self) -> None:
        """Let the racers share the form's settings as they are now."""
        self._session.store.settle()
        try:
            self.draft.take_form()
        except WorkbenchError as error:
            self.told.emit(f"The settings of the Train page do not fit: {self.words_of(error)}", "warning")

    @Slot(object)
    def open(self, path: Path) -> bool:
        """Set up the race of a file; False, and nothing changes, if it is none."""
        if self.is_racing:
            self.told.emit("A race is on: stop it first, then open another.", "warning")
            return False
        try:
            race = load(path)
        except WorkbenchError as error:
            self.told.emit(f"{path.name} was not opened: {self.words_of(error)}", "error")
            return False
        self.draft.put(race)
        self.replays = bool(race.tape)
        if race.note:
            self.told.emit(f"{race.title}. {' '.join(race.note.split())}", "info")
        if path.parent != READY:
            self.opened_path.emit(path)
        self.changed.emit()
        self.shown_wanted.emit()
        return True

    @Slot(object)
    def play(self, path: Path) -> None:
        """Set up the race of a file and begin it; where it cannot begin, say why."""
        if self.open(path):
            if self.why_not:
                self.told.emit(f"The race is ready, but cannot begin. {self.why_not}", "info")
            self.start()

    def save(self, path: Path) -> None:
        """Write the race into a file, including the live changes of its last run."""
        if self.draft.spec is None:
            return
        try:
            save(self.draft.spec, path)
        except WorkbenchError as error:
            self.told.emit(error.message, "error")
        else:
            self.opened_path.emit(path)
            self.told.emit(f"Race saved in {path}.", "info")

    @property
    def why_no_scene(self) -> str:
        """Why the race cannot be a scene of the lesson plan now; empty if it can."""
        if self.is_racing:
            return "Not while a race is on."
        return "" if self.standings is not None and self._raced is not None else "Run the race first."

    def add_scene(self) -> None:
        """Add the race, as it has gone, to the lesson plan."""
        if not self.why_no_scene and self.standings is not None and self._raced is not None:
            self.scene_wanted.emit(self._raced, tuple(each.history for each in self.standings.racers))

    def words_of(self, error: WorkbenchError) -> str:
        """The message of an error, with the labels of settings instead of their paths."""
        return error_words(self.draft.base, error)

    @property
    def _to_race(self) -> RaceSpec:
        spec = self.draft.spec
        assert spec is not None
        return spec if self.replays else spec.without_tape

    def set_replays(self, on: bool) -> None:
        """Set whether the next race replays the changes of the tape."""
        self.replays = on
        self.changed.emit()

    @Slot()
    def _on_draft(self) -> None:
        if not self.is_racing:
            is_same = self._raced is not None and _ran(self.draft.spec) == _ran(self._raced)
            self.standings = self._last if is_same else None
            self.replays = self.replays and bool(self.draft.spec and self.draft.spec.tape)
        if not self.fair.is_about(_ran(self.draft.spec)):
            self.fair.cancel()
            self.fair.forget()
        self.changed.emit()

    # --- Racing ----------------------------------------------------------------------------------------------------

    @property
    def why_not(self) -> str:
        """Why no race can begin now, as a sentence; empty if one can."""
        if self._session.is_active:
            return "A race is on." if self.is_racing else "A run is training: stop it first, or let it end."
        if len(self.draft.racers) < 1 or self.draft.spec is None:
            return "There are no racers yet."
        found = self.draft.spec.problems()
        if found:
            return "\n".join(problem_words(self.draft.base, each) for each in found)
        return why_not_kept(runs_folder())

    @Slot()
    def start(self) -> None:
        """Race; nothing happens while ``why_not`` has a reason."""
        if self.why_not:
            return
        self.fair.cancel()
        race = self._to_race
        standings = Standings(race.racers, lambda number: StepStore(spool=runs_folder()), race.target_loss)
        maker = _RaceMaker(race, standings, self._session.loaded)
        self._maker, self._raced = maker, race
        self.standings = self._last = standings
        self.is_racing, self.doing = True, ""
        self.is_racing = self._session.run_job(maker, is_paced=True, words="Race")
        if self.is_racing:
            self.began.emit()
        self.changed.emit()

    @Slot()
    def stop(self) -> None:
        """Let every racer finish its step, save and end."""
        if self.is_racing:
            self._session.stop()

    @Slot()
    def pause_or_resume(self) -> None:
        """Hold the whole race between two rounds, or let it go on."""
        if self.is_racing:
            self._session.pause_or_resume()

    @property
    def state(self) -> State:
        """The state of the race; idle while none is on."""
        return self._session.runner.state if self.is_racing else State.IDLE

    @property
    def racers(self) -> tuple[Racer, ...]:
        """Those of the race that is on, who joined included, or else of the draft."""
        if self.is_racing and self.standings is not None:
            return tuple(each.racer for each in self.standings.racers)
        return self.draft.racers

    @property
    def base(self) -> ExperimentSpec:
        """What they share."""
        return self._raced.base if self.is_racing and self._raced is not None else self.draft.base

    def add(self, racers: Sequence[Racer]) -> str:
        """Add racers to the draft, or let them join the race that is on; why not, empty if it is done."""
        if len(self.racers) + len(racers) > MOST_RACERS:
            return (
                f"A race has at most {MOST_RACERS} racers: with these it would have {len(self.racers) + len(racers)}."
            )
        if not self.is_racing:
            self.draft.add(racers)
            return ""
        for racer in racers:
            trouble = self._join(racer)
            if trouble:
                return trouble
        return ""

    def _join(self, racer: Racer) -> str:
        """Let a racer join; its steps are there before its run is begun."""
        standings = self.standings
        assert standings is not None
        joining = replace(racer, name=named_apart([each.name for each in self.racers], racer.name))
        found = RaceSpec(self.base, (joining,)).problems()
        if found:
            return "\n".join(problem_words(self.base, each) for each in found)
        standings.add(joining)
        if not self._ask(AddRacer(joining.name, joining.settings)):
            standings.racers.pop()
            return "The race has ended; nothing was added."
        self.changed.emit()
        return ""

    def drop(self, number: int) -> bool:
        """End one racer's run, which is kept."""
        return self._ask(DropRacer(number))

    def hold(self, number: int, on: bool) -> bool:
        """Let one racer wait, or go on."""
        return self._ask(HoldRacer(number, on))

    def edit(self, number: int, path: str, value: Any) -> bool:
        """Change a live setting of one racer; where it cannot be changed a message says why."""
        return self._ask(EditRacer(number, path, value))

    def _ask(self, command: RaceCommand) -> bool:
        return self.is_racing and self._session.runner.change_race(command)

    @Slot(object)
    def _on_events(self, events: Sequence[Event]) -> None:
        if not self.is_racing or self.standings is None:
            return
        for event in events:
            self.standings.fold(event)
            if isinstance(event, Loading) or (isinstance(event, EvalProgress) and event.seconds > _LONG):
                self.doing = event.words
            elif not isinstance(event, RunEnded):
                self.doing = ""
            if isinstance(event, Notice) and (event.code != AFTER_ROUND or self.state is State.PAUSED):
                self.told.emit(event.message, event.severity)
        self._session.job_words = f"Race, round {grouped(self.round)}"
        self.changed.emit()

    @property
    def round(self) -> int:
        """The number of finished rounds: the largest round that any racer has reached."""
        racers = self.standings.racers if self.standings is not None else []
        return max((each.joined + each.step for each in racers), default=0)

    @Slot(object)
    def _on_state(self, state: State) -> None:
        if state is State.STARTING:
            self.fair.cancel()  # both set the number of threads and need the cores
        self.changed.emit()

    @Slot(object)
    def _on_ended(self, ended: RunEnded) -> None:
        if not self.is_racing:
            return
        race, self._maker = self._maker.kept if self._maker is not None else None, None
        self.is_racing, self.replays, self.doing = False, False, ""
        if race is not None:
            self._raced = race.went
            self.draft.put(race.went)
        trouble = f" {race.trouble}" if race is not None and race.trouble else ""
        kept = f" Kept in {race.file}." if race is not None and not trouble else ""
        severity = "error" if ended.reason == "failed" else "warning" if trouble else "info"
        self.told.emit(f"{ended.message}{kept}{trouble}", severity)
        self.ended.emit(ended)
        self.changed.emit()

    # --- Fair rates ------------------------------------------------------------------------------------------------

    @property
    def why_no_rates(self) -> str:
        """Why no fair rates can be looked for now; empty if they can."""
        if self._session.is_active:
            return "Something is training; the test needs the cores."
        return self.why_not

    @Slot()
    def find_rates(self) -> None:
        """Try the same rates with the same number of steps for every racer; ``fair`` gets the FairRates."""
        spec = self.draft.spec
        if spec is None or self.why_no_rates:
            return
        settings = [(racer.name, racer.spec(spec.base)) for racer in spec.racers]
        loaded = self._session.loaded
        self.fair.ask(_ran(spec), as_task(lambda: fair_rates(settings, loaded, FairTest())))

    @property
    def rates(self) -> tuple[FairRate, ...]:
        """The last result, in the order of the racers; none before."""
        return self.fair.value or ()

    @Slot()
    def use_rates(self) -> None:
        """Give each racer its fair rate; one that has none keeps its own."""
        rates = self.rates
        self.draft.set_rates(
            RATE, {at: significant(each.best, 2) for at, each in enumerate(rates) if each.best is not None}
        )


def _ran(spec: RaceSpec | None) -> object:
    """What the numbers of a race depend on: not its title."""
    return None if spec is None else (spec.base, spec.racers, spec.tape)


class _RaceMaker:
    """Makes the race in the training thread, and keeps its file at its end."""

    def __init__(self, race: RaceSpec, standings: Standings, loaded: DataStore) -> None:
        self._race, self._standings, self._loaded = race, standings, loaded
        #: The race as it goes; None before it is made.
        self.kept: KeptRace | None = None

    def __call__(self) -> Run:
        from workbench.engine.race.race import Race

        runs = kept_runs(self._race.title, runs_folder(), self._steps, self._loaded, cores_left=1)
        with self._loaded.run():
            self.kept = KeptRace(Race(self._race, runs, self._loaded), races_folder())
            yield from self.kept.run()

    def _steps(self, number: int) -> StepStore:
        return self._standings.racers[number].history.steps
