"""The lecture's decays and cosine, as closed forms in k."""

from __future__ import annotations

import math
from typing import Annotated, ClassVar

from workbench.engine.knobs import Knob
from workbench.engine.schedules.base import Schedule

Rate = Annotated[
    float,
    Knob(
        "Decay rate",
        "How fast the learning rate falls with k. "
        "Decay is a second-order setting: try no decay first, then decay where the loss flattens.",
        low=0.0,
        high=100.0,
        scale="log",
    ),
]


class StepDecay(Schedule):
    """``lr * gamma ** floor(k / every)``."""

    kind: ClassVar[str] = "step"
    title: ClassVar[str] = "Step"
    summary: ClassVar[str] = "The rate drops by a factor at regular intervals."
    order: ClassVar[int] = 20

    gamma: Annotated[
        float,
        Knob(
            "Factor",
            "The rate is multiplied by this at every drop. Dividing by 10 (0.1) is common.",
            low=1e-6,
            high=1.0,
        ),
    ] = 0.1
    every: Annotated[
        int,
        Knob(
            "Every",
            "How many epochs (or steps) lie between two drops. Decay where the curve flattens.",
            low=1,
            high=10_000_000,
        ),
    ] = 10

    def multiplier(self, k: int, total: int) -> float:
        return float(self.gamma ** (k // self.every))

    def brief(self) -> str:
        return f"×{self.gamma:g} every {self.every}"


class Exponential(Schedule):
    """``lr * exp(-a * k)``."""

    kind: ClassVar[str] = "exponential"
    title: ClassVar[str] = "Exponential"
    summary: ClassVar[str] = "The rate falls by the same share in every unit of time."
    order: ClassVar[int] = 40

    a: Rate = 0.1

    def multiplier(self, k: int, total: int) -> float:
        return math.exp(-self.a * k)

    def brief(self) -> str:
        return f"a = {self.a:g}"


class OneOverT(Schedule):
    """``lr / (1 + a * k)``."""

    kind: ClassVar[str] = "one_over_t"
    title: ClassVar[str] = "1/t"
    summary: ClassVar[str] = "The rate falls quickly first and ever more slowly later."
    order: ClassVar[int] = 50

    a: Rate = 0.1

    def multiplier(self, k: int, total: int) -> float:
        return 1.0 / (1.0 + self.a * k)

    def brief(self) -> str:
        return f"a = {self.a:g}"


class Cosine(Schedule):
    """``final + (1 - final) * (1 + cos(pi * k / total)) / 2`` (Loshchilov and Hutter 2017, eq. 5, no restarts)."""

    kind: ClassVar[str] = "cosine"
    title: ClassVar[str] = "Cosine"
    summary: ClassVar[str] = "The rate glides down along half a cosine over the whole run."
    order: ClassVar[int] = 70

    final: Annotated[
        float,
        Knob("Final share", "The share of the learning rate that is left at the end of the run.", low=0.0, high=1.0),
    ] = 0.0

    def multiplier(self, k: int, total: int) -> float:
        progress = min(1.0, k / max(1, total))
        return self.final + (1.0 - self.final) * (1.0 + math.cos(math.pi * progress)) / 2.0
