"""What a method explains: a network, one picture at its input, and the output that is asked about."""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn

from workbench.engine.explain.layers import Layer


@dataclass(frozen=True, slots=True, eq=False)
class Subject:
    """``x`` (1, C, H, W) is what enters the network behind its preprocessing, ``column`` the output of the class.

    ``layer`` is the one of a method that looks at one. ``network`` is a twin, in evaluation mode.
    """

    network: nn.Module
    x: Tensor
    column: int
    layer: Layer | None = None

    def scores(self, x: Tensor) -> Tensor:
        """The class's logits (B,) for ``x`` (B, C, H, W): before the softmax, as in Simonyan et al. 2014."""
        logits: Tensor = self.network(x)
        return logits[:, self.column]

    def gradients(self, x: Tensor) -> Tensor:
        """The gradient of each logit with respect to its own picture, of the shape of ``x`` (B, C, H, W)."""
        with torch.enable_grad():
            x = x.detach().clone().requires_grad_(True)
            (gradient,) = torch.autograd.grad(self.scores(x).sum(), x)
        return gradient

    def through(self, network: nn.Module) -> Subject:
        """The same picture and class through another network."""
        return replace(self, network=network)
