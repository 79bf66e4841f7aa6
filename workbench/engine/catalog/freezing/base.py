"""The base class of ways of freezing: how many blocks are frozen in an epoch, counted from the input."""

from __future__ import annotations

from abc import abstractmethod
from typing import Annotated

from workbench.engine.catalog.knob import Knob
from workbench.engine.catalog.variant import Variant

#: More blocks than any network has.
MOST_BLOCKS = 10_000

LineKnob = Annotated[
    int | None,
    Knob(
        "Frozen blocks",
        "This many blocks, counted from the input, keep their weights; only the rest is trained. The first blocks of "
        "a network detect edges and textures, which most pictures share; the last ones detect what distinguishes its "
        "original classes. With few examples freeze all, with many none. The line can be moved during a run; what "
        "stays trainable keeps its momentum (L-BFGS estimates the curvature anew).",
        unit="blocks",
        off="All below the head",
        low=0,
        high=MOST_BLOCKS,
        live=True,
        lesson="With little data freeze nearly everything; with more, fine-tune more of it.",
    ),
]


DownToKnob = Annotated[
    int,
    Knob(
        "Down to block",
        "This many blocks, counted from the input, stay frozen to the end; 0: all of them are trained in the end. "
        "The first blocks of a network detect edges and textures, which most pictures share.",
        unit="blocks",
        low=0,
        high=MOST_BLOCKS,
        live=True,
    ),
]


class Freezing(Variant):
    """Base of the family. What is frozen is a function of the epoch alone, so that a run can be repeated."""

    @abstractmethod
    def frozen_at(self, epoch: int, count: int) -> int:
        """How many of the ``count`` blocks below the head are frozen in the 0-based ``epoch``; pure."""
