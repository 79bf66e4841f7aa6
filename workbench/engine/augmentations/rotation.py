"""Random rotation about the centre."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from workbench.engine.augmentations.base import Augmentation
from workbench.engine.knobs import Knob

if TYPE_CHECKING:
    import torch


class Rotation(Augmentation):
    """Turn by an angle uniform in ± degrees, counter-clockwise if positive, bilinear, size kept."""

    kind: ClassVar[str] = "rotation"
    title: ClassVar[str] = "Rotation"
    summary: ClassVar[str] = "Turns a picture about its centre by a random angle."
    order: ClassVar[int] = 30
    label_note: ClassVar[str] = "A 6 turned upside down is a 9; small angles are safe."

    degrees: Annotated[
        float,
        Knob(
            "Largest angle",
            "A picture is turned by at most this much, either way; every angle between is equally likely.",
            unit="degrees",
            low=0.0,
            high=180.0,
            live=True,
        ),
    ] = 15.0
    fill: Annotated[
        Literal["zero", "edge"],
        Knob(
            "Filled with",
            "What comes in at the corners when a picture is turned.",
            live=True,
            options={"zero": "black", "edge": "the nearest pixel of the border"},
        ),
    ] = "zero"

    def apply(self, x: torch.Tensor, u: torch.Tensor) -> torch.Tensor:
        from torch.nn.functional import grid_sample

        if self.degrees == 0.0:
            return x
        angle = (2.0 * u[:, 0] - 1.0) * math.radians(self.degrees)
        mode = "border" if self.fill == "edge" else "zeros"
        turned: torch.Tensor = grid_sample(x, turned_grid(angle, *x.shape[-2:]), padding_mode=mode, align_corners=False)
        return turned.clamp_(0.0, 1.0)

    def brief(self) -> str:
        return f"±{self.degrees:g}°"


def turned_grid(angle: torch.Tensor, height: int, width: int) -> torch.Tensor:
    """Where each output pixel looks, (B, H, W, 2) as (x, y) in [-1, 1], for counter-clockwise angles (B,) in radians.

    The rotation is taken in pixels, so a picture that is not square is turned and not sheared. Elementwise, so each
    example's row is the same in any batch (a matrix product is not).
    """
    import torch

    x = torch.arange(width, device=angle.device) - (width - 1) / 2
    y = (torch.arange(height, device=angle.device) - (height - 1) / 2)[:, None]
    cos, sin = angle.cos().view(-1, 1, 1), angle.sin().view(-1, 1, 1)
    return torch.stack([(cos * x - sin * y) * (2.0 / width), (sin * x + cos * y) * (2.0 / height)], -1)
