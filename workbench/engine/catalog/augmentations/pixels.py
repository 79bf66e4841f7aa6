"""Random numbers for every pixel, a function of the few random numbers of the example, without generator state."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

#: 64-bit constants as the signed numbers that torch has.
_STEP = 0x9E3779B97F4A7C15 - 2**64
_FIRST = 0xBF58476D1CE4E5B9 - 2**64
_SECOND = 0x94D049BB133111EB - 2**64


def pixel_uniforms(u: torch.Tensor, count: int) -> torch.Tensor:
    """``count`` uniforms in [0, 1) for each row of ``u`` (B, 2); float32 (B, count)."""
    high, low = _halves(_hashed(u, (count + 1) // 2))
    return _joined(high, low)[:, :count].mul(2.0**-24)


def pixel_normals(u: torch.Tensor, count: int) -> torch.Tensor:
    """``count`` numbers of the standard normal distribution for each row of ``u`` (B, 2) (Box and Muller 1958)."""
    high, low = _halves(_hashed(u, (count + 1) // 2))
    radius = ((high + 1.0) * 2.0**-24).log_().mul_(-2.0).sqrt_()  # from (0, 1], where the logarithm is finite
    angle = low * (2.0 * math.pi * 2.0**-24)
    return _joined(radius * angle.cos(), radius * angle.sin_())[:, :count]


def _hashed(u: torch.Tensor, count: int) -> torch.Tensor:
    """int64 (B, count): the SplitMix64 finalizer of the row's 48 bits and a counter."""
    import torch

    bits = (u * 2.0**24).long()
    key = bits[:, :1] + (bits[:, 1:2] << 24)
    z = key * _FIRST + torch.arange(1, count + 1, device=u.device) * _STEP
    z = (z ^ _shifted(z, 30)) * _FIRST
    z = (z ^ _shifted(z, 27)) * _SECOND
    return z ^ _shifted(z, 31)


def _shifted(z: torch.Tensor, by: int) -> torch.Tensor:
    """To the right with zeros coming in, as for a number without a sign."""
    return (z >> by).bitwise_and(2 ** (64 - by) - 1)


def _halves(z: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Two whole numbers of 24 bits each, as float32."""
    return _shifted(z, 40).float(), (z & (2**24 - 1)).float()


def _joined(first: torch.Tensor, second: torch.Tensor) -> torch.Tensor:
    import torch

    return torch.cat([first, second], 1)
