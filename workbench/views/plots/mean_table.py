"""The evaluations of runs that differ in their seed alone as one curve with a band."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from workbench.engine.shelf.bands import Band, band
from workbench.views.plots.epoch_table import EpochTable, XMode

Floats = npt.NDArray[np.float64]


class MeanTable:
    """Read as an EpochTable, at every step that a run was measured at. ``band`` gives one standard deviation."""

    def __init__(self, tables: Sequence[EpochTable]) -> None:
        self._tables = [table for table in tables if table.size]
        self._bands: dict[str, Band] = {}
        self._steps = self.band("step").x
        self.size = len(self._steps)
        self.runs = len(self._tables)

    def band(self, name: str) -> Band:
        """Mean and spread of a column over the runs."""
        if name not in self._bands:
            self._bands[name] = band([(table.column("step"), table.column(name)) for table in self._tables])
        return self._bands[name]

    def column(self, name: str) -> Floats:
        """The mean of a column at every step; NaN where no run has a value."""
        return self.at_steps(self.band(name), self.band(name).mean)

    def at_steps(self, found: Band, values: Floats) -> Floats:
        """Values of a band at this table's steps."""
        placed = np.full(self.size, np.nan)
        placed[np.searchsorted(self._steps, found.x)] = values
        return placed

    def x(self, mode: XMode) -> Floats:
        """The x values of the evaluations."""
        if mode == "time":
            return self.column("seconds")
        per_epoch = self._tables[0].steps_per_epoch if self._tables and mode == "epoch" else 1
        return self._steps / per_epoch

    def nearest(self, x: float, mode: XMode) -> int | None:
        """The row whose x is nearest."""
        return int(np.argmin(np.abs(self.x(mode) - x))) if self.size else None
