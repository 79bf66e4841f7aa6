"""Layers with masks of their own: in training a function of (seed, step, layer name), silent in evaluation."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from workbench.engine.randomness import mixed


class StochasticLayer(nn.Module):
    """A layer that draws from its own generator. ``name`` is its path in the model, set by ``name_layers``."""

    p: float
    name: str = ""

    def __init__(self) -> None:
        super().__init__()
        self._generators: dict[torch.device, torch.Generator] = {}
        self._moment = 0

    def at(self, seed: int, step: int, part: int = 0) -> None:
        """Fix what the next forward pass draws; ``part`` counts the chunks of a step over the whole training set."""
        self._moment = mixed("mask", seed, step, self.name, *[part][: part > 0])

    def generator(self, device: torch.device) -> torch.Generator:
        """The layer's generator on ``device``, set to the current moment."""
        if device not in self._generators:
            self._generators[device] = torch.Generator(device=device)
        return self._generators[device].manual_seed(self._moment)


class Dropout(StochasticLayer):
    """Inverted dropout: zero with probability ``p``, divide the rest by 1 − p; identity in evaluation. Shape kept."""

    def __init__(self, p: float) -> None:
        super().__init__()
        self.p = p

    def forward(self, x: Tensor) -> Tensor:
        if not self.training or self.p == 0.0:
            return x
        keep = torch.empty_like(x).bernoulli_(1.0 - self.p, generator=self.generator(x.device))
        return x * keep.div_(1.0 - self.p)


def stochastic_layers(model: nn.Module) -> list[StochasticLayer]:
    """The stochastic layers of ``model``, each told its own path."""
    found = []
    for name, module in model.named_modules():
        if isinstance(module, StochasticLayer):
            module.name = name
            found.append(module)
    return found
