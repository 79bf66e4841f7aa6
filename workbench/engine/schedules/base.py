"""What every schedule offers: a pure function of progress that multiplies the learning rate."""

from __future__ import annotations

from abc import abstractmethod
from typing import Annotated, Literal

from workbench.engine.catalog import Variant
from workbench.engine.knobs import Knob

Per = Annotated[
    Literal["epoch", "step"],
    Knob(
        "Counts in",
        "Whether the schedule's counter k is the number of finished epochs or of finished steps. "
        "In epochs the rate is constant within an epoch; in steps it changes at every batch.",
        options={"epoch": "finished epochs", "step": "finished steps"},
    ),
]


class Schedule(Variant):
    """Base of the family. A member declares its knobs and ``multiplier``."""

    per: Per = "epoch"

    @abstractmethod
    def multiplier(self, k: int, total: int) -> float:
        """The factor on the learning rate after ``k`` finished units of ``total`` planned ones (both ≥ 0; pure)."""

    def factor(self, step: int, steps_per_epoch: int, epochs: int) -> float:
        """The factor at 0-based ``step`` of a run of ``epochs`` × ``steps_per_epoch`` steps."""
        if self.per == "epoch":
            return self.multiplier(step // steps_per_epoch, epochs)
        return self.multiplier(step, epochs * steps_per_epoch)
