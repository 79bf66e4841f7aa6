"""Orthogonal initialization (Saxe et al. 2014)."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from workbench.engine.catalog.initializations.base import Initialization

if TYPE_CHECKING:
    import torch


class Orthogonal(Initialization):
    """A random matrix with orthonormal rows or columns (whichever are fewer) times the gain; kernels are flattened."""

    kind: ClassVar[str] = "orthogonal"
    title: ClassVar[str] = "Orthogonal"
    summary: ClassVar[str] = "A random rotation in every layer: no direction grows or shrinks, at any depth."
    order: ClassVar[int] = 25

    def fill(self, weight: torch.Tensor, gain: float, generator: torch.Generator) -> None:
        import torch

        rows, columns = weight.shape[0], weight[0].numel()
        tall = torch.empty(max(rows, columns), min(rows, columns)).normal_(0.0, 1.0, generator=generator)
        q, r = torch.linalg.qr(tall)
        # Without the signs the rotations would not be drawn evenly (Mezzadri 2007).
        q *= torch.where(r.diagonal() < 0.0, -1.0, 1.0)
        weight.copy_((q if rows >= columns else q.T).reshape(weight.shape)).mul_(gain)
