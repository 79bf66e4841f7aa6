"""The base class of preprocessing: statistics of the training split, with which all splits are standardized."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING

from workbench.engine.catalog.variant import Variant

if TYPE_CHECKING:
    from collections.abc import Iterable

    import torch


@dataclass(frozen=True, slots=True, eq=False)
class Standardizer:
    """``(x - mean) * inverse_std``; both broadcast over a batch, float32. Stored with the model's weights."""

    mean: torch.Tensor
    inverse_std: torch.Tensor

    def apply_(self, x: torch.Tensor) -> torch.Tensor:
        """Standardize the float32 batch ``x`` in place and return it."""
        return x.sub_(self.mean).mul_(self.inverse_std)


class Preprocessing(Variant):
    """Base of the family."""

    @abstractmethod
    def fit(self, chunks: Iterable[torch.Tensor]) -> Standardizer:
        """Statistics from chunks (B, C, H, W) in [0, 1] or (B, D), float32, of the training split only."""
