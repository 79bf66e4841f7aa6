"""Colour augmentations: random brightness, contrast, saturation and hue, or a random change to gray."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar

from workbench.engine.catalog.augmentations.base import Augmentation
from workbench.engine.catalog.knob import Knob
from workbench.engine.core.text import short

if TYPE_CHECKING:
    import torch

#: Rec. 601 luma, the weights that torchvision uses.
LUMA = (0.2989, 0.587, 0.114)
GRAY_NOTE = "These pictures are gray: saturation and hue change nothing, and brightness and contrast keep the label."


class ColourJitter(Augmentation):
    """Three blends one after the other, each with a factor uniform in 1 ± strength and clamped to [0, 1]; then the hue.

    Brightness: with black. Contrast: with the picture's mean gray. Saturation: with the gray picture (no effect on
    gray pictures). The formulas of torchvision's ``adjust_brightness``, ``adjust_contrast``, ``adjust_saturation`` and
    ``adjust_hue``: hue is turned on the circle of colours (HSV), value and saturation kept.
    """

    kind: ClassVar[str] = "colour_jitter"
    title: ClassVar[str] = "Colour jitter"
    summary: ClassVar[str] = "Changes brightness, contrast, saturation and hue at random."
    order: ClassVar[int] = 40
    label_note: ClassVar[str] = "Where classes differ by colour (ripe or unripe), do not change saturation and hue."
    draws: ClassVar[int] = 4

    brightness: Annotated[
        float,
        Knob(
            "Brightness",
            "The factor on all values lies between 1 minus this and 1 plus this.",
            low=0.0,
            high=1.0,
            search=(0.0, 0.5),
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
            search=(0.0, 0.5),
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
            search=(0.0, 0.5),
            live=True,
        ),
    ] = 0.2
    hue: Annotated[
        float,
        Knob(
            "Hue",
            "The hue is rotated on the colour circle by at most this share of a turn, in either direction; 0.5 "
            "reaches every hue. Gray pictures are not changed by it.",
            low=0.0,
            high=0.5,
            search=(0.0, 0.2),
            live=True,
        ),
    ] = 0.0

    def apply(self, x: torch.Tensor, u: torch.Tensor) -> torch.Tensor:
        brightness, contrast, saturation, hue = (2.0 * u - 1.0).t().reshape(4, -1, 1, 1, 1)
        if self.brightness:
            x = x.mul_(1.0 + self.brightness * brightness).clamp_(0.0, 1.0)
        if self.contrast:
            x = _blended(x, _mean_gray(x), 1.0 + self.contrast * contrast)
        if self.saturation and x.shape[1] == 3:
            x = _blended(x, _gray(x), 1.0 + self.saturation * saturation)
        if self.hue and x.shape[1] == 3:
            x = _turned_hue(x, self.hue * hue[:, 0])
        return x

    def note_for(self, channels: int) -> str:
        return self.label_note if channels == 3 else GRAY_NOTE

    def brief(self) -> str:
        return (
            f"{short(self.brightness)} / {short(self.contrast)} / {short(self.saturation)}"
            + f" / {short(self.hue)}" * bool(self.hue)
        )


class Grayscale(Augmentation):
    """The three colours become their gray (Rec. 601 luma) with probability p; gray pictures stay as they are."""

    kind: ClassVar[str] = "grayscale"
    title: ClassVar[str] = "Grayscale"
    summary: ClassVar[str] = "Removes the colour, so that only the shape can be recognized."
    order: ClassVar[int] = 45
    label_note: ClassVar[str] = (
        "Where classes differ by colour (ripe or unripe), a gray picture does not show its class."
    )

    p: Annotated[
        float,
        Knob(
            "Probability",
            ("The probability that a picture becomes gray."),
            low=0.0,
            high=1.0,
            search=(0.0, 1.0),
            live=True,
        ),
    ] = 0.2

    def apply(self, x: torch.Tensor, u: torch.Tensor) -> torch.Tensor:
        return x if x.shape[1] == 1 else _gray(x).where((u[:, 0] < self.p).view(-1, 1, 1, 1), x)

    def note_for(self, channels: int) -> str:
        return self.label_note if channels == 3 else "These pictures are gray already, so it changes nothing."

    def brief(self) -> str:
        return short(self.p)


def _gray(x: torch.Tensor) -> torch.Tensor:
    """(B, 1, H, W) of (B, C, H, W)."""
    if x.shape[1] == 1:
        return x
    gray = x[:, 0:1] * LUMA[0]
    return gray.add_(x[:, 1:2], alpha=LUMA[1]).add_(x[:, 2:3], alpha=LUMA[2])


def _mean_gray(x: torch.Tensor) -> torch.Tensor:
    """(B, 1, 1, 1): the mean of the gray picture is the gray of the means."""
    return _gray(x.mean((2, 3), keepdim=True))


def _blended(x: torch.Tensor, other: torch.Tensor, factor: torch.Tensor) -> torch.Tensor:
    """``factor * x + (1 - factor) * other`` in the place of ``x``, clamped to [0, 1]."""
    return x.mul_(factor).add_((1.0 - factor) * other).clamp_(0.0, 1.0)


def _turned_hue(x: torch.Tensor, turn: torch.Tensor) -> torch.Tensor:
    """Hue moved by ``turn`` (B, 1, 1) of the circle; the largest and the smallest of the three values stay."""
    import torch

    red, green, blue = x.unbind(1)
    top, bottom = x.amax(1), x.amin(1)
    chroma = top - bottom
    # The hue counted in sixths of the circle from red, and 0 for gray, which has none.
    safe = chroma.where(chroma > 0.0, 1.0)
    sixths = torch.where(
        top == red,
        (green - blue) / safe,
        torch.where(top == green, (blue - red) / safe + 2.0, (red - green) / safe + 4.0),
    )
    sixths += 6.0 * turn
    shades = []
    for start in (5.0, 3.0, 1.0):
        place = (sixths + start).remainder_(6.0)
        shades.append(top - chroma * place.minimum(4.0 - place).clamp_(0.0, 1.0))
    return torch.stack(shades, 1).clamp_(0.0, 1.0)
