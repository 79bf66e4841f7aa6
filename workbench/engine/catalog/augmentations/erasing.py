"""Random erasing: a rectangle of the picture is covered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from workbench.engine.catalog.augmentations.base import Augmentation
from workbench.engine.catalog.augmentations.pixels import pixel_uniforms
from workbench.engine.catalog.augmentations.warp import log_between
from workbench.engine.catalog.knob import Knob
from workbench.engine.core.text import short

if TYPE_CHECKING:
    import torch

#: The rectangle's smallest share of the picture, and its height over its width at most (and at least the inverse).
SMALLEST, LONGEST = 0.02, 3.3


class RandomErasing(Augmentation):
    """Cover a rectangle of random area, shape and place with probability p (Zhong et al. 2017; cutout is much alike).

    The area is uniform in 0.02 to largest of the picture's, height over width between 1/3.3 and 3.3, evenly on a
    logarithmic scale; sides are rounded to whole pixels, at least 1 and at most the picture's.
    """

    kind: ClassVar[str] = "random_erasing"
    title: ClassVar[str] = "Random erasing"
    summary: ClassVar[str] = "Covers a random rectangle, so that no single part of the object decides."
    order: ClassVar[int] = 65
    label_note: ClassVar[str] = (
        "The part that distinguishes two classes may be covered: a Q without its stroke is an O."
    )
    draws: ClassVar[int] = 7

    p: Annotated[
        float,
        Knob(
            "Probability",
            ("The probability that a rectangle is covered."),
            low=0.0,
            high=1.0,
            search=(0.0, 1.0),
            live=True,
        ),
    ] = 0.5
    largest: Annotated[
        float,
        Knob(
            "Largest share",
            "The rectangle covers at most this share of the picture.",
            low=SMALLEST,
            high=1.0,
            search=(0.05, 0.5),
            live=True,
        ),
    ] = 0.25
    fill: Annotated[
        Literal["zero", "mean", "noise"],
        Knob(
            "Covered with",
            "What fills the rectangle.",
            live=True,
            options={"zero": "black", "mean": "the picture's mean colour", "noise": "random values"},
        ),
    ] = "zero"

    def apply(self, x: torch.Tensor, u: torch.Tensor) -> torch.Tensor:
        height, width = x.shape[-2:]
        area = (SMALLEST + (self.largest - SMALLEST) * u[:, 1]) * (height * width)
        ratio = log_between(u[:, 2], 1.0 / LONGEST, LONGEST)
        rows = inside((area * ratio).sqrt(), u[:, 3], height)
        columns = inside((area / ratio).sqrt(), u[:, 4], width)
        covered = rows[:, None, :, None] & columns[:, None, None, :] & (u[:, 0] < self.p).view(-1, 1, 1, 1)
        return self._cover(x, u[:, 5:]).where(covered, x)

    def _cover(self, x: torch.Tensor, u: torch.Tensor) -> torch.Tensor:
        if self.fill == "noise":
            return pixel_uniforms(u, x[0].numel()).view(x.shape)
        return x.mean((2, 3), keepdim=True) if self.fill == "mean" else x.new_zeros(())

    def brief(self) -> str:
        return f"{short(self.p)}, up to {short(self.largest, 3)}"


def inside(length: torch.Tensor, u: torch.Tensor, side: int) -> torch.Tensor:
    """Which of ``side`` pixels lie in a stretch of ``length`` (B,) at a place given by ``u`` (B,); bool (B, side).

    The length is rounded, at least 1 and at most ``side``; every place at which it fits is equally likely.
    """
    import torch

    length = length.round().clamp_(1.0, float(side))
    start = (u * (side - length + 1.0)).floor().minimum(side - length)[:, None]
    pixel = torch.arange(side, device=u.device)
    return (pixel >= start) & (pixel < start + length[:, None])
