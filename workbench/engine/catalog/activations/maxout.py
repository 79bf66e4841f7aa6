"""Maxout: a unit is the largest of several linear pieces (Goodfellow et al. 2013)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, ClassVar

from workbench.engine.catalog.activations.base import Activation
from workbench.engine.catalog.knob import Knob

if TYPE_CHECKING:
    from torch import nn


class Maxout(Activation):
    """The layer before makes ``pieces`` outputs for each unit (each channel, in a convolution); the largest passes."""

    kind: ClassVar[str] = "maxout"
    title: ClassVar[str] = "Maxout"
    summary: ClassVar[str] = "The largest of several linear pieces: learns its own bend and costs more weights."
    order: ClassVar[int] = 70

    pieces: Annotated[
        int,
        Knob(
            "Pieces",
            "How many linear pieces a unit chooses the largest of. "
            "The layer before makes this many outputs for each unit, so it has this many times the weights. "
            "No unit saturates and none dies, because one piece always passes its gradient on.",
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

    The pieces count as independent, which they are at the start. For two it is exactly 1.
    """
    steps, reach = 2_000, 10.0
    total = 0.0
    for i in range(steps + 1):
        z = reach * (2.0 * i / steps - 1.0)
        below = 0.5 * math.erfc(-z / math.sqrt(2.0))
        total += z * z * pieces * math.exp(-0.5 * z * z) / math.sqrt(2.0 * math.pi) * below ** (pieces - 1)
    return total * 2.0 * reach / steps
