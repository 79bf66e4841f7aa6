"""Comparison of transfer with training from scratch, on the training thread: results so far and the final table."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence
from enum import Enum
from functools import partial

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from workbench.bridge.session import Session
from workbench.bridge.threads.background import Tasks, Work
from workbench.bridge.threads.latest_request import LatestRequest
from workbench.bridge.threads.progress import give_up
from workbench.engine.catalog.models.transfer import Transfer
from workbench.engine.core.drive import Run
from workbench.engine.core.events import EvalProgress, Notice, RunEnded, Stepped, Stop
from workbench.engine.core.progress import IsCancelled, Progress
from workbench.engine.core.text import rough_duration
from workbench.engine.data.store import DataStore
from workbench.engine.experiments.transfer_comparison import (
    Worth,
    WorthEnded,
    WorthEvent,
    WorthNote,
    WorthPoint,
    WorthProgress,
    WorthRow,
    WorthRun,
    compare,
    expected_seconds,
)
from workbench.engine.spec.experiment import ExperimentSpec

#: Milliseconds between two looks at the measured values.
POLL_MS = 150


class ComparisonStage(Enum):
    """The state of the comparison."""

    EMPTY = "empty"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class TransferComparison(QObject):
    """Runs one comparison at a time. Lives in the GUI thread; the arms train in turn in the training thread."""

    changed = Signal()  #: any of the public attributes, or ``why_not``

    def __init__(self, session: Session, tasks: Tasks, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._compared: object = None
        self._time = LatestRequest(tasks, "Measuring a step", self)
        self._time.changed.connect(self.changed)
        self._queue = _EventQueue()
        self.stage = ComparisonStage.EMPTY
        self.words = ""
        self.fraction = 0.0
        self.seconds = 0.0
        self.points: list[WorthPoint] = []
        self.runs: list[WorthRun] = []
        self.notes: list[str] = []
        self.rows: tuple[WorthRow, ...] = ()
        self.sentences: tuple[str, ...] = ()
        self._began = 0.0
        self._timer = QTimer(self)
        self._timer.setInterval(POLL_MS)
        self._timer.timeout.connect(self._poll)
        session.job_ended.connect(self._on_ended)
        session.runner.state_changed.connect(self._on_state)
        session.store.changed.connect(self._on_state)

    @property
    def is_running(self) -> bool:
        """Whether a comparison is running."""
        return self.stage is ComparisonStage.RUNNING

    @property
    def why_not(self) -> str:
        """Why no comparison can start now; empty if one can."""
        if not isinstance(self._session.store.spec.model, Transfer):
            return "Choose a trained network first: Run > Use a trained network."
        if self._session.is_active:
            return "A run is training. Stop it first; the comparison uses the same thread."
        return self._session.store.reason()

    def look_at_time(self, shots: Sequence[int], draws: int) -> None:
        """Request how long a comparison would take; not while anything trains, because both would be slower."""
        if self.is_running or self.why_not:
            self._time.cancel()
            return
        spec = self._session.store.spec.model_copy(update={"title": "", "note": ""})
        work = _timing(spec, tuple(shots), draws, self._session.loaded)
        self._time.ask((spec, tuple(shots), draws), work)

    @property
    def time_words(self) -> str:
        """How long the comparison takes that was asked for last, as a sentence; why it is not known."""
        if self._time.trouble:
            return self._time.trouble
        if self._time.value is None:
            return "The expected time is being measured…"
        return f"Expected time {rough_duration(self._time.value)}, measured with some steps of each network."

    def start(self, shots: Sequence[int], draws: int) -> None:
        """Compare the experiment in the form; does nothing while one is running or ``why_not`` has a reason.

        ``shots`` are the numbers of training examples per class; each is repeated with ``draws`` random selections.
        """
        self._session.store.settle()
        if self.is_running or self.why_not:
            return
        self._time.cancel()
        self._compared = _about(session_spec := self._session.store.spec)
        self._queue = _EventQueue()
        self.points, self.runs, self.notes, self.rows, self.sentences = [], [], [], (), ()
        self.words, self.fraction, self._began = "Starting…", 0.0, time.monotonic()
        session = self._session
        if session.run_job(_Comparison(session_spec, tuple(shots), draws, self._queue, session.loaded)):
            self.stage = ComparisonStage.RUNNING
            self._timer.start()
        self.changed.emit()

    @Slot()
    def cancel(self) -> None:
        """Cancel the comparison; the values measured so far stay."""
        if self.is_running:
            self._session.stop()

    @Slot()
    def _poll(self) -> None:
        if self._take():
            self.changed.emit()

    def _take(self) -> bool:
        """Read the events that have arrived since the last call; False if there were none."""
        progress, new = self._queue.progress, False
        if progress is not None:
            fraction = progress.done / progress.total if progress.total else 0.0
            new = (fraction, progress.words) != (self.fraction, self.words)
            self.fraction, self.words = fraction, progress.words
        self.seconds = time.monotonic() - self._began
        while self._queue.events:
            new = True
            event = self._queue.events.popleft()
            if isinstance(event, WorthPoint):
                self.points.append(event)
            elif isinstance(event, WorthRun):
                self.runs.append(event)
            elif isinstance(event, WorthNote):
                self.notes.append(event.words)
            elif isinstance(event, WorthEnded):
                self.rows, self.sentences = event.rows, event.words
        return new

    @Slot(object)
    def _on_ended(self, ended: RunEnded) -> None:
        if not self.is_running:
            return
        self._timer.stop()
        self._take()
        stages = {
            "completed": ComparisonStage.DONE,
            "stopped": ComparisonStage.CANCELLED,
            "failed": ComparisonStage.FAILED,
        }
        self.stage = stages[ended.reason]
        self.words = ended.message
        self.changed.emit()

    @Slot(object)
    def _on_state(self, _news: object) -> None:
        ended = self.stage not in (ComparisonStage.EMPTY, ComparisonStage.RUNNING)
        if ended and self._compared != _about(self._session.store.spec):  # a result goes with its settings
            self.stage, self.words = ComparisonStage.EMPTY, ""
            self.points, self.runs, self.notes, self.rows, self.sentences = [], [], [], (), ()
        self.changed.emit()


def _about(spec: ExperimentSpec) -> object:
    """What a comparison is about: the data and the network."""
    return spec.data, spec.model.weights if isinstance(spec.model, Transfer) else None


def _timing(spec: ExperimentSpec, shots: tuple[int, ...], draws: int, loaded: DataStore) -> Work:
    """Work that measures how long a comparison takes; its result are seconds."""

    def work(_progress: Progress, is_cancelled: IsCancelled) -> float:
        dataset = loaded.loaded(spec.data.source, partial(give_up, is_cancelled))
        return expected_seconds(spec, dataset, shots, draws)

    return work


class _EventQueue:
    """Events from the training thread for the window; of progress only the newest is kept."""

    def __init__(self) -> None:
        self.progress: WorthProgress | None = None
        self.events: deque[WorthEvent] = deque()

    def put(self, event: WorthEvent) -> None:
        """Add an event. Called in the training thread."""
        if isinstance(event, WorthProgress):
            self.progress = event
        else:
            self.events.append(event)


class _Comparison:
    """Creates the comparison in the training thread, as a run that can be stopped and paused between two batches."""

    def __init__(
        self, spec: ExperimentSpec, shots: tuple[int, ...], draws: int, queue: _EventQueue, loaded: DataStore
    ) -> None:
        self._spec, self._shots, self._draws, self._queue, self._loaded = spec, shots, draws, queue, loaded

    def __call__(self) -> Run:
        work = compare(self._spec, self._shots, self._draws, data=self._loaded)
        with self._loaded.run():
            yield from _driven(work, self._queue.put)


def _driven(work: Worth, put: Callable[[WorthEvent], None]) -> Run:
    step = 0
    try:
        for event in work:
            put(event)
            step += 1
            # Stepped does not reach the window; the first event must, to show that the job has started.
            is_step = step > 1 and isinstance(event, WorthProgress)
            command = yield Stepped(step) if is_step else EvalProgress(step, 0, 1)
            while command is not None:
                if isinstance(command, Stop):
                    yield RunEnded("stopped", step, 0, 0.0, "Stopped. The values measured so far are shown.")
                    return
                command = yield Notice(step, "edit_refused", "Settings cannot be changed during a comparison.")
    finally:
        work.close()
    yield RunEnded("completed", step, 0, 0.0, "")
