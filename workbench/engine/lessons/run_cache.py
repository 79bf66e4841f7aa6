"""What the quantities of one lesson share: the runs that were trained already, and their loaded data."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING

from workbench.engine.data.store import DataStore
from workbench.engine.spec.experiment import ExperimentSpec

if TYPE_CHECKING:
    from workbench.engine.lessons.ended_runs import Ended
    from workbench.engine.lessons.real_runs import RealRun


class RunCache:
    """Runs by their spec (and by what else was done to them), kept as long as a lesson plays, so that a further number
    of it trains nothing again.

    ``ended`` are runs of which only the end is known. ``data`` owns the examples of all of them.
    """

    def __init__(self) -> None:
        self.runs: dict[Hashable, RealRun] = {}
        self.ended: dict[ExperimentSpec, Ended] = {}
        self.data = DataStore()


def seeded(spec: ExperimentSpec, seed: int) -> ExperimentSpec:
    """``spec`` with the weights, the order and the split of ``seed``. Raises SpecError for a wrong seed."""
    return spec.edited("loop.seed", seed).edited("data.split_seed", seed)
