"""What the quantities of one lesson share: the runs that were trained already, and their loaded data."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from workbench.engine.data.store import DataStore
from workbench.engine.spec.experiment import ExperimentSpec

if TYPE_CHECKING:
    from workbench.engine.lessons.ended_runs import Ended
    from workbench.engine.lessons.kept_runs import KeptRun
    from workbench.engine.lessons.real_runs import RealRun


@dataclass(frozen=True, eq=False)
class StepLosses:
    """The training loss of each step of one run, (N,), float64."""

    name: str
    losses: npt.NDArray[np.float64]


class RunCache:
    """Runs by their spec (and by what else was done to them), kept as long as a lesson plays, so that a further number
    of it trains nothing again.

    ``ended`` are runs of which only the end is known, ``kept`` what was trained again of runs that are kept. ``data``
    owns the examples of all of them.
    """

    def __init__(self) -> None:
        self.runs: dict[Hashable, RealRun] = {}
        self.ended: dict[ExperimentSpec, Ended] = {}
        self.kept: dict[Hashable, tuple[KeptRun, ...]] = {}
        self.data = DataStore()

    def losses(self) -> tuple[StepLosses, ...]:
        """The training loss of each step of the runs whose steps are known, in the order of their training."""
        of_lessons = (StepLosses(run.name, run.column("loss")) for run in self.runs.values())
        of_kept = (StepLosses(run.name, run.losses) for runs in self.kept.values() for run in runs)
        return (*of_lessons, *of_kept)

    def data_marks(self) -> tuple[str, ...]:
        """The marks of the data that kept runs were trained on again."""
        return tuple(dict.fromkeys(run.data_mark for runs in self.kept.values() for run in runs if run.data_mark))


def seeded(spec: ExperimentSpec, seed: int) -> ExperimentSpec:
    """``spec`` with ``seed`` added to the seeds of weights, order and split. Raises SpecError for a wrong
    seed."""
    if seed == 0:
        return spec
    return spec.edited("loop.seed", spec.loop.seed + seed).edited("data.split_seed", spec.data.split_seed + seed)
