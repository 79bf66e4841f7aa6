"""The weights of the first layer as pictures."""

from __future__ import annotations

from typing import cast

import numpy as np
import torch
from torch import Tensor, nn

from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.text import counted, grouped
from workbench.engine.explain.tiles import Tiles

#: The maximum number of pictures.
MOST = 4096


def first_filters(network: nn.Module, x: Tensor) -> Tiles:
    """Those of the first convolution or linear layer that ``x`` (1, C, H, W) runs through in ``network``.

    One scale for all, 0 in its middle, so that strong and weak ones can be told apart. Filters over one channel are
    gray, over three in the colours of the input; of other numbers each channel is a gray picture. A row of weights of
    a linear layer is a picture of the shape of the input. Raises WorkbenchError where a row is none.
    """
    name, layer = first_weights(network, x)
    weight = cast("Tensor", layer.weight).detach().double()
    shape = tuple(weight.shape[1:]) if weight.ndim == 4 else tuple(x.shape[1:])
    if weight.ndim != 4 and weight.shape[1] != x[0].numel():
        has, wants = grouped(weight.shape[1]), grouped(x[0].numel())
        text = f"The first layer, {name}, has {has} weights for each unit and the picture {wants} values"
        raise WorkbenchError(f"{text}: its rows are no pictures.")
    channels, height, width = shape
    values = weight.reshape(len(weight), channels, height, width)[:MOST]
    names = [f"{name} {number + 1}" for number in range(len(values))]
    if channels not in (1, 3):
        names = [f"{each}, input channel {k + 1}" for each in names for k in range(channels)]
        values = values.reshape(-1, 1, height, width)
    what = "filter" if weight.ndim == 4 else "row of weights"
    count = counted(len(weight), what, "rows of weights" if weight.ndim != 4 else "")
    words = f"{name} ({type(layer).__name__}): {count} of {width}×{height} over {counted(channels, 'channel')}"
    made = np.ascontiguousarray(values.permute(0, 2, 3, 1).numpy()[:MOST])
    return Tiles(made, tuple(names[:MOST]), words, "weight", is_signed=True, are_filters=True)


def first_weights(network: nn.Module, x: Tensor) -> tuple[str, nn.Module]:
    """The name of the first convolution or linear layer that runs, and the layer. Raises WorkbenchError without one."""
    return _with_weights(network, x)[0]


def last_weights(network: nn.Module, x: Tensor) -> tuple[str, nn.Module]:
    """The name of the last convolution or linear layer that runs, and the layer. Raises WorkbenchError without one."""
    return _with_weights(network, x)[-1]


def _with_weights(network: nn.Module, x: Tensor) -> list[tuple[str, nn.Module]]:
    ran: dict[nn.Module, str] = {}
    names = {module: name for name, module in network.named_modules() if _has_matrix(module)}

    def take(module: nn.Module, _inputs: object, _output: object) -> None:
        ran.setdefault(module, names[module])

    hooks = [module.register_forward_hook(take) for module in names]
    try:
        with torch.no_grad():
            network(x)
    finally:
        for hook in hooks:
            hook.remove()
    if not ran:
        raise WorkbenchError("The network has no convolution and no linear layer.")
    return [(name, module) for module, name in ran.items()]


def _has_matrix(module: nn.Module) -> bool:
    weight = getattr(module, "weight", None)
    return isinstance(weight, Tensor) and weight.ndim in (2, 4)
