"""Fractional pooling in evaluation, written with operations that every runtime has: its regions are fixed then."""

from __future__ import annotations

import copy
from typing import TypeVar

import torch
from torch import Tensor, nn

from workbench.engine.nn.stochastic_layers import FractionalMaxPool

M = TypeVar("M", bound=nn.Module)


class FixedRegions(nn.Module):
    """The maxima of the 2 × 2 regions that ``pool``, in evaluation, uses: (B, C, H, W) → (B, C, h, w); bit for bit."""

    def __init__(self, pool: FractionalMaxPool) -> None:
        super().__init__()
        self._starts, self._even = pool.starts, pool.even

    def forward(self, x: Tensor) -> Tensor:
        rows, columns = (self._starts(side, self._even(side)) for side in x.shape[2:])
        higher = torch.maximum(x[:, :, rows], x[:, :, [row + 1 for row in rows]])
        return torch.maximum(higher[..., columns], higher[..., [column + 1 for column in columns]])


def with_fixed_regions(network: M) -> M:
    """A copy of ``network``, in evaluation, with ``FixedRegions`` in the place of fractional pooling."""
    made = copy.deepcopy(network).eval()
    for parent in list(made.modules()):
        for name, child in list(parent.named_children()):
            if isinstance(child, FractionalMaxPool):
                setattr(parent, name, FixedRegions(child))
    return made
