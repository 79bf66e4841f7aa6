"""The square: with it a network multiplies."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, ClassVar

from workbench.engine.catalog.activations.base import Activation

if TYPE_CHECKING:
    from torch import nn


class Square(Activation):
    """x². A unit over a sum of two inputs has their product in its output, which ReLU can only approximate."""

    kind: ClassVar[str] = "square"
    title: ClassVar[str] = "Square"
    summary: ClassVar[str] = (
        "The input times itself, so that units multiply: for arithmetic with one hidden layer. Deep networks explode."
    )
    order: ClassVar[int] = 80

    def build(self) -> nn.Module:
        from workbench.engine.nn.layers import Square

        return Square()

    def gain(self) -> float:
        return 1.0 / math.sqrt(3.0)
