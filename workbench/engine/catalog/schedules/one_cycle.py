"""One cycle: up to the peak, then far down."""

from __future__ import annotations

import math
from typing import Annotated, ClassVar, Literal

from workbench.engine.catalog.knob import Knob
from workbench.engine.catalog.schedules.base import Per, Schedule
from workbench.engine.core.text import PER_CENT, short


class OneCycle(Schedule):
    """From 1 / start to 1 at ``peak`` of the run, then down to 1 / (start * end) (Smith 2018; the rate only).

    The optimizer's learning rate is the highest one. The momentum is constant (Smith changes it too).
    """

    kind: ClassVar[str] = "one_cycle"
    title: ClassVar[str] = "One-cycle"
    summary: ClassVar[str] = "The rate rises to its peak and then falls to almost zero, once in the run."
    order: ClassVar[int] = 90

    per: Per = "step"
    peak: Annotated[
        float,
        Knob(
            "Peak at",
            "The share of the run after which the full learning rate is reached.",
            low=0.0,
            high=1.0,
            search=(0.1, 0.5),
        ),
    ] = 0.3
    start_division: Annotated[
        float,
        Knob(
            "Start division",
            "The run starts at the learning rate divided by this. The learning rate finder finds the highest rate; "
            "one-cycle stays there only briefly, so it can be near the limit.",
            low=1.0,
            high=1e6,
            search=(3.0, 100.0),
            scale="log",
        ),
    ] = 25.0
    end_division: Annotated[
        float,
        Knob(
            "End division",
            "The run ends at its first rate divided by this.",
            low=1.0,
            high=1e6,
            search=(100.0, 1000000.0),
            scale="log",
        ),
    ] = 1e4
    shape: Annotated[
        Literal["cosine", "line"],
        Knob(
            "Shape",
            "How the rate goes up and down.",
            options={"cosine": "along half a cosine", "line": "linearly"},
        ),
    ] = "cosine"

    def multiplier(self, k: int, total: int) -> float:
        start = 1.0 / self.start_division
        end, last = start / self.end_division, float(total - 1)
        top = self.peak * total - 1.0
        if k == 0 and total <= 1:
            return start
        if k < top:
            return self._between(start, 1.0, k / top)
        return self._between(1.0, end, min(1.0, (k - top) / (last - top)) if last > top else float(k > last))

    def _between(self, first: float, second: float, share: float) -> float:
        if self.shape == "cosine":
            share = (1.0 - math.cos(math.pi * share)) / 2.0
        return first + (second - first) * share

    def brief(self) -> str:
        return f"peak at {short(100 * self.peak)}{PER_CENT}"
