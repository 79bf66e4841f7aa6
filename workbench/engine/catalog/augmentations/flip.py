"""Mirror images."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar

from workbench.engine.catalog.augmentations.base import Augmentation
from workbench.engine.catalog.knob import Knob
from workbench.engine.core.text import short

if TYPE_CHECKING:
    import torch

Probability = Annotated[
    float,
    Knob(
        "Probability", ("The probability that a picture is mirrored."), low=0.0, high=1.0, search=(0.0, 1.0), live=True
    ),
]


class HorizontalFlip(Augmentation):
    """Left and right exchanged with probability p."""

    kind: ClassVar[str] = "horizontal_flip"
    title: ClassVar[str] = "Horizontal flip"
    summary: ClassVar[str] = "Mirrors a picture left to right."
    order: ClassVar[int] = 10
    label_note: ClassVar[str] = "For what a mirror leaves as it is: photographs or clothing, not digits or letters."

    p: Probability = 0.5

    def apply(self, x: torch.Tensor, u: torch.Tensor) -> torch.Tensor:
        return _mirrored(x, u, self.p, axis=-1)

    def brief(self) -> str:
        return short(self.p)


class VerticalFlip(Augmentation):
    """Top and bottom exchanged with probability p."""

    kind: ClassVar[str] = "vertical_flip"
    title: ClassVar[str] = "Vertical flip"
    summary: ClassVar[str] = "Turns a picture upside down, as in a mirror lying below it."
    order: ClassVar[int] = 15
    label_note: ClassVar[str] = "Most photographs, digits and letters have one way up; use it for views from above."

    p: Probability = 0.5

    def apply(self, x: torch.Tensor, u: torch.Tensor) -> torch.Tensor:
        return _mirrored(x, u, self.p, axis=-2)

    def brief(self) -> str:
        return short(self.p)


def _mirrored(x: torch.Tensor, u: torch.Tensor, p: float, axis: int) -> torch.Tensor:
    """Only the pictures that are mirrored are touched."""
    chosen = (u[:, 0] < p).nonzero()[:, 0]
    return x.index_copy_(0, chosen, x.index_select(0, chosen).flip(axis))
