"""Adam with the weight decay taken off the weight itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from workbench.engine.catalog.optimizers.adam import CORRECTED, MOMENTS, MOMENTS_IN_TORCH, Adam
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
    summary: ClassVar[str] = "Adam whose weight decay shrinks all weights alike, whatever their gradients."
    order: ClassVar[int] = 80
    elementwise: ClassVar[bool] = True

    weight_decay: WeightDecay = 0.01

    def torch_class(self) -> Callable[..., torch.optim.Optimizer]:
        from torch.optim import AdamW as TorchAdamW

        return TorchAdamW

    def rule(self, group: Mapping[str, Any]) -> Rule | None:
        lines = (*MOMENTS, *CORRECTED)
        return Rule((SHRINK, *lines) if self.weight_decay else lines, self.constants(), MOMENTS_IN_TORCH)
