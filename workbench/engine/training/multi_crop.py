"""Views of a picture at test time: a prediction averaged over them is steadier than that of the picture alone.

A pure function: the same picture gives the same views. torch is imported inside the functions that compute.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch
from workbench.engine.spec.inference import Views

#: A crop's side over the picture's side: 224 of 256 pixels, as in the ten crops of Krizhevsky et al. (2012).
CROP_SHARE = 7 / 8


def views_of(x: torch.Tensor, kind: Views) -> Iterator[torch.Tensor]:
    """The views of the batch ``x`` (B, C, H, W), each of its shape: one with "none", two with "flip", ten crops.

    Ten crops: the corners (top left, top right, bottom left, bottom right), the centre, then the same five of the
    mirror image. A crop has 7/8 of each side, rounded, and is resized bilinearly to (H, W), the size that the network
    expects.
    Inputs that are no pictures (B, D) have no views but themselves. ``x`` is not changed.
    """
    if kind == "none" or x.dim() != 4:
        yield x
    elif kind == "flip":
        yield x
        yield x.flip(-1)
    else:
        for picture in (x, x.flip(-1)):
            yield from _five_crops(picture)


def crop_side(side: int) -> int:
    """The crop's side for a picture's ``side``: 7/8 of it, rounded half up, at least 1."""
    return max(1, int(CROP_SHARE * side + 0.5))


def _five_crops(x: torch.Tensor) -> Iterator[torch.Tensor]:
    from torch.nn.functional import interpolate

    height, width = x.shape[-2:]
    down, right = height - crop_side(height), width - crop_side(width)
    # The centre's rounding is torchvision's: half a pixel goes to the even side.
    places = [(0, 0), (0, right), (down, 0), (down, right), (round(down / 2), round(right / 2))]
    for top, left in places:
        crop = x[..., top : top + height - down, left : left + width - right]
        if down == right == 0:
            yield crop
        else:
            yield interpolate(crop, (height, width), mode="bilinear", align_corners=False)
