"""Layers that torch does not have, without random numbers (those are in ``stochastic_layers.py``)."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional


class LargestPiece(nn.Module):
    """Maxout: (B, pieces × units, …) to (B, units, …), the largest of each unit's neighbouring pieces."""

    def __init__(self, pieces: int) -> None:
        super().__init__()
        self.pieces = pieces

    def forward(self, x: Tensor) -> Tensor:
        pieces: Tensor = x.unflatten(1, (-1, self.pieces))
        return pieces.amax(2)

    def extra_repr(self) -> str:
        return f"pieces={self.pieces}"


class Square(nn.Module):
    """x² for any shape."""

    def forward(self, x: Tensor) -> Tensor:
        return x * x


class SideBySide(nn.Embedding):
    """The embeddings of all inputs, one after the other: (B, …) with n values each to (B, n × embedding).

    Inputs are the numbers of symbols; others are rounded to the nearest, halves to the even one.
    """

    def forward(self, x: Tensor) -> Tensor:
        symbols = x.round().clamp(0, self.num_embeddings - 1).long()
        return super().forward(symbols).flatten(1)


class PadShortcut(nn.Module):
    """The shortcut without weights of He et al. 2015 (option A): (B, C, H, W) to (B, wider, H/2, W/2).

    Every second pixel of every second row, and new channels of zeros: half in front, half behind.
    """

    def __init__(self, channels: int, wider: int) -> None:
        super().__init__()
        self.front = (wider - channels) // 2
        self.behind = wider - channels - self.front

    def forward(self, x: Tensor) -> Tensor:
        return functional.pad(x[:, :, ::2, ::2], (0, 0, 0, 0, self.front, self.behind))


class GrayToColour(nn.Module):
    """(B, 1, H, W) to (B, 3, H, W): the same picture in every channel."""

    def forward(self, x: Tensor) -> Tensor:
        return x.expand(-1, 3, -1, -1).contiguous()


def global_average(x: Tensor) -> Tensor:
    """(B, C, H, W) to (B, C): the mean over the pixels."""
    return torch.flatten(functional.adaptive_avg_pool2d(x, 1), 1)
