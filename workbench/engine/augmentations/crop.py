"""Random crop: every picture is shifted by a few pixels of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from workbench.engine.augmentations.base import Augmentation
from workbench.engine.knobs import Knob

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
            "The most pixels by which a picture is shifted, up, down, left or right. "
            "It is never more than the picture's shorter side minus one.",
            unit="pixels",
            low=0,
            high=64,
            live=True,
        ),
    ] = 2
    fill: Annotated[
        Literal["zero", "reflect"],
        Knob(
            "Filled with",
            "What comes in at the border when a picture is shifted.",
            live=True,
            options={"zero": "black", "reflect": "the picture mirrored at its border"},
        ),
    ] = "zero"

    def apply(self, x: torch.Tensor, u: torch.Tensor) -> torch.Tensor:
        import torch
        from torch.nn.functional import pad

        height, width = x.shape[-2:]
        border = min(self.padding, height - 1, width - 1)
        if border == 0:
            return x
        padded = pad(x, (border,) * 4, mode="reflect" if self.fill == "reflect" else "constant")
        # All windows as a view (B, C, 2 border + 1, 2 border + 1, H, W); one is copied for each example.
        windows = padded.unfold(2, height, 1).unfold(3, width, 1)
        place = (u * (2 * border + 1)).long().clamp_max_(2 * border)
        return windows[torch.arange(len(x), device=x.device), :, place[:, 0], place[:, 1]]

    def brief(self) -> str:
        return f"±{self.padding} px"
