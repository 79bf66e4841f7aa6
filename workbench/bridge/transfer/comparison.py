"""Was it worth it? The comparison on the training thread: what has been measured so far, and the table at the end."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence
from enum import Enum

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from workbench.bridge.session import Session
from workbench.engine.catalog.models.transfer import Transfer
from workbench.engine.core.drive import Run
from workbench.engine.core.events import EvalProgress, Notice, RunEnded, Stepped, Stop
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
)
from workbench.engine.spec.experiment import ExperimentSpec

#: What was measured is looked at so often.
LOOK_MS = 150


class WorthStage(Enum):
    """Where the comparison stands."""

    EMPTY = "empty"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class WorthTester(QObject):
    """One comparison at a time. Lives in the GUI thread; the arms train in turn in the training thread."""

    changed = Signal()

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._inbox = _Inbox()
        self.stage = WorthStage.EMPTY
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
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self._look)
        session.lent_ended.connect(self._on_ended)
        session.runner.state_changed.connect(self._on_state)
        session.store.changed.connect(self._on_state)

    @property
    def is_running(self) -> bool:
        """Whether a comparison is under way."""
        return self.stage is WorthStage.RUNNING

    @property
    def why_not(self) -> str:
        """Why there can be no comparison now; empty if there can."""
        if not isinstance(self._session.store.spec.model, Transfer):
            return "Choose a trained network first: Run > Use a trained network."
        if self._session.is_active:
            return "A run is training. Stop it first: the comparison needs the same thread."
        return self._session.store.reason()

    def start(self, shots: Sequence[int], draws: int) -> None:
        """Compare the experiment in the form; nothing happens while one is under way or none can be made."""
        self._session.store.settle()
        if self.is_running or self.why_not:
            return
        self._inbox = _Inbox()
        self.points, self.runs, self.notes, self.rows, self.sentences = [], [], [], (), ()
        self.words, self.fraction, self._began = "Beginning…", 0.0, time.monotonic()
        session = self._session
        if session.lend(_Comparison(session.store.spec, tuple(shots), draws, self._inbox, session.loaded)):
            self.stage = WorthStage.RUNNING
            self._timer.start()
        self.changed.emit()

    @Slot()
    def cancel(self) -> None:
        """Leave off; what was measured stays to be seen."""
        if self.is_running:
            self._session.stop()

    @Slot()
    def _look(self) -> None:
        if self._take():
            self.changed.emit()

    def _take(self) -> bool:
        """Take over what the training thread has said since the last look."""
        progress, new = self._inbox.progress, False
        if progress is not None:
            fraction = progress.done / progress.total if progress.total else 0.0
            new = (fraction, progress.words) != (self.fraction, self.words)
            self.fraction, self.words = fraction, progress.words
        self.seconds = time.monotonic() - self._began
        while self._inbox.events:
            new = True
            event = self._inbox.events.popleft()
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
        stages = {"completed": WorthStage.DONE, "stopped": WorthStage.CANCELLED, "failed": WorthStage.FAILED}
        self.stage = stages[ended.reason]
        self.words = ended.message
        self.changed.emit()

    @Slot(object)
    def _on_state(self, _news: object) -> None:
        self.changed.emit()


class _Inbox:
    """What the training thread says, for the window to look at: only the newest progress counts."""

    def __init__(self) -> None:
        self.progress: WorthProgress | None = None
        self.events: deque[WorthEvent] = deque()

    def put(self, event: WorthEvent) -> None:
        """From the training thread."""
        if isinstance(event, WorthProgress):
            self.progress = event
        else:
            self.events.append(event)


class _Comparison:
    """Makes the comparison in the training thread, as a run that can be stopped and paused between two batches."""

    def __init__(
        self, spec: ExperimentSpec, shots: tuple[int, ...], draws: int, inbox: _Inbox, loaded: DataStore
    ) -> None:
        self._spec, self._shots, self._draws, self._inbox, self._loaded = spec, shots, draws, inbox, loaded

    def __call__(self) -> Run:
        work = compare(self._spec, self._shots, self._draws, data=self._loaded)
        with self._loaded.run():
            yield from _driven(work, self._inbox.put)


def _driven(work: Worth, put: Callable[[WorthEvent], None]) -> Run:
    step = 0
    try:
        for event in work:
            put(event)
            step += 1
            # Only what is no step reaches the window, where it shows that the run is under way.
            told = step > 1 and isinstance(event, WorthProgress)
            command = yield Stepped(step) if told else EvalProgress(step, 0, 1)
            while command is not None:
                if isinstance(command, Stop):
                    yield RunEnded("stopped", step, 0, 0.0, "Stopped. What was measured before is shown.")
                    return
                command = yield Notice(step, "edit_refused", "A comparison takes no changes while it runs.")
    finally:
        work.close()
    yield RunEnded("completed", step, 0, 0.0, "")
