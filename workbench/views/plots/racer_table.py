"""A racer's steps and evaluations as columns over one x: a curve that is live at every step, thinned to what a plot
shows."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from workbench.engine.core.step_store import COLUMNS, StepStore
from workbench.engine.run_store.history import History
from workbench.views.plots.epoch_table import XMode

Floats = npt.NDArray[np.float64]

#: Steps over which the training loss is averaged; more where a point of the curve is the mean of more.
SMOOTHED: Final = 20
#: Points of a curve at most; beyond, two neighbours become one.
_MOST: Final = 240
#: A loss of more than this times the first one does not stretch the axis.
_FAR: Final = 2.0
_USED: Final = tuple(COLUMNS.index(name) for name in ("loss", "lr", "seconds"))


class StepMeans:
    """The steps of a store as means of ``stride`` neighbours, read on at each ``update``."""

    def __init__(self, store: StepStore) -> None:
        self._store, self.stride = store, 1
        #: The loss of the very first step; None before.
        self.first_loss: float | None = None
        self._blocks: Floats = np.empty((0, len(_USED)))
        self._rest: Floats = np.empty((0, len(_USED)))

    def update(self) -> bool:
        """Read the steps that are new; whether there are any."""
        seen = len(self._blocks) * self.stride + len(self._rest)
        _, rows = self._store.read(seen)
        if not len(rows):
            return False
        if self.first_loss is None and np.isfinite(rows[0, _USED[0]]):
            self.first_loss = float(rows[0, _USED[0]])
        rows = np.concatenate([self._rest, rows[:, _USED]])
        self._add(rows)
        while len(self._blocks) > _MOST:
            self._halve()
        return True

    def _add(self, rows: Floats) -> None:
        whole = len(rows) // self.stride * self.stride
        made = rows[:whole].reshape(-1, self.stride, len(_USED)).mean(axis=1)
        self._blocks, self._rest = np.concatenate([self._blocks, made]), rows[whole:]

    def _halve(self) -> None:
        even = len(self._blocks) // 2 * 2
        odd = np.repeat(self._blocks[even:], self.stride, axis=0)
        self._blocks = self._blocks[:even].reshape(-1, 2, len(_USED)).mean(axis=1)
        self.stride *= 2
        self._add(np.concatenate([odd, self._rest]))

    @property
    def steps(self) -> Floats:
        """The finished steps at each point; the last is the newest step."""
        ends = self.stride * np.arange(1, len(self._blocks) + 1, dtype=float)
        newest = len(self._blocks) * self.stride + len(self._rest)
        return np.append(ends, newest) if len(self._rest) else ends

    @property
    def rows(self) -> Floats:
        """Loss, rate and seconds at each point (n, 3); the loss is averaged over about ``SMOOTHED`` steps."""
        rows = np.concatenate([self._blocks, self._rest.mean(0, keepdims=True)]) if len(self._rest) else self._blocks
        width = -(-SMOOTHED // self.stride)
        return np.column_stack([_averaged(rows[:, 0], width), rows[:, 1:]])


def _averaged(values: Floats, width: int) -> Floats:
    """The mean of each value and up to ``width`` − 1 before it; from one that is not finite on they begin anew."""
    if width < 2 or not len(values):
        return values
    if not np.isfinite(values).all():
        return np.array([values[max(0, at - width + 1) : at + 1].mean() for at in range(len(values))])
    sums = np.concatenate([[0.0], np.cumsum(values)])
    at = np.arange(1, len(values) + 1)
    begin = np.maximum(0, at - width)
    means: Floats = (sums[at] - sums[begin]) / (at - begin)
    return means


class RacerTable:
    """Read as an EpochTable: at each point of its steps and at each evaluation. Between two evaluations a measured
    curve is a straight line, as it is drawn."""

    def __init__(self, history: History) -> None:
        self.history = history
        self._means = StepMeans(history.steps)
        self._seen = -1
        self._x: Floats = np.empty(0)
        self._columns: dict[str, Floats] = {}

    def update(self) -> bool:
        """Take over what is new; whether there is anything."""
        has_steps, has_events = self._means.update(), self._seen != self.history.revision
        if has_steps or has_events:
            self._seen = self.history.revision
            self._fill()
        return has_steps or has_events

    def _fill(self) -> None:
        steps, rows, evaluations = self._means.steps, self._means.rows, self.history.evaluations
        at = evaluations.column("step").astype(float)
        self._x = np.union1d(steps, at)
        for place, name in enumerate(("running_loss", "lr", "seconds")):
            self._columns[name] = _between(self._x, steps, rows[:, place])
        for part in ("train_eval", "val"):
            for what in ("loss", "accuracy"):
                values = evaluations.measured(part, what)
                found = self._columns[f"{part.partition('_')[0]}_{what}"] = _between(self._x, at, values)
                if len(values) and len(found):
                    found[-1] = values[-1]  # where it is now: the last that was measured

    @property
    def size(self) -> int:
        """The points."""
        return len(self._x)

    def column(self, name: str) -> Floats:
        """The values of a curve; NaN where it has none."""
        return self._columns.get(name, np.full(self.size, np.nan))

    def in_range(self, name: str) -> Floats:
        """Those values of a column that an axis is to show: the loss of a racer that diverges leaves the plot."""
        values = self.column(name)
        first = self._means.first_loss
        return values[values <= _FAR * first] if name.endswith("loss") and first is not None else values

    def x(self, mode: XMode) -> Floats:
        """Steps, epochs or seconds of training at each point."""
        if mode == "time":
            return np.nan_to_num(self.column("seconds"))
        started = self.history.started
        return self._x / max(1, started.steps_per_epoch) if mode == "epoch" and started is not None else self._x

    def nearest(self, x: float, mode: XMode) -> int | None:
        """The row whose x is nearest."""
        return int(np.argmin(np.abs(self.x(mode) - x))) if self.size else None


def _between(x: Floats, at: Floats, values: Floats) -> Floats:
    """``values`` at the places ``at``, linear in between and NaN outside."""
    if not len(at):
        return np.full(len(x), np.nan)
    with np.errstate(invalid="ignore"):
        found: Floats = np.interp(x, at, values, left=np.nan, right=np.nan)
    return found
