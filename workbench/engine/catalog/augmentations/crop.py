"""Random crop: every picture is shifted by a few random pixels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from workbench.engine.catalog.augmentations.base import Augmentation
from workbench.engine.catalog.knob import Knob

if TYPE_CHECKING:
    import torch


class RandomCrop(Augmentation):
    """Pad all four sides, then cut out a window of the old size at a random place (He et al. 2016, section 4.2)."""

    kind: ClassVar[str] = "random_crop"
    title: ClassVar[str] = "Random crop"
    summary: ClassVar[str] = "Shifts a picture by a few pixels: padded, then cut out at a random place."
    order: ClassVar[int] = 20
    label_note: ClassVar[str] = "With much padding the object may leave the picture."
    draws: ClassVar[int] = 2

    padding: Annotated[
        int,
        Knob(
            "Padding",
            "The largest shift in pixels, up, down, left or right. It is at most the picture's shorter side minus one.",
            unit="pixels",
            low=0,
            high=64,
            search=(0, 8),
            live=True,
        ),
    ] = 2
    fill: Annotated[
        Literal["zero", "reflect"],
        Knob(
            "Filled with",
            "How the border is filled when a picture is shifted.",
            live=True,
            options={"zero": "black", "reflect": "the picture mirrored at its border"},
        ),
    ] = "zero"

    def apply(self, x: torch.Tensor, u: torch.Tensor) -> torch.Tensor:
        from torch.nn.functional import pad

        height, width = x.shape[-2:]
        border = min(self.padding, height - 1, width - 1)
        if border == 0:
            return x
        padded = pad(x, (border,) * 4, mode="reflect" if self.fill == "reflect" else "constant")
        place = (u * (2 * border + 1)).long().clamp_max_(2 * border)
        return _windows(padded, place, height, width)

    def brief(self) -> str:
        return f"±{self.padding} px"


def _windows(x: torch.Tensor, place: torch.Tensor, height: int, width: int) -> torch.Tensor:
    """The window of each picture of ``x`` at its (top, left), ``place`` (B, 2).

    Whole pixel rows are copied, which takes a quarter of the time of indexing every pixel (measured).
    """
    import torch

    count, channels, rows, columns = x.shape
    first = place[:, 0] * columns + place[:, 1]  # of the window's first pixel in its channel
    channel = torch.arange(count * channels, device=x.device).view(count, channels, 1) * (rows * columns)
    starts = channel + first.view(-1, 1, 1) + torch.arange(height, device=x.device) * columns
    pieces = x.view(-1).unfold(0, width, 1)  # a view of every piece as long as a row
    return pieces.index_select(0, starts.view(-1)).view(count, channels, height, width)
