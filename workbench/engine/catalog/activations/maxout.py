"""Maxout: a unit is the largest of several linear pieces (Goodfellow et al. 2013)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, ClassVar

from workbench.engine.catalog.activations.base import Activation
from workbench.engine.catalog.knob import Knob

if TYPE_CHECKING:
    from torch import nn


class Maxout(Activation):
    """The preceding layer has ``pieces`` outputs per unit (in a convolution per channel); the largest is the output."""

    kind: ClassVar[str] = "maxout"
    title: ClassVar[str] = "Maxout"
    summary: ClassVar[str] = "The largest of several linear functions: a learned activation that needs more weights."
    order: ClassVar[int] = 70

    pieces: Annotated[
        int,
        Knob(
            "Pieces",
            "The output of a unit is the largest of this many linear pieces. The preceding layer has this many "
            "outputs per unit, so it has this many times the weights. No unit saturates and none dies, because one "
            "piece always passes its gradient on.",
            low=2,
            high=16,
        ),
    ] = 2

    def build(self) -> nn.Module:
        from workbench.engine.nn.layers import LargestPiece

        return LargestPiece(self.pieces)

    def inputs_per_unit(self) -> int:
        return self.pieces

    def gain(self) -> float:
        return 1.0 / math.sqrt(_second_moment_of_largest(self.pieces))

    def brief(self) -> str:
        return f"{self.pieces} pieces"


def _second_moment_of_largest(pieces: int) -> float:
    """E[max(z1 … zk)²] for standard normal z, by the trapezoid rule over the density k * phi(z) * Phi(z)^(k-1).

    The pieces are taken as independent, which they are at the start. For two it is exactly 1.
    """
    steps, reach = 2_000, 10.0
    total = 0.0
    for i in range(steps + 1):
        z = reach * (2.0 * i / steps - 1.0)
        below = 0.5 * math.erfc(-z / math.sqrt(2.0))
        total += z * z * pieces * math.exp(-0.5 * z * z) / math.sqrt(2.0 * math.pi) * below ** (pieces - 1)
    return total * 2.0 * reach / steps
