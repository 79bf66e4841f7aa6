"""Output of the headless command: lines that any terminal can show, and an output that may be closed or full."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable
from typing import TextIO

from workbench.engine.core.progress import Loading
from workbench.engine.core.text import grouped, plain

#: Exit code of a command that was interrupted before it had begun (128 + SIGINT), as a shell has it.
INTERRUPTED = 130


class OutputFailed(Exception):
    """The output could not be written; the OSError is its cause."""


def say(text: str, file: TextIO | None = None) -> None:
    """Write ``plain(text)`` and a line break to ``file`` (the standard output by default). Raises OutputFailed."""
    emit(plain(text), file)


def emit(text: str, file: TextIO | None = None) -> None:
    """Write exactly ``text`` and a line break to ``file`` (the standard output by default). Raises OutputFailed."""
    to = sys.stdout if file is None else file
    try:
        print(text, file=to, flush=True)
    except (OSError, ValueError) as error:
        raise OutputFailed from error


def show_progress(loading: Loading) -> None:
    """Write over the last line of stderr how far the work is."""
    of = f": {grouped(loading.done)} of {grouped(loading.total)}" if loading.total else ""
    sys.stderr.write(plain(f"\r{loading.words}{of} "))
    sys.stderr.flush()


def mention(text: str, file: TextIO | None = None) -> None:
    """As ``say``, but a terminal that is gone or full is no reason to end: nothing more is written to it."""
    try:
        say(text, file)
    except OutputFailed:
        _silence(sys.stdout if file is None else file)


def exit_code(command: Callable[[], int]) -> int:
    """The exit code of ``command``, whose output may be cut off.

    A reader that has had enough (``| head``) is no error; an output that cannot be written is, with exit code 1.
    """
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError, ValueError):
            stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    try:
        return command()
    except KeyboardInterrupt:
        return INTERRUPTED
    except OutputFailed as failed:
        _silence(sys.stdout)
        if isinstance(failed.__cause__, BrokenPipeError):
            return 0
        mention(f"The output could not be written: {failed.__cause__}.", sys.stderr)
        return 1


def _silence(stream: TextIO | None) -> None:
    """Send what is still buffered, and all that follows, to nowhere: the interpreter flushes it at its end."""
    with contextlib.suppress(AttributeError, OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())  # type: ignore[union-attr]
        os.close(nowhere)
