"""What the user wants from a run while it goes: edits, pause, one batch, stop. Thread-safe, and without Qt."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from enum import Enum
from typing import Any, Final

from workbench.engine.core.events import (
    Command,
    Copy,
    Edit,
    EpochEnded,
    EvalProgress,
    Evaluated,
    Event,
    Look,
    Notice,
    RunEnded,
    StepBack,
    Stepped,
    SteppedBack,
    Stop,
)
from workbench.engine.core.observed import LayerStats, Watched
from workbench.engine.core.progress import Loading
from workbench.engine.core.race_events import RaceCommand


class State(Enum):
    """The state of a run, as one word for the user."""

    IDLE = "idle"
    STARTING = "starting"
    RUNNING = "running"
    PAUSING = "pausing"
    PAUSED = "paused"
    STOPPING = "stopping"
    FAILED = "failed"


#: What the engine is busy with after an event until its next one; anything not named here is followed by a step.
_FOLLOWED_BY: Final = {
    Loading: "reading the data",
    EvalProgress: "finishing an evaluation chunk",
    Evaluated: "writing weights",
    EpochEnded: "writing weights",
}
#: A run as slow as this (seconds for a step) shows every step.
_EACH_SHOWN: Final = 0.1


class Mailbox:
    """The command source of one run: called by the training thread after every event; other threads add commands.

    Edits come out in the order they went in, also while paused (an edit costs no step). Stop comes after the edits
    made before it and ends every wait. ``on_change`` is called in the training thread when the run begins to hold and
    when Stop has been handed over: moments of which the rest of the program hears no event.
    """

    def __init__(self, on_change: Callable[[Event], None], interval: float = 0.0) -> None:
        self._on_change = on_change
        self._changed = threading.Condition()
        self._edits: deque[Edit | Copy | StepBack | RaceCommand] = deque()
        #: The shortest time from a step to the next (seconds).
        self._interval = interval
        self._is_early = False  # the step was not waited for yet
        self._went_on_at = 0.0
        self._last: Event | None = None
        self._paused = False
        self._permits = 0
        self._holding = False
        self._started = False
        #: The event at which it is to hold, while a Look is being answered.
        self._looking_at: Event | None = None
        self._done = self._shown = 0
        self._stop: Stop | None = None
        self._stop_given = False
        self._closed = False

    # --- The training thread ------------------------------------------------------------------------------------

    def hear(self, event: Event) -> None:
        """Update the state from an event before the event is emitted, so that its receivers read the new state."""
        self._started = self._started or not isinstance(event, Loading)  # later ones come between the first steps

    def __call__(self, event: Event) -> Command | None:
        """The next command, or None to go on. Blocks while the run is paused."""
        if isinstance(event, Stepped):
            self._done = event.step
            self._is_early = self._interval > 0
            if not self._is_early and not self._asks_something():
                self._last = event  # the usual case, thousands of times a second, without a lock
                return None
        self.hear(event)
        if isinstance(event, Watched):
            self._shown = event.step + 1
        was_shown = self._looking_at is not None
        if self._looking_at is not None:
            event, self._looking_at = self._looking_at, None  # this was the answer; now it holds
        elif isinstance(event, RunEnded | LayerStats | Watched):
            return None  # nothing follows, or the end of this very step: held here, "one batch" would do none
        elif self._looks_first(event):
            self._looking_at = event
            return Look()
        if self._is_early and self._looks_after_a_while() and not was_shown:
            self._looking_at = event
            return Look()
        if self._begins_to_hold():
            self._on_change(event)
        with self._changed:
            self._changed.wait_for(self._ready)
            command = self._next()
        if command is None:
            self._is_early, self._went_on_at = False, time.monotonic()
        if isinstance(command, Stop):
            self._on_change(event)
        return command

    def close(self) -> list[Edit]:
        """The run is over: nothing more is taken. Returns the edits that came too late to be applied."""
        with self._changed:
            self._closed = True
            late = [edit for edit in self._edits if isinstance(edit, Edit)]
            self._edits.clear()
            return late

    def _looks_after_a_while(self) -> bool:
        """Let the time of a step pass; whatever is asked for ends that. Whether it is to hold and was not shown."""
        with self._changed:
            while not self._asks_something():
                left = self._went_on_at + self._interval - time.monotonic()
                if left <= 0:
                    break
                self._changed.wait(left)
            return self._is_to_hold() and 0 < self._shown < self._done

    def _asks_something(self) -> bool:
        """Read without the lock: what is asked for at this very moment is seen at the next event."""
        return bool(self._edits) or self._paused or self._holding or self._stop is not None

    def _looks_first(self, event: Event) -> bool:
        """Take note of ``event``. True if the run is to hold here, or is slow, and its last step was not shown yet.

        Only for runs that show steps at all.
        """
        with self._changed:
            self._last = event
            if isinstance(event, Stepped) and self._permits:
                self._permits -= 1
            elif isinstance(event, Notice) and event.code == "diverged":
                self._hold()
            if isinstance(event, SteppedBack):
                shows, self._done, self._shown = self._shown > 0, event.step, min(self._shown, event.step)
                return shows and event.step > 0
            is_slow = isinstance(event, Stepped) and self._interval >= _EACH_SHOWN
            return (self._is_to_hold() or is_slow) and 0 < self._shown < self._done

    def _begins_to_hold(self) -> bool:
        with self._changed:
            begins = self._is_to_hold()
            self._holding = self._holding or begins
            return begins

    def _is_to_hold(self) -> bool:
        return self._must_hold() and not self._holding and self._stop is None

    def _ready(self) -> bool:
        return bool(self._edits) or self._stop is not None or not self._must_hold()

    def _must_hold(self) -> bool:
        return self._paused and not self._permits

    def _next(self) -> Command | None:
        if self._edits:  # it stays paused for the user: an edit makes no step
            return self._edits.popleft()
        self._holding = False
        if self._stop is None or self._stop_given:
            return None
        self._stop_given = True
        return self._stop

    # --- Any thread ---------------------------------------------------------------------------------------------

    def edit(self, path: str, value: Any) -> bool:
        """Change a live setting before the next batch; False if the run takes no more commands."""
        return self._post(Edit(path, value))

    def copy(self, take: Callable[[dict[str, Any]], object]) -> bool:
        """Have a copy of the run's state given to ``take`` in the training thread; False if it takes no more commands.

        If the run ends first, ``take`` is never called.
        """
        return self._post(Copy(take))

    def change_race(self, command: RaceCommand) -> bool:
        """Change a racer between two rounds; False if the race takes no more commands."""
        return self._post(command)

    def step_back(self, steps: int) -> bool:
        """Hold, ``steps`` steps before; False if the run takes no more commands."""
        self.pause()
        return self._post(StepBack(steps))

    def pace(self, interval: float) -> None:
        """From now on a step begins at the earliest ``interval`` seconds after the one before."""
        with self._changed:
            self._interval = interval
            self._changed.notify_all()

    def _post(self, command: Edit | Copy | StepBack | RaceCommand) -> bool:
        with self._changed:
            if not self._takes_commands():
                return False
            self._edits.append(command)
            self._changed.notify_all()
            return True

    def pause(self) -> None:
        """Hold at the next event; steps still permitted are taken back."""
        with self._changed:
            self._hold()
            self._changed.notify_all()

    def resume(self) -> None:
        """Go on."""
        with self._changed:
            self._paused = False
            self._permits = 0
            self._changed.notify_all()

    def step_one(self) -> None:
        """Go on to the end of one more training step, then hold. Asked for twice, it is two steps."""
        with self._changed:
            self._paused = True
            self._permits += 1
            self._changed.notify_all()

    def stop(self) -> None:
        """End the run; ends a pause too."""
        with self._changed:
            if self._takes_commands():
                self._stop = Stop()
                self._changed.notify_all()

    @property
    def stop_asked(self) -> bool:
        """Whether the run was asked to end."""
        return self._stop is not None

    @property
    def state(self) -> State:
        """The state of the run. Asked for, never sent, so that no message from the past can overwrite it."""
        with self._changed:
            if self._stop is not None:
                return State.STOPPING
            if self._must_hold():
                return State.PAUSED if self._holding else State.PAUSING
            begins = not self._started and (self._last is None or isinstance(self._last, Loading))
            return State.STARTING if begins else State.RUNNING

    @property
    def waiting_for(self) -> str:
        """What Stop or Pause is waiting for; empty if neither was asked for or nothing is to be waited for."""
        with self._changed:
            if self._stop is None and (self._holding or not self._must_hold()):
                return ""
            if self._last is None:
                return "finishing the start of the run"
            if self._stop_given:
                return "writing weights"
            return _FOLLOWED_BY.get(type(self._last), "finishing the current step")

    def _takes_commands(self) -> bool:
        return self._stop is None and not self._closed

    def _hold(self) -> None:
        self._paused = True
        self._permits = 0
