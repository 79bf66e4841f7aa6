"""Daemon threads for one call each, used again while calls follow each other.

A look at one folder makes a dozen short calls; to start and end a thread for each took longer than the calls. A thread
that hangs in the operating system is not among the idle ones, so the next call gets another.
"""

from __future__ import annotations

import os
import queue
import threading
from collections.abc import Callable
from typing import Final

#: Seconds after which an idle thread ends. What is set for each thread, as torch's number of threads, may change later.
_IDLE: Final = 1.0
_idle: list[_Thread] = []
_changing = threading.Lock()


def give(call: Callable[[], None]) -> None:
    """Call ``call``, which must not raise, in an idle thread or a new one."""
    with _changing:
        thread = _idle.pop() if _idle else None
    if thread is None:
        thread = _Thread()
    thread.calls.put(call)


class _Thread:
    def __init__(self) -> None:
        self.calls: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        threading.Thread(target=self._run, name="one call", daemon=True).start()

    def _run(self) -> None:
        while (call := self._next()) is not None:
            call()
            del call  # its objects belong to the caller, who may go on now
            with _changing:
                _idle.append(self)

    def _next(self) -> Callable[[], None] | None:
        """The next call; None if none came in time, and none will."""
        while True:
            try:
                return self.calls.get(timeout=_IDLE)
            except queue.Empty:
                with _changing:
                    if self in _idle:  # else a call was just given
                        _idle.remove(self)
                        return None


def _forget() -> None:
    """In a forked process there are no threads."""
    global _changing
    _changing = threading.Lock()
    _idle.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
