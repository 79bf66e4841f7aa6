"""The common x range of all subplots: follows the run with hysteresis until the user zooms."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

import numpy as np

from workbench.engine.run_store.history import History
from workbench.views.plots.epoch_table import EpochTable
from workbench.views.plots.run_curves import RunCurves, XAxis
from workbench.views.plots.subplot_lines import Ghost

#: The axis ends at 1.5 times the length of a growing curve, or at the planned end if that is at most 3 times as far.
_AHEAD: Final = 1.5
#: The axis covers this many steps from the start, so that it does not grow many times in a fast run's first second.
_AT_LEAST: Final = 200
_PLAN_IN_SIGHT: Final = 3.0
#: The axis is longer than the run by this factor.
_MARGIN: Final = 1.01


class XRange:
    """``range`` is in units of the x axis; ``fixed`` is True while the user has zoomed."""

    def __init__(self) -> None:
        self.fixed = False
        self.range = (0.0, 1.0)

    def fix(self, low: float, high: float) -> None:
        """Set the range to what the user chose."""
        if math.isfinite(low) and math.isfinite(high) and high - low > 1e-9 * max(1.0, abs(low), abs(high)):
            self.fixed, self.range = True, (low, high)

    def follow(self, x_axis: XAxis, curves: RunCurves, table: EpochTable, ghosts: list[Ghost]) -> bool:
        """Fit the range to the run; True if it moved."""
        if self.fixed:
            return False
        end = self._end(x_axis, curves, table)
        if curves.history.started is None and not end:
            return self._follow_others(x_axis, ghosts)
        wanted = end  # a longer run beside it does not set the range
        ended = curves.history.ended is not None
        low, high = self.range
        if low == 0.0 and not ended and wanted <= high and wanted * _AHEAD * _PLAN_IN_SIGHT > high:
            return False
        span = wanted if ended else max(wanted, self._ahead(end, x_axis, curves.history))
        if not ended and x_axis.mode != "time":
            span = max(span, float(x_axis.x(min(_AT_LEAST, planned_steps(curves.history) or 0))))
        moved = (0.0, (span or 1.0) * _MARGIN)
        if moved == self.range:
            return False
        self.range = moved
        return True

    def _follow_others(self, x_axis: XAxis, ghosts: list[Ghost]) -> bool:
        """There is no run of its own: the longest of the others sets the range."""
        ends = [float(np.nanmax(g.table.x(x_axis.mode))) for g in ghosts if g.shown and g.table.size]
        moved = (0.0, (max(ends, default=0.0) or 1.0) * _MARGIN)
        if moved == self.range:
            return False
        self.range = moved
        return True

    def end(self, x_axis: XAxis, history: History) -> float | None:
        """Where the run ends, or is planned to, if the axis ends there; else None."""
        last = self.range[1] / _MARGIN
        if self.fixed or history.started is None:
            return None
        planned = float(x_axis.x(planned_steps(history) or 0)) if x_axis.mode != "time" else 0.0
        return last if history.ended is not None or math.isclose(last, planned) else None

    def columns(self, x_axis: XAxis, width: int, start: int, stop: int) -> tuple[int, int]:
        """The pixel columns of the steps ``[start, stop)``, with a margin of two."""
        low, high = self.range
        places = (x_axis.x([start, stop]) - low) * (width / (high - low))
        return int(np.clip(places[0] - 2, 0, width)), int(np.clip(places[1] + 2, 0, width))

    def edges(self, x_axis: XAxis, width: int, first: int, last: int) -> np.ndarray:
        """The steps at the edges of the columns ``[first, last)``, in ascending order."""
        low, high = self.range
        places = low + np.arange(first, last + 1) * ((high - low) / width)
        return np.asarray(np.maximum.accumulate(x_axis.steps(places)))

    @staticmethod
    def _end(x_axis: XAxis, curves: RunCurves, table: EpochTable) -> float:
        end = float(x_axis.x(curves.count))
        return max(end, float(table.x(x_axis.mode)[-1])) if table.size else end

    @staticmethod
    def _ahead(end: float, x_axis: XAxis, history: History) -> float:
        planned = planned_steps(history)
        last = float(x_axis.x(planned)) if planned and x_axis.mode != "time" else math.inf
        return last if end * _PLAN_IN_SIGHT >= last >= end else min(end * _AHEAD, last) if last > end else end * _AHEAD


def planned_steps(history: History) -> int | None:
    """The planned number of steps, with edits of the number of epochs; None if it is unknown."""
    started = history.started
    loop = started.spec.get("loop") if started else None
    epochs = loop.get("epochs") if isinstance(loop, Mapping) else None
    for edit in history.edits:
        epochs = edit.new if edit.path == "loop.epochs" else epochs
    return int(epochs) * max(1, started.steps_per_epoch) if started and isinstance(epochs, int) else None
