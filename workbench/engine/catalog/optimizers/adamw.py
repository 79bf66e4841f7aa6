"""Adam with decoupled weight decay, subtracted from the weight itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from workbench.engine.catalog.optimizers.adam import CORRECTED, CORRECTED_RATE, MOMENTS, MOMENTS_IN_TORCH, Adam
from workbench.engine.catalog.optimizers.base import WeightDecay
from workbench.engine.core.update_rule import Rule

if TYPE_CHECKING:
    import torch

#: Decoupled weight decay: the rate times the strength is a share of the weight.
SHRINK = "x = x - lr*wd*x"


class AdamW(Adam):
    """Loshchilov and Hutter 2019: ``x -= lr * wd * x`` beside Adam's update, g without the decay."""

    kind: ClassVar[str] = "adamw"
    title: ClassVar[str] = "AdamW"
    summary: ClassVar[str] = "Adam with a weight decay that shrinks all weights alike, regardless of their gradients."
    order: ClassVar[int] = 80
    elementwise: ClassVar[bool] = True

    weight_decay: WeightDecay = 0.01

    def torch_class(self) -> Callable[..., torch.optim.Optimizer]:
        from torch.optim import AdamW as TorchAdamW

        return TorchAdamW

    def rule(self, group: Mapping[str, Any]) -> Rule | None:
        lines: tuple[str, ...] = (*MOMENTS, *CORRECTED)
        lines = (SHRINK, *lines) if self.weight_decay else lines
        return Rule(lines, self.constants(), MOMENTS_IN_TORCH, velocity="m_hat", rate=CORRECTED_RATE)
