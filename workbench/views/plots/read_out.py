"""All values at one x position, for the crosshair and the labels."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from workbench.views.plots.epoch_table import EpochTable
from workbench.views.plots.mean_table import MeanTable
from workbench.views.plots.racer_table import RacerTable
from workbench.views.plots.run_curves import CURVES, RunCurves, XAxis
from workbench.views.plots.series import Series, StepSeries

if TYPE_CHECKING:
    from workbench.views.plots.subplot import Subplot

Dot = tuple[float, float, str]


@dataclass(frozen=True, slots=True)
class ReadOut:
    """``values`` of a step, ``row`` of an evaluation, a row of each ghost; ``x`` is None for the last values."""

    x: float | None
    step: int
    values: np.ndarray | None
    row: int | None
    ghost_rows: list[int | None]
    words: str

    def as_dict(self, subplots: Sequence[Subplot], table: EpochTable) -> dict[str, float]:
        """Values by ``subplot.curve``, for curves that are shown and have one."""
        found = {}
        for subplot in subplots:
            for series in subplot.spec.series:
                value = self.value(series, table)
                if subplot.shows(series.name) and not math.isnan(value):
                    found[f"{subplot.spec.name}.{series.name}"] = value
        return found

    def value(self, series: Series, table: EpochTable) -> float:
        """A curve's value here; NaN if there is none."""
        if isinstance(series, StepSeries):
            return math.nan if self.values is None else float(self.values[CURVES.index(series.column)])
        return math.nan if self.row is None else float(table.column(series.column)[self.row])

    def cross(self, subplot: Subplot, x_axis: XAxis, table: EpochTable) -> tuple[float | None, list[Dot]]:
        """The crosshair's x pixel in a subplot, and a dot on each of its curves."""
        if self.x is None:
            return None, []
        viewport, dots = subplot.viewport, []
        for series in subplot.spec.series:
            value = self.value(series, table)
            if not subplot.shows(series.name) or math.isnan(value):
                continue
            at = float(x_axis.x(self.step + 0.5)) if isinstance(series, StepSeries) else table.x(x_axis.mode)[self.row]
            x, y = float(viewport.x(at)), float(viewport.y(value))
            if math.isfinite(y) and 0 <= x <= viewport.width:
                dots.append((x, y, str(getattr(subplot.colours, series.colour))))
        return float(viewport.x(self.x)), dots


def read_out(
    x: float | None,
    x_axis: XAxis,
    curves: RunCurves,
    table: EpochTable,
    ghosts: Sequence[EpochTable | MeanTable | RacerTable],
) -> ReadOut:
    """The values of the step at ``x`` and of the nearest evaluation; the last ones if ``x`` is None."""
    if x is None:
        rows = [ghost.size - 1 if ghost.size else None for ghost in ghosts]
        step = curves.count - 1
        return ReadOut(None, step, curves.at(step), table.size - 1 if table.size else None, rows, "")
    step = math.floor(float(x_axis.steps(x)))
    rows = [ghost.nearest(x, x_axis.mode) for ghost in ghosts]
    return ReadOut(x, step, curves.at(step), table.nearest(x, x_axis.mode), rows, x_axis.words(x))
