"""The talk between a run and whoever drives it: events out, commands in, and the clock that stands while it waits."""

from __future__ import annotations

import time
from collections.abc import Generator

from workbench.engine.core.errors import SpecError
from workbench.engine.core.events import Command, Copied, Copy, Edit, Edited, Event, Look, Notice, Stop
from workbench.engine.run_store.run_folder import RunFolder
from workbench.engine.spec.experiment import live_paths, plain
from workbench.engine.training.network import Network
from workbench.engine.training.state import TrainState

#: A part of a run that ends without a result.
Part = Generator[Event, Command | None, None]


class Dialogue:
    """Says events, obeys commands and counts the seconds of training, those spent outside left out.

    ``stopping`` is true from the moment of a Stop on.
    """

    def __init__(self, state: TrainState, network: Network, folder: RunFolder | None) -> None:
        self._state, self._network, self._folder = state, network, folder
        self.stopping = False
        self._held: list[Command] = []
        self._told_trouble = False
        self._resumed_at = time.perf_counter()

    def now(self) -> float:
        """Seconds of training so far."""
        return self._state.progress.seconds + time.perf_counter() - self._resumed_at

    def leave_out(self) -> None:
        """What has passed since the last event was waiting and no training."""
        self._resumed_at = time.perf_counter()

    def offer(self, event: Event) -> Part:
        """Yield one event and obey what comes back; time spent outside is not training time."""
        command = yield self.logged(event)
        self._resumed_at = time.perf_counter()
        yield from self.obey(command)
        self._resumed_at = time.perf_counter()
        if self._folder is not None and self._folder.trouble and not self._told_trouble:
            self._told_trouble = True
            notice = Notice(self._state.progress.step, "log_failed", f"{self._folder.trouble} Training goes on.")
            yield from self.offer(notice)

    def obey(self, command: Command | None) -> Part:
        """Answer each edit and each wish for a copy; remember a Stop."""
        while isinstance(command, (Edit, Copy)):
            answer = self._edit(command) if isinstance(command, Edit) else self._copy(command)
            command = yield self.logged(answer)
            self._resumed_at = time.perf_counter()
        if isinstance(command, Stop):
            self.stopping = True
        elif isinstance(command, Look):
            self._look()

    def heard(self, command: Command | None) -> None:
        """Keep what was said in the middle of a step until ``obey_held``."""
        self._resumed_at = time.perf_counter()
        if isinstance(command, Look):
            self._look()
        elif command is not None:
            self._held.append(command)

    def obey_held(self) -> Part:
        """What was asked for during a pass over the whole training set: a change acts between two updates."""
        held, self._held = self._held, []
        for command in held:
            yield from self.obey(command)
        self._resumed_at = time.perf_counter()

    def _look(self) -> None:
        for companion in self._state.companions:
            companion.look()

    def logged(self, event: Event) -> Event:
        """``event``, written to the run folder; what follows until the next resumption is not training time."""
        if self._folder is not None:
            self._folder.log(event)
        self._state.progress.seconds += time.perf_counter() - self._resumed_at
        self._resumed_at = time.perf_counter()
        return event

    def why_not(self, edit: Edit) -> str:
        """Why the run cannot take ``edit`` now; empty if it can."""
        spec = self._state.spec
        if edit.path not in live_paths(spec):
            return f"{edit.path} cannot change during a run; it takes effect in the next one."
        try:
            edited = spec.edited(edit.path, edit.value)
        except SpecError as error:
            return str(error)
        return self._network.reuse.refusal(edited, self._state.progress.epoch)

    def _edit(self, edit: Edit) -> Event:
        step = self._state.progress.step
        why = self.why_not(edit)
        if why:
            return Notice(step, "edit_refused", why)
        edited = self._state.spec.edited(edit.path, edit.value)
        old = self._state.spec.at(edit.path)
        self._state.spec = edited
        edited.optimizer.tune(self._state.optimizer)
        self._network.tune(edited)
        self._network.reuse.apply(self._state)
        for companion in self._state.companions:
            companion.edited(edited)
        return Edited(step, edit.path, plain(old), plain(edited.at(edit.path)))

    def _copy(self, copy: Copy) -> Event:
        copy.take(self._state.state())
        return Copied(self._state.progress.step)
