"""Putting a trained network behind a front and under a new head."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import nn

from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.randomness import generator
from workbench.engine.nn.layer_insertion import LayerInsertion
from workbench.engine.transfer.backbone import opened
from workbench.engine.transfer.net import Front, TransferNet, head_for

if TYPE_CHECKING:
    from workbench.engine.catalog.initializations import Initialization
    from workbench.engine.catalog.models.transfer import Transfer


def build(model: Transfer, shape: tuple[int, ...], classes: int, parts: LayerInsertion) -> TransferNet:
    """``model`` for pictures of ``shape``, the head's weights not yet drawn. Raises WorkbenchError."""
    if len(shape) != 3:
        text = "A trained network for pictures needs pictures, and this data set has points. Choose the MLP."
        raise WorkbenchError(text, "model")
    if shape[0] not in (1, 3):
        raise WorkbenchError(f"These weights need gray or colour pictures, not {shape[0]} channels.", "model.weights")
    if classes < 2:
        raise WorkbenchError("The data has one class only, so there is nothing to tell apart.", "data.source")
    backbone = opened(model.weights, model.weights_name)
    size = backbone.size if model.size == "weights" else (shape[1], shape[2])
    net = backbone.network(size, model.network_seed, model.start == "pretrained")
    mean, std = backbone.mean, backbone.std
    if model.normalization == "data":
        mean, std = (0.0,) * backbone.channels, (1.0,) * backbone.channels
    front = Front(backbone.channels, size, mean, std)
    width = _width(front, net, shape)
    return TransferNet(front, net, head_for(width, classes, model.standardize, parts.after("fc")))


def fill_head(network: nn.Module, init: Initialization, seed: int) -> None:
    """Draw the classifier's weights from ``seed``; its biases are zero."""
    assert isinstance(network, TransferNet)
    classifier = network.head.get_submodule("classifier")
    assert isinstance(classifier, nn.Linear)
    with torch.no_grad():
        init.fill(classifier.weight, 1.0, generator("cpu", "weights", seed, "head.classifier.weight"))
        classifier.bias.zero_()


def _width(front: Front, net: nn.Module, shape: tuple[int, ...]) -> int:
    """How many features come out, by trying one picture."""
    trial = TransferNet(front, net, nn.Sequential()).eval()
    try:
        with torch.no_grad():
            return int(trial.features(torch.zeros(1, *shape)).shape[1])
    except (RuntimeError, ValueError) as error:
        high, wide = front.size or shape[1:]
        text = f"The network of these weights cannot take pictures of {wide}×{high} pixels ({_first_line(error)}). "
        raise WorkbenchError(
            text + "Choose the picture size of the weights, or larger pictures.", "model.size"
        ) from None


def _first_line(error: Exception) -> str:
    lines = str(error).splitlines()
    return lines[0][:200] if lines else type(error).__name__
