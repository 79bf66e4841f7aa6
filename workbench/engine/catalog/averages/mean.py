"""The mean of Polyak and Ruppert: the weights after every update since a start, weighted equally."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, ClassVar

from workbench.engine.catalog.averages.base import Average
from workbench.engine.catalog.knob import Knob
from workbench.engine.core.errors import Problem

if TYPE_CHECKING:
    from workbench.engine.spec.experiment import ExperimentSpec


class Mean(Average):
    """``x_test += (x - x_test) / n`` for the n-th update since the start (Polyak and Juditsky 1992)."""

    kind: ClassVar[str] = "mean"
    title: ClassVar[str] = "Equal-weight mean"
    summary: ClassVar[str] = "The mean of the weights after every update since a chosen epoch (Polyak–Ruppert)."
    order: ClassVar[int] = 20

    start_epoch: Annotated[
        int,
        Knob(
            "Start after",
            "The mean begins after this many epochs; until then it is a copy of the weights. From then on every "
            "update has the same weight, so early weights are never forgotten: start late enough. It is used at test "
            "time only, with batch norm statistics recomputed on training examples.",
            unit="epochs",
            low=0,
            high=1_000_000,
            lesson="Weight averaging makes the validation curve smoother, and better at a high learning rate.",
        ),
    ] = 1

    def share(self, updates: int, steps_per_epoch: int) -> float:
        return 1.0 / max(1, updates - self.start_epoch * steps_per_epoch)

    def begun(self, updates: int, steps_per_epoch: int) -> bool:
        return updates > self.start_epoch * steps_per_epoch

    def problems(self, spec: ExperimentSpec, path: str) -> Iterator[Problem]:
        yield from super().problems(spec, path)
        if self.start_epoch >= spec.loop.epochs:
            words = "starts after the last epoch, so there will be no mean; start earlier"
            yield Problem(f"{path}.start_epoch", words, "warning")

    def brief(self) -> str:
        return f"from epoch {self.start_epoch + 1}"
