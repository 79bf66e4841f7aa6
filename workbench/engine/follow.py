"""The main function of a process that was started as one of several: rank 0 runs the command, the others follow it."""

from __future__ import annotations

import signal
from collections.abc import Callable, Sequence
from contextlib import suppress
from types import FrameType

from workbench.engine.core.drive import drive
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.events import Event, RunStarted
from workbench.engine.core.signals import stop_signals
from workbench.engine.distributed.group import Group, ProcessLost
from workbench.engine.distributed.joining import joined
from workbench.engine.spec.toml import loads


def as_one_of_several(first: Callable[[int], int]) -> int:
    """Join the process group and do this rank's part: rank 0 calls ``first`` with the number of processes. Returns the
    exit code."""
    group = joined()
    if not group.is_first:
        return follow(group)
    try:
        return first(group.size)
    finally:
        with suppress(ProcessLost):
            group.broadcast()  # nothing more to train: the others end
        group.leave()


def follow(group: Group) -> int:
    """Train what rank 0 broadcasts, run after run, until it has no more; returns the exit code.

    Nothing is printed: rank 0 reports the errors of all ranks. A signal to end stops the run in all processes.
    """
    from workbench.engine.train import train

    def ask(number: int, frame: FrameType | None) -> None:
        group.is_asked = True

    for number in stop_signals():
        signal.signal(number, ask)
    has_begun = False

    def note(event: Event) -> None:
        nonlocal has_begun
        has_begun = has_begun or isinstance(event, RunStarted)

    try:
        while settings := group.broadcast():
            has_begun = False
            ended = drive(train(loads(settings.decode())), lambda event: None, note)
            if not has_begun:
                group.fail(ended.message)
    except ProcessLost:
        return 1
    group.leave()
    return 0


def refuse_other_commands(arguments: Sequence[str], commands: Sequence[str]) -> None:
    """Raise WorkbenchError if ``arguments`` name one of ``commands``: several processes train one settings file."""
    named = next((each for each in arguments[:1] if each in commands), None)
    named = named or next((each for each in arguments if each in ("--range-test", "--pot")), None)
    if named is not None:
        raise WorkbenchError(f"{named} is computed by one process: start it without torchrun. Nothing was done.")
