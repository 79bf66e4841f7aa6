"""The base class of initializations: fill one weight tensor from its own generator."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING

from workbench.engine.catalog.variant import Variant

if TYPE_CHECKING:
    import torch


class Initialization(Variant):
    """Base of the family."""

    @abstractmethod
    def fill(self, weight: torch.Tensor, gain: float, generator: torch.Generator) -> None:
        """Fill ``weight`` (dims ≥ 2, outputs first) in place; ``gain`` belongs to the activation that follows."""
