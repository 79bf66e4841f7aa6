"""Adam as one would first write it: without correcting the moments for their start at zero."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from workbench.engine.catalog.knob import Knob
from workbench.engine.catalog.optimizers.adam import MOMENTS, MOMENTS_IN_TORCH, Adam
from workbench.engine.catalog.optimizers.base import with_decay
from workbench.engine.core.update_rule import Rule

if TYPE_CHECKING:
    import torch


class AdamUncorrected(Adam):
    """``x -= lr * m / (sqrt(s) + eps)``; torch has no such class, so this program has its own."""

    kind: ClassVar[str] = "adam_uncorrected"
    title: ClassVar[str] = "Adam, no bias correction"
    summary: ClassVar[str] = "Almost Adam: its first steps are far too large, because both moments start at zero."
    order: ClassVar[int] = 60
    elementwise: ClassVar[bool] = True

    beta2: Annotated[
        float,
        Knob(
            "Beta 2",
            "How much of the second moment is kept at each update. It starts at zero and stays near it for about 1 / "
            "(1 − beta 2) updates, so dividing by its root makes the first steps large: 3.16 times the learning rate "
            "at the first update with 0.9 and 0.999, and 6.57 times at the twelfth for a constant gradient. The "
            "first moment starts at zero too, and sometimes the two cancel; mostly not.",
            low=0.0,
            high=0.999999,
            search=(0.9, 0.9999),
            live=True,
            lesson="Without bias correction Adam takes very large steps at the beginning.",
        ),
    ] = 0.999

    def torch_class(self) -> Callable[..., torch.optim.Optimizer]:
        from workbench.engine.nn.optim.adam import AdamUncorrected as Uncorrected

        return Uncorrected

    def fixed(self) -> dict[str, Any]:
        return {}

    def rule(self, group: Mapping[str, Any]) -> Rule | None:
        lines = (*MOMENTS, "x = x - lr*m/(sqrt(s) + eps)")
        whole = with_decay(lines, self.weight_decay)
        return Rule(whole, self.constants(), MOMENTS_IN_TORCH, velocity="m", rate="lr/(sqrt(s) + eps)")
