"""A network as a list of layers that torch and torchvision can build: name, class, arguments."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from torch import nn

from workbench.engine.nn.layers import LargestPiece
from workbench.engine.nn.stochastic_layers import DropConnect, Dropout
from workbench.engine.nn.torchvision_nets import Foreign, extra_arguments

#: Name of the layer, its class in torch.nn (or "torchvision": a network by name), the arguments that build it.
Layer = tuple[str, str, dict[str, Any]]


def layers_of(network: nn.Module) -> list[Layer] | None:
    """The layers of ``network`` in evaluation, one after the other; None where it is no such chain.

    What does nothing in evaluation is left out. The names are those of its weights.
    """
    if isinstance(network, Foreign):
        name, shape, classes = network.recipe
        how = {"name": name, "weights": None, "num_classes": classes, **extra_arguments(name, shape)}
        return [("net", "torchvision", {k: list(v) if isinstance(v, tuple) else v for k, v in how.items()})]
    if not isinstance(network, nn.Sequential):
        return None
    found: list[Layer] = []
    is_flat = False
    for name, layer in network.named_children():
        is_flat = is_flat or isinstance(layer, nn.Flatten)
        if isinstance(layer, Dropout):
            continue
        made = _largest(layer, is_flat) if isinstance(layer, LargestPiece) else _known(layer)
        if made is None:
            return None
        found.append((name, *made))
    return found


def _known(layer: nn.Module) -> tuple[str, dict[str, Any]] | None:
    arguments = _ARGUMENTS.get(type(layer))
    if arguments is None:
        return None
    return "Linear" if isinstance(layer, DropConnect) else type(layer).__name__, arguments(layer)


def _largest(layer: LargestPiece, is_flat: bool) -> tuple[str, dict[str, Any]]:
    """Maxout as a pooling over neighbours: torch takes (B, units) and (B, C, H, W) for one unbatched example each."""
    if is_flat:
        return "MaxPool1d", {"kernel_size": layer.pieces}
    return "MaxPool3d", {"kernel_size": [layer.pieces, 1, 1]}


def _linear(layer: Any) -> dict[str, Any]:
    outputs, inputs = layer.weight.shape
    return {"in_features": inputs, "out_features": outputs, "bias": layer.bias is not None}


def _convolution(layer: Any) -> dict[str, Any]:
    made = {name: getattr(layer, name) for name in ("in_channels", "out_channels", "kernel_size", "stride", "padding")}
    plain = {name: list(value) if isinstance(value, tuple) else value for name, value in made.items()}
    return {**plain, "bias": layer.bias is not None}


def _norm(layer: Any) -> dict[str, Any]:
    return {"num_features": layer.num_features, "eps": layer.eps}


def _nothing(_layer: Any) -> dict[str, Any]:
    return {}


_ARGUMENTS: Final[Mapping[type[nn.Module], Callable[[Any], dict[str, Any]]]] = {
    nn.Flatten: _nothing,
    nn.Linear: _linear,
    DropConnect: _linear,
    nn.Conv2d: _convolution,
    nn.BatchNorm1d: _norm,
    nn.BatchNorm2d: _norm,
    nn.MaxPool2d: lambda layer: {"kernel_size": layer.kernel_size},
    nn.ReLU: _nothing,
    nn.LeakyReLU: lambda layer: {"negative_slope": layer.negative_slope},
    nn.ELU: lambda layer: {"alpha": layer.alpha},
    nn.GELU: _nothing,
    nn.Tanh: _nothing,
    nn.Sigmoid: _nothing,
}
