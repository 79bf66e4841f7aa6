"""The one protocol of long work: a generator that yields how far it is and returns its result.

Closing the generator cancels the work. ``finished`` runs it to its end and reports its progress; ``Returned`` iterates
over it where the caller has something to do between two yields.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")
Y = TypeVar("Y")
Z = TypeVar("Z")


@dataclass(frozen=True, slots=True)
class Loading:
    """Progress: ``done`` of ``total`` items (0 of 0 where they cannot be counted); ``words`` say what is being done."""

    done: int
    total: int
    words: str


#: Long work with the result T.
Job = Generator[Loading, None, T]
#: Gets the progress of a job; cancels it by raising.
Watch = Callable[[Loading], object]
#: Progress as a task of a background thread reports it: a share from 0 to 1 (0 if unknown) and words.
Progress = Callable[[float, str], None]
#: Whether the result of a task is no longer wanted.
IsCancelled = Callable[[], bool]


class Returned(Generic[Y, T]):
    """Iterates once over a generator; ``result`` is what it returned. Unset while it has not ended."""

    result: T

    def __init__(self, work: Generator[Y, None, T]) -> None:
        self._work = work

    def __iter__(self) -> Iterator[Y]:
        self.result = yield from self._work

    def close(self) -> None:
        """Cancel the work."""
        self._work.close()


def finished(work: Generator[Y, None, T], watch: Callable[[Y], object] | None = None) -> T:
    """The result of ``work``. ``watch`` gets each value that it yields; if it raises, ``work`` is closed."""
    steps = Returned(work)
    try:
        for progress in steps:
            if watch is not None:
                watch(progress)
    finally:
        work.close()
    return steps.result


def translated(work: Generator[Y, None, T], say: Callable[[Y], Z]) -> Generator[Z, None, T]:
    """``work`` with each yielded value replaced by ``say`` of it, for use with ``yield from``."""
    steps = Returned(work)
    try:
        for progress in steps:
            yield say(progress)
    finally:
        work.close()
    return steps.result
