"""The evaluations of a run as columns, read from its History."""

from __future__ import annotations

import math
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from workbench.engine.core.events import Evaluated, Measured
from workbench.engine.run_store.history import History

Floats = npt.NDArray[np.float64]
XMode = Literal["step", "epoch", "time"]

_COLUMNS: Final = (
    "step",
    "epoch",
    "seconds",
    "train_loss",
    "train_accuracy",
    "val_loss",
    "val_accuracy",
    "running_loss",
    "running_accuracy",
    "gap_loss",
    "effect_loss",
    "is_best",
    "ema_loss",
    "ema_accuracy",
    "mean_loss",
    "mean_accuracy",
    "ensemble_loss",
    "ensemble_accuracy",
)
_AT: Final = {name: index for index, name in enumerate(_COLUMNS)}


class EpochTable:
    """Append-only: ``update`` reads only new evaluations, so thousands of them add no cost to a frame."""

    def __init__(self, history: History) -> None:
        self.history = history
        self._rows = np.empty((64, len(_COLUMNS)))
        self.size = 0
        #: Columns with at least one finite number.
        self.known: frozenset[str] = frozenset()

    def update(self) -> bool:
        """Read the new evaluations; False if there are none."""
        new = self.history.evaluations[self.size :]
        if not new:
            return False
        while self.size + len(new) > len(self._rows):
            self._rows = np.concatenate([self._rows, np.empty_like(self._rows)])
        first = self.size
        for epoch in new:
            self._rows[self.size] = _row(epoch)
            self.size += 1
        there = np.asarray(np.isfinite(self._rows[first : self.size]).any(axis=0))
        self.known |= {name for name, index in _AT.items() if there[index]}
        return True

    def column(self, name: str) -> Floats:
        """A column's values so far."""
        return self._rows[: self.size, _AT[name]]

    def x(self, mode: XMode) -> Floats:
        """The x values of the evaluations."""
        if mode == "time":
            return self.column("seconds")
        steps = self.column("step")
        return steps if mode == "step" else steps / self.steps_per_epoch

    @property
    def steps_per_epoch(self) -> int:
        started = self.history.started
        return max(1, started.steps_per_epoch) if started else 1

    @property
    def has_start(self) -> bool:
        """Whether the first row was measured before the first step."""
        return self.size > 0 and self.column("step")[0] == 0

    @property
    def best(self) -> int | None:
        """The row of the best validation so far; that before the first step never is."""
        if not self.size or not np.isfinite(self._rows[: self.size, _AT["val_loss"]]).any():
            return None
        found = np.flatnonzero((self.column("is_best") > 0) & (self.column("step") > 0))
        return int(found[-1]) if len(found) else None

    def nearest(self, x: float, mode: XMode) -> int | None:
        """The row whose x is nearest."""
        return int(np.argmin(np.abs(self.x(mode) - x))) if self.size else None


def _row(epoch: Evaluated) -> tuple[float, ...]:
    train_loss, train_accuracy = _pair(epoch.train_eval)
    val_loss, val_accuracy = _pair(epoch.val)
    running_loss = math.nan if epoch.running_loss is None else epoch.running_loss
    running_accuracy = math.nan if epoch.running_accuracy is None else epoch.running_accuracy
    return (
        epoch.step,
        epoch.epochs_done,
        epoch.seconds,
        train_loss,
        train_accuracy,
        val_loss,
        val_accuracy,
        running_loss,
        running_accuracy,
        val_loss - train_loss,
        running_loss - train_loss,
        epoch.is_best,
        *_pair(epoch.averages.get("ema")),
        *_pair(epoch.averages.get("mean")),
        *_pair(epoch.averages.get("ensemble")),
    )


def _pair(measured: Measured | None) -> tuple[float, float]:
    return (math.nan, math.nan) if measured is None else (measured.loss, measured.accuracy)
