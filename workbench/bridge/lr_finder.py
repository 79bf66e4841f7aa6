"""The learning-rate range test in the background, for the settings of the form or for the paused run."""

from __future__ import annotations

from enum import Enum
from typing import Any

from PySide6.QtCore import QObject, Signal, Slot

from workbench.bridge.runner import State
from workbench.bridge.session import Session
from workbench.bridge.threads.background import Task, TaskFailure, Tasks, Work
from workbench.bridge.threads.progress import give_up
from workbench.engine.catalog.ensembles.independent import Independent
from workbench.engine.core.errors import SpecError
from workbench.engine.core.progress import IsCancelled, Progress, finished
from workbench.engine.core.text import grouped, short, significant
from workbench.engine.experiments.lr_finder import Proposal, Sweep, Tried, ending, proposals, range_test
from workbench.engine.report.manual_lr_changes import RATE
from workbench.engine.spec.experiment import ExperimentSpec


class Stage(Enum):
    """The state of the test."""

    EMPTY = "empty"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class LrFinder(QObject):
    """Runs one test at a time. Lives in the GUI thread; a copy of the model trains in the background thread.

    ``words`` describes the stage in a sentence. ``points`` grows during a test; ``proposals`` are there at its end.
    """

    changed = Signal()  #: stage, points, proposals or words
    _copied = Signal(object)

    def __init__(self, session: Session, tasks: Tasks, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._tasks = tasks
        self._sweep = Sweep()
        self._spec: ExperimentSpec = session.store.spec
        self._task: Task | None = None
        self._waits_for_copy = False
        self.stage = Stage.EMPTY
        self.words = ""
        self.points: list[Tried] = []
        self.proposals: tuple[Proposal, ...] = ()
        self.of_run = False  #: whether the copy is one of the paused run, not of the initial model
        self._copied.connect(self._on_copied)
        session.runner.state_changed.connect(self._on_state)

    @property
    def why_not(self) -> str:
        """Why no test can start now; empty if one can."""
        state = self._session.runner.state
        if self._session.is_active and state is not State.PAUSED:
            return "A run is training. Pause it first; the test then uses a copy of it."
        if not self._session.is_active:
            return self._session.store.reason()
        return ""

    @property
    def whose(self) -> str:
        """What the test trains, in words. Of an ensemble it is a copy of the first member."""
        if not isinstance(self._spec.ensemble, Independent):
            return "a copy of the paused run" if self.of_run else "a copy of the model at its start"
        return (
            "a copy of the first member of the paused run" if self.of_run else "a copy of the first member at its start"
        )

    @property
    def is_running(self) -> bool:
        """Whether a test is running."""
        return self.stage is Stage.RUNNING

    def start(self, sweep: Sweep) -> None:
        """Start a test. Does nothing while one is running or ``why_not`` has a reason."""
        self._session.store.settle()
        if self.is_running or self.why_not:
            return
        self._sweep, self.points, self.proposals = sweep, [], ()
        self.stage, self.words = Stage.RUNNING, "Making a copy…"
        running = self._session.store.running_spec
        self.of_run = running is not None
        self._spec = running if running is not None else self._session.store.spec
        if not self.of_run:
            self._submit(None)
        else:
            self._waits_for_copy = self._session.runner.copy_state(self._copied.emit)
            if not self._waits_for_copy:
                self._end(Stage.FAILED, "The run has ended. A new test begins with the initial model.")
        self.changed.emit()

    @Slot()
    def cancel(self) -> None:
        """Cancel the test; the points measured so far stay."""
        if self.is_running:
            self._waits_for_copy = False
            if self._task is not None:
                self._task.cancel()
            else:
                self._end(Stage.CANCELLED, "Cancelled.")

    def adopt(self, rate: float) -> str:
        """Set the learning rate to ``rate``, rounded to two digits. Returns a sentence that says what was done."""
        rounded = significant(rate, 2)
        try:
            self._session.store.edit(RATE, rounded)
        except SpecError as error:
            return self._session.store.words_of(error)
        when = ", in the paused run from its next batch on" if self._session.is_active else ""
        return f"The learning rate is now {short(rounded)}{when}."

    @Slot(object)
    def _on_copied(self, saved: dict[str, Any]) -> None:
        if self._waits_for_copy:
            self._waits_for_copy = False
            self._submit(saved)

    def _submit(self, saved: dict[str, Any] | None) -> None:
        task = self._tasks.submit("Finding a learning rate", _work(self._spec, self._sweep, saved, self.points))
        self._task = task
        task.progressed.connect(self._on_progressed)
        task.done.connect(self._on_done)
        task.failed.connect(self._on_failed)
        task.cancelled.connect(self._on_cancelled)

    @Slot(object, object)
    def _on_progressed(self, fraction: float, text: str) -> None:
        if self.is_running:
            self.words = text
            self.changed.emit()

    @Slot(object)
    def _on_done(self, diverged: bool) -> None:
        self.proposals = proposals(self.points)
        self._end(Stage.DONE, ending(self.points, diverged))

    @Slot(object)
    def _on_failed(self, failure: TaskFailure) -> None:
        self._end(Stage.FAILED, failure.message)

    @Slot()
    def _on_cancelled(self) -> None:
        done, total = grouped(len(self.points)), grouped(self._sweep.steps)
        self._end(Stage.CANCELLED, f"Cancelled after {done} of {total} steps.")

    def _end(self, stage: Stage, words: str) -> None:
        self._task, self.stage, self.words = None, stage, words
        self.changed.emit()

    @Slot(object)
    def _on_state(self, state: State) -> None:
        """Cancel the test when a run starts or resumes: both set torch's number of threads and need the cores."""
        if state in (State.STARTING, State.RUNNING):
            self.cancel()
        self.changed.emit()


def _work(spec: ExperimentSpec, sweep: Sweep, saved: dict[str, Any] | None, points: list[Tried]) -> Work:
    """The test as a task. It appends to ``points``, which the window reads at the same time."""

    def work(progress: Progress, is_cancelled: IsCancelled) -> bool:
        def watch(tried: Tried) -> None:
            points.append(tried)
            progress(len(points) / sweep.steps, f"Step {len(points)} of {sweep.steps}, rate {short(tried.rate, 2)}")
            give_up(is_cancelled, tried)

        return finished(range_test(spec, sweep, saved), watch)

    return work
