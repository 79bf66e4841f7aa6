"""Occlusion."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Final

import numpy as np

from workbench.engine.catalog.knob import Knob
from workbench.engine.core.progress import Job, Loading
from workbench.engine.explain.methods.base import Map, Method

if TYPE_CHECKING:
    from workbench.engine.explain.subject import Subject

#: Maximum number of pictures, and of input values, in one pass.
_MOST, _VALUES = 32, 2**22
_COVERED: Final = "Covering"


class Occlusion(Method):
    """The mean, over the squares that cover a pixel, of how far the logit falls: after Zeiler and Fergus,
    Visualizing and Understanding Convolutional Networks, 2014.

    Squares lie half their side apart and cover the whole picture; covered values become 0 at the network's input.
    """

    kind: ClassVar[str] = "occlusion"
    title: ClassVar[str] = "Occlusion"
    summary: ClassVar[str] = (
        "How far the class's logit falls when a square of the picture is covered: above zero where the network needs "
        "what is there, below zero where it is better off without."
    )
    limits: ClassVar[str] = (
        "The map depends on the size of the square and on what covers it (0 at the network's input, the mean of "
        "training where pictures are normalized), which is a picture that was never trained on. Two places that "
        "are redundant show nothing, because only one is covered at a time."
    )
    source: ClassVar[str] = "after Zeiler, Fergus, Visualizing and Understanding Convolutional Networks, 2014"
    unit: ClassVar[str] = "fall of the logit"
    is_signed: ClassVar[bool] = True
    order: ClassVar[int] = 50

    side: Annotated[
        float, Knob("Square", "Side of the square, as a share of the picture's longer side.", low=0.05, high=0.5)
    ] = 0.2

    def attributing(self, subject: Subject) -> Job[Map]:
        import torch

        height, width = subject.x.shape[2:]
        side = max(1, round(self.side * max(height, width)))
        squares = [(top, left) for top in starts(height, side) for left in starts(width, side)]
        at_once = max(1, min(_MOST, _VALUES // subject.x.numel()))
        falls, covered = np.zeros((height, width)), np.zeros((height, width))
        with torch.no_grad():
            for first in range(0, len(squares), at_once):
                yield Loading(first, len(squares), _COVERED)
                some = squares[first : first + at_once]
                pictures = subject.x.repeat(len(some) + 1, 1, 1, 1)  # the last one stays: rounding depends on the batch
                for picture, (top, left) in zip(pictures, some, strict=False):
                    picture[:, top : top + side, left : left + side] = 0
                *scores, before = subject.scores(pictures).tolist()
                for score, (top, left) in zip(scores, some, strict=True):
                    falls[top : top + side, left : left + side] += before - score
                    covered[top : top + side, left : left + side] += 1
        return falls / covered


def starts(length: int, side: int) -> list[int]:
    """Where squares of ``side`` begin along ``length``: half a side apart, the last one at the end."""
    end = max(0, length - side)
    return [*range(0, end, max(1, side // 2)), end]
