"""Copies of nested tensors, and whether all their numbers are finite."""

from __future__ import annotations

from collections.abc import Mapping

import torch


def cloned(tensors: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Detached copies that share no memory with the originals."""
    return {name: tensor.detach().clone() for name, tensor in tensors.items()}


def all_finite(tensors: Mapping[str, torch.Tensor]) -> bool:
    """Whether no tensor holds NaN or infinity."""
    return all(bool(t.isfinite().all()) for t in tensors.values() if t.is_floating_point())
