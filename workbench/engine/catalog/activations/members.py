"""The lecture's activations without learned parameters."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, ClassVar

from workbench.engine.catalog.activations.base import Activation
from workbench.engine.catalog.knob import Knob

if TYPE_CHECKING:
    from torch import nn


class ReLU(Activation):
    """max(0, x)."""

    kind: ClassVar[str] = "relu"
    title: ClassVar[str] = "ReLU"
    summary: ClassVar[str] = "Zero for negative inputs, the identity for positive ones. The usual choice."
    order: ClassVar[int] = 10

    def build(self) -> nn.Module:
        from torch import nn

        return nn.ReLU()

    def gain(self) -> float:
        return math.sqrt(2.0)


class LeakyReLU(Activation):
    """x above zero, slope * x below."""

    kind: ClassVar[str] = "leaky_relu"
    title: ClassVar[str] = "Leaky ReLU"
    summary: ClassVar[str] = "A small slope for negative inputs, so that no unit dies."
    order: ClassVar[int] = 20

    slope: Annotated[
        float, Knob("Slope below zero", "The factor on negative inputs.", low=0.0, high=1.0, search=(0.0, 0.3))
    ] = 0.01

    def build(self) -> nn.Module:
        from torch import nn

        return nn.LeakyReLU(self.slope)

    def gain(self) -> float:
        return math.sqrt(2.0 / (1.0 + self.slope**2))


class Tanh(Activation):
    """tanh(x): saturates at ±1."""

    kind: ClassVar[str] = "tanh"
    title: ClassVar[str] = "tanh"
    summary: ClassVar[str] = "Zero-centred, but saturates: gradients vanish where |x| is large."
    order: ClassVar[int] = 50

    def build(self) -> nn.Module:
        from torch import nn

        return nn.Tanh()


class Sigmoid(Activation):
    """1 / (1 + exp(-x)): saturates at 0 and 1."""

    kind: ClassVar[str] = "sigmoid"
    title: ClassVar[str] = "Sigmoid"
    summary: ClassVar[str] = "Saturates on both sides and is not zero-centred."
    order: ClassVar[int] = 60

    def build(self) -> nn.Module:
        from torch import nn

        return nn.Sigmoid()
