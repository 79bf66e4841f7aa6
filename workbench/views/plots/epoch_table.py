"""The evaluations of a run as columns, read from its History."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from workbench.engine.run_store.history import History

Floats = npt.NDArray[np.float64]
XMode = Literal["step", "epoch", "time"]

#: Of each part and average, the name here and in ``Evaluations``.
_MEASURED: Final = {"train": "train_eval", "val": "val", "ema": "ema", "mean": "mean", "ensemble": "ensemble"}
_PAIRS: Final = {f"{name}_{what}": (split, what) for name, split in _MEASURED.items() for what in ("loss", "accuracy")}
_OWN: Final = ("step", "seconds", "lr", "running_loss", "running_accuracy", "is_best", "sharpness", "sharpness_limit")
_SINGLE: Final = {name: name for name in _OWN}
_NAMED: Final = {"epoch": "epochs_done", **_SINGLE}
#: Of two columns, the first minus the second.
_DIFFERENCES: Final = {"gap_loss": ("val_loss", "train_loss"), "effect_loss": ("running_loss", "train_loss")}
_COLUMNS: Final = (*_NAMED, *_PAIRS, *_DIFFERENCES)


class EpochTable:
    """What there was at the last ``update``, without a copy of its own."""

    def __init__(self, history: History) -> None:
        self.history = history
        self.size = 0
        #: Columns with at least one finite number.
        self.known: frozenset[str] = frozenset()
        self._unknown: Sequence[str] = _COLUMNS
        self._x: dict[XMode, Floats] = {}  # the same for all plots
        self._differences: dict[str, Floats] = {}

    def update(self) -> bool:
        """Take over the new evaluations; False if there are none."""
        first, self.size = self.size, len(self.history.evaluations)
        if self.size == first:
            return False
        self._x, self._differences = {}, {}
        there = [name for name in self._unknown if self.has(name)]
        new = {name for name in there if np.isfinite(self.column(name)[first:]).any()}
        if new:
            self.known |= new
            self._unknown = [name for name in self._unknown if name not in new]
        return True

    def has(self, name: str) -> bool:
        """Whether the run can have the column: it is not one of an average that the run has not."""
        split, _ = _PAIRS.get(name, ("val", ""))
        return split in ("train_eval", "val") or self.history.evaluations.has_average(split)

    def column(self, name: str) -> Floats:
        """A column's values so far."""
        if name in _DIFFERENCES:
            return self._difference(name)
        evaluations = self.history.evaluations
        values = evaluations.measured(*_PAIRS[name]) if name in _PAIRS else evaluations.column(_NAMED[name])
        return np.asarray(values[: self.size], np.float64)

    def _difference(self, name: str) -> Floats:
        if name not in self._differences:
            one, other = (self.column(each) for each in _DIFFERENCES[name])
            with np.errstate(invalid="ignore"):  # losses may be infinite
                self._differences[name] = one - other
        return self._differences[name]

    def x(self, mode: XMode) -> Floats:
        """The x values of the evaluations."""
        if mode not in self._x:
            x = self.column("seconds" if mode == "time" else "step")
            self._x[mode] = x / self.steps_per_epoch if mode == "epoch" else x
        return self._x[mode]

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
        if "val_loss" not in self.known:
            return None
        found = np.flatnonzero((self.column("is_best") > 0) & (self.column("step") > 0))
        return int(found[-1]) if len(found) else None

    def nearest(self, x: float, mode: XMode) -> int | None:
        """The row whose x is nearest."""
        return int(np.argmin(np.abs(self.x(mode) - x))) if self.size else None
