"""What an activation offers: a layer, and its gain for initialization."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING

from workbench.engine.catalog import Variant

if TYPE_CHECKING:
    from torch import nn


class Activation(Variant):
    """Base of the family."""

    @abstractmethod
    def build(self) -> nn.Module:
        """A fresh activation layer; shape kept."""

    def gain(self) -> float:
        """The factor on a weight's std that keeps the variance through this activation (He et al. 2015, eq. 10)."""
        return 1.0
