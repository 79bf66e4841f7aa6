"""Keeps the data that was loaded last in memory, and decides when a large array is dropped."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from typing import Any, Final

import numpy.typing as npt

#: Smaller arrays (bytes) are kept also while a run trains on other data.
KEEP_BELOW: Final = 8 * 2**20


class ArrayHolder:
    """A strong reference to one array. Thread-safe; no method waits for a disk.

    A run that begins drops nothing yet: what is held is usually what it is about to train on.

    Others hold arrays by weak references only, so this object alone decides: the newest array is kept, but a large one
    is dropped while a run trains and nothing reads it. A run that trains on an array keeps it alive itself, so later
    requests for the same data share the run's memory.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._array: npt.NDArray[Any] | None = None
        self._runs = self._readers = 0

    def hold(self, array: npt.NDArray[Any]) -> None:
        """Keep ``array`` instead of the one before."""
        with self._lock:
            self._array = array
            self._tidy()

    def release(self) -> None:
        """Keep nothing: another set is about to be loaded, and two large ones need not fit into memory."""
        with self._lock:
            self._array = None

    @contextlib.contextmanager
    def run(self) -> Iterator[None]:
        """A run trains inside the ``with`` block."""
        with self._count(runs=1):
            yield

    @contextlib.contextmanager
    def reader(self) -> Iterator[None]:
        """Something is computed from the data in several requests inside the ``with`` block."""
        with self._count(readers=1):
            yield

    @contextlib.contextmanager
    def _count(self, runs: int = 0, readers: int = 0) -> Iterator[None]:
        self._change(runs, readers)
        try:
            yield
        finally:
            self._change(-runs, -readers)

    def _change(self, runs: int, readers: int) -> None:
        with self._lock:
            self._runs += runs
            self._readers += readers
            if runs <= 0:
                self._tidy()

    def _tidy(self) -> None:
        if self._runs and not self._readers and self._array is not None and self._array.nbytes >= KEEP_BELOW:
            self._array = None
