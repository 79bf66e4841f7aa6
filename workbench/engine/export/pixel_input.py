"""The value range of pictures as a layer, for an exported network that takes pixels."""

from __future__ import annotations

from torch import Tensor, nn


class FromPixels(nn.Module):
    """Pixels, uint8 (B, C, H, W), to float32 values from 0 to 1: they are divided by ``levels``."""

    def __init__(self, levels: float) -> None:
        super().__init__()
        self.levels = levels

    def forward(self, x: Tensor) -> Tensor:
        return x.float() / self.levels
