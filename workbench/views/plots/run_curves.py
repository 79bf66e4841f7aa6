"""The per-step curves of one run, ready to be drawn at any zoom: follows a StepStore by index."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from workbench.engine.core.step_store import COLUMNS
from workbench.engine.core.text import grouped
from workbench.engine.run_store.history import History
from workbench.views.plots.epoch_table import XMode
from workbench.views.plots.min_max_pyramid import Pyramid, Spans, joined, line_spans
from workbench.views.plots.smoothing import Smoother

Floats = npt.NDArray[np.float64]

#: The curves of a step, in the order of their rows here.
CURVES: Final = ("loss", "accuracy", "lr", "grad_norm")
_TAKE: Final = [COLUMNS.index(name) for name in CURVES]
_SECONDS: Final = COLUMNS.index("seconds")
#: Up to this many steps a pixel the points themselves are read and joined by lines; in a long run, whose blocks are
#: larger, up to half a block, at most this number.
_SPARSE: Final = 4
_MOST_READ: Final = 64
#: Steps taken over at once: a long run that is opened must not double the memory.
_PIECE: Final = 1 << 16
#: Blocks of the smoothed curves; a longer run has blocks of 8 steps, as the raw curves do.
_SMOOTH_BLOCKS: Final = 1 << 15


class RunCurves:
    """Polls one History's steps. Rows of every answer are ``CURVES``; x is in steps."""

    def __init__(self, history: History, smoothing: float = 0.0) -> None:
        self.history = history
        self.clock = Clock()
        self._raw = Pyramid(len(CURVES))
        self._taken = 0
        self.smoothing = smoothing
        self._start_smoothing()

    @property
    def count(self) -> int:
        """Steps taken over so far."""
        return self._taken

    def poll(self) -> int:
        """Take over the steps that are new and return how many."""
        before = self._taken
        while self._taken < self.history.steps.count:
            first, rows = self.history.steps.read(self._taken, self._taken + _PIECE)
            if first > self._taken:  # before the first step of a fork, or overwritten before it was read
                self._leave_out(min(first - self._taken, _PIECE))
                continue
            if len(rows):
                self.clock.extend(first, rows[:, _SECONDS])
                self._append(rows[:, _TAKE].T)
        return self._taken - before

    def smooth(self, weight: float) -> None:
        """Smooth with another weight (0: not at all): what the store still holds is smoothed anew."""
        if weight != self.smoothing:
            self.smoothing = weight
            self._start_smoothing()
            self._smooth_up_to(self._taken)

    def spans(self, edges: Floats) -> Spans:
        """The raw curves between neighbouring ``edges`` (in steps, never falling)."""
        if edges[-1] - edges[0] <= max(_SPARSE, min(self._raw.base // 2, _MOST_READ)) * (len(edges) - 1):
            start, stop = max(0, int(edges[0]) - 2), min(self._taken, int(np.ceil(edges[-1])) + 2)
            first, rows = self.history.steps.read(start, stop)
            if first in (start, self.history.steps.begin_step) or first >= stop:
                return line_spans(np.arange(first, first + len(rows)) + 0.5, rows[:, _TAKE].T, edges)
        return joined(self._raw.query(edges))

    def smooth_spans(self, edges: Floats) -> Spans:
        """As ``spans``, of the smoothed curves."""
        smooth = self._smooth
        if edges[-1] - edges[0] <= _SPARSE * smooth.base * (len(edges) - 1):
            index, values = smooth.points(float(edges[0]), float(edges[-1]))
            held = index > self.history.steps.begin_step
            return line_spans(index[held], values[:, held], edges)
        return joined(smooth.query(edges))

    def at(self, step: int) -> Floats | None:
        """The values of one step, None if there is none or it is no longer held."""
        if not 0 <= step < self._taken:
            return None
        first, rows = self.history.steps.read(step, step + 1)
        return rows[0, _TAKE] if first == step and len(rows) else None

    @property
    def last(self) -> Floats | None:
        """The values of the last step."""
        return self.at(self._taken - 1)

    def _append(self, values: Floats) -> None:
        self._raw.append(values)
        self._taken += values.shape[1]
        if self.smoothing > 0:
            self._smooth.append(self._smoother.extend(values))

    def _leave_out(self, steps: int) -> None:
        self._raw.leave_out(steps)
        self._taken += steps
        if self.smoothing > 0:
            self._smooth.leave_out(steps)

    def _start_smoothing(self) -> None:
        self._smoother = Smoother(self.smoothing, len(CURVES))
        self._smooth = Pyramid(len(CURVES), base=1, limit=_SMOOTH_BLOCKS)

    def _smooth_up_to(self, stop: int) -> None:
        if self.smoothing <= 0:
            return
        while self._smooth.count < stop:
            at = self._smooth.count
            first, rows = self.history.steps.read(at, min(at + _PIECE, stop))
            if first > at:
                self._smooth.leave_out(min(first - at, _PIECE))
                continue
            if len(rows):
                self._smooth.append(self._smoother.extend(rows[:, _TAKE].T))


class Clock:
    """Steps to training seconds and back, from every n-th step; bounded memory."""

    _LIMIT: Final = 1 << 13

    def __init__(self) -> None:
        self._every = 1
        self._steps = np.zeros(1)
        self._seconds = np.zeros(1)
        self._end = (0.0, 0.0)

    def extend(self, first: int, seconds: Floats) -> None:
        """``seconds[i]`` is the time when step ``first + i`` was done."""
        if not len(seconds):
            return
        rising = np.maximum.accumulate(np.where(np.isfinite(seconds), seconds, 0.0))
        rising = np.maximum(rising, self._end[1])
        self._end = float(first + len(seconds)), float(rising[-1])
        wanted = rising[-(first + 1) % self._every :: self._every]
        if len(wanted):
            begin = first + 1 + -(first + 1) % self._every
            self._steps = np.concatenate([self._steps, begin + self._every * np.arange(0.0, len(wanted))])
            self._seconds = np.concatenate([self._seconds, wanted])
        while len(self._steps) > self._LIMIT:
            self._every *= 2
            wanted = self._steps % self._every == 0
            self._steps, self._seconds = self._steps[wanted], self._seconds[wanted]

    def seconds(self, steps: npt.ArrayLike) -> Floats:
        """The training time at finished ``steps``."""
        at, when = self._pair
        return np.asarray(np.interp(np.asarray(steps, np.float64), at, when))

    def steps(self, seconds: npt.ArrayLike) -> Floats:
        """The finished steps at a training time; beyond the end by the mean rate."""
        at, when = self._pair
        ahead = np.maximum(0.0, np.asarray(seconds, np.float64) - when[-1]) * (at[-1] / max(when[-1], 1e-9))
        return np.asarray(np.interp(np.asarray(seconds, np.float64), when, at)) + ahead

    @property
    def _pair(self) -> tuple[Floats, Floats]:
        if self._end[0] <= self._steps[-1]:
            return self._steps, self._seconds
        return np.append(self._steps, self._end[0]), np.append(self._seconds, self._end[1])


class XAxis:
    """One x axis: steps, epochs or training seconds, each a rising function of the steps."""

    def __init__(self, mode: XMode, curves: RunCurves) -> None:
        self.mode = mode
        self._curves = curves
        started = curves.history.started
        self._per_epoch = max(1, started.steps_per_epoch) if started else 1

    def x(self, steps: npt.ArrayLike) -> Floats:
        """Positions of finished steps."""
        if self.mode == "time":
            return self._curves.clock.seconds(steps)
        return np.asarray(steps, np.float64) / (self._per_epoch if self.mode == "epoch" else 1)

    def steps(self, x: npt.ArrayLike) -> Floats:
        """Steps at positions."""
        if self.mode == "time":
            return self._curves.clock.steps(x)
        return np.asarray(x, np.float64) * (self._per_epoch if self.mode == "epoch" else 1)

    def words(self, x: float) -> str:
        """A position in all three units."""
        step = max(0, int(self.steps(x)))
        seconds = float(self._curves.clock.seconds(step))
        return f"step {grouped(step)} · epoch {grouped(step / self._per_epoch, 2)} · {grouped(seconds, 1)} s"


#: What the axis is called in each mode.
X_TITLES: Final[dict[XMode, str]] = {"step": "step", "epoch": "epoch", "time": "training time, seconds"}
