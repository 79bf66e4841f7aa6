"""One short loop that drives a run: used by the headless command and by the window's training thread alike."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Generator

from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.events import Command, Event, RunEnded, Stop
from workbench.engine.core.memory import is_out_of_memory

#: A run: takes a command or None at every yield, gives exactly one event for every send.
Run = Generator[Event, Command | None, None]
#: Asked after every event for the next command; may block (that is the pause) and may return None (go on).
Commands = Callable[[Event], Command | None]
Sink = Callable[[Event], None]


def drive(run: Run, commands: Commands, sink: Sink) -> RunEnded:
    """Run to the end and return its last event.

    An exception of the run becomes ``RunEnded("failed")``, for the sink too.
    """
    last: Event | None = None
    try:
        event = next(run)
        while True:
            last = event
            sink(event)
            event = run.send(commands(event))
    except StopIteration:
        if isinstance(last, RunEnded):
            return last
        ended = _failed("The run ended without a last word.", "")
    except Exception as error:
        ended = ended_by(error)
    finally:
        run.close()
    sink(ended)
    return ended


def stopped_when(run: Run, is_over: Callable[[Event], bool]) -> Run:
    """The events of ``run``, which gets a Stop after each event for which ``is_over``, unless another command comes."""
    try:
        event = next(run)
        while True:
            is_now = is_over(event)
            command = yield event
            event = run.send(Stop() if is_now and command is None else command)
    except StopIteration:
        return
    finally:
        run.close()


def ended_by(error: Exception) -> RunEnded:
    """The last event of a run that ``error`` has ended. Must be called inside the ``except`` block."""
    if isinstance(error, WorkbenchError):
        return _failed(error.message, traceback.format_exc(), error.path)
    return _failed(_words(error), traceback.format_exc())


def _words(error: Exception) -> str:
    if is_out_of_memory(error):
        return "There is not enough memory to begin. A smaller model, smaller inputs or fewer examples need less."
    return f"Training stopped because of an unexpected error: {str(error) or type(error).__name__}"


def _failed(message: str, details: str, path: str = "") -> RunEnded:
    return RunEnded("failed", 0, 0, 0.0, message, path, details)
