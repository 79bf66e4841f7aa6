"""Yields events, handles commands, measures training time without pauses. The same for runs and ensembles."""

from __future__ import annotations

import time
from collections.abc import Generator
from typing import Protocol

from workbench.engine.core.events import Command, Copy, Edit, Edited, Event, Look, Notice, StepBack, Stop
from workbench.engine.core.race_events import RaceCommand
from workbench.engine.distributed.group import Group
from workbench.engine.run_store.run_folder import RunFolder
from workbench.engine.training.state import Progress

#: A part of a run that yields events and returns nothing.
EventStream = Generator[Event, Command | None, None]


_NO_RACE = "This run is no race: there are no racers to change."
_NO_STEP_BACK = "There is no step to go back to: only the last steps of one small network are kept."


class StopRequested(Exception):
    """Raised once by ``CommandChannel`` when a Stop has arrived. The loop catches it in one place and ends the run."""


class StepBackRequested(Exception):
    """Raised by ``CommandChannel`` when a StepBack has arrived: it is not valid during an evaluation."""

    def __init__(self, steps: int) -> None:
        super().__init__(f"{steps} steps back")
        self.steps = steps


class CommandTarget(Protocol):
    """What commands act on: one run or an ensemble."""

    @property
    def progress(self) -> Progress:
        """Its numbers; of these ``step`` and ``seconds`` are used."""

    def refusal(self, edit: Edit) -> str:
        """Why ``edit`` cannot be made now, as a sentence; empty if it can."""

    def apply(self, edit: Edit) -> Edited:
        """Make an edit that is not refused."""

    def copy(self, copy: Copy) -> Event | None:
        """Give ``copy.take`` a copy of the state; None if the answer comes later, as an event of its own."""

    def look(self) -> Event:
        """The last step that was done (Watched), or Looked if there is nothing to show."""


class CommandChannel:
    """Sends the events of a run to its driver, answers the commands that come back and logs events into ``folder``.

    Time spent in the driver (a pause) is not counted in ``target.progress.seconds``.
    """

    def __init__(self, target: CommandTarget, folder: RunFolder | None) -> None:
        self._target, self._folder = target, folder
        #: Commands that wait for ``obey_held``.
        self.held: list[Command] = []
        self._must_stop = self._is_stopping = False
        #: While true nothing is sent: what was sent before is done again.
        self.is_silent = False
        #: Commands of these types are held, whatever part of the run offers an event: they wait for the end of a step.
        self.holds: tuple[type[Command], ...] = ()
        #: Whether a StepBack can be obeyed now.
        self.can_step_back = False
        self._back = 0
        #: The processes that execute the same commands at the same steps; None for a single process.
        self.group: Group | None = None
        self._has_reported_trouble = False
        self._resumed_at = time.perf_counter()

    # --- events and commands -----------------------------------------------------------------------------------

    def offer(self, *events: Event, later: tuple[type[Command], ...] = ()) -> EventStream:
        """Yield ``events`` in turn and obey what comes back for each; commands of the types ``later`` are held.

        So are those that ``holds`` names.

        Raises StopRequested after the last event if a Stop has come: events that belong together are offered together.
        Raises StepBackRequested likewise.
        """
        if self.is_silent:
            return
        later = (*later, *self.holds)
        for event in events:
            command = yield self.log(event)
            self._resumed_at = time.perf_counter()
            if command is not None:
                yield from self._take(command, later)
        if self._folder is not None and self._folder.trouble and not self._has_reported_trouble:
            self._has_reported_trouble = True
            words = f"{self._folder.trouble} Training goes on."
            yield from self.offer(Notice(self._target.progress.step, "log_failed", words), later=later)
        self._raise_if_stopped()

    def broadcast_to(self, group: Group) -> None:
        """From now on rank 0 of ``group`` broadcasts each Edit and Stop in ``obey_held``, which every rank must call:
        all execute it at the same step."""
        self.group, self.holds = group, (Edit, Stop)

    def end_broadcast(self) -> None:
        """Commands are obeyed at once again, in this process only."""
        self.group, self.holds = None, ()

    def obey_held(self) -> EventStream:
        """Obey the commands that were held back. Raises StopRequested if a Stop is among them."""
        held, self.held = self.held, []
        if self.group is not None:
            held = [*self.group.broadcast_commands([each for each in held if isinstance(each, Edit | Stop)])]
        for command in held:
            yield from self._take(command)
        self._raise_if_stopped()

    def obey_broadcast(self) -> EventStream:
        """As ``obey_held`` where several processes train: every rank must call it equally often. Else nothing."""
        if self.group is not None:
            yield from self.obey_held()

    def ignore_stop(self) -> None:
        """From now on a Stop changes nothing: the run is ending."""
        self._is_stopping = True

    def refusal(self, edit: Edit) -> str:
        """Why ``edit`` cannot be made now, as a sentence; empty if it can."""
        return self._target.refusal(edit)

    def _take(self, command: Command | None, later: tuple[type[Command], ...] = ()) -> EventStream:
        """Answer commands until none comes back; remember a Stop."""
        while command is not None:
            if isinstance(command, later):
                self.held.append(command)
                return
            if isinstance(command, Stop):
                self._must_stop = True
                return
            if isinstance(command, StepBack) and self.can_step_back:
                self._back += max(1, command.steps)
                return
            answer = self._answer(command)
            if answer is None:
                return
            command = yield self.log(answer)
            self._resumed_at = time.perf_counter()

    def _answer(self, command: Edit | Copy | Look | StepBack | RaceCommand) -> Event | None:
        if isinstance(command, RaceCommand):
            return Notice(self._target.progress.step, "no_race", _NO_RACE)
        if isinstance(command, StepBack):
            return Notice(self._target.progress.step, "step_back_refused", _NO_STEP_BACK, "info")
        if isinstance(command, Look):
            return self._target.look()
        if isinstance(command, Copy):
            return self._target.copy(command)
        why = self._target.refusal(command)
        if why:
            return Notice(self._target.progress.step, "edit_refused", why)
        return self._target.apply(command)

    def _raise_if_stopped(self) -> None:
        if self._must_stop and not self._is_stopping:
            self._is_stopping = True
            raise StopRequested
        if self._back and self.can_step_back:
            steps, self._back = self._back, 0
            raise StepBackRequested(steps)

    # --- log and clock -----------------------------------------------------------------------------------------

    def log(self, event: Event) -> Event:
        """Write ``event`` to the run folder, stop the clock until the next command, and return the event."""
        if self._folder is not None:
            self._folder.log(event)
        now = time.perf_counter()
        self._target.progress.seconds += now - self._resumed_at
        self._resumed_at = now
        return event

    def seconds(self) -> float:
        """Seconds of training so far, without pauses."""
        return self._target.progress.seconds + time.perf_counter() - self._resumed_at

    def skip_waiting(self) -> None:
        """Leave the time since the last event out: it was spent waiting for data."""
        self._resumed_at = time.perf_counter()
