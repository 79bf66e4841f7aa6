"""Translation and shear: the picture moves, or leans."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, ClassVar

from workbench.engine.catalog.augmentations.base import Augmentation
from workbench.engine.catalog.augmentations.warp import FilledWith, warped
from workbench.engine.catalog.knob import Knob
from workbench.engine.core.text import short

if TYPE_CHECKING:
    import torch


class Translation(Augmentation):
    """Move by whole pixels, each direction by a share of the side uniform in ± largest and rounded: it stays sharp."""

    kind: ClassVar[str] = "translation"
    title: ClassVar[str] = "Translation"
    summary: ClassVar[str] = "Moves a picture sideways and up or down by a share of its size."
    order: ClassVar[int] = 22
    label_note: ClassVar[str] = "With a large shift the object may leave the picture."
    draws: ClassVar[int] = 2

    horizontal: Annotated[
        float,
        Knob(
            "Largest shift sideways",
            "A picture moves left or right by at most this share of its width, rounded to whole pixels. About 0.1 is "
            "safe for digits and letters in the middle of small pictures.",
            low=0.0,
            high=1.0,
            search=(0.0, 0.3),
            live=True,
        ),
    ] = 0.1
    vertical: Annotated[
        float,
        Knob(
            "Largest shift up or down",
            "A picture moves up or down by at most this share of its height, rounded to whole pixels.",
            low=0.0,
            high=1.0,
            search=(0.0, 0.3),
            live=True,
        ),
    ] = 0.1
    fill: FilledWith = "zero"

    def apply(self, x: torch.Tensor, u: torch.Tensor) -> torch.Tensor:
        height, width = x.shape[-2:]
        right, down = (2.0 * u - 1.0).t()
        right, down = (right * (self.horizontal * width)).round(), (down * (self.vertical * height)).round()
        return warped(x, (1.0, 0.0, 0.0, 1.0), (-right, -down), self.fill)

    def brief(self) -> str:
        return f"±{short(self.horizontal)} / ±{short(self.vertical)}"


class Shear(Augmentation):
    """Lean: rows slide sideways by tan(angle) times their height above the centre, then columns likewise, bilinear."""

    kind: ClassVar[str] = "shear"
    title: ClassVar[str] = "Shear"
    summary: ClassVar[str] = "Makes a picture lean, as italics do."
    order: ClassVar[int] = 34
    label_note: ClassVar[str] = "A strongly leaning digit or letter may look like another one, such as a 1 like a 7."
    draws: ClassVar[int] = 2

    horizontal: Annotated[
        float,
        Knob(
            "Largest lean sideways",
            "Upright lines lean to the left or right by at most this angle.",
            unit="degrees",
            low=0.0,
            high=60.0,
            search=(0.0, 30.0),
            live=True,
        ),
    ] = 10.0
    vertical: Annotated[
        float,
        Knob(
            "Largest lean up or down",
            "Level lines rise or fall by at most this angle.",
            unit="degrees",
            low=0.0,
            high=60.0,
            search=(0.0, 30.0),
            live=True,
        ),
    ] = 0.0
    fill: FilledWith = "zero"

    def apply(self, x: torch.Tensor, u: torch.Tensor) -> torch.Tensor:
        if self.horizontal == self.vertical == 0.0:
            return x
        sideways, upwards = (2.0 * u - 1.0).t()
        tan_x = (sideways * math.radians(self.horizontal)).tan()
        tan_y = (upwards * math.radians(self.vertical)).tan()
        return warped(x, (1.0 + tan_x * tan_y, tan_x, tan_y, 1.0), (0.0, 0.0), self.fill)

    def brief(self) -> str:
        return f"±{short(self.horizontal)}° / ±{short(self.vertical)}°"
