"""Blocking I/O in daemon threads, with progress, timeout and cancel.

A thread that hangs in the operating system cannot be ended. It is left behind as a daemon, its result unread.
"""

from __future__ import annotations

import os
import queue
import sys
import threading
import time
from collections.abc import Callable, Generator, Iterator
from typing import Final, Generic, TypeVar

from workbench.engine.core import reading_threads
from workbench.engine.core.progress import Loading, Returned
from workbench.engine.core.text import grouped

T = TypeVar("T")
J = TypeVar("J")

#: How often (seconds) a waiting caller yields: Stop and Cancel act within it.
LOOK_UP: Final = 0.1
#: After this many seconds without a result the message names the drive.
SILENCE: Final = 5.0
#: The maximum number of results computed ahead.
AHEAD: Final = 64
#: A thread that has used more processor time than this (seconds) was not waiting.
_WORKED: Final = 1e-3


def in_daemon_thread(function: Callable[[], T], place: object, words: str) -> Generator[Loading, None, T]:
    """Call ``function`` in a daemon thread; yield Loading (0 of 0, ``words``) every LOOK_UP seconds until it returns.

    After SILENCE seconds in which it computed nothing the words name ``place``, a path; empty: no drive is waited for.
    Returns the result or raises what ``function`` raises.
    """
    slot = _Slot(function)
    reading_threads.give(slot.fill)
    try:
        for silent in _silences(slot, place):
            yield Loading(0, 0, silent.words or words)
        return slot.result()
    finally:
        slot.ready.wait(LOOK_UP)  # where nobody waits any more: most work ends within this time


class Abandoned(Exception):
    """Nobody waits for the result any more."""


class Told:
    """How far work in a daemon thread is; ``tell`` ends it, by Abandoned, once nobody waits for it."""

    def __init__(self) -> None:
        self.done = self.total = 0
        self.is_abandoned = False

    def tell(self, done: int, total: int) -> None:
        """``done`` of ``total`` items are ready. Raises Abandoned."""
        self.done, self.total = done, total
        if self.is_abandoned:
            raise Abandoned


def in_telling_thread(function: Callable[[Told], T], place: object, words: str) -> Generator[Loading, None, T]:
    """As ``in_daemon_thread`` for a function that tells how far it is; closing the generator ends it soon."""
    told = Told()
    steps = Returned(in_daemon_thread(lambda: function(told), place, words))
    try:
        for loading in steps:
            yield Loading(told.done, told.total, loading.words)
    finally:
        told.is_abandoned = True
        steps.close()
    return steps.result


def usual_workers() -> int:
    """How many threads decode: one core stays free."""
    return max(1, min(8, (os.cpu_count() or 2) - 1))


def silence_words(place: object, seconds: float) -> str:
    """The sentence about the drive of ``place``, silent for ``seconds``; empty before SILENCE or without a place."""
    if seconds < SILENCE or not str(place):
        return ""
    whole = seconds // SILENCE * SILENCE  # the sentence changes every SILENCE seconds only
    return f"Waiting for {place}: no answer for {grouped(whole)} s. Is the drive connected?"


def processor_clock() -> Callable[[], float]:
    """A function that gives the processor seconds of the thread that calls this now; 0 once the thread has ended.

    Always 0 where the system cannot tell (Windows, macOS).
    """
    if sys.platform != "linux":
        return lambda: 0.0
    clock = time.pthread_getcpuclockid(threading.get_ident())

    def seconds() -> float:
        try:
            return time.clock_gettime(clock)
        except OSError:  # the thread has ended
            return 0.0

    return seconds


class Quiet:
    """How long nothing was done: neither anything reported nor any processor time used."""

    def __init__(self) -> None:
        self._used = 0.0
        self._since = time.monotonic()

    def reset(self) -> None:
        """Something was done just now."""
        self._since = time.monotonic()

    def seconds(self, used: float) -> float:
        """The time without activity. ``used``: processor seconds so far of the threads that are waited for."""
        if abs(used - self._used) > _WORKED:
            self._used = used
            self.reset()
        return time.monotonic() - self._since


class Silent:
    """No result within LOOK_UP seconds; ``words`` are for the user, empty before SILENCE."""

    def __init__(self, words: str) -> None:
        self.words = words


class Done(Generic[T]):
    """A result."""

    def __init__(self, value: T) -> None:
        self.value = value


def in_order(
    jobs: Iterator[J], work: Callable[[J], T], place: Callable[[J], object], workers: int | None = None
) -> Generator[Silent | Done[T], None, None]:
    """``work`` of each job in the jobs' order, computed ahead by several threads; Silent where one takes long.

    An exception of ``work`` is raised here. Closing the generator ends the threads after the jobs they are at.
    """
    pool = _Pool(work, workers if workers is not None else usual_workers())
    waiting: list[tuple[J, _Slot[T]]] = []
    try:
        for job in jobs:
            waiting.append((job, pool.give(job)))
            if len(waiting) >= AHEAD:
                yield from _taken(*waiting.pop(0), place)
        for job, slot in waiting:
            yield from _taken(job, slot, place)
    finally:
        pool.end()


def _taken(job: J, slot: _Slot[T], place: Callable[[J], object]) -> Iterator[Silent | Done[T]]:
    yield from _silences(slot, place(job))
    yield Done(slot.result())


def _silences(slot: _Slot[T], place: object) -> Iterator[Silent]:
    quiet = Quiet()
    while not slot.ready.wait(LOOK_UP):
        yield Silent(silence_words(place, quiet.seconds(slot.used())))


class _Slot(Generic[T]):
    """A computation and room for its result. The thread that computes keeps nothing of either once it is ready."""

    def __init__(self, compute: Callable[[], T]) -> None:
        self.ready = threading.Event()
        self._compute = [compute]
        self._value: list[T] = []
        self._error: list[BaseException] = []
        #: The processor seconds that it has taken so far.
        self.used: Callable[[], float] = _none

    def fill(self) -> None:
        clock = processor_clock()
        before = clock()
        self.used = lambda: clock() - before
        try:
            self._value.append(self._compute.pop()())
        except BaseException as error:
            self._error.append(error)
        self.ready.set()

    def result(self) -> T:
        if self._error:
            raise self._error.pop()
        return self._value.pop()


def _none() -> float:
    """Nobody works at it yet."""
    return 0.0


class _Pool(Generic[J, T]):
    """A few daemon threads. (An executor of the standard library joins its threads at exit, hung ones included.)"""

    def __init__(self, work: Callable[[J], T], workers: int) -> None:
        self._work = work
        self._queue: queue.SimpleQueue[_Slot[T] | None] = queue.SimpleQueue()
        self._ended = False
        self._threads = [threading.Thread(target=self._run, name="reading", daemon=True) for _ in range(workers)]
        for thread in self._threads:
            thread.start()

    def give(self, job: J) -> _Slot[T]:
        slot = _Slot(lambda: self._work(job))
        self._queue.put(slot)
        return slot

    def end(self) -> None:
        self._ended = True
        for _ in self._threads:
            self._queue.put(None)
        for thread in self._threads:
            thread.join(LOOK_UP)

    def _run(self) -> None:
        while (slot := self._queue.get()) is not None and not self._ended:
            slot.fill()
