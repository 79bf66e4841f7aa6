"""Stochastic gradient descent, with and without a velocity."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from workbench.engine.knobs import Knob
from workbench.engine.optimizers.base import LearningRate, Optimizer

if TYPE_CHECKING:
    import torch

MomentumKnob = Annotated[
    float,
    Knob(
        "Momentum",
        "How much of the velocity is kept at each update (rho in the lecture). "
        "The velocity remembers about 1 / (1 − momentum) updates; "
        "friction is 1 − momentum, so a larger value is less friction. "
        "The velocity always starts at zero; that is not even a setting.",
        low=0.0,
        high=0.9999,
        live=True,
        lesson="Momentum rolls past small minima, cancels zigzag and averages gradient noise.",
    ),
]


class SGD(Optimizer):
    """``x -= lr * g`` (Robbins and Monro 1951), g the gradient of one mini-batch."""

    kind: ClassVar[str] = "sgd"
    title: ClassVar[str] = "SGD"
    summary: ClassVar[str] = "A step against the mini-batch gradient."
    order: ClassVar[int] = 10

    def torch_class(self) -> type[torch.optim.Optimizer]:
        from torch.optim import SGD as TorchSGD

        return TorchSGD

    def hyper(self) -> dict[str, Any]:
        return {"momentum": 0.0, "nesterov": False}


class Momentum(SGD):
    """``v = rho * v + g; x -= lr * v``, v from 0 (Polyak 1964; torch's form, the rate outside the velocity)."""

    kind: ClassVar[str] = "momentum"
    title: ClassVar[str] = "Momentum"
    summary: ClassVar[str] = "A velocity gathers gradients and rolls on, like a ball with friction."
    order: ClassVar[int] = 20

    momentum: MomentumKnob = 0.9

    def hyper(self) -> dict[str, Any]:
        return {"momentum": self.momentum, "nesterov": False}


class Nesterov(Momentum):
    """``v = rho * v + g; x -= lr * (g + rho * v)`` (Nesterov 1983; Sutskever et al. 2013, at the look-ahead point)."""

    kind: ClassVar[str] = "nesterov"
    title: ClassVar[str] = "Nesterov momentum"
    summary: ClassVar[str] = "Momentum that looks ahead, so a wrong velocity is corrected sooner."
    order: ClassVar[int] = 30

    # torch refuses Nesterov without a velocity, so the lowest momentum is a little above zero.
    momentum: Annotated[
        float,
        Knob(
            "Momentum",
            "How much of the velocity is kept at each update; the gradient is taken where the velocity leads. "
            "The velocity remembers about 1 / (1 − momentum) updates and starts at zero.",
            low=0.001,
            high=0.9999,
            live=True,
            lesson="Nesterov momentum corrects a wrong velocity sooner than plain momentum.",
        ),
    ] = 0.9

    def hyper(self) -> dict[str, Any]:
        return {"momentum": self.momentum, "nesterov": True}


__all__ = ["SGD", "LearningRate", "Momentum", "MomentumKnob", "Nesterov"]
