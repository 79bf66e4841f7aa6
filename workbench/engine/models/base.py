"""What a model spec offers: a torch module for an input shape and a number of classes."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from typing import TYPE_CHECKING

from workbench.engine.activations import Activation
from workbench.engine.catalog import Variant
from workbench.engine.initializations import Initialization
from workbench.engine.regularizers import Place

if TYPE_CHECKING:
    from torch import nn

#: Gives the regularization layers that stand after a hidden activation at a place (possibly none).
LayersAfter = Callable[[Place], list["nn.Module"]]


class Model(Variant):
    """Base of the family. Networks map standardized inputs (B, *shape) to logits (B, classes), float32."""

    @abstractmethod
    def build(self, shape: tuple[int, ...], classes: int, layers_after: LayersAfter) -> nn.Module:
        """The network, weights not yet filled. Raises WorkbenchError if ``shape`` does not fit."""

    @abstractmethod
    def init(self) -> tuple[Initialization, Activation]:
        """How its weights are filled and which activation follows them (for the gain)."""


def initialize(network: nn.Module, init: Initialization, activation: Activation, seed: int) -> None:
    """Fill every weight in place: matrices and kernels by ``init``, biases with zero, norm layers with one and zero.

    Each tensor has a stream of its own, named by its path, so adding a layer does not change the others.
    The last layer has no activation behind it: gain 1.
    """
    import torch

    from workbench.engine.randomness import generator

    weights = [(name, p) for name, p in network.named_parameters() if p.dim() >= 2]
    with torch.no_grad():
        for index, (name, weight) in enumerate(weights):
            gain = activation.gain() if index < len(weights) - 1 else 1.0
            init.fill(weight, gain, generator("cpu", "weights", seed, name))
        for name, parameter in network.named_parameters():
            if parameter.dim() < 2:
                parameter.fill_(1.0 if name.endswith("weight") else 0.0)
