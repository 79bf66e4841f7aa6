"""Searches in the window: studies opened and made, worked on by the one training thread, their trials followed."""

from __future__ import annotations

import socket
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from workbench.bridge.runner import State
from workbench.bridge.runs import study_work
from workbench.bridge.runs.card_words import Choice, choices
from workbench.bridge.runs.search_progress import SearchProgress
from workbench.bridge.runs.study_work import Refreshed, SearchMaker, Snapshot
from workbench.bridge.session import Session
from workbench.bridge.setting_names import error_words
from workbench.bridge.threads.background import TaskFailure, Tasks
from workbench.bridge.threads.latest_request import LatestRequest
from workbench.bridge.threads.progress import simply
from workbench.engine.core.app_folders import runs_folder
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.events import Event, RunEnded
from workbench.engine.run_store.place import why_not_kept
from workbench.engine.run_store.resumable import places
from workbench.engine.search.field import as_typed, suggested, why_excluded
from workbench.engine.search.plan import Plan
from workbench.engine.search.trial import Trial, best_of
from workbench.engine.search.warnings import seconds_a_trial
from workbench.engine.shelf.differing import label_at
from workbench.engine.spec.experiment import ExperimentSpec

#: Milliseconds between two looks at what other processes have done.
_LOOK: Final = 2_000


class SearchDesk(QObject):
    """The study that is shown, and the search that is on. Lives in the GUI thread; the database is asked in others."""

    changed = Signal()  #: the snapshot, the names, the state, or what the present trial does
    ended = Signal(object)  #: the RunEnded of a search
    told = Signal(str, str)  #: a sentence for the user, and "info", "warning" or "error"
    _trial_changed = Signal(object)  #: a Trial that has begun or ended, emitted in the training thread

    def __init__(self, session: Session, tasks: Tasks, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session, self._tasks = session, tasks
        #: The study that is shown; None before one is chosen.
        self.shown: Snapshot | None = None
        #: The database whose studies are listed, which several machines share; empty: this user's own.
        self.url = ""
        #: All studies in it, the newest last.
        self.names: tuple[str, ...] = ()
        self.is_searching = False
        self.progress = SearchProgress()
        #: The name of the study that the search is about.
        self.searched = ""
        self.importance = LatestRequest(tasks, "Finding out what matters", self)
        #: The studies in the database that the user has typed, for the dialog.
        self.elsewhere = LatestRequest(tasks, "Listing the studies of another database", self)
        self._looking = LatestRequest(tasks, "Looking what others have done", self)
        self._looking.answered.connect(self._on_looked)
        self._looking.failed.connect(self._on_unread)
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOK)
        self._timer.timeout.connect(self.look)
        self._reading = LatestRequest(tasks, "Reading the study", self)
        self._reading.answered.connect(self._on_read)
        self._reading.failed.connect(self._on_unread)
        #: Trials that changed after the snapshot, by number.
        self._news: dict[int, Trial] = {}
        self._trial_changed.connect(self._on_trial)
        session.runner.events.connect(self._on_events)
        session.runner.state_changed.connect(self._on_state)
        session.job_ended.connect(self._on_ended)
        self.changed.connect(self._tell_bar)

    # --- Studies

    @Slot()
    def list_studies(self) -> None:
        """Read the names of the studies; the newest is shown if none is."""
        task = self._tasks.submit("Listing the studies", simply(partial(study_work.studies, self.url)))
        task.done.connect(self._on_names)
        task.failed.connect(self._on_unlisted)

    @Slot(str)
    def show(self, name: str) -> None:
        """Show another study."""
        self._unread = ""
        self._reading.ask((name, datetime.now()), simply(partial(study_work.snapshot, name, self.url)))

    def attach(self, url: str, name: str) -> None:
        """Show the study ``name`` of the database ``url``; empty: of this user's own."""
        self.url = url
        self.show(name)
        self.list_studies()

    def list_elsewhere(self, url: str) -> None:
        """List the studies in the database ``url``; ``elsewhere`` gets their names, or why there are none."""
        self.elsewhere.ask((url, datetime.now()), simply(partial(study_work.studies, url)))

    def watch(self, is_on: bool) -> None:
        """Follow what other processes do while ``is_on``."""
        self._timer.start() if is_on else self._timer.stop()

    @Slot()
    def look(self) -> None:
        """Look what others have done; nothing happens while the study is being read."""
        if self.shown is not None and not self._looking.is_pending and not self._reading.is_pending:
            self._looking.ask((self.shown.name, datetime.now()), simply(partial(study_work.refreshed, self.shown)))

    def make(self, plan: Plan, name: str = "") -> None:
        """Make a study and begin with it; where it is wrong, say why."""
        made = name or f"Search {datetime.now():%Y-%m-%d %H-%M-%S}"
        task = self._tasks.submit("Making the study", simply(partial(study_work.made, plan, made, self.url)))
        task.done.connect(self._on_made)
        task.failed.connect(self._on_failed)

    def add(self, settings: Mapping[str, Any]) -> None:
        """Add a trial by hand to the study that is shown."""
        if self.shown is not None:
            work = simply(partial(study_work.added, self.shown.name, self.shown.url, dict(settings)))
            task = self._tasks.submit("Adding a trial", work)
            task.done.connect(self.show)
            task.failed.connect(self._on_failed)

    def set_budget(self, trials: int | None, minutes: float | None) -> None:
        """Give the study that is shown another budget."""
        if self.shown is not None:
            work = simply(partial(study_work.budgeted, self.shown.name, self.shown.url, trials, minutes))
            task = self._tasks.submit("Changing the budget", work)
            task.done.connect(self.show)
            task.failed.connect(self._on_failed)

    @Slot()
    def search_finer(self) -> None:
        """Make a study around the best trial of the one that is shown, and begin with it."""
        if self.shown is not None and self.shown.finer is not None:
            self.make(self.shown.finer, _named_apart(self.names, f"{self.shown.name}, finer"))

    def take(self, trial: Trial) -> None:
        """The form gets the settings of ``trial``."""
        if self.shown is not None:
            try:
                self._session.store.load(self.shown.plan.space.spec(trial.values))
            except WorkbenchError as error:
                self.told.emit(error_words(self.shown.plan.base, error), "warning")
            else:
                self.told.emit(f"The Train page has the settings of trial {trial.number}.", "info")

    @Slot()
    def find_importance(self) -> None:
        """Find out which fields matter; ``importance`` gets the Importances."""
        if self.shown is not None:
            key = (self.shown.name, len(self.shown.trials), self.shown.figures.best)
            if not self.importance.is_about(key):
                self.importance.ask(key, simply(partial(study_work.importance_of, self.shown.name, self.shown.url)))

    @property
    def form(self) -> ExperimentSpec:
        """The settings that a new study begins with: those of the form, without what a single run measures."""
        self._session.store.settle()
        spec = self._session.store.spec
        return spec.edited("loop.fastest", False) if spec.loop.fastest else spec

    def choices(self) -> tuple[Choice, ...]:
        """The settings of the form that can be searched, each with the range that it declares as it is typed."""
        spec = self.form
        found = (choice for choice in choices(spec) if not why_excluded(choice.path))
        return tuple(replace(choice, typed=as_typed(suggested(spec, choice.path))) for choice in found)

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels of the fields of the study that is shown."""
        if self.shown is None:
            return ()
        plan, best = self.shown.plan, best_of(self.shown.trials)
        spec = plan.space.spec(best[0].values) if best else plan.base
        return tuple(label_at(spec, field.path) for field in plan.fields)

    def words_of(self, error: WorkbenchError) -> str:
        """What an error says, with the labels of settings."""
        return error_words(self.shown.plan.base if self.shown is not None else self.form, error)

    @property
    def has_begun(self) -> bool:
        """Whether the study that is shown has trials."""
        return self.shown is not None and bool(self.shown.trials)

    @property
    def is_shared(self) -> bool:
        """Whether the study that is shown lies in a database that several machines share."""
        return self.shown is not None and bool(self.shown.url)

    def has_here(self, trial: Trial) -> bool:
        """Whether the run of ``trial`` lies on this machine: it was trained here, or the place is shared."""
        is_own = trial.worker.rpartition(":")[0] in ("", socket.gethostname())
        return trial.folder is not None and (is_own or (trial.folder / "spec.toml").is_file())

    @property
    def seconds(self) -> float | None:
        """How long a trial takes: of the study that is shown, else what the last run took; None if none is known."""
        of_study = seconds_a_trial(self.shown.trials) if self.shown is not None else None
        ended = self._session.history.ended
        return of_study or (ended.seconds if ended is not None and ended.reason == "completed" else None)

    # --- Searching

    @property
    def is_busy(self) -> bool:
        """Whether something is training."""
        return self._session.is_active

    @property
    def why_not(self) -> str:
        """Why the study that is shown cannot be worked on now, as a sentence; empty if it can."""
        if self._session.is_active:
            return "A search is on." if self.is_searching else "A run is training: stop it first, or let it end."
        if self.shown is None:
            return "There is no study yet."
        if self._is_done(self.shown):
            return "All trials have ended: raise their number to go on."
        return why_not_kept(runs_folder())

    @staticmethod
    def _is_done(shown: Snapshot) -> bool:
        """Whether nothing is left to do, the noise included."""
        planned = shown.plan.planned
        own = sum(not trial.by_hand for trial in shown.trials)
        is_open = any(trial.state in ("waiting", "running") for trial in shown.trials)
        is_measured = shown.verdict is not None or shown.figures.best is None
        return planned is not None and own >= planned and not is_open and is_measured

    @property
    def state(self) -> State:
        """The state of the search; idle while none is on."""
        return self._session.runner.state if self.is_searching else State.IDLE

    @Slot()
    def start(self) -> None:
        """Begin, or go on, with the study that is shown; nothing happens while ``why_not`` has a reason."""
        if self.why_not or self.shown is None:
            return
        on_trial = self._trial_changed.emit
        maker = SearchMaker(self.shown.name, self.shown.url, self._session.loaded, on_trial, self._own_places())
        self.is_searching, self.searched, self._news = True, self.shown.name, {}
        self.progress.clear()
        self.is_searching = self._session.run_job(maker, words="Search")
        self.changed.emit()

    def _own_places(self) -> tuple[Path, ...]:
        """Where the form's data lie, if they are of the kind of the study's: they may be the same."""
        spec = self._session.store.spec
        if self.shown is None or spec.data.source.kind != self.shown.plan.base.data.source.kind:
            return ()
        found = tuple(str(spec.at(path)) for path in places(spec))
        return tuple(Path(each) for each in found if each)

    @Slot()
    def stop(self) -> None:
        """Stop the present trial, which is kept, waits and goes on later."""
        if self.is_searching:
            self._session.stop()

    @Slot()
    def pause_or_resume(self) -> None:
        """Hold the present trial, or let it go on."""
        if self.is_searching:
            self._session.pause_or_resume()

    # --- Following

    #: Whether the names of the studies have been read, or could not be.
    _is_listed = False

    @property
    def is_reading(self) -> bool:
        """Whether it is not known yet which study will be shown."""
        return self.shown is None and (not self._is_listed or self._reading.is_pending)

    @Slot(object)
    def _on_unlisted(self, failure: TaskFailure) -> None:
        self._is_listed = True
        self._on_failed(failure)
        self.changed.emit()

    @Slot(object)
    def _on_names(self, found: tuple[str, ...]) -> None:
        self.names, self._is_listed = found, True
        if self.shown is None and found:
            self.show(found[-1])
        self.changed.emit()

    @Slot(str)
    def _on_made(self, name: str) -> None:
        self.names = (*self.names, name)
        self._begins = name
        self.show(name)

    #: Name of the study that starts when it has been read.
    _begins = ""

    @Slot(object)
    def _on_read(self, snapshot: Snapshot) -> None:
        self.shown, self._unread = snapshot, ""
        if self._begins == snapshot.name:
            self._begins = ""
            self.start()
        self._take_news()
        self.changed.emit()

    @Slot(object)
    def _on_looked(self, found: Refreshed) -> None:
        shown = self.shown
        if shown is None or (shown.name, shown.url) != (found.snapshot.name, found.snapshot.url):
            return
        self.names, self._unread = found.names, ""
        if not self._reading.is_pending and not self._news:
            self.shown = found.snapshot
        self.changed.emit()

    @Slot(str)
    def _on_unread(self, trouble: str) -> None:
        self._begins = ""
        if trouble != self._unread:  # it is looked at every two seconds
            self._unread = trouble
            self.told.emit(trouble, "error")
        self.changed.emit()

    #: Why the study that is shown could not be read the last time.
    _unread = ""

    @Slot(object)
    def _on_failed(self, failure: TaskFailure) -> None:
        self.told.emit(failure.message, "error")

    @Slot(object)
    def _on_trial(self, trial: Trial) -> None:
        self._news[trial.number] = trial
        if not self._reading.is_pending:
            self._take_news()

    def _take_news(self) -> None:
        """Show what has become of trials, as often as it can be drawn, however short they are."""
        if self._news and self.shown is not None and self.shown.name == self.searched:
            news, self._news = self._news, {}
            self._reading.ask(
                (self.shown.name, datetime.now()), simply(partial(study_work.with_news, self.shown, news))
            )

    @Slot(object)
    def _on_events(self, events: Sequence[Event]) -> None:
        if not self.is_searching:
            return
        if self.progress.take(events):
            self.changed.emit()

    @Slot()
    def _tell_bar(self) -> None:
        if self.is_searching and self.shown is not None and self.shown.name == self.searched:
            self._session.job_progress = self.progress.of_bar(self.shown)

    @Slot(object)
    def _on_state(self, _state: State) -> None:
        self.changed.emit()

    @Slot(object)
    def _on_ended(self, ended: RunEnded) -> None:
        if not self.is_searching:
            return
        self.is_searching, self._news = False, {}
        self.progress.clear()
        self.told.emit(ended.message, "error" if ended.reason == "failed" else "info")
        if self.shown is not None and self.shown.name == self.searched:
            self.show(self.searched)
        self.ended.emit(ended)
        self.changed.emit()


def _named_apart(others: Sequence[str], name: str) -> str:
    """``name``, with a number behind it where there is one already."""
    return next(each for n in range(1, len(others) + 2) if (each := name if n == 1 else f"{name} {n}") not in others)
