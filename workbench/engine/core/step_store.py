"""The column store of per-step scalars: written by the training thread, polled by index from any thread."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

#: The columns of a step: mean batch cross-entropy, batch accuracy 0–1, effective rate, gradient norm, training seconds.
COLUMNS: Final = ("loss", "accuracy", "lr", "grad_norm", "seconds")

Floats = npt.NDArray[np.float64]


class StepStore:
    """An append-only table in a preallocated ring. One writer, any number of readers, no lock.

    ``count`` is published after a row is complete, so rows below it are always complete. Rows older than
    ``capacity`` are overwritten; ``read`` says from which row it could read.
    """

    def __init__(self, capacity: int = 1 << 20) -> None:
        self.capacity = capacity
        # np.empty touches no memory until rows are written.
        self._rows: Floats = np.empty((capacity, len(COLUMNS)), np.float64)
        self.count = 0

    def append(self, loss: float, accuracy: float, lr: float, grad_norm: float, seconds: float) -> None:
        """Add one step."""
        self._rows[self.count % self.capacity] = (loss, accuracy, lr, grad_norm, seconds)
        self.count += 1

    @property
    def last(self) -> tuple[float, ...]:
        """The newest row; empty before the first."""
        return tuple(self._rows[(self.count - 1) % self.capacity].tolist()) if self.count else ()

    def read(self, start: int, stop: int | None = None) -> tuple[int, Floats]:
        """Rows ``[start, stop)`` as a copy (n, columns), and the first row's true index (later if overwritten)."""
        end = self.count if stop is None else min(stop, self.count)
        first = max(start, self.count - self.capacity, 0)
        if first >= end:
            return end, np.empty((0, len(COLUMNS)))
        low, high = first % self.capacity, (end - 1) % self.capacity + 1
        if low < high:
            return first, self._rows[low:high].copy()
        return first, np.concatenate([self._rows[low:], self._rows[:high]])

    def sampled(self, column: str, most: int) -> tuple[npt.NDArray[np.int64], Floats]:
        """At most ``most`` steps, evenly spread over those held, and their values in one column; both (n,)."""
        end = self.count
        first = max(end - self.capacity, 0)
        steps = np.unique(np.linspace(first, max(first, end - 1), most).round().astype(np.int64))
        steps = steps[steps < end]
        return steps, self._rows[steps % self.capacity, COLUMNS.index(column)]
