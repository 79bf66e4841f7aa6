"""Activations that are smooth, or nearly so, where ReLU has a kink: ELU and GELU."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, ClassVar

from workbench.engine.catalog.activations.base import Activation
from workbench.engine.catalog.knob import Knob

if TYPE_CHECKING:
    from torch import nn


class ELU(Activation):
    """x above zero, alpha * (exp(x) - 1) below (Clevert et al. 2016)."""

    kind: ClassVar[str] = "elu"
    title: ClassVar[str] = "ELU"
    summary: ClassVar[str] = (
        "The identity for positive inputs, approaching −α for negative ones: the mean output is closer to zero."
    )
    order: ClassVar[int] = 30

    alpha: Annotated[
        float,
        Knob(
            "Alpha",
            "The output for large negative inputs approaches minus this value. Unlike ReLU, a unit keeps a gradient "
            "below zero, though a small one far below.",
            low=0.0,
            high=10.0,
            search=(0.1, 2.0),
        ),
    ] = 1.0

    def build(self) -> nn.Module:
        from torch import nn

        return nn.ELU(self.alpha)

    def gain(self) -> float:
        below = math.exp(2.0) * _normal_cdf(-2.0) - 2.0 * math.exp(0.5) * _normal_cdf(-1.0) + 0.5
        return 1.0 / math.sqrt(0.5 + self.alpha**2 * below)


class GELU(Activation):
    """x * P(Z <= x) with Z standard normal (Hendrycks and Gimpel 2016)."""

    kind: ClassVar[str] = "gelu"
    title: ClassVar[str] = "GELU"
    summary: ClassVar[str] = "A smooth ReLU that dips slightly below zero; usual in transformers."
    order: ClassVar[int] = 40

    def build(self) -> nn.Module:
        from torch import nn

        return nn.GELU()

    def gain(self) -> float:
        return 1.0 / math.sqrt(1.0 / 3.0 + 1.0 / (2.0 * math.pi * math.sqrt(3.0)))


def _normal_cdf(x: float) -> float:
    return 0.5 * math.erfc(-x / math.sqrt(2.0))
