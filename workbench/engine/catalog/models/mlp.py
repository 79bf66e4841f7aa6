"""Fully connected network."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import prod
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal, Protocol

from pydantic import BeforeValidator

from workbench.engine.catalog.activations import Activation
from workbench.engine.catalog.activations.members import ReLU
from workbench.engine.catalog.initializations import Initialization
from workbench.engine.catalog.initializations.members import He
from workbench.engine.catalog.knob import Knob
from workbench.engine.catalog.models.base import Model, Named, following, lonely_batch, stacked
from workbench.engine.catalog.variant import AsTuple
from workbench.engine.core.errors import Problem
from workbench.engine.nn.layer_insertion import LayerInsertion

if TYPE_CHECKING:
    from torch import nn

    from workbench.engine.spec.experiment import ExperimentSpec

ActivationKnob = Annotated[Activation, Knob("Activation", "The nonlinearity between two layers.")]
InitKnob = Annotated[
    Initialization,
    Knob(
        "Initialization",
        "How the weights are drawn before the first step. Too small, and activations and gradients vanish; too "
        "large, and they saturate or explode.",
        lesson="Good initialization keeps the standard deviation of activations the same through the layers.",
    ),
]
HiddenKnob = Annotated[
    tuple[int, ...],
    AsTuple,
    Knob(
        "Hidden sizes",
        "The number of units of each hidden layer, first to last. Empty means a linear classifier.",
        unit="units",
        low=1,
        high=16_384,
    ),
]
BatchNormPlace = Literal["off", "before", "after"]

#: Older files have true and false here.
_as_place = BeforeValidator(lambda value: {True: "before", False: "off"}[value] if isinstance(value, bool) else value)

BatchNormKnob = Annotated[
    BatchNormPlace,
    _as_place,
    Knob(
        "Batch norm",
        "Gives every hidden layer zero mean and unit variance over the batch, then a learned scale and shift. It is "
        "placed before or after the activation. Training uses the statistics of the batch, testing running averages. "
        "Batch norm alone is often enough regularization.",
        options={
            "off": "no batch norm between the layers",
            "before": "before the activation (Ioffe and Szegedy 2015)",
            "after": "after the activation: the input of the next layer is normalized",
        },
        lesson="Batch norm makes training far less sensitive to the initialization.",
    ),
]
InputNormKnob = Annotated[
    bool,
    Knob(
        "Batch norm on the input",
        "Normalizes the input over each batch, as preprocessing does over the whole training split. With raw data it "
        "can replace preprocessing.",
    ),
]


class MLP(Model):
    """Linear – (batch norm) – activation for each hidden size, then a linear classifier."""

    kind: ClassVar[str] = "mlp"
    title: ClassVar[str] = "MLP"
    summary: ClassVar[str] = "Fully connected layers; works on points and small pictures."
    order: ClassVar[int] = 10
    has_convolutions: ClassVar[bool] = False

    hidden: HiddenKnob = (128,)
    activation: ActivationKnob = ReLU()
    init_weights: InitKnob = He()
    batch_norm: BatchNormKnob = "off"
    input_norm: InputNormKnob = False

    def problems(self, spec: ExperimentSpec, path: str) -> Iterator[Problem]:
        yield from lonely_batches(self.batch_norm if self.hidden else "off", self.input_norm, spec, path)

    def build(self, shape: tuple[int, ...], classes: int, parts: LayerInsertion) -> nn.Module:
        from torch import nn

        inputs = prod(shape)
        first: Named = [("flatten", nn.Flatten())]
        if self.input_norm:
            first.append(("input_norm", nn.BatchNorm1d(inputs)))
        hidden, width = fully_connected(self, inputs, self.hidden, parts)
        return stacked([*first, *hidden, ("classifier", nn.Linear(width, classes))])

    def init(self) -> tuple[Initialization, Activation]:
        return self.init_weights, self.activation

    def brief(self) -> str:
        return "–".join(map(str, self.hidden)) or "linear"


def lonely_batches(batch_norm: BatchNormPlace, input_norm: bool, spec: ExperimentSpec, path: str) -> Iterator[Problem]:
    """Batch norm over a batch of one has no variance to divide by."""
    for name, on in (("batch_norm", batch_norm != "off"), ("input_norm", input_norm)):
        if on:
            text = "needs at least two examples in a batch; raise the batch size"
            yield from lonely_batch(spec, f"{path}.{name}", text)


class Bends(Protocol):
    """What a model's settings say about its hidden layers."""

    @property
    def activation(self) -> Activation: ...
    @property
    def batch_norm(self) -> BatchNormPlace: ...


def bent(
    name: str,
    make: Callable[[int, bool], nn.Module],
    norm: Callable[[int], nn.Module],
    size: int,
    model: Bends,
    after: list[nn.Module],
) -> Named:
    """A layer of ``size`` units with its batch norm, activation and regularization, e.g. fc1, fc1_norm, fc1_act.

    ``make`` gets the number of outputs and whether a bias has an effect: batch norm directly after it removes it.
    """
    inputs = size * model.activation.inputs_per_unit()
    layers: Named = [(name, make(inputs, model.batch_norm != "before"))]
    if model.batch_norm == "before":
        layers.append((f"{name}_norm", norm(inputs)))
    layers.append((f"{name}_act", model.activation.build()))
    if model.batch_norm == "after":
        layers.append((f"{name}_norm", norm(size)))
    return [*layers, *following(name, after)]


def fully_connected(model: Bends, width: int, sizes: tuple[int, ...], parts: LayerInsertion) -> tuple[Named, int]:
    """Hidden layers fc1, fc2, … of ``sizes`` over ``width`` inputs, and the width of their output."""
    from torch import nn

    layers: Named = []
    for number, size in enumerate(sizes, 1):

        def make(outputs: int, bias: bool, width: int = width) -> nn.Module:
            return parts.linear(nn.Linear(width, outputs, bias=bias))

        layers += bent(f"fc{number}", make, nn.BatchNorm1d, size, model, parts.after("fc"))
        width = size
    return layers, width
