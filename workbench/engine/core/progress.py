"""Progress of long work that yields how far it is, and the callbacks that show and cancel it."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Loading:
    """``done`` of ``total`` files (or pictures) are read; ``words`` say what is being done or waited for."""

    done: int
    total: int
    words: str


Watch = Callable[[Loading], object]


def finished(loading: Generator[Loading, None, Any], watch: Watch | None = None) -> Any:
    """The result of ``loading``; ``watch`` is told how far it is, and ends it by raising."""
    try:
        while True:
            told = next(loading)
            if watch is not None:
                watch(told)
    except StopIteration as end:
        return end.value
    finally:
        loading.close()


#: How far the work is, 0 to 1, and a few words; and whether it is no longer wanted.
Progress = Callable[[float, str], None]


IsCancelled = Callable[[], bool]
