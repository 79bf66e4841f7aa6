"""Reduce on plateau: the one schedule that depends on the measurements."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from workbench.engine.catalog.knob import Knob
from workbench.engine.catalog.schedules.base import SKETCHED, Memory, Schedule
from workbench.engine.core.text import short

if TYPE_CHECKING:
    from workbench.engine.core.events import Measured


class ReduceOnPlateau(Schedule):
    """The rate drops when the watched measurement has not improved for more than ``patience`` evaluations.

    A value v is an improvement on the best b if v < b * (1 - threshold) for a loss, v > b * (1 + threshold) for an
    accuracy. What is remembered: the best value, evaluations without improvement, the current factor.
    """

    kind: ClassVar[str] = "plateau"
    title: ClassVar[str] = "Reduce on plateau"
    summary: ClassVar[str] = (
        "The rate drops when validation stops improving: an automatic decay where the curve flattens."
    )
    order: ClassVar[int] = 100
    remembers: ClassVar[bool] = True

    watch: Annotated[
        Literal["val_loss", "val_accuracy", "train_loss"],
        Knob(
            "Watches",
            "Which measurement must keep improving. Without validation examples, the training examples are measured "
            "instead.",
            options={
                "val_loss": "falls when the rate is dropped in time",
                "val_accuracy": "moves in steps of one example, so wait longer",
                "train_loss": "measured after each epoch, without a look at validation",
            },
            titles={
                "val_loss": "validation loss",
                "val_accuracy": "validation accuracy",
                "train_loss": "training loss",
            },
        ),
    ] = "val_loss"
    drop: Annotated[
        float,
        Knob("Factor", "The rate is multiplied by this at every drop.", low=1e-6, high=0.999, search=(0.05, 0.7)),
    ] = 0.1
    patience: Annotated[
        int,
        Knob(
            "Patience",
            "The number of evaluations in a row without an improvement that are tolerated; the next one drops the "
            "rate. One evaluation follows each epoch.",
            unit="epochs",
            low=0,
            high=100_000,
            search=(1, 10),
        ),
    ] = 3
    threshold: Annotated[
        float,
        Knob(
            "Threshold",
            "A relative change smaller than this is not an improvement.",
            low=0.0,
            high=0.5,
        ),
    ] = 1e-4
    minimum: Annotated[
        float,
        Knob("Minimum share", "The rate never drops below this share of the learning rate.", low=0.0, high=1.0),
    ] = 0.0

    @classmethod
    def sketch(cls) -> tuple[float, ...]:
        """Drops at irregular places: in a run they depend on the measurements."""
        return tuple(0.4 ** sum(k >= at for at in (11, 18, 32)) for k in range(SKETCHED))

    def multiplier(self, k: int, total: int) -> float:
        return 1.0

    def recalled(self, memory: Memory) -> float:
        return memory.get("factor", 1.0)

    def after_measurement(self, memory: Memory, train: Measured | None, val: Measured | None) -> Memory:
        value = self._watched(train, val)
        if value is None:
            return memory
        best, stale, factor = memory.get("best", math.inf), memory.get("stale", 0.0), memory.get("factor", 1.0)
        if self._improves(value, best):
            return {"best": value, "stale": 0.0, "factor": factor}
        if stale + 1 <= self.patience:
            return {"best": best, "stale": stale + 1, "factor": factor}
        # A minimum above the present factor never raises the rate.
        return {"best": best, "stale": 0.0, "factor": min(factor, max(factor * self.drop, self.minimum))}

    def _watched(self, train: Measured | None, val: Measured | None) -> float | None:
        """What must fall: a loss, or minus an accuracy; None if nothing was measured or it is NaN."""
        measured = train if self.watch == "train_loss" or val is None else val
        if measured is None:
            return None
        value = -measured.accuracy if self.watch == "val_accuracy" else measured.loss
        return value if not math.isnan(value) else None

    def _improves(self, value: float, best: float) -> bool:
        if math.isinf(best):
            return value < best
        return value < best - abs(best) * self.threshold

    def brief(self) -> str:
        return f"×{short(self.drop)} after {self.patience}"
