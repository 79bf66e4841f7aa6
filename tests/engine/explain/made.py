"""Tiny networks with drawn weights, in float64 so that finite differences are exact enough."""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn

from workbench.engine.core.progress import finished
from workbench.engine.explain.layers import layer_named, layers_of
from workbench.engine.explain.methods.base import Map, Method
from workbench.engine.explain.subject import Subject


def drawn(network: nn.Module, seed: int = 0) -> nn.Module:
    """The network with weights from a generator of its own, in float64 and evaluation mode."""
    draw = torch.Generator().manual_seed(seed)
    network = network.double().eval()
    with torch.no_grad():
        for weight in network.parameters():
            weight.copy_(torch.randn(weight.shape, generator=draw, dtype=weight.dtype) * 0.5)
    return network


def cnn(channels: int = 2) -> nn.Sequential:
    """conv – tanh – pool – conv – ReLU (in place) – linear over 6×8 pictures, three classes."""
    return cast(
        "nn.Sequential",
        drawn(
            nn.Sequential(
                nn.Conv2d(channels, 4, 3, padding=1),
                nn.Tanh(),
                nn.AvgPool2d(2),
                nn.Conv2d(4, 5, 3, padding=1),
                nn.ReLU(inplace=True),
                nn.Flatten(),
                nn.Linear(5 * 3 * 4, 3),
            )
        ),
    )


def picture(channels: int = 2, seed: int = 1) -> Tensor:
    """(1, channels, 6, 8), float64."""
    return torch.randn(1, channels, 6, 8, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def attributed(method: Method, network: nn.Module, x: Tensor, column: int, layer: str = "") -> Map:
    """The map of ``method``."""
    chosen = layer_named(layers_of(network, x), layer) if layer else None
    return finished(method.attributing(Subject(network, x, column, chosen)))
