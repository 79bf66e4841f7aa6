"""Noise: every value of a picture changes by a random amount of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar

from workbench.engine.catalog.augmentations.base import Augmentation
from workbench.engine.catalog.augmentations.pixels import pixel_normals
from workbench.engine.catalog.knob import Knob
from workbench.engine.core.text import short

if TYPE_CHECKING:
    import torch


class Noise(Augmentation):
    """Add normal noise, independent for each value, its standard deviation uniform in 0 to largest; clamped."""

    kind: ClassVar[str] = "noise"
    title: ClassVar[str] = "Noise"
    summary: ClassVar[str] = "Adds grain, as a camera does in poor light."
    order: ClassVar[int] = 60
    label_note: ClassVar[str] = "Strong noise hides the thin strokes of small digits and letters."
    draws: ClassVar[int] = 3

    largest: Annotated[
        float,
        Knob(
            "Largest deviation",
            "The standard deviation of a picture's noise lies between 0 and this; black is 0 and white is 1.",
            low=0.0,
            high=1.0,
            live=True,
        ),
    ] = 0.1

    def apply(self, x: torch.Tensor, u: torch.Tensor) -> torch.Tensor:
        if self.largest == 0.0:
            return x
        deviation = (u[:, 0] * self.largest).view(-1, 1)
        noise = pixel_normals(u[:, 1:], x[0].numel()).mul_(deviation)
        return noise.view(x.shape).add_(x).clamp_(0.0, 1.0)

    def brief(self) -> str:
        return f"up to {short(self.largest, 3)}"
