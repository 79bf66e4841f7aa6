"""A disk that fails at the n-th call."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

#: The functions of ``os`` that writing a file uses.
CALLS = ("open", "write", "fsync", "close", "replace")


@contextmanager
def failing(nth: int, number: int) -> Iterator[list[str]]:
    """Within it the ``nth`` call (from 1) of CALLS raises an OSError; the list has all calls."""
    real: dict[str, Callable[..., Any]] = {name: getattr(os, name) for name in CALLS}
    made: list[str] = []

    def faked(name: str) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            made.append(name)
            if len(made) == nth:
                if name == "close":
                    real[name](*arguments)  # a failed close has closed it all the same
                raise OSError(number, os.strerror(number))
            return real[name](*arguments, **options)

        return call

    for name in CALLS:
        setattr(os, name, faked(name))
    try:
        yield made
    finally:
        for name in CALLS:
            setattr(os, name, real[name])
