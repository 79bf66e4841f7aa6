"""Random rotation about the centre."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, ClassVar

from workbench.engine.catalog.augmentations.base import Augmentation
from workbench.engine.catalog.augmentations.warp import FilledWith, warped
from workbench.engine.catalog.knob import Knob
from workbench.engine.core.text import short

if TYPE_CHECKING:
    import torch


class Rotation(Augmentation):
    """Turn by an angle uniform in ± degrees, counter-clockwise if positive, bilinear, size kept."""

    kind: ClassVar[str] = "rotation"
    title: ClassVar[str] = "Rotation"
    summary: ClassVar[str] = "Rotates a picture about its centre by a random angle."
    order: ClassVar[int] = 30
    label_note: ClassVar[str] = "A 6 turned upside down is a 9; small angles are safe."

    degrees: Annotated[
        float,
        Knob(
            "Largest angle",
            "A picture is rotated by at most this angle, in either direction; all angles are equally likely.",
            unit="degrees",
            low=0.0,
            high=180.0,
            search=(0.0, 45.0),
            live=True,
        ),
    ] = 15.0
    fill: FilledWith = "zero"

    def apply(self, x: torch.Tensor, u: torch.Tensor) -> torch.Tensor:
        if self.degrees == 0.0:
            return x
        angle = (2.0 * u[:, 0] - 1.0) * math.radians(self.degrees)
        cos, sin = angle.cos(), angle.sin()
        # In pixels, so that a picture that is not square is rotated and not sheared.
        return warped(x, (cos, -sin, sin, cos), (0.0, 0.0), self.fill)

    def brief(self) -> str:
        return f"±{short(self.degrees)}°"
