"""AdaGrad with forgetting: a step size for each coordinate from a running mean of its squared gradients."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from workbench.engine.catalog.knob import Knob
from workbench.engine.catalog.optimizers.base import Epsilon, LearningRate, Optimizer, with_decay
from workbench.engine.core.update_rule import Rule

if TYPE_CHECKING:
    import torch


class RMSProp(Optimizer):
    """Tieleman and Hinton 2012: ``s = a * s + (1 - a) * g * g; x -= lr * g / (sqrt(s) + eps)``, s from 0."""

    kind: ClassVar[str] = "rmsprop"
    title: ClassVar[str] = "RMSProp"
    summary: ClassVar[str] = "AdaGrad with a memory that fades, so that the steps do not shrink to nothing."
    order: ClassVar[int] = 50
    elementwise: ClassVar[bool] = True

    lr: LearningRate = 1e-3
    alpha: Annotated[
        float,
        Knob(
            "Decay rate",
            "How much of the mean square is kept at each update: about 1 / (1 − this) updates are remembered. 0.9 "
            "and 0.99 are common; torch's default is 0.99 under the name alpha, Keras has 0.9. The mean square "
            "starts at zero and is not corrected, so the first steps are large: 1 / √(1 − this) times the learning "
            "rate, 10 times at 0.99.",
            low=0.0,
            high=0.999999,
            search=(0.9, 0.999),
            live=True,
            lesson="RMSProp keeps moving where AdaGrad stops.",
        ),
    ] = 0.99
    eps: Epsilon = 1e-8

    def torch_class(self) -> Callable[..., torch.optim.Optimizer]:
        from torch.optim import RMSprop

        return RMSprop

    def hyper(self) -> dict[str, Any]:
        return {"alpha": self.alpha, "eps": self.eps}

    def fixed(self) -> dict[str, Any]:
        return {"foreach": True}

    def rule(self, group: Mapping[str, Any]) -> Rule | None:
        lines = with_decay(("s = a*s + (1 - a)*g*g", "x = x - lr*g/(sqrt(s) + eps)"), self.weight_decay)
        constants = {"a": self.alpha, "eps": self.eps, "wd": self.weight_decay}
        return Rule(lines, constants, memory={"s": "square_avg"}, rate="lr/(sqrt(s) + eps)")
