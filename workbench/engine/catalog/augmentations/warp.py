"""What the affine augmentations share: each output pixel is sampled from its own source position."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, Any, Literal

from workbench.engine.catalog.knob import Knob

if TYPE_CHECKING:
    from typing import TypeAlias

    import torch

    #: One for all examples, or one for each (B,).
    Number: TypeAlias = float | torch.Tensor

Fill = Literal["zero", "edge"]
FilledWith = Annotated[
    Fill,
    Knob(
        "Filled with",
        "How pixels outside the picture are filled.",
        live=True,
        options={"zero": "black", "edge": "the nearest pixel of the border"},
    ),
]


def warped(
    x: torch.Tensor, matrix: tuple[Number, Number, Number, Number], shift: tuple[Number, Number], fill: Fill
) -> torch.Tensor:
    """Pictures (B, C, H, W) seen through an affine map of each example, bilinear, size kept.

    With ``matrix`` (a, b, c, d) and ``shift`` (s, t), the output at (dx, dy), counted in pixels from the centre, shows
    the picture's place (a·dx + b·dy + s, c·dx + d·dy + t). Each is a number or one for each example, (B,).
    """
    from torch.nn.functional import grid_sample

    mode = "border" if fill == "edge" else "zeros"
    seen: torch.Tensor = grid_sample(x, _grid(x, matrix, shift), padding_mode=mode, align_corners=False)
    return seen.clamp_(0.0, 1.0)


def _grid(x: torch.Tensor, matrix: tuple[Number, ...], shift: tuple[Number, ...]) -> torch.Tensor:
    """(B, H, W, 2) as (x, y) in [-1, 1].

    Elementwise, so each example's row is the same in any batch (a matrix product is not).
    """
    import torch

    height, width = x.shape[-2:]
    dx = torch.arange(width, device=x.device) - (width - 1) / 2
    dy = (torch.arange(height, device=x.device) - (height - 1) / 2)[:, None]
    a, b, c, d = (_for_pixels(number) for number in matrix)
    s, t = (_for_pixels(number) for number in shift)
    places: list[Any] = [(a * dx + b * dy + s) * (2.0 / width), (c * dx + d * dy + t) * (2.0 / height)]
    return torch.stack([place.expand(len(x), height, width) for place in places], -1)


def _for_pixels(number: Number) -> Number:
    return number if isinstance(number, int | float) else number.view(-1, 1, 1)


def between(u: torch.Tensor, low: float, high: float) -> torch.Tensor:
    """Uniforms ``u`` stretched to [low, high)."""
    return low + (high - low) * u


def log_between(u: torch.Tensor, low: float, high: float) -> torch.Tensor:
    """As ``between`` on a logarithmic scale: half and double are equally likely."""
    return between(u, math.log(low), math.log(high)).exp()
