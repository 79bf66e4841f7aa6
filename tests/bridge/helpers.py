"""What the tests of the bridge share."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

from workbench.bridge.runner import Runner, State
from workbench.engine.core.events import Event, RunEnded

ROOT = Path(__file__).parents[2]
_OF_NO_INTEREST = "This plugin does not support propagateSizeHints()"  # the offscreen platform, of every dialog
LONG = 30_000  # milliseconds; a limit for hanging, not a measure


class Heard:
    """Everything a runner said, in order."""

    def __init__(self, runner: Runner) -> None:
        self.batches: list[list[Event]] = []
        self.states: list[State] = []
        self.waits: list[str] = []
        self.ended: list[RunEnded] = []
        runner.events.connect(self.batches.append)
        runner.state_changed.connect(self.states.append)
        runner.waiting_changed.connect(self.waits.append)
        runner.finished.connect(self.ended.append)

    @property
    def events(self) -> list[Event]:
        return [event for batch in self.batches for event in batch]

    def of(self, kind: Any) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]


class Gate:
    """Holds a FakeEngine at ``where`` ("start", "step", "chunk", "save"), the ``nth`` time it comes there."""

    def __init__(self, where: str, nth: int = 1) -> None:
        self.where, self._left = where, nth
        self.reached, self._opened = threading.Event(), threading.Event()

    def __call__(self, where: str) -> None:
        self._left -= where == self.where
        if where == self.where and self._left <= 0:
            self.reached.set()
            assert self._opened.wait(LONG / 1000), "the test did not open the gate"

    def open(self) -> None:
        """Nothing is held any more."""
        self._opened.set()


def threads() -> int:
    """The threads of this process, Python's and Qt's and all others; a joined one takes a moment to go."""
    counts = [0]
    while len(counts) < 4 or len(set(counts[-4:])) > 1:
        time.sleep(0.01)
        counts.append(len(os.listdir("/proc/self/task")))
    return counts[-1]


def thread_numbers() -> set[str]:
    """The system's numbers of the threads that ``threads`` counts. Those of earlier tests may end at any time, so that
    a count alone can hide a new one."""
    threads()  # until joined ones are gone
    return set(os.listdir("/proc/self/task"))


def program(*arguments: str) -> subprocess.Popen[str]:
    """Start the window-like program of these tests."""
    return subprocess.Popen(
        [sys.executable, "-X", "faulthandler", "-W", "error", "-m", "tests.bridge.little_app", *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def outcome(process: subprocess.Popen[str], seconds: float = 60) -> tuple[int, list[str]]:
    """Exit code and lines of a program that must end by itself; what it says on stderr counts as a line."""
    try:
        said, errors = process.communicate(timeout=seconds)
    finally:
        process.kill()
    lines = [*said.splitlines(), *errors.splitlines()]
    return process.returncode, [line for line in lines if line != _OF_NO_INTEREST]
