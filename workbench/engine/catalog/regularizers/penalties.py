"""L2, L1 and elastic net on weights; their gradients are added after the backward pass (2–5 % of a step's time)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar

from workbench.engine.catalog.knob import Knob
from workbench.engine.catalog.regularizers.base import Regularizer
from workbench.engine.core.text import short

if TYPE_CHECKING:
    import torch


L2Strength = Annotated[
    float,
    Knob(
        "L2 strength",
        "Adds strength / 2 times the sum of squared weights to the objective, which shrinks large weights. "
        "For plain SGD this is the same as weight decay in the optimizer: use one of the two.",
        low=0.0,
        high=100.0,
        search=(1e-06, 0.1),
        scale="log",
        live=True,
        lesson="L2 shrinks the weights; it seldom makes them exactly zero.",
    ),
]
L1Strength = Annotated[
    float,
    Knob(
        "L1 strength",
        "Adds strength times the sum of absolute weights to the objective, which drives many weights to zero.",
        low=0.0,
        high=100.0,
        search=(1e-07, 0.01),
        scale="log",
        live=True,
        lesson="L1 makes the weights sparse; elastic net does both.",
    ),
]

Everything = Annotated[
    bool,
    Knob(
        "Biases and norm parameters too",
        "By default only weight matrices and kernels are penalized. Biases and the scale and shift of batch norm are "
        "few and fit little noise; a penalty on them mostly just makes the fit worse.",
    ),
]


def add_l2(strength: float, weights: list[torch.Tensor], gradients: list[torch.Tensor]) -> None:
    """``g += strength * w`` in place."""

    from workbench.engine.nn.torch_workarounds import foreach_add_

    foreach_add_(gradients, weights, alpha=strength)


def add_l1(strength: float, weights: list[torch.Tensor], gradients: list[torch.Tensor]) -> None:
    """``g += strength * sign(w)`` in place (subgradient 0 at w = 0)."""

    from workbench.engine.nn.torch_workarounds import foreach_add_, foreach_sign

    foreach_add_(gradients, foreach_sign(weights), alpha=strength)


def l2_value(strength: float, weights: list[torch.Tensor]) -> torch.Tensor:
    """``strength / 2 * sum(w**2)``, a scalar."""
    import torch

    return 0.5 * strength * torch.stack([w.square().sum() for w in weights]).sum()


def l1_value(strength: float, weights: list[torch.Tensor]) -> torch.Tensor:
    """``strength * sum(|w|)``, a scalar."""
    import torch

    return strength * torch.stack([w.abs().sum() for w in weights]).sum()


class L2(Regularizer):
    """R(w) = strength / 2 * ||w||_2^2 on weight matrices and kernels, or on every parameter."""

    kind: ClassVar[str] = "l2"
    title: ClassVar[str] = "L2"
    summary: ClassVar[str] = "Shrinks large weights."
    order: ClassVar[int] = 10
    elementwise: ClassVar[bool] = True
    is_l2: ClassVar[bool] = True

    strength: L2Strength = 1e-4
    everything: Everything = False

    def on_everything(self) -> bool:
        return self.everything

    def penalty(self, weights: list[torch.Tensor]) -> torch.Tensor | None:
        return l2_value(self.strength, weights)

    def add_gradient(self, weights: list[torch.Tensor], gradients: list[torch.Tensor]) -> None:
        add_l2(self.strength, weights, gradients)

    def brief(self) -> str:
        return short(self.strength)


class L1(Regularizer):
    """R(w) = strength * ||w||_1 on weight matrices and kernels, or on every parameter."""

    kind: ClassVar[str] = "l1"
    title: ClassVar[str] = "L1"
    summary: ClassVar[str] = "Makes weights sparse."
    order: ClassVar[int] = 20
    elementwise: ClassVar[bool] = True

    strength: L1Strength = 1e-5
    everything: Everything = False

    def on_everything(self) -> bool:
        return self.everything

    def penalty(self, weights: list[torch.Tensor]) -> torch.Tensor | None:
        return l1_value(self.strength, weights)

    def add_gradient(self, weights: list[torch.Tensor], gradients: list[torch.Tensor]) -> None:
        add_l1(self.strength, weights, gradients)

    def brief(self) -> str:
        return short(self.strength)


class ElasticNet(Regularizer):
    """R(w) = l1 * ||w||_1 + l2 / 2 * ||w||_2^2 (Zou and Hastie 2005, with the usual halves)."""

    kind: ClassVar[str] = "elastic_net"
    title: ClassVar[str] = "Elastic net"
    summary: ClassVar[str] = "L1 and L2 together: sparse and small weights."
    order: ClassVar[int] = 30
    elementwise: ClassVar[bool] = True
    is_l2: ClassVar[bool] = True

    l1: L1Strength = 1e-5
    l2: L2Strength = 1e-4
    everything: Everything = False

    def on_everything(self) -> bool:
        return self.everything

    def penalty(self, weights: list[torch.Tensor]) -> torch.Tensor | None:
        return l1_value(self.l1, weights) + l2_value(self.l2, weights)

    def add_gradient(self, weights: list[torch.Tensor], gradients: list[torch.Tensor]) -> None:
        add_l1(self.l1, weights, gradients)
        add_l2(self.l2, weights, gradients)

    def brief(self) -> str:
        return f"L1 {short(self.l1)}, L2 {short(self.l2)}"
