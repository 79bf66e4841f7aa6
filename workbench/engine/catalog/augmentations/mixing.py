"""Mixup and CutMix: two examples of a batch become one, and the label says how much of each."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, ClassVar

from workbench.engine.catalog.augmentations.base import Mixing
from workbench.engine.catalog.augmentations.erasing import inside
from workbench.engine.catalog.knob import Knob
from workbench.engine.core.text import short

if TYPE_CHECKING:
    import torch

Probability = Annotated[
    float,
    Knob("Probability", ("The probability that a picture is mixed."), low=0.0, high=1.0, search=(0.0, 1.0), live=True),
]


class Mixup(Mixing):
    """Add a share 1 − λ of another example of the batch, λ from Beta(α, α) for each example (Zhang et al. 2017)."""

    kind: ClassVar[str] = "mixup"
    title: ClassVar[str] = "Mixup"
    summary: ClassVar[str] = "Blends two examples of a batch, and their labels in the same proportion."
    order: ClassVar[int] = 80
    label_note: ClassVar[str] = (
        "The label is blended too, such as 70 % of a 3 and 30 % of an 8. So the training loss stays above 0, and a "
        "prediction counts as correct if it is the class of the larger share."
    )
    draws: ClassVar[int] = 4

    alpha: Annotated[
        float,
        Knob(
            "Alpha",
            "The shares are drawn from the distribution Beta(α, α), where α is this value. Small values mostly keep "
            "one of the two examples; 1 makes every share equally likely; large values blend half and half.",
            low=0.05,
            high=10.0,
            search=(0.1, 2.0),
            scale="log",
            live=True,
        ),
    ] = 0.2
    p: Probability = 1.0

    def mix(self, x: torch.Tensor, y: torch.Tensor, u: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        partner = partners(u[:, 1])
        own = symmetric_beta(u[:, 2:], self.alpha).masked_fill_(u[:, 0] >= self.p, 1.0)[:, None]
        flat = x.flatten(1)
        return _blend(flat, flat[partner], own).view(x.shape), _blend(y, y[partner], own)

    def brief(self) -> str:
        return f"α {short(self.alpha, 3)}"


class CutMix(Mixing):
    """Paste a rectangle of another example of the batch at its own place (Yun et al. 2019).

    Its sides are √(1 − λ) of the picture's, λ from Beta(α, α) for each example, rounded to whole pixels; every place at
    which it fits is equally likely. The label is mixed by the share of pixels that were pasted.
    """

    kind: ClassVar[str] = "cutmix"
    title: ClassVar[str] = "CutMix"
    summary: ClassVar[str] = "Pastes a rectangle of another example and mixes the labels by its area."
    order: ClassVar[int] = 85
    label_note: ClassVar[str] = (
        "The label is mixed by area, no matter what the rectangle shows: it may cover all or nothing of a digit or "
        "letter in the middle."
    )
    draws: ClassVar[int] = 6

    alpha: Annotated[
        float,
        Knob(
            "Alpha",
            "The areas are drawn from the distribution Beta(α, α), where α is this value. 1 makes every area equally "
            "likely; small values paste almost nothing or almost everything.",
            low=0.05,
            high=10.0,
            search=(0.1, 2.0),
            scale="log",
            live=True,
        ),
    ] = 1.0
    p: Probability = 0.5

    def mix(self, x: torch.Tensor, y: torch.Tensor, u: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        height, width = x.shape[-2:]
        partner = partners(u[:, 1])
        side = (1.0 - symmetric_beta(u[:, 2:4], self.alpha)).sqrt()
        rows, columns = inside(side * height, u[:, 4], height), inside(side * width, u[:, 5], width)
        pasted = rows[:, :, None] & columns[:, None, :] & (u[:, 0] < self.p).view(-1, 1, 1)
        own = 1.0 - pasted.flatten(1).float().mean(1, keepdim=True)
        return x[partner].where(pasted[:, None], x), _blend(y, y[partner], own)

    def brief(self) -> str:
        return f"{short(self.p)}, α {short(self.alpha, 3)}"


def partners(u: torch.Tensor) -> torch.Tensor:
    """For each example the index of another: the one with the next larger number of ``u`` (B,), after the last the
    first. So each example is a partner exactly once, and none is its own unless it is alone."""
    import torch

    order = u.argsort(stable=True)
    result = torch.empty_like(order)
    result[order] = order.roll(-1)
    return result


def symmetric_beta(u: torch.Tensor, alpha: float) -> torch.Tensor:
    """Beta(α, α) from two uniforms each, (B, 2) to (B,), exactly and without rejection.

    Bailey (1994): t = √(ν (a^(-2/ν) − 1)) cos 2πb has Student's distribution with ν degrees of freedom; with ν = 2α
    the number ½ + t / (2 √(ν + t²)) is Beta(α, α).
    """
    radius = ((1.0 - u[:, 0]).log().abs() / alpha).expm1()  # of numbers in (0, 1], where the logarithm is finite
    cosine = (u[:, 1] * (2.0 * math.pi)).cos()
    square = radius * cosine.square()  # may be infinite for a small alpha, and its inverse is then 0
    return 0.5 + 0.5 * cosine.sign() / (1.0 + 1.0 / square).sqrt()


def _blend(first: torch.Tensor, second: torch.Tensor, share: torch.Tensor) -> torch.Tensor:
    """``share`` of the first and the rest of the second; both lie in [0, 1], and so does the result."""
    return (first * share).add_(second * (1.0 - share)).clamp_(0.0, 1.0)
