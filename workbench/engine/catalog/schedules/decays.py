"""The lecture's decays and cosine, as closed forms in k."""

from __future__ import annotations

import math
from typing import Annotated, ClassVar

from workbench.engine.catalog.knob import COUNTED, Knob
from workbench.engine.catalog.schedules.base import Schedule
from workbench.engine.catalog.variant import AsTuple
from workbench.engine.core.text import grouped, short

Rate = Annotated[
    float,
    Knob(
        "Decay rate",
        "How fast the learning rate falls with k. "
        "Decay is a second-order setting: try no decay first, then decay where the loss flattens.",
        low=0.0,
        high=100.0,
        search=(0.01, 1.0),
        scale="log",
    ),
]
Gamma = Annotated[
    float,
    Knob(
        "Factor",
        "The rate is multiplied by this at every drop. Dividing by 10 (0.1) is common.",
        low=1e-6,
        high=1.0,
        search=(0.05, 0.7),
    ),
]
Final = Annotated[
    float,
    Knob(
        "Final share",
        "The share of the learning rate that is left at the end of the run.",
        low=0.0,
        high=1.0,
        search=(0.0, 0.2),
    ),
]


class StepDecay(Schedule):
    """``lr * gamma ** floor(k / every)``."""

    kind: ClassVar[str] = "step"
    formula: ClassVar[str] = "lr · gamma^⌊k / every⌋"
    title: ClassVar[str] = "Step"
    summary: ClassVar[str] = "The rate drops by a factor at regular intervals."
    order: ClassVar[int] = 20

    gamma: Gamma = 0.1
    every: Annotated[
        int,
        Knob(
            "Every",
            f"The number of {COUNTED} between two drops. Decay where the curve flattens.",
            low=1,
            high=10_000_000,
            search=(2, 20),
        ),
    ] = 10

    def multiplier(self, k: int, total: int) -> float:
        return float(self.gamma ** (k // self.every))

    def brief(self) -> str:
        return f"×{short(self.gamma)} every {grouped(self.every)}"


class Milestones(Schedule):
    """``lr * gamma ** (milestones reached)``."""

    kind: ClassVar[str] = "milestones"
    formula: ClassVar[str] = "lr · gamma^drops"
    title: ClassVar[str] = "Milestones"
    summary: ClassVar[str] = "The rate drops by a factor at chosen times."
    order: ClassVar[int] = 30

    at: Annotated[
        tuple[int, ...],
        AsTuple,
        Knob(
            "Drops at",
            f"The numbers of finished {COUNTED} after which the rate drops. Train without decay first, look "
            "where the curve flattens, and put the drops there. A number given twice drops the rate twice.",
            low=1,
            high=999_999_999,
        ),
    ] = (8, 12)
    gamma: Gamma = 0.1

    def multiplier(self, k: int, total: int) -> float:
        return float(self.gamma ** sum(k >= at for at in self.at))

    def brief(self) -> str:
        shown = ", ".join(grouped(at) for at in self.at[:3]) + ", …" * (len(self.at) > 3)
        return f"×{short(self.gamma)} at {shown}" if self.at else "no drops"


class Exponential(Schedule):
    """``lr * exp(-a * k)``."""

    kind: ClassVar[str] = "exponential"
    formula: ClassVar[str] = "lr · exp(−a·k)"
    title: ClassVar[str] = "Exponential"
    summary: ClassVar[str] = "The rate falls by the same share in every unit of time."
    order: ClassVar[int] = 40

    a: Rate = 0.1

    def multiplier(self, k: int, total: int) -> float:
        return math.exp(-self.a * k)

    def brief(self) -> str:
        return f"a = {short(self.a)}"


class OneOverT(Schedule):
    """``lr / (1 + a * k)``."""

    kind: ClassVar[str] = "one_over_t"
    formula: ClassVar[str] = "lr / (1 + a·k)"
    title: ClassVar[str] = "1/t"
    summary: ClassVar[str] = "The rate falls quickly at first and more and more slowly later."
    order: ClassVar[int] = 50

    a: Rate = 0.1

    def multiplier(self, k: int, total: int) -> float:
        return 1.0 / (1.0 + self.a * k)

    def brief(self) -> str:
        return f"a = {short(self.a)}"


class Linear(Schedule):
    """``1 + (final - 1) * k / total``."""

    kind: ClassVar[str] = "linear"
    formula: ClassVar[str] = "lr · (1 + (final − 1)·k / T)"
    title: ClassVar[str] = "Linear"
    summary: ClassVar[str] = "The rate falls linearly over the whole run."
    order: ClassVar[int] = 60

    final: Final = 0.0

    def multiplier(self, k: int, total: int) -> float:
        return 1.0 + (self.final - 1.0) * min(1.0, k / max(1, total))

    def brief(self) -> str:
        return f"to {short(self.final)}"


class Cosine(Schedule):
    """``final + (1 - final) * (1 + cos(pi * k / total)) / 2`` (Loshchilov and Hutter 2017, eq. 5, no restarts)."""

    kind: ClassVar[str] = "cosine"
    formula: ClassVar[str] = "lr · (final + (1 − final)·(1 + cos(π·k / T)) / 2)"
    title: ClassVar[str] = "Cosine"
    summary: ClassVar[str] = "The rate falls along half a cosine over the whole run."
    order: ClassVar[int] = 70

    final: Final = 0.0

    def multiplier(self, k: int, total: int) -> float:
        progress = min(1.0, k / max(1, total))
        return self.final + (1.0 - self.final) * (1.0 + math.cos(math.pi * progress)) / 2.0

    def brief(self) -> str:
        return f"to {short(self.final)}" if self.final else ""
