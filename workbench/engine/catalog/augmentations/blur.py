"""Blur: a picture out of focus."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, ClassVar

from workbench.engine.catalog.augmentations.base import Augmentation
from workbench.engine.catalog.knob import Knob
from workbench.engine.core.text import short

if TYPE_CHECKING:
    import torch

#: The bell curve is cut off at so many standard deviations; 0.3 % of it lie beyond.
REACH = 3.0


class Blur(Augmentation):
    """Gaussian blur, its standard deviation uniform in 0 to largest; beyond the border the picture is mirrored.

    The kernel reaches three times the largest deviation, rounded up, and at most the shorter side minus one.
    """

    kind: ClassVar[str] = "blur"
    title: ClassVar[str] = "Blur"
    summary: ClassVar[str] = "Softens a picture, as a lens out of focus does."
    order: ClassVar[int] = 55
    label_note: ClassVar[str] = "In small pictures of digits or letters a blur of one pixel can close the loops."

    largest: Annotated[
        float,
        Knob(
            "Largest deviation",
            "The standard deviation of the bell curve that spreads each pixel lies between 0 and this.",
            unit="pixels",
            low=0.0,
            high=10.0,
            live=True,
        ),
    ] = 1.0

    def apply(self, x: torch.Tensor, u: torch.Tensor) -> torch.Tensor:
        radius = min(math.ceil(REACH * self.largest), min(x.shape[-2:]) - 1)
        if radius == 0:
            return x
        weights = _bell(u[:, 0] * self.largest, radius)
        return _spread(_spread(x, weights, radius, 3), weights, radius, 2).clamp_(0.0, 1.0)

    def brief(self) -> str:
        return f"up to {short(self.largest, 3)} px"


def _bell(deviation: torch.Tensor, radius: int) -> torch.Tensor:
    """The weights of the centre and of the pixels 1 to radius away, (radius + 1, B, 1, 1, 1); all taps sum to 1."""
    import torch

    away = torch.arange(radius + 1, device=deviation.device)[:, None]
    # A deviation of 0 leaves the picture as it is: all of the weight is the centre's.
    curve = (-0.5 * (away / deviation.clamp_min(1e-6)).square()).exp()
    return (curve / (2.0 * curve.sum(0) - 1.0)).view(radius + 1, -1, 1, 1, 1)


def _spread(x: torch.Tensor, weights: torch.Tensor, radius: int, axis: int) -> torch.Tensor:
    """Along one axis: each neighbour's share, one after the other. Elementwise, so the batch does not matter."""
    from torch.nn.functional import pad

    size = x.shape[axis]
    padded = pad(x, (radius, radius, 0, 0) if axis == 3 else (0, 0, radius, radius), mode="reflect")
    result = x * weights[0]
    for away in range(1, radius + 1):
        both = padded.narrow(axis, radius - away, size) + padded.narrow(axis, radius + away, size)
        result.addcmul_(both, weights[away])
    return result
