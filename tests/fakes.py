"""An engine without torch: keeps the contract of train(spec), and takes as long and fails where a test wants it to."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from typing import Any

from workbench.engine.core.drive import Run
from workbench.engine.core.events import (
    Command,
    Edit,
    Edited,
    EpochEnded,
    EvalProgress,
    Event,
    Notice,
    RunEnded,
    RunStarted,
    Stepped,
    Stop,
    WeightsSaved,
)


def run_started() -> RunStarted:
    """A RunStarted with nothing of interest in it."""
    return RunStarted({}, "cpu", "", 1, 1, 1, 1, 1, ("a", "b"), (1,), 1, "0")


@dataclass
class FakeEngine:
    """Use ``engine.run`` as what makes a run. What happened is in the public lists afterwards.

    Pauses of a step are slept, so the GIL is free, as in torch; ``busy`` counts instead and keeps it. ``hold`` is
    called at the start, in each step, before each chunk and before saving, and may wait there for the test.
    """

    steps: int | None = None  # None: without end
    step_seconds: float = 0.001
    busy: bool = False
    steps_per_epoch: int = 10
    chunks: int = 3
    chunk_seconds: float = 0.0
    start_seconds: float = 0.0
    save_seconds: float = 0.0
    fails_at: int | None = None
    make_error: Callable[[], BaseException] = lambda: ValueError("no such number")
    fails_on_close: bool = False
    diverges_at: int | None = None
    settings: dict[str, Any] = field(default_factory=lambda: {"optimizer.lr": 0.1})

    step: int = 0
    made: int = 0
    closed: int = 0
    edited: list[Edited] = field(default_factory=list)
    weights_saved: list[int] = field(default_factory=list)
    on_step: Callable[[int], None] | None = None
    hold: Callable[[str], object] = lambda where: None

    def run(self) -> Run:
        """Make a run."""
        self.made += 1
        self._spend("start", self.start_seconds)
        return self._run()

    def _run(self) -> Run:
        try:
            stopped = yield from self._train()
            self._spend("save", self.save_seconds)
            self.weights_saved.append(self.step)
            yield WeightsSaved(self.step, "last", "weights")
            yield RunEnded("stopped" if stopped else "completed", self.step, self._epochs(), 0.0, "")
        finally:
            self.closed += 1
            if self.fails_on_close:
                raise OSError("the file could not be closed")

    def _train(self) -> Generator[Event, Command | None, bool]:
        if (yield from self._tell(run_started())):
            return True
        while self.steps is None or self.step < self.steps:
            if (yield from self._one_step()):
                return True
            if self.step % self.steps_per_epoch == 0 and (yield from self._evaluate()):
                return True
        return False

    def _one_step(self) -> Generator[Event, Command | None, bool]:
        if self.step == self.fails_at:
            raise self.make_error()
        self._spend("step", self.step_seconds)
        self.step += 1
        if self.on_step is not None:
            self.on_step(self.step)
        if (yield from self._tell(Stepped(self.step))):
            return True
        if self.step == self.diverges_at:
            return (yield from self._tell(Notice(self.step, "diverged", "The loss is not a number.", "error")))
        return False

    def _evaluate(self) -> Generator[Event, Command | None, bool]:
        for chunk in range(self.chunks):
            self._spend("chunk", self.chunk_seconds)
            if (yield from self._tell(EvalProgress(self.step, chunk + 1, self.chunks))):
                return True
        epoch = EpochEnded(self._epochs(), self.step, 0.0, 0.1, None, None, None, None, False, 0, 1.0)
        return (yield from self._tell(epoch))

    def _tell(self, event: Event) -> Generator[Event, Command | None, bool]:
        """Yield the event, answer edits, say whether to stop."""
        command = yield event
        while isinstance(command, Edit):
            command = yield self._answer(command)
        return isinstance(command, Stop)

    def _answer(self, edit: Edit) -> Event:
        if edit.path not in self.settings:
            return Notice(self.step, "edit_refused", f"{edit.path} cannot change during a run.")
        self.edited.append(Edited(self.step, edit.path, self.settings[edit.path], edit.value))
        self.settings[edit.path] = edit.value
        return self.edited[-1]

    def _epochs(self) -> int:
        return self.step // self.steps_per_epoch

    def _spend(self, where: str, seconds: float) -> None:
        self.hold(where)
        if not self.busy:
            time.sleep(seconds)
            return
        end = time.perf_counter() + seconds
        while time.perf_counter() < end:
            pass
