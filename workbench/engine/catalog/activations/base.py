"""The base class of activations: a layer, and its gain for initialization."""

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
        """A new activation layer. It keeps the shape, except that there are ``inputs_per_unit`` times fewer units."""

    def inputs_per_unit(self) -> int:
        """How many outputs of the preceding layer one unit takes: 1, unless the activation chooses among several."""
        return 1

    def gain(self) -> float:
        """The factor on a weight's std that keeps the second moment through this activation.

        With z standard normal it is 1 / sqrt(E[f(z)²]): the argument of He et al. 2015, eq. 10, for any f.
        It is 1 for activations that saturate, as Xavier initialization assumes.
        """
        return 1.0
