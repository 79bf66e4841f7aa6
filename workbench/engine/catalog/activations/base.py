"""What an activation offers: a layer, and its gain for initialization."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING

from workbench.engine.catalog.variant import Variant

if TYPE_CHECKING:
    from torch import nn


class Activation(Variant):
    """Base of the family."""

    @abstractmethod
    def build(self) -> nn.Module:
        """A fresh activation layer; shape kept, but for ``inputs_per_unit`` times fewer units."""

    def inputs_per_unit(self) -> int:
        """How many outputs of the layer before make one unit: 1, but for activations that choose among several."""
        return 1

    def gain(self) -> float:
        """The factor on a weight's std that keeps the second moment through this activation.

        With z standard normal it is 1 / sqrt(E[f(z)²]): the argument of He et al. 2015, eq. 10, for any f.
        Activations that saturate have 1, as Xavier initialization assumes.
        """
        return 1.0
