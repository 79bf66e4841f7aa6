"""Colour jitter: brightness, contrast and saturation of every picture change by factors of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar

from workbench.engine.augmentations.base import Augmentation
from workbench.engine.knobs import Knob

if TYPE_CHECKING:
    import torch

#: Rec. 601 luma, the weights that torchvision uses.
LUMA = (0.2989, 0.587, 0.114)


class ColourJitter(Augmentation):
    """Three blends one after the other, each with a factor uniform in 1 ± strength and clamped to [0, 1].

    Brightness: with black. Contrast: with the picture's mean gray. Saturation: with the gray picture (no effect on
    gray pictures). The formulas of torchvision's ``adjust_brightness``, ``adjust_contrast``, ``adjust_saturation``.
    """

    kind: ClassVar[str] = "colour_jitter"
    title: ClassVar[str] = "Colour jitter"
    summary: ClassVar[str] = "Changes brightness, contrast and saturation at random."
    order: ClassVar[int] = 40
    label_note: ClassVar[str] = "Where colour tells the classes apart (ripe or unripe), keep the saturation."
    draws: ClassVar[int] = 3

    brightness: Annotated[
        float,
        Knob(
            "Brightness",
            "The factor on all values lies between 1 minus this and 1 plus this.",
            low=0.0,
            high=1.0,
            live=True,
        ),
    ] = 0.2
    contrast: Annotated[
        float,
        Knob(
            "Contrast",
            "The factor on the distance from the picture's mean gray lies between 1 minus this and 1 plus this.",
            low=0.0,
            high=1.0,
            live=True,
        ),
    ] = 0.2
    saturation: Annotated[
        float,
        Knob(
            "Saturation",
            "The factor on the distance from the gray picture lies between 1 minus this and 1 plus this. "
            "Gray pictures are not changed by it.",
            low=0.0,
            high=1.0,
            live=True,
        ),
    ] = 0.2

    def apply(self, x: torch.Tensor, u: torch.Tensor) -> torch.Tensor:
        brightness, contrast, saturation = (2.0 * u - 1.0).t().reshape(3, -1, 1, 1, 1)
        if self.brightness:
            x = (x * (1.0 + self.brightness * brightness)).clamp_(0.0, 1.0)
        if self.contrast:
            mean = _gray(x).flatten(1).mean(1).view(-1, 1, 1, 1)
            x = _blend(x, mean, 1.0 + self.contrast * contrast)
        if self.saturation and x.shape[1] == 3:
            x = _blend(x, _gray(x), 1.0 + self.saturation * saturation)
        return x

    def brief(self) -> str:
        return f"{self.brightness:g} / {self.contrast:g} / {self.saturation:g}"


def _gray(x: torch.Tensor) -> torch.Tensor:
    """(B, 1, H, W) of (B, C, H, W)."""
    if x.shape[1] == 1:
        return x
    return (LUMA[0] * x[:, 0] + LUMA[1] * x[:, 1] + LUMA[2] * x[:, 2])[:, None]


def _blend(x: torch.Tensor, other: torch.Tensor, factor: torch.Tensor) -> torch.Tensor:
    """``factor * x + (1 - factor) * other``, clamped to [0, 1]."""
    return (factor * x + (1.0 - factor) * other).clamp_(0.0, 1.0)
