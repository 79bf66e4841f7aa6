"""Mirror images."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar

from workbench.engine.augmentations.base import Augmentation
from workbench.engine.knobs import Knob

if TYPE_CHECKING:
    import torch


class HorizontalFlip(Augmentation):
    """Left and right exchanged with probability p."""

    kind: ClassVar[str] = "horizontal_flip"
    title: ClassVar[str] = "Horizontal flip"
    summary: ClassVar[str] = "Mirrors a picture left to right."
    order: ClassVar[int] = 10
    label_note: ClassVar[str] = "A mirrored digit or letter may be another one or none at all."

    p: Annotated[float, Knob("Probability", "How often a picture is mirrored.", low=0.0, high=1.0, live=True)] = 0.5

    def apply(self, x: torch.Tensor, u: torch.Tensor) -> torch.Tensor:
        flip = (u[:, 0] < self.p).view(-1, 1, 1, 1)
        return x.flip(-1).where(flip, x)

    def brief(self) -> str:
        return f"{self.p:g}"
