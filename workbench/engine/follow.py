"""What a process does that was started as one of several: the first one trains as ever, the others follow it."""

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
    """Join the others and do this process's part: ``first`` is given how many they are, if it is the first one.
    Returns the exit code."""
    group = joined()
    if not group.is_first:
        return follow(group)
    try:
        return first(group.size)
    finally:
        with suppress(ProcessLost):
            group.tell()  # the others end
        group.leave()


def follow(group: Group) -> int:
    """Train what the first process trains, run after run, until it has no more; returns the exit code.

    It says nothing: what goes wrong here, the first one says. A signal to end stops the run in all processes.
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
        while told := group.tell():
            has_begun = False
            ended = drive(train(loads(told.decode())), lambda event: None, note)
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
