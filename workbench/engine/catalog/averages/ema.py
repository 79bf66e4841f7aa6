"""The lecture's Polyak averaging: an exponential moving average of the weights."""

from __future__ import annotations

from typing import Annotated, ClassVar

from workbench.engine.catalog.averages.base import Average
from workbench.engine.catalog.knob import Knob
from workbench.engine.core.text import short


class EMA(Average):
    """``x_test = decay * x_test + (1 - decay) * x`` after every update, from ``x_test = x``."""

    kind: ClassVar[str] = "ema"
    title: ClassVar[str] = "Moving average (EMA)"
    summary: ClassVar[str] = "An exponential moving average of the weights, evaluated alongside the weights themselves."
    order: ClassVar[int] = 10

    decay: Annotated[
        float,
        Knob(
            "Decay",
            "How much of the average is kept at each update; the rest is taken from the new weights. It remembers "
            "about 1 / (1 − decay) updates: 200 at 0.995. The average starts at the weights themselves and is used "
            "at test time only; it does not change training. Batch norm statistics are recomputed for the averaged "
            "weights on training examples.",
            low=0.0,
            high=0.99999,
            search=(0.9, 0.9999),
            live=True,
            lesson="Weight averaging makes the validation curve smoother, and better at a high learning rate.",
        ),
    ] = 0.995

    def share(self, updates: int, steps_per_epoch: int) -> float:
        return 1.0 - self.decay

    def brief(self) -> str:
        return short(self.decay)
