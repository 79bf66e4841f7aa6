"""What verdicts look at: the evaluations of a run that have both splits, each made when it is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, overload

import numpy as np
import numpy.typing as npt

from workbench.engine.core.events import Evaluated, Measured
from workbench.engine.report.evaluation_words import place_words
from workbench.engine.run_store.evaluations import Evaluations, Measurements


@dataclass(frozen=True, slots=True)
class Point:
    """An evaluation that has both splits."""

    epoch: Evaluated
    train: Measured
    val: Measured

    @property
    def place(self) -> str:
        return place_words(self.epoch)


class Points(Sequence[Point]):
    """The evaluations ``places`` (n,) of a run; both splits of each must have been measured."""

    def __init__(self, evaluations: Evaluations, places: npt.NDArray[np.intp]) -> None:
        self._evaluations, self._places = evaluations, places

    def __len__(self) -> int:
        return len(self._places)

    @overload
    def __getitem__(self, index: int) -> Point: ...
    @overload
    def __getitem__(self, index: slice) -> Points: ...
    def __getitem__(self, index: int | slice) -> Point | Points:
        if isinstance(index, slice):
            return Points(self._evaluations, self._places[index])
        epoch = self._evaluations[int(self._places[index])]
        assert epoch.train_eval is not None and epoch.val is not None
        return Point(epoch, epoch.train_eval, epoch.val)

    def since(self, place: int) -> Points:
        """Those that are at ``place`` of the run's evaluations or behind it."""
        return self[int(np.searchsorted(self._places, place)) :]

    def column(self, name: str) -> npt.NDArray[Any]:
        """A number of each (n,), as ``Evaluations.column`` has it."""
        return np.asarray(self._evaluations.column(name)[self._places])

    def last_by(self, step: int) -> Point | None:
        """The last one after at most ``step`` steps; None if there is none."""
        found = np.flatnonzero(self._evaluations.column("step")[self._places] <= step)
        return self[int(found[-1])] if len(found) else None

    @property
    def train(self) -> Measurements:
        """Training at each."""
        return self._evaluations.of_split("train_eval", self._places)

    @property
    def val(self) -> Measurements:
        """Validation at each."""
        return self._evaluations.of_split("val", self._places)

    def train_at_ends(self) -> Measurements:
        """Training at the start and the ends of epochs."""
        is_end = self._evaluations.column("is_end_of_epoch")[self._places]
        return self._evaluations.of_split("train_eval", self._places[is_end])
