"""Runs training in its own thread and brings its events to the window: the only place where Qt meets training."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Signal, Slot

from workbench.bridge.threads.command_queue import Mailbox, State
from workbench.bridge.threads.event_batcher import EventBatcher
from workbench.bridge.threads.worker_thread import WorkerThread
from workbench.engine.core.drive import Run, drive
from workbench.engine.core.events import Copied, EvalProgress, Event, Notice, RunEnded, Stepped
from workbench.engine.core.observed import LayerStats
from workbench.engine.core.progress import Loading
from workbench.engine.core.race_events import RaceCommand

__all__ = ["MakeRun", "Runner", "State"]

#: Makes a run. Called in the training thread, because it may import torch and set its threads.
MakeRun = Callable[[], Run]


class Runner(QObject):
    """One run after another, on one thread. Lives in the GUI thread; owned by the application, not by a window.

    Every signal is emitted in the GUI thread. At the end of a run they come in this order: the last ``events`` (with
    RunEnded as the last event), ``state_changed``, ``finished``; a slot of ``finished`` may start the next run.
    """

    #: A State.
    state_changed = Signal(object)
    #: The text of ``waiting_for``.
    waiting_changed = Signal(object)
    #: A list of events, at most one list per tick. Steps are read from the StepStore; Stepped is only among the
    #: events when the run holds or is about to stop there, so that views can show that very step; it may come a tick
    #: after the state.
    events = Signal(object)
    #: RunEnded; the runner is idle or failed by then and holds nothing of the run.
    finished = Signal(object)
    _given = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._state = State.IDLE
        self._waiting_for = ""
        self._mailbox: Mailbox | None = None
        self._interval = 0.0
        self._is_paced = False
        self._is_closing = False
        self._farewells: list[Callable[[], None]] = []
        self._batcher = EventBatcher(_replaces, _kind)
        self._batcher.delivered.connect(self._on_delivered)
        self._worker = _Worker(self._batcher)
        self._thread = WorkerThread(self._worker, self._worker.interrupt, "training", is_low=False)
        self._thread.ended.connect(self._on_thread_ended)
        self._given.connect(self._worker.work)
        self._worker.done.connect(self._on_done)

    @property
    def state(self) -> State:
        """The state of the run."""
        return self._state

    @property
    def waiting_for(self) -> str:
        """What Stop or Pause waits for now, e.g. "finishing the current step"; else empty."""
        return self._waiting_for

    @property
    def is_active(self) -> bool:
        """Whether a run is under way, paused or stopping included; then nothing can be started."""
        return self._mailbox is not None

    def start(self, make_run: MakeRun, steps: int = 0, is_paced: bool = False) -> bool:
        """Start a run; False if one is under way or the program is closing.

        After ``steps`` steps it holds (0: it does not). ``is_paced``: it goes as fast as ``set_pace`` allows.
        """
        if self.is_active or self._is_closing:
            return False
        self._is_paced = is_paced
        self._mailbox = Mailbox(self._worker.report, self._interval if is_paced else 0.0)
        for _ in range(steps):
            self._mailbox.step_one()
        self._worker.mailbox = self._mailbox
        self._thread.start()
        self._given.emit(_Job(make_run, self._mailbox))
        self._refresh()
        return True

    def pause(self) -> None:
        """Hold at the next event. Nothing happens if no run is under way; so it is with the next three."""
        if self._mailbox is not None:
            self._mailbox.pause()
            self._refresh()

    def resume(self) -> None:
        """Go on after a pause."""
        if self._mailbox is not None:
            self._mailbox.resume()
            self._refresh()

    def step_one(self) -> None:
        """One batch, then hold again."""
        if self._mailbox is not None:
            self._mailbox.step_one()
            self._refresh()

    def step_back(self, steps: int) -> None:
        """Hold, ``steps`` steps before. The answer comes with ``events``: SteppedBack, or a Notice."""
        if self._mailbox is not None:
            self._mailbox.step_back(steps)
            self._refresh()

    def set_pace(self, interval: float) -> None:
        """Let a step begin at the earliest ``interval`` seconds after the one before; 0: at full speed."""
        self._interval = interval
        if self._mailbox is not None and self._is_paced:
            self._mailbox.pace(interval)

    @property
    def interval(self) -> float:
        """The shortest time from a step to the next, in seconds; 0 where it is not limited."""
        return self._interval if self._is_paced or not self.is_active else 0.0

    def stop(self) -> None:
        """Finish the step, save, end; also out of a pause."""
        if self._mailbox is not None:
            self._mailbox.stop()
            self._refresh()

    def edit(self, path: str, value: Any) -> bool:
        """Change a live setting of the run before its next batch; False if there is no run to take it.

        The answer comes with ``events``: Edited, or a Notice with the code "edit_refused".
        """
        return self._mailbox is not None and self._mailbox.edit(path, value)

    def change_race(self, command: RaceCommand) -> bool:
        """Add, drop, hold or edit a racer between two rounds; False if there is no run to take it.

        The answer comes with ``events``.
        """
        return self._mailbox is not None and self._mailbox.change_race(command)

    def copy_state(self, take: Callable[[dict[str, Any]], object]) -> bool:
        """Have a copy of the run's state given to ``take``, in the training thread; False if there is no run.

        The run is not changed. If it ends first, ``take`` is never called.
        """
        return self._mailbox is not None and self._mailbox.copy(take)

    def shutdown(self, done: Callable[[], None]) -> None:
        """Stop, end the thread, then call ``done`` from the event loop, which goes on meanwhile. Final."""
        self._is_closing = True
        self._farewells.append(done)
        self.stop()
        if not self.is_active:
            self._thread.end()

    @Slot(object)
    def _on_delivered(self, events: list[Event]) -> None:
        if events:
            self.events.emit(events)
        self._refresh()

    @Slot(object)
    def _on_done(self, ended: RunEnded) -> None:
        self._batcher.flush()
        self._mailbox = None
        if self._is_closing:
            self._thread.end()
        self._show(State.FAILED if ended.reason == "failed" else State.IDLE, "")
        self.finished.emit(ended)

    @Slot()
    def _on_thread_ended(self) -> None:
        farewells, self._farewells = self._farewells, []
        for done in farewells:
            done()

    def _refresh(self) -> None:
        if self._mailbox is not None:
            self._show(self._mailbox.state, self._mailbox.waiting_for)

    def _show(self, state: State, waiting_for: str) -> None:
        new_state, new_text = state is not self._state, waiting_for != self._waiting_for
        self._state, self._waiting_for = state, waiting_for
        if new_state:
            self.state_changed.emit(state)
        if new_text:
            self.waiting_changed.emit(waiting_for)


class _Job:
    """What the training thread is to run. Its function is taken out, so that a message that lives on holds no run."""

    def __init__(self, make_run: MakeRun, mailbox: Mailbox) -> None:
        self.mailbox = mailbox
        self._make_run: list[MakeRun] = [make_run]

    def take(self) -> MakeRun:
        return self._make_run.pop()


class _Worker(QObject):
    """Lives in the training thread.

    Its priority is the window's: measured, a lower one costs training 7 % and gains the window nothing, because one
    core is left to it and torch releases the GIL in every operation.
    """

    done = Signal(object)

    def __init__(self, batcher: EventBatcher) -> None:
        super().__init__()
        self._batcher = batcher
        self.mailbox: Mailbox | None = None

    @Slot(object)
    def work(self, job: _Job) -> None:
        ended = self._outcome(job.take(), job.mailbox)
        for edit in job.mailbox.close():
            self._batcher.put(Notice(ended.step, "edit_refused", f"{edit.path} did not change: the run had ended."))
        self._batcher.put(ended)
        self.mailbox = None
        self.done.emit(ended)

    def interrupt(self) -> None:
        """End what runs; from any thread."""
        mailbox = self.mailbox
        if mailbox is not None:
            mailbox.stop()

    def report(self, event: Event) -> None:
        """The run holds or is asked to stop: the window must look, and at a step border show the step."""
        if isinstance(event, Stepped):
            self._batcher.put(event)
        else:
            self._batcher.touch()

    def _outcome(self, make_run: MakeRun, mailbox: Mailbox) -> RunEnded:
        try:
            return drive(_opened(make_run, mailbox), mailbox, self._sink)
        except BaseException as error:  # drive answers for the run; here its clean-up failed, or it called sys.exit
            message = f"Training ended with an unexpected error: {str(error) or type(error).__name__}"
            return RunEnded("failed", 0, 0, 0.0, message, details=traceback.format_exc())

    def _sink(self, event: Event) -> None:
        if self.mailbox is not None:
            self.mailbox.hear(event)
        # RunEnded is put when the run is closed too: a clean-up that fails must not make it come twice.
        if not isinstance(event, Stepped | Copied | RunEnded):
            self._batcher.put(event)


def _opened(make_run: MakeRun, mailbox: Mailbox) -> Run:
    """The run, made inside drive, so that an error in making it ends like any other. Not made after a Stop.

    A run that was made is always begun: only then does it close the files that were opened for it.
    """
    if mailbox.stop_asked:
        yield RunEnded("stopped", 0, 0, 0.0, "Stopped before the run began.")
    else:
        yield from make_run()


def _kind(event: Event) -> object | None:
    """Views show only the newest of these: a tiny network sends hundreds of them a second."""
    return type(event) if isinstance(event, EvalProgress | LayerStats) else None


def _replaces(older: Event, newer: Event) -> bool:
    return any(isinstance(older, kind) and isinstance(newer, kind) for kind in (EvalProgress, Loading))
