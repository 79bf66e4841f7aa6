"""Fully connected network."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Annotated, ClassVar

from workbench.engine.activations import Activation
from workbench.engine.activations.members import ReLU
from workbench.engine.catalog import AsTuple
from workbench.engine.initializations import Initialization
from workbench.engine.initializations.members import He
from workbench.engine.knobs import Knob
from workbench.engine.models.base import LayersAfter, Model

if TYPE_CHECKING:
    from torch import nn

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

    def build(self, shape: tuple[int, ...], classes: int, layers_after: LayersAfter) -> nn.Module:
        from torch import nn

        layers: list[nn.Module] = [nn.Flatten()]
        width = prod(shape)
        for size in self.hidden:
            layers.append(nn.Linear(width, size, bias=not self.batch_norm))
            if self.batch_norm:
                layers.append(nn.BatchNorm1d(size))
            layers += [self.activation.build(), *layers_after("fc")]
            width = size
        return nn.Sequential(*layers, nn.Linear(width, classes))

    def init(self) -> tuple[Initialization, Activation]:
        return self.init_weights, self.activation

    def brief(self) -> str:
        return "–".join(map(str, self.hidden)) or "linear"
