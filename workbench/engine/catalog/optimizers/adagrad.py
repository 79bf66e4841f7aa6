"""A step size for each coordinate, from the sum of its squared gradients."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from workbench.engine.catalog.optimizers.base import Epsilon, LearningRate, Optimizer, with_decay
from workbench.engine.core.update_rule import Rule

if TYPE_CHECKING:
    import torch


class AdaGrad(Optimizer):
    """Duchi, Hazan and Singer 2011: ``s += g * g; x -= lr * g / (sqrt(s) + eps)``, s from 0."""

    kind: ClassVar[str] = "adagrad"
    title: ClassVar[str] = "AdaGrad"
    summary: ClassVar[str] = (
        "Steep coordinates take smaller steps; as the squares accumulate, all steps keep shrinking."
    )
    order: ClassVar[int] = 40
    elementwise: ClassVar[bool] = True

    lr: LearningRate = 1e-2
    eps: Epsilon = 1e-10

    def torch_class(self) -> Callable[..., torch.optim.Optimizer]:
        from torch.optim import Adagrad

        return Adagrad

    def hyper(self) -> dict[str, Any]:
        return {"eps": self.eps}

    def fixed(self) -> dict[str, Any]:
        return {"foreach": True}  # the fused kernel is for the CPU alone

    def rule(self, group: Mapping[str, Any]) -> Rule | None:
        lines = with_decay(("s = s + g*g", "x = x - lr*g/(sqrt(s) + eps)"), self.weight_decay)
        return Rule(lines, {"eps": self.eps, "wd": self.weight_decay}, memory={"s": "sum"}, rate="lr/(sqrt(s) + eps)")
