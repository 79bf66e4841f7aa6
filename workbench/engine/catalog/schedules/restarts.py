"""Cosine with restarts (SGDR)."""

from __future__ import annotations

import math
from typing import Annotated, ClassVar

from workbench.engine.catalog.knob import COUNTED, Knob
from workbench.engine.catalog.schedules.base import Schedule
from workbench.engine.catalog.schedules.decays import Final
from workbench.engine.core.text import grouped


class CosineRestarts(Schedule):
    """``final + (1 - final) * (1 + cos(pi * t / T)) / 2`` in each period (Loshchilov and Hutter 2017, eq. 5).

    ``t`` is the number of units since the last restart and ``T`` the length of the current period.
    """

    kind: ClassVar[str] = "cosine_restarts"
    title: ClassVar[str] = "Cosine with restarts"
    summary: ClassVar[str] = "Repeated halves of a cosine, each starting from the full rate."
    order: ClassVar[int] = 80
    has_periods: ClassVar[bool] = True

    period: Annotated[
        int,
        Knob(
            "First period",
            f"The number of {COUNTED} before the first restart. At the end of each period the rate is lowest "
            "and the model at its best: the weights kept at these moments make a snapshot ensemble, one training run "
            "for several models.",
            low=1,
            high=10_000_000,
            scale="log",
        ),
    ] = 5
    growth: Annotated[
        int,
        Knob("Growth", "Each period is this many times as long as the one before; 1 keeps them equal.", low=1, high=10),
    ] = 2
    final: Final = 0.0

    def multiplier(self, k: int, total: int) -> float:
        behind, length = self._place(k)
        return self.final + (1.0 - self.final) * (1.0 + math.cos(math.pi * behind / length)) / 2.0

    def ends_period(self, finished: int) -> bool:
        return finished > self.warmup and self._place(finished - self.warmup)[0] == 0

    def _place(self, k: int) -> tuple[int, int]:
        """Units since the last restart, and the length of the period."""
        if self.growth == 1:
            return k % self.period, self.period
        behind, length = k, self.period
        while behind >= length:
            behind -= length
            length *= self.growth
        return behind, length

    def brief(self) -> str:
        return grouped(self.period) + f", ×{self.growth}" * (self.growth > 1)
