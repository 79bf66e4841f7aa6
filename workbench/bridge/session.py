"""The runs of one window: the active run, its history so far, and the previous run for comparison."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from workbench.bridge.run_maker import Opens, RunMaker, branching_off, new_run
from workbench.bridge.runner import MakeRun, Runner, State
from workbench.bridge.spec_store import SpecStore
from workbench.bridge.threads.stopwatch import Stopwatch
from workbench.engine.core.app_folders import runs_folder
from workbench.engine.core.events import Event, Notice, RunEnded
from workbench.engine.core.progress import Loading
from workbench.engine.core.step_store import StepStore
from workbench.engine.data.store import DataStore
from workbench.engine.report.manual_lr_changes import RATE
from workbench.engine.run_store.history import History
from workbench.engine.run_store.place import why_not_kept
from workbench.engine.run_store.recovery import WayBack
from workbench.engine.run_store.reopened import reopened
from workbench.engine.run_store.resumable import edited_spec
from workbench.engine.run_store.start import Fork
from workbench.engine.run_store.unsaved_run import UnsavedRun
from workbench.engine.spec.diff import summary
from workbench.engine.spec.experiment import ExperimentSpec

#: While no run can be kept, it is asked this often whether one can (milliseconds).
_ASK_AGAIN_MS: Final = 2000
_BROKEN: Final = (
    "The loss or its gradient is NaN or infinite: no step can follow, and going on would end the run. Go back to an "
    "earlier step, restart with a smaller learning rate, or stop."
)


class Session(QObject):
    """Connects the spec store to the runner. Lives in the GUI thread."""

    began = Signal(object)  #: the History of a new run, still empty
    ghost_changed = Signal(object, str)  #: the previous run's History (or None), and how its settings differed
    updated = Signal(object)  #: the list of events just added to the history
    noticed = Signal(object)  #: a Notice
    ended = Signal(object)  #: a RunEnded
    failure_cleared = Signal()  #: the cause of the last failure is gone (another setting, readable data)
    job_ended = Signal(object)  #: the RunEnded of another job on the training thread
    folder_made = Signal(str)  #: the folder of the run that has begun, emitted in the training thread

    def __init__(
        self, store: SpecStore, runner: Runner, loaded: DataStore | None = None, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.store = store
        self.loaded = loaded or DataStore()
        self.runner = runner
        self.history = History()
        self.trained: ExperimentSpec | None = None
        #: The time since Train was pressed, without pauses; 0 before the first run.
        self.clock = Stopwatch()
        self.folder = ""
        #: The folder of the run that this one branches off; None for any other run.
        self.forked_from: Path | None = None
        self._next: Callable[[], None] | None = None  # what follows the end of the active run
        #: Whether the settings of the last run are those of the form; not for a card of the queue.
        self.is_of_form = True
        self._is_job = False
        #: What another job on the training thread is doing, in a few words; empty without one.
        self.job_words = ""
        #: How far that job is; None where it does not say.
        self.job_progress: Loading | None = None
        self._failed: RunEnded | None = None
        self._maker: RunMaker | None = None
        self._asking = QTimer(self)
        self._asking.setInterval(_ASK_AGAIN_MS)
        self._asking.timeout.connect(self.check_place)
        store.changed.connect(self._on_spec)
        store.live_edit.connect(self._on_live_edit)
        runner.events.connect(self._on_events)
        runner.finished.connect(self._on_finished)
        runner.state_changed.connect(self._on_state)

    @property
    def is_active(self) -> bool:
        """Whether a run is active; a paused run is."""
        return self.runner.is_active

    @Slot()
    def train(self) -> None:
        """Start a run of the current spec. Does nothing while a run is active or the input has an error."""
        self._train()

    def _train(self, steps: int = 0) -> None:
        """As ``train``; after ``steps`` steps the run holds (0: it does not)."""
        self.store.settle()
        self.check_place()
        if self.runner.is_active or self.store.reason():
            return
        self._begin(self.store.spec, partial(new_run, self.store.spec, runs_folder()), steps)

    def go_on(self, folder: Path) -> None:
        """Go on with the run in ``folder`` from its last kept state. Its settings are those of the form from then on.

        Does nothing while a run is active. Raises WorkbenchError if its settings cannot be read.
        """
        if not self.runner.is_active:
            spec = edited_spec(folder, None)
            self.store.load(spec)
            is_same = self.folder == str(folder)
            self._begin(spec, partial(reopened, folder))
            if is_same:
                self.ghost_changed.emit(None, "")  # the run before is the run itself

    def train_card(self, spec: ExperimentSpec, folder: Path | None, now: datetime) -> None:
        """Train other settings than the form's, which stays free: anew in a folder that is named by ``now``, or going
        on with the run in ``folder``.

        Does nothing while a run is active.
        """
        if not self.runner.is_active:
            opens = partial(new_run, spec, runs_folder(), now) if folder is None else partial(reopened, folder)
            self._begin(spec, opens, is_of_form=False)

    def fork(self, folder: Path, step: int | None, spec: ExperimentSpec) -> None:
        """Branch off the run in ``folder`` after ``step`` steps (None: from its last kept state) with ``spec``.

        An active run is stopped first.
        """
        if self.runner.is_active:
            self._next = partial(self.fork, folder, step, spec)
            self.runner.stop()
            return
        self.store.load(spec)
        self._begin(spec, partial(branching_off, spec, runs_folder(), Fork(folder, step)), parent=folder)

    @property
    def can_fork(self) -> bool:
        """Whether the last run has ended and has kept a state to branch off."""
        return not self.is_active and bool(self.folder) and (Path(self.folder) / "checkpoints" / "last.pt").is_file()

    def fork_with(self, path: str, value: Any, step: int) -> None:
        """Branch off the last run after ``step`` steps with one other setting. Raises WorkbenchError, SpecError."""
        if self.can_fork:
            folder = Path(self.folder)
            self.fork(folder, step, edited_spec(folder, step).edited(path, value))

    def go_back(self, back: WayBack) -> None:
        """Go on from an earlier state of the last run with a smaller rate; an active run is stopped first."""
        if self.runner.is_active:
            self._next = partial(self.go_back, back)
            self.runner.stop()
        else:
            if self.is_of_form:
                self.store.edit(RATE, back.rate)
            self._begin(back.settings, back.reopened, is_of_form=self.is_of_form)
            self.ghost_changed.emit(None, "")  # the run before is the run itself

    def _begin(
        self, spec: ExperimentSpec, opens: Opens, steps: int = 0, parent: Path | None = None, is_of_form: bool = True
    ) -> None:
        before, trained_before = self.history, self.trained
        self.history, self.trained, self.folder = History(StepStore(spool=runs_folder())), spec, ""
        self.forked_from, self.is_of_form = parent, is_of_form
        self._is_job, self._failed = False, None
        maker = RunMaker(opens, self.history.steps, runs_folder(), self.loaded, self.unsaved, self.folder_made.emit)
        if not self.runner.start(maker, steps, is_paced=True):
            return
        self._maker = maker
        self.clock.start()
        self.store.set_running(spec, is_of_form)
        if trained_before is not None and before.evaluations:
            # Curves of other data cannot be compared and would only change the axis range.
            alike = trained_before.data.source == spec.data.source
            self.ghost_changed.emit(before if alike else None, summary(trained_before, spec) if alike else "")
        self.began.emit(self.history)

    @Slot()
    def check_place(self) -> None:
        """Refuse Train while no run can be kept where runs are kept."""
        words = why_not_kept(runs_folder())
        self.store.set_obstacle(words)
        if bool(words) != self._asking.isActive():
            self._asking.start() if words else self._asking.stop()

    def finish(self) -> None:
        """The window closes: ask no more whether runs can be kept."""
        self._asking.stop()

    @property
    def unsaved(self) -> UnsavedRun | None:
        """The last run, if it has ended and could not be kept in its folder; it is still in memory."""
        return self._maker.unsaved if self._maker is not None and not self.runner.is_active else None

    def forget_unsaved(self, run: UnsavedRun, folder: str) -> None:
        """``run`` is kept in ``folder`` now. Another one may have begun meanwhile, which stays as it is."""
        if self._maker is not None and self._maker.unsaved is run:
            self._maker, self.folder = None, folder

    def run_job(self, make_run: MakeRun, is_paced: bool = False, words: str = "") -> bool:
        """Run another generator on the training thread; False if the thread is in use.

        ``make_run`` is called there. The job can be paused and stopped like a run, and has its speed where it
        ``is_paced``. ``words`` say what it does. Its events are not added to the history; ``job_ended`` is emitted at
        its end.
        """
        if self.runner.is_active:
            return False
        self._is_job, self.job_words, self.job_progress = True, words, None
        self._is_job = self.runner.start(make_run, is_paced=is_paced)
        self.job_words = words if self._is_job else ""
        return self._is_job

    @Slot()
    def restart(self) -> None:
        """Train with the settings of the form; an active run is stopped first."""
        self.store.settle()
        if self.store.reason():
            return
        if self.runner.is_active:
            self._next = self.train
            self.runner.stop()
        else:
            self.train()

    @property
    def why_not_on(self) -> str:
        """Why a run that holds cannot go on from where it is, as a sentence; empty if it can."""
        holds = not self._is_job and self.runner.state in (State.PAUSED, State.PAUSING)
        is_broken = any(each.code == "diverged" and each.severity == "error" for each in self.history.notices)
        return _BROKEN if holds and is_broken else ""

    @Slot()
    def pause_or_resume(self) -> None:
        """Pause the run, or resume it; one that cannot go on keeps its hold, and with it the way back."""
        if self.runner.state in (State.PAUSED, State.PAUSING):
            if not self.why_not_on:
                self.runner.resume()
        else:
            self.runner.pause()

    @Slot()
    def step_one(self) -> None:
        """Train one batch, then pause; without a run, one of the form begins. Nothing where it cannot go on."""
        if self.runner.is_active:
            if not self.why_not_on:
                self.runner.step_one()
        else:
            self._train(steps=1)

    @Slot()
    def stop(self) -> None:
        """Stop the run; its best weights are saved."""
        self._next = None
        self.runner.stop()

    @Slot()
    def clear_ghost(self) -> None:
        """Forget the previous run."""
        self.ghost_changed.emit(None, "")

    def restart_with(self, changes: Mapping[str, Any]) -> None:
        """Set these settings (path: value) and train with the form; an active run is stopped first. Raises SpecError.

        Does nothing while a text in the form is wrong: Train says why.
        """
        self.store.settle()
        if not self.store.input_errors:
            self.store.edit_all(changes)
            self.restart()

    @property
    def other_settings(self) -> str:
        """Data and network of the last run, in words, if the form has other ones by now; else empty."""
        run, spec = self.trained, self.store.spec
        if run is None or (run.data, run.model) == (spec.data, spec.model):
            return ""
        return ", ".join(f"{each.title} {each.brief()}".strip() for each in (run.data.source, run.model))

    @property
    def failure(self) -> RunEnded | None:
        """How the last run failed; None once its cause is gone."""
        return self._failed

    @Slot()
    def data_was_read(self) -> None:
        """The chosen data could be read: clear a failure to read it."""
        if self._failed is not None and self._failed.path.partition(".")[0] == "data":
            self._clear_failure()

    @Slot(object)
    def _on_spec(self, spec: ExperimentSpec) -> None:
        """Clear a failure when the setting it names changes; for data, when any data setting changes."""
        if self._failed is not None and self._is_mended(self._failed, spec):
            self._clear_failure()

    def _is_mended(self, failed: RunEnded, spec: ExperimentSpec) -> bool:
        """Whether what a run failed for is another setting in ``spec``."""
        path = "data" if failed.path.partition(".")[0] == "data" else failed.path
        return bool(path) and self.trained is not None and _at(spec, path) != _at(self.trained, path)

    def _clear_failure(self) -> None:
        self._failed = None
        self.failure_cleared.emit()

    @Slot(str, object)
    def _on_live_edit(self, path: str, value: Any) -> None:
        self.runner.edit(path, value)

    @Slot(object)
    def _on_state(self, state: State) -> None:
        if not self._is_job:
            self.clock.run(self.runner.is_active and state is not State.PAUSED)
            if self._maker is not None:
                self._maker.mark_paused(state is State.PAUSED)

    @Slot(object)
    def _on_events(self, events: Sequence[Event]) -> None:
        if self._is_job:
            return
        for event in events:
            self.history.fold(event)
        if self.history.started is not None:
            self.folder = self.history.started.folder
        self.updated.emit(events)
        for event in events:
            if isinstance(event, Notice):
                self.noticed.emit(event)

    @Slot(object)
    def _on_finished(self, ended: RunEnded) -> None:
        if self._is_job:
            self._is_job, self.job_words, self.job_progress = False, "", None
            self.job_ended.emit(ended)
        else:
            self.store.set_running(None)
            is_mended = self._is_mended(ended, self.store.spec)  # changed while the run was still at work
            self._failed = ended if ended.reason == "failed" and not is_mended else None
            self.ended.emit(ended)
        following, self._next = self._next, None
        if following is not None:
            following()


def _at(spec: ExperimentSpec, path: str) -> object:
    """The setting at ``path``, or its nearest existing owner."""
    while path:
        try:
            return spec.at(path)
        except KeyError:
            path = path.rpartition(".")[0]
    return spec
