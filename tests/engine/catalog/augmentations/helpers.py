"""Batches of pictures and their random numbers for tests of augmentations."""

from __future__ import annotations

import torch

from workbench.engine.catalog.augmentations import Augmentation


def batch(shape: tuple[int, ...], n: int = 12, seed: int = 0) -> torch.Tensor:
    x = torch.rand((n, *shape), generator=torch.Generator().manual_seed(seed))
    x[0], x[-1] = 0.0, 1.0  # the ends of the range
    return x


def numbers(augmentation: Augmentation, n: int = 12, seed: int = 0) -> torch.Tensor:
    u = torch.rand((n, augmentation.draws), generator=torch.Generator().manual_seed(seed + 100))
    u[0], u[1] = 0.0, 1.0 - 2**-24  # the ends of what ``uniforms`` gives
    return u


def applied(augmentation: Augmentation, x: torch.Tensor, u: torch.Tensor) -> torch.Tensor:
    return augmentation.apply(x.clone(), u.clone())
