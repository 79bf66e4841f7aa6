"""RMSProp with a rate that comes from the size of its past steps."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from workbench.engine.catalog.knob import Knob
from workbench.engine.catalog.optimizers.base import LearningRate, Optimizer, with_decay
from workbench.engine.core.update_rule import Rule

if TYPE_CHECKING:
    import torch


class Adadelta(Optimizer):
    """Zeiler 2012: ``d = sqrt(u + eps) / sqrt(s + eps) * g; x -= lr * d``, u the running mean of d².

    The paper has no rate: 1.
    """

    kind: ClassVar[str] = "adadelta"
    title: ClassVar[str] = "Adadelta"
    summary: ClassVar[str] = "Each coordinate's rate is the size of its past steps over that of its gradients."
    order: ClassVar[int] = 55
    elementwise: ClassVar[bool] = True

    lr: LearningRate = 1.0
    rho: Annotated[
        float,
        Knob(
            "Decay rate",
            "How much of both mean squares, of gradients and of steps, is kept at each update. "
            "Torch's default is 0.9, the paper's and Keras's 0.95.",
            low=0.0,
            high=0.999999,
            search=(0.8, 0.99),
            live=True,
        ),
    ] = 0.9
    eps: Annotated[
        float,
        Knob(
            "Epsilon",
            "A small constant inside both roots; here it also sets the size of the very first steps. It is added "
            "inside the roots, as in the paper, and not outside as in AdaGrad, RMSProp and Adam. Torch's default is "
            "1e-6, Keras's 1e-7.",
            low=1e-16,
            high=1.0,
            search=(1e-10, 0.001),
            scale="log",
            live=True,
        ),
    ] = 1e-6

    def torch_class(self) -> Callable[..., torch.optim.Optimizer]:
        from torch.optim import Adadelta as TorchAdadelta

        return TorchAdadelta

    def hyper(self) -> dict[str, Any]:
        return {"rho": self.rho, "eps": self.eps}

    def fixed(self) -> dict[str, Any]:
        return {"foreach": True}

    def rule(self, group: Mapping[str, Any]) -> Rule | None:
        lines = (
            "s = rho*s + (1 - rho)*g*g",
            "r = sqrt(u + eps)/sqrt(s + eps)",
            "d = r*g",
            "u = rho*u + (1 - rho)*d*d",
            "x = x - lr*d",
        )
        constants = {"rho": self.rho, "eps": self.eps, "wd": self.weight_decay}
        memory = {"s": "square_avg", "u": "acc_delta"}
        return Rule(with_decay(lines, self.weight_decay), constants, memory, rate="lr*r")
