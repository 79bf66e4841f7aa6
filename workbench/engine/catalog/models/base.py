"""The base class of models: build a torch module for an input shape and a number of classes."""

from __future__ import annotations

from abc import abstractmethod
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, ClassVar

from workbench.engine.catalog.activations import Activation
from workbench.engine.catalog.initializations import Initialization
from workbench.engine.catalog.variant import Variant
from workbench.engine.core.errors import Mend, Problem
from workbench.engine.nn.layer_insertion import LayerInsertion

if TYPE_CHECKING:
    from torch import nn

    from workbench.engine.catalog.preprocessing import Preprocessing
    from workbench.engine.spec.experiment import ExperimentSpec

Named = list[tuple[str, "nn.Module"]]


class Model(Variant):
    """Base of the family. Networks map standardized inputs (B, *shape) to logits (B, classes), float32.

    ``pools`` and ``residual`` say whether it has max poolings and residual branches, for regularizers that act there.
    Without ``has_convolutions`` the memory format of pictures makes no difference.
    """

    pools: ClassVar[bool] = False
    residual: ClassVar[bool] = False
    has_convolutions: ClassVar[bool] = True

    @abstractmethod
    def build(self, shape: tuple[int, ...], classes: int, parts: LayerInsertion) -> nn.Module:
        """The network with the layers that regularization adds; its weights are not yet initialized.

        Raises WorkbenchError if ``shape`` does not fit.
        """

    @abstractmethod
    def init(self) -> tuple[Initialization, Activation]:
        """The initialization of its weights, and the activation that follows them (for the gain)."""

    def notes(self) -> tuple[str, ...]:
        """Sentences with which a run begins, once the network is built."""
        return ()

    def preprocessing(self, spec: ExperimentSpec) -> Preprocessing:
        """What is done to the examples of ``spec``: its preprocessing, unless the network brings its own."""
        return spec.preprocessing

    def fill(self, network: nn.Module, seed: int) -> None:
        """Initialize every weight of a ``network`` made by ``build``, drawn from ``seed``."""
        initialize(network, *self.init(), seed)


def without_pictures(spec: ExperimentSpec, path: str) -> Iterator[Problem]:
    """A problem for a model of pictures whose data set has points."""
    if not spec.data.source.is_image:
        text = "needs pictures, and this data set has points; choose the MLP"
        yield Problem(path, text, mends=(Mend("Choose the MLP", path, {"kind": "mlp"}),))


def lonely_batch(spec: ExperimentSpec, path: str, message: str) -> Iterator[Problem]:
    """A problem for a model whose batch norm has no variance to divide by: a batch holds one example."""
    if spec.loop.batch_size == 1:
        yield Problem(path, message, mends=(Mend("Batch size 2", "loop.batch_size", 2),))


def unplaced(spec: ExperimentSpec, *hooks: str) -> Iterator[Problem]:
    """A warning for every regularizer that works through one of ``hooks`` alone, for a model that asks for none."""
    from workbench.engine.catalog.regularizers import Regularizer

    for index, each in enumerate(spec.regularization):
        if any(getattr(type(each), hook) is not getattr(Regularizer, hook) for hook in hooks):
            yield Problem(f"regularization.{index}", "has no effect here: the model has no layer for it", "warning")


def stacked(layers: Iterable[tuple[str, nn.Module]]) -> nn.Sequential:
    """The layers one after the other under their names."""
    from torch import nn

    return nn.Sequential(OrderedDict(layers))


def following(name: str, layers: list[nn.Module]) -> Named:
    """Names for the layers that follow the layer ``name``, e.g. fc1_dropout.

    Names hold no running number, so a layer more or less changes no other layer's name, and with it no other
    layer's initial weights or masks: two runs share everything that their specs share.
    """
    return [(f"{name}_{type(layer).__name__.lower()}", layer) for layer in layers]


def initialize(network: nn.Module, init: Initialization, activation: Activation, seed: int) -> None:
    """Initialize all weights in place: matrices and kernels by ``init``, biases to zero, norm layers to one and zero.

    Each tensor has its own random stream, named by its path, so adding a layer does not change the others.
    The last layer has no activation after it: gain 1.
    """
    import torch

    from workbench.engine.core.randomness import generator

    weights = [(name, p) for name, p in network.named_parameters() if p.dim() >= 2]
    with torch.no_grad():
        for index, (name, weight) in enumerate(weights):
            gain = activation.gain() if index < len(weights) - 1 else 1.0
            init.fill(weight, gain, generator("cpu", "weights", seed, name))
        for name, parameter in network.named_parameters():
            if parameter.dim() < 2:
                parameter.fill_(1.0 if name.endswith("weight") else 0.0)
