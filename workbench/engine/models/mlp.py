"""Fully connected network."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod
from typing import TYPE_CHECKING, Annotated, ClassVar, Protocol

from workbench.engine.activations import Activation
from workbench.engine.activations.members import ReLU
from workbench.engine.catalog import AsTuple
from workbench.engine.initializations import Initialization
from workbench.engine.initializations.members import He
from workbench.engine.knobs import Knob
from workbench.engine.models.base import Model, Named, bend, stacked
from workbench.engine.parts import Parts
from workbench.engine.problems import Problem

if TYPE_CHECKING:
    from torch import nn

    from workbench.engine.spec import ExperimentSpec

ActivationKnob = Annotated[Activation, Knob("Activation", "The bend between two layers.")]
InitKnob = Annotated[
    Initialization,
    Knob(
        "Initialization",
        "How the weights are drawn before the first step. "
        "Too small and activations and gradients vanish; too big and they saturate or explode.",
        lesson="Good initialization keeps the spread of activations the same through the layers.",
    ),
]
BatchNormKnob = Annotated[
    bool,
    Knob(
        "Batch norm",
        "Gives every hidden layer zero mean and unit variance over the batch, then a learned scale and shift. "
        "Training uses the batch's statistics, testing running ones. Batch norm alone is often enough regularization.",
        lesson="Batch norm makes training far less sensitive to the initialization.",
    ),
]


class MLP(Model):
    """Linear – (batch norm) – activation for each hidden size, then a linear classifier."""

    kind: ClassVar[str] = "mlp"
    title: ClassVar[str] = "MLP"
    summary: ClassVar[str] = "Fully connected layers; works on points and small pictures."
    order: ClassVar[int] = 10

    hidden: Annotated[
        tuple[int, ...],
        AsTuple,
        Knob(
            "Hidden sizes",
            "The number of units of each hidden layer, first to last. Empty means a linear classifier.",
            unit="units",
            low=1,
            high=16_384,
        ),
    ] = (128,)
    activation: ActivationKnob = ReLU()
    init_weights: InitKnob = He()
    batch_norm: BatchNormKnob = False

    def problems(self, spec: ExperimentSpec, path: str) -> Iterator[Problem]:
        if self.hidden:
            yield from lonely_batches(self.batch_norm, spec, path)

    def build(self, shape: tuple[int, ...], classes: int, parts: Parts) -> nn.Module:
        from torch import nn

        hidden, width = fully_connected(self, prod(shape), self.hidden, parts)
        return stacked([("flatten", nn.Flatten()), *hidden, ("classifier", nn.Linear(width, classes))])

    def init(self) -> tuple[Initialization, Activation]:
        return self.init_weights, self.activation

    def brief(self) -> str:
        return "–".join(map(str, self.hidden)) or "linear"


def lonely_batches(batch_norm: bool, spec: ExperimentSpec, path: str) -> Iterator[Problem]:
    """Batch norm over a batch of one has no variance to divide by."""
    if batch_norm and spec.loop.batch_size == 1:
        yield Problem(f"{path}.batch_norm", "needs at least two examples in a batch; raise the batch size")


class _Bends(Protocol):
    """What a model says about its hidden layers."""

    @property
    def activation(self) -> Activation: ...
    @property
    def batch_norm(self) -> bool: ...


def fully_connected(model: _Bends, width: int, sizes: tuple[int, ...], parts: Parts) -> tuple[Named, int]:
    """Hidden layers fc1, fc2, … of ``sizes`` over ``width`` inputs, and the width of what comes out."""
    from torch import nn

    layers: Named = []
    for number, size in enumerate(sizes, 1):
        layers.append((f"fc{number}", parts.linear(nn.Linear(width, size, bias=not model.batch_norm))))
        if model.batch_norm:
            layers.append((f"fc{number}_norm", nn.BatchNorm1d(size)))
        layers += bend(f"fc{number}", model.activation, parts.after("fc"))
        width = size
    return layers, width
