"""What a layer gives for the picture, channel by channel."""

from __future__ import annotations

from math import ceil, sqrt

import numpy as np
import torch
from torch import Tensor, nn

from workbench.engine.core.text import counted, grouped, short
from workbench.engine.explain.layers import Layer, kept_output
from workbench.engine.explain.tiles import Floats, Tiles


def activations(network: nn.Module, x: Tensor, layer: Layer) -> Tiles:
    """The output of ``layer`` for ``x`` (1, C, H, W): a tile for each channel, all on one scale.

    A layer without places is one tile with all its values in rows; what is left of the last row is 0.
    """
    with torch.no_grad(), kept_output(network, layer.name) as kept:
        network(x)
    output = kept[-1]
    if layer.grid is not None:
        values = layer.on_grid(output)[0].double().numpy()[..., None]
        names = tuple(f"channel {number + 1}" for number in range(len(values)))
    else:
        flat = output[0].double().flatten().numpy()
        width = ceil(sqrt(len(flat)))
        padded = np.zeros(ceil(len(flat) / width) * width)
        padded[: len(flat)] = flat
        values, names = padded.reshape(1, -1, width, 1), ("all values, in rows",)
    return Tiles(np.ascontiguousarray(values), names, _words(values), "activation", bool(values.min() < 0))


def _words(values: Floats) -> str:
    """From where to where the values (N, h, w, 1) go, and how many of several channels found nothing."""
    said = f"From {short(float(values.min()), 3)} to {short(float(values.max()), 3)}."
    empty = int((~values.any((1, 2, 3))).sum())
    return (
        said if len(values) == 1 else f"{said} {grouped(empty)} of {counted(len(values), 'channel')} are 0 everywhere."
    )
