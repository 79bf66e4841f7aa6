"""Adam: momentum and a scale for each coordinate, both corrected for their start at zero."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from workbench.engine.catalog.knob import Knob
from workbench.engine.catalog.optimizers.base import Epsilon, LearningRate, Optimizer, with_decay
from workbench.engine.core.update_rule import Rule

if TYPE_CHECKING:
    import torch


Beta1 = Annotated[
    float,
    Knob(
        "Beta 1",
        "How much of the first moment is kept at each update: the role of momentum. "
        "It remembers about 1 / (1 − beta 1) updates.",
        low=0.0,
        high=0.9999,
        search=(0.8, 0.99),
        live=True,
    ),
]

Beta2 = Annotated[
    float,
    Knob(
        "Beta 2",
        "How much of the second moment is kept at each update: the role of the squared gradients of AdaGrad and "
        "RMSProp. Both moments start at zero and are divided by 1 − beta^t, or the first steps would be too large. A "
        "scale for each coordinate cannot straighten a valley that is not aligned with the axes, so training still "
        "takes long.",
        low=0.0,
        high=0.999999,
        search=(0.9, 0.9999),
        live=True,
        lesson="Without bias correction Adam takes very large steps at the beginning.",
    ),
]

#: The two moments, and the update from them with their start at zero corrected.
MOMENTS = ("m = b1*m + (1 - b1)*g", "s = b2*s + (1 - b2)*g*g")
CORRECTED = ("m_hat = m/(1 - b1**t)", "s_hat = s/(1 - b2**t)", "x = x - lr*m_hat/(sqrt(s_hat) + eps)")
CORRECTED_RATE = "lr/(sqrt(s_hat) + eps)"
MOMENTS_IN_TORCH = {"m": "exp_avg", "s": "exp_avg_sq"}


class Adam(Optimizer):
    """Kingma and Ba 2015, algorithm 1: ``x -= lr * m_hat / (sqrt(s_hat) + eps)``, t from 1."""

    kind: ClassVar[str] = "adam"
    title: ClassVar[str] = "Adam"
    summary: ClassVar[str] = "Momentum plus a step size for each coordinate, with bias correction."
    order: ClassVar[int] = 70
    elementwise: ClassVar[bool] = True

    lr: LearningRate = 1e-3
    beta1: Beta1 = 0.9
    beta2: Beta2 = 0.999
    eps: Epsilon = 1e-8

    def torch_class(self) -> Callable[..., torch.optim.Optimizer]:
        from torch.optim import Adam as TorchAdam

        return TorchAdam

    def hyper(self) -> dict[str, Any]:
        return {"betas": (self.beta1, self.beta2), "eps": self.eps}

    def constants(self) -> dict[str, float]:
        """The values of the rule's constants."""
        return {"b1": self.beta1, "b2": self.beta2, "eps": self.eps, "wd": self.weight_decay}

    def rule(self, group: Mapping[str, Any]) -> Rule | None:
        lines = with_decay((*MOMENTS, *CORRECTED), self.weight_decay)
        return Rule(lines, self.constants(), MOMENTS_IN_TORCH, velocity="m_hat", rate=CORRECTED_RATE)
