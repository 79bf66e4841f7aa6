"""Layers in front of a trained network, where a mean and a standard deviation per channel do not suffice."""

from __future__ import annotations

from torch import Tensor, nn

from workbench.engine.transfer.net import resized


class Cropped(nn.Module):
    """Images (B, C, h, w): the shorter side is resized to ``shorter``, then the centre ``size`` (H, W) is cut out."""

    def __init__(self, shorter: int, size: tuple[int, int]) -> None:
        super().__init__()
        self.shorter, self.size = max(shorter, *size), size

    def forward(self, x: Tensor) -> Tensor:
        if min(x.shape[2:]) != self.shorter:
            x = resized(x, (self.shorter, self.shorter))
        top, left = ((have - want) // 2 for have, want in zip(x.shape[2:], self.size, strict=True))
        return x[:, :, top : top + self.size[0], left : left + self.size[1]]


class Standardized(nn.Module):
    """``(x - mean) * inverse_std``, both float32 and of any shape that broadcasts to one input: per pixel, or (D,)."""

    mean: Tensor
    inverse_std: Tensor

    def __init__(self, mean: Tensor, inverse_std: Tensor) -> None:
        super().__init__()
        self.register_buffer("mean", mean)
        self.register_buffer("inverse_std", inverse_std)

    def forward(self, x: Tensor) -> Tensor:
        return (x - self.mean) * self.inverse_std
