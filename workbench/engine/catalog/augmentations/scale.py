"""Scale and random resized crop: the object comes nearer or goes farther away."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar

from workbench.engine.catalog.augmentations.base import Augmentation
from workbench.engine.catalog.augmentations.warp import FilledWith, log_between, warped
from workbench.engine.catalog.knob import Knob
from workbench.engine.core.text import short

if TYPE_CHECKING:
    import torch


class Scale(Augmentation):
    """Enlarge or shrink about the centre by a factor between 1/largest and largest, both ways equally likely."""

    kind: ClassVar[str] = "scale"
    title: ClassVar[str] = "Scale"
    summary: ClassVar[str] = "Enlarges or shrinks a picture about its centre."
    order: ClassVar[int] = 26
    label_note: ClassVar[str] = (
        "A strongly enlarged picture shows only a part of the object; a lower-case letter may look like a capital."
    )

    largest: Annotated[
        float,
        Knob(
            "Largest factor",
            "The factor lies between 1 divided by this and this, evenly on a logarithmic scale; 1 changes nothing. "
            "The picture keeps its size: what goes beyond its border is cut off, and what is missing is filled.",
            low=1.0,
            high=4.0,
            search=(1.0, 1.5),
            live=True,
        ),
    ] = 1.2
    fill: FilledWith = "zero"

    def apply(self, x: torch.Tensor, u: torch.Tensor) -> torch.Tensor:
        if self.largest == 1.0:
            return x
        step = log_between(u[:, 0], self.largest, 1.0 / self.largest)
        return warped(x, (step, 0.0, 0.0, step), (0.0, 0.0), self.fill)

    def brief(self) -> str:
        return f"×{short(1.0 / self.largest, 3)} to ×{short(self.largest, 3)}"


class RandomResizedCrop(Augmentation):
    """Cut out a part of random area, shape and place, and enlarge it to the old size (Szegedy et al. 2015).

    The area is uniform in smallest to 1 of the picture's, its width over its height (beyond the picture's own) up to
    4/3 either way, evenly on a logarithmic scale; sides longer than the picture's are cut to it. Bilinear.
    """

    kind: ClassVar[str] = "random_resized_crop"
    title: ClassVar[str] = "Random resized crop"
    summary: ClassVar[str] = "Cuts out a part of random size and shape and enlarges it to the whole picture."
    order: ClassVar[int] = 24
    label_note: ClassVar[str] = "A small part may not show the object; a part of an 8 may look like a 3."
    draws: ClassVar[int] = 4

    smallest: Annotated[
        float,
        Knob(
            "Smallest share",
            "The part has at least this share of the picture's area. "
            "0.08 is usual for photographs of a thousand classes; small pictures of one object need more.",
            low=0.05,
            high=1.0,
            search=(0.2, 1.0),
            live=True,
        ),
    ] = 0.5
    stretch: Annotated[
        float,
        Knob(
            "Largest stretch",
            "The part's shape is wider or higher than the picture's by at most this factor; 1 keeps the shape.",
            low=1.0,
            high=3.0,
            live=True,
        ),
    ] = 4 / 3

    def apply(self, x: torch.Tensor, u: torch.Tensor) -> torch.Tensor:
        height, width = x.shape[-2:]
        area = self.smallest + (1.0 - self.smallest) * u[:, 0]
        ratio = log_between(u[:, 1], 1.0 / self.stretch, self.stretch)
        wide, high = (area * ratio).sqrt().clamp_max(1.0), (area / ratio).sqrt().clamp_max(1.0)
        # From the picture's centre to the part's, in pixels.
        right, down = (u[:, 2] - 0.5) * (1.0 - wide) * width, (u[:, 3] - 0.5) * (1.0 - high) * height
        return warped(x, (wide, 0.0, 0.0, high), (right, down), "edge")

    def brief(self) -> str:
        return f"at least {short(self.smallest, 3)}"
