"""The decision boundary of a network on a 2-D set: its predictions on a grid over the plane."""

from __future__ import annotations

import torch
from torch import nn

from workbench.engine.core.observed import Boundary
from workbench.engine.data.examples import Examples

SIDE = 96
#: How far the grid reaches beyond the examples, as a share of their range.
MARGIN = 0.15


def boundary(network: nn.Module, examples: Examples, step: int) -> Boundary:
    """Predicted class and its probability on a SIDE × SIDE grid around the points (N, 2) of ``examples``."""
    low, high = examples.inputs.amin(0), examples.inputs.amax(0)
    low, high = low - MARGIN * (high - low), high + MARGIN * (high - low)
    x = torch.linspace(float(low[0]), float(high[0]), SIDE)
    y = torch.linspace(float(low[1]), float(high[1]), SIDE)
    rows, columns = torch.meshgrid(y, x, indexing="ij")
    grid = torch.stack([columns.flatten(), rows.flatten()], 1).to(examples.device)
    was_training = network.training
    network.eval()
    with torch.inference_mode():
        confidence, labels = network(examples.standardizer.apply_(grid)).softmax(1).max(1)
    network.train(was_training)
    extent = (float(low[0]), float(high[0]), float(low[1]), float(high[1]))
    shades = (confidence * 255).round().to(torch.uint8)
    return Boundary(step, extent, SIDE, _bytes(labels.to(torch.uint8)), _bytes(shades))


def _bytes(values: torch.Tensor) -> bytes:
    return values.cpu().numpy().tobytes()
