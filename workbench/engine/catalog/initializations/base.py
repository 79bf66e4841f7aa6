"""The base class of initializations: fill one weight tensor from its own generator."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, ClassVar

from workbench.engine.catalog.variant import Variant

if TYPE_CHECKING:
    import torch


class Initialization(Variant):
    """Base of the family.

    ``scaled``: the spread of the weights follows the number of inputs of a unit, so that it suits a layer of any width.
    """

    scaled: ClassVar[bool] = True

    @abstractmethod
    def fill(self, weight: torch.Tensor, gain: float, generator: torch.Generator) -> None:
        """Fill ``weight`` (dims ≥ 2, outputs first) in place; ``gain`` belongs to the activation that follows."""
