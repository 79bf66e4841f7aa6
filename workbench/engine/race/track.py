"""One racer of a race: an ordinary run, which is pulled a step at a time."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Final

import torch

from workbench.engine.core.drive import Run, ended_by
from workbench.engine.core.events import (
    Command,
    Copied,
    Edit,
    EvalProgress,
    Evaluated,
    Event,
    Looked,
    RunEnded,
    RunStarted,
    Stepped,
    SteppedBack,
    Stop,
)
from workbench.engine.core.observed import Boundary, LayerStats, Watched
from workbench.engine.core.progress import Loading
from workbench.engine.core.race_events import RacerEvent
from workbench.engine.race.spec import Racer

#: Events that a race does not forward: only the page of a single run shows them.
_SILENT: Final = (Stepped, Copied, Looked, SteppedBack, LayerStats, Watched, Boundary)


class Track:
    """The run of ``racer``, which ``make`` begins. It goes on only when ``next`` is called.

    Any error becomes the last event of this run, so that the others continue.
    """

    def __init__(self, number: int, racer: Racer, make: Callable[[], Run]) -> None:
        self.number, self.racer = number, racer
        self._run: Run = _opened(make)
        self._has_begun = False
        self._command: Command | None = None
        #: Its finished steps, and whether they were followed by an evaluation.
        self.step, self.is_measured = 0, False
        self.ended: RunEnded | None = None
        #: Whether it is held (makes no steps).
        self.is_held = False
        #: Threads that it computes with: another racer may have set another number meanwhile.
        self._threads = 0

    @property
    def is_going(self) -> bool:
        """Whether it has neither ended nor failed; one that is held is going."""
        return self.ended is None

    @property
    def has_failed(self) -> bool:
        """Whether it has diverged or met an error."""
        return self.ended is not None and self.ended.reason == "failed"

    def ask_to_stop(self) -> None:
        """Request a stop: the run finishes its current step, saves and ends at the next call of ``next``."""
        self._command = Stop()

    def next(self) -> Event:
        """Its next event. Must not be called after RunEnded."""
        command, self._command = self._command, None
        if not self._has_begun and command is not None:
            self._note(ended := RunEnded("stopped", 0, 0, 0.0, "Stopped before it began."))
            return ended
        return self._sent(command)

    def edit(self, path: str, value: object) -> Event:
        """Change a live setting between two steps: Edited, or a Notice why not. It does not step on."""
        return self._sent(Edit(path, value))

    def close(self) -> None:
        """Abort the run."""
        self._run.close()

    def shown(self, event: Event) -> Event | None:
        """``event`` as the race forwards it: with the racer's number, progress with its name; None if it is not."""
        if isinstance(event, _SILENT):
            return None
        if isinstance(event, EvalProgress):
            return EvalProgress(event.step, event.done, event.total, f"{self.racer.name}: {event.words}", event.seconds)
        return event if isinstance(event, Loading) else RacerEvent(self.number, event)

    def _sent(self, command: Command | None) -> Event:
        if self._threads and torch.get_num_threads() != self._threads:
            torch.set_num_threads(self._threads)
        try:
            self._has_begun = True
            event = self._run.send(command)
        except StopIteration:
            event = ended_by(RuntimeError("the run ended without a final event."))
        except Exception as error:  # an error of one racer must not end the others
            event = ended_by(error)
        self._note(event)
        return event

    def _note(self, event: Event) -> None:
        if isinstance(event, Stepped):
            self.step, self.is_measured = event.step, False
        elif isinstance(event, Evaluated):
            self.is_measured = True
        elif isinstance(event, RunStarted):
            self._threads = event.threads
        elif isinstance(event, RunEnded):
            self.ended = event
            self._run.close()


def _opened(make: Callable[[], Run]) -> Generator[Event, Command | None, None]:
    """The run, made when it is begun: an error in making it is one of the run."""
    yield from make()
