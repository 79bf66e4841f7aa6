"""Background tasks: loading torch, computing previews, decoding pictures. One at a time, in order, in one thread."""

from __future__ import annotations

import itertools
import threading
import traceback
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from PySide6.QtCore import QObject, Signal, Slot

from workbench.bridge.threads.event_batcher import EventBatcher
from workbench.bridge.threads.worker_thread import WorkerThread, lower_priority
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.progress import IsCancelled as IsCancelled
from workbench.engine.core.progress import Progress as Progress

#: A function to be called in the background thread; it should ask often whether it is cancelled.
Work = Callable[[Progress, IsCancelled], Any]


class Cancelled(Exception):
    """Raised by work to end after it was cancelled."""


@dataclass(frozen=True, slots=True)
class TaskFailure:
    """``message`` is a sentence for the user, ``details`` a traceback for the log, ``path`` the faulty setting.

    ``is_doubt`` tells that data can be read in several ways, so that opening them, where they are asked for, helps.
    """

    message: str
    details: str
    path: str = ""
    is_doubt: bool = False


class TaskState(Enum):
    """The state of a task."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Task(QObject):
    """One piece of work. Lives in the GUI thread, where its signals are emitted.

    Exactly one of ``done``, ``failed`` and ``cancelled`` is emitted, once.
    """

    #: A fraction from 0 to 1, and a text.
    progressed = Signal(object, object)
    #: The result of the work.
    done = Signal(object)
    #: A TaskFailure.
    failed = Signal(object)
    #: By ``cancel``, by the work itself, by a newer task with the same key, or by ``Tasks.shutdown``.
    cancelled = Signal()

    def __init__(self, name: str, job: _Job, tasks: Tasks) -> None:
        super().__init__()
        self.name = name
        self._job = job
        self._tasks = tasks
        self._result: TaskState | None = None

    @property
    def state(self) -> TaskState:
        """The present state."""
        if self._result is not None:
            return self._result
        return TaskState.RUNNING if self._job.is_running else TaskState.QUEUED

    def cancel(self) -> None:
        """Cancel the task. Work that already runs is asked to return; its result is discarded."""
        self._tasks._cancel(self._job)

    def _end(self, state: TaskState) -> bool:
        """Set the final state; False if the task has already ended."""
        if self._result is not None:
            return False
        self._result = state
        return True


class Tasks(QObject):
    """The queue of one background thread. Lives in the GUI thread; owned by the application, not by a window."""

    #: The Task that was submitted or has ended; for a status line, together with ``current``.
    changed = Signal(object)
    _submitted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._numbers = itertools.count()
        self._tasks: dict[int, Task] = {}
        self._is_closing = False
        self._on_shutdown: list[Callable[[], None]] = []
        self._batcher = EventBatcher(_replaces)
        self._batcher.delivered.connect(self._on_delivered)
        self._worker = _Worker(self._batcher)
        self._thread = WorkerThread(self._worker, self._worker.interrupt, "tasks", is_low=True)
        self._thread.ended.connect(self._on_thread_ended)
        self._submitted.connect(self._worker.work)

    @property
    def current(self) -> Task | None:
        """The oldest task that has not ended."""
        return next(iter(self._tasks.values()), None)

    def submit(self, name: str, work: Work, *, key: object = None) -> Task:
        """Queue ``work`` under a ``name`` for the status line, and return its task.

        Waiting tasks with the same ``key`` are cancelled. One that already runs goes on, so that a stream of requests
        still gives results. After ``shutdown`` the returned task is cancelled.
        """
        job = _Job(next(self._numbers), work, key)
        task = Task(name, job, self)
        if self._is_closing:
            job.cancel()
            task._end(TaskState.CANCELLED)
            return task
        self._tasks[job.number] = task
        for outdated in self._worker.add(job):
            self._cancel(outdated)
        self._thread.start()
        self._submitted.emit()
        self.changed.emit(task)
        return task

    def shutdown(self, done: Callable[[], None]) -> None:
        """Cancel all tasks and end the thread for good; then call ``done`` from the event loop. Does not block."""
        self._is_closing = True
        self._on_shutdown.append(done)
        for task in list(self._tasks.values()):
            task.cancel()
        self._thread.end()

    def _cancel(self, job: _Job) -> None:
        job.cancel()
        self._worker.remove(job)
        task = self._tasks.pop(job.number, None)
        if task is not None and task._end(TaskState.CANCELLED):
            task.cancelled.emit()
            self.changed.emit(task)

    @Slot(object)
    def _on_delivered(self, reports: list[_Report]) -> None:
        for report in reports:
            self._emit(report)

    def _emit(self, report: _Report) -> None:
        if report.state is TaskState.CANCELLED:
            self._cancel(report.job)
            return
        if report.state is TaskState.RUNNING:
            if (task := self._tasks.get(report.job.number)) is not None:
                task.progressed.emit(report.fraction, report.value)
            return
        task = self._tasks.pop(report.job.number, None)
        if task is not None and task._end(report.state):
            (task.done if report.state is TaskState.DONE else task.failed).emit(report.value)
            self.changed.emit(task)

    @Slot()
    def _on_thread_ended(self) -> None:
        self._batcher.flush()
        callbacks, self._on_shutdown = self._on_shutdown, []
        for done in callbacks:
            done()


class _Job:
    """The background thread's part of a task. The QObject is left out: it must be deleted in the GUI thread."""

    def __init__(self, number: int, work: Work, key: object) -> None:
        self.number = number
        self.key = key
        self.is_running = False
        self._work: Work | None = work
        self._cancelled = threading.Event()

    def cancel(self) -> None:
        self._cancelled.set()

    def is_cancelled(self) -> bool:
        return self._cancelled.is_set()

    def take(self) -> Work:
        """The work. It is no longer referred to here, because it may hold a widget's data."""
        work, self._work = self._work, None
        assert work is not None
        return work


@dataclass(frozen=True, slots=True)
class _Report:
    job: _Job
    state: TaskState
    value: Any = None
    fraction: float = 0.0


def _replaces(older: _Report, newer: _Report) -> bool:
    return older.job is newer.job and older.state is newer.state is TaskState.RUNNING


class _Worker(QObject):
    """Lives in the background thread; ``add``, ``remove`` and ``interrupt`` may be called from any thread."""

    def __init__(self, batcher: EventBatcher) -> None:
        super().__init__()
        self._batcher = batcher
        self._lock = threading.Lock()
        self._waiting: deque[_Job] = deque()
        self._running: _Job | None = None
        self._is_low = False

    def add(self, job: _Job) -> list[_Job]:
        """Queue a job; returns the waiting jobs that it replaces."""
        with self._lock:
            outdated = [each for each in self._waiting if job.key is not None and each.key == job.key]
            self._waiting.append(job)
            return outdated

    def remove(self, job: _Job) -> None:
        """Remove a job from the queue, if it is still waiting."""
        with self._lock:
            if job in self._waiting:
                self._waiting.remove(job)

    def interrupt(self) -> None:
        """Cancel the running job and clear the queue."""
        with self._lock:
            self._waiting.clear()
            if self._running is not None:
                self._running.cancel()

    @Slot()
    def work(self) -> None:
        """Run the next job, if there is one."""
        if not self._is_low:
            self._is_low = True
            lower_priority()
        with self._lock:
            job = self._running = self._waiting.popleft() if self._waiting else None
        if job is None:
            return
        job.is_running = True
        self._batcher.put(self._outcome(job))
        with self._lock:
            self._running = None

    def _outcome(self, job: _Job) -> _Report:
        def progress(fraction: float, text: str) -> None:
            self._batcher.put(_Report(job, TaskState.RUNNING, text, fraction))

        try:
            return _Report(job, TaskState.DONE, job.take()(progress, job.is_cancelled))
        except Cancelled:
            return _Report(job, TaskState.CANCELLED)
        except WorkbenchError as error:
            return _Report(job, TaskState.FAILED, _failure(error))
        except BaseException as error:  # also sys.exit in a library: the thread goes on, the user gets a message
            message = f"Unexpected error: {str(error) or type(error).__name__}"
            return _Report(job, TaskState.FAILED, TaskFailure(message, traceback.format_exc()))


def _failure(error: WorkbenchError) -> TaskFailure:
    return TaskFailure(error.message, traceback.format_exc(), error.path, bool(getattr(error, "doubts", ())))
