"""A network that a file of weights may belong to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from workbench.engine.catalog.models import Model
from workbench.engine.catalog.regularizers import Regularizer
from workbench.engine.nn.layer_insertion import LayerInsertion

if TYPE_CHECKING:
    from torch import nn


@dataclass(frozen=True, slots=True)
class Guess:
    """A network that the weights may be of. ``names`` maps names in the file to those in our module.

    ``head`` is our name of the matrix whose rows are the classes; empty if it is not told apart.
    """

    model: Model
    classes: int
    shape: tuple[int, ...]
    names: dict[str, str]
    regularization: tuple[Regularizer, ...] = ()
    notes: tuple[str, ...] = ()
    head: str = ""

    def build(self) -> nn.Module:
        """The network on the meta device; one that opens a file of weights itself for real."""
        import torch

        with torch.device("cpu" if self.model.kind == "transfer" else "meta"):
            return self.model.build(self.shape, self.classes, LayerInsertion(self.regularization))
