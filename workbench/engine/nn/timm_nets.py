"""Networks built by timm, an optional package: never its pretrained weights, and nothing drawn from torch's global
generator."""

from __future__ import annotations

import os
from typing import Any

import torch
from torch import Tensor, nn

from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.randomness import generator
from workbench.engine.nn.torchvision_nets import Draws, replace_noise

INSTALL = "Install timm (pip install timm; with uv: uv sync --extra timm) and open the file again."
#: What is in timm's registry for a name: input size, mean, std, name of the classifier, …
Configuration = Any


def timm() -> Any | None:
    """The package, or None where it is not installed. Its access to the network is switched off."""
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    try:
        import timm as package
    except ImportError:
        return None
    return package


class TimmNet(nn.Module):
    """One of timm's networks: (B, channels, H, W) to logits (B, classes)."""

    def __init__(self, name: str, channels: int, classes: int) -> None:
        super().__init__()
        self.recipe = (name, channels, classes)
        self.net = _made(self.recipe, None)

    def forward(self, x: Tensor) -> Tensor:
        logits: Tensor = self.net(x)
        return logits


def configuration(name: str) -> Configuration | None:
    """What timm says of ``name`` (``resnet18``, ``resnet18.a1_in1k``); None if it knows no such weights."""
    package = timm()
    if package is None or not name.isprintable() or ":" in name or "/" in name or not package.is_model(name):
        return None
    try:
        return package.get_pretrained_cfg(name)
    except RuntimeError:  # a tag that it does not know
        return None


def adopted(name: str, channels: int, classes: int) -> TimmNet:
    """The network ``name`` on the meta device, its weights not yet drawn.

    Raises WorkbenchError if timm is missing, or if the last layer is not all of the classifier.
    """
    made = TimmNet(name, channels, classes)
    layers = [each for each in made.modules() if isinstance(each, (nn.Linear, nn.Conv2d))]
    if not layers or getattr(made.net, "get_classifier", lambda: None)() is not layers[-1]:
        text = f"{name} of timm has several heads or none, and one last layer is needed. Bring another network."
        raise WorkbenchError(text, "model.weights")
    return made


def redraw(network: nn.Module, seed: int) -> None:
    """Draw the weights of what ``adopted`` made; tables that are in no file come with them."""
    assert isinstance(network, TimmNet)
    network.net = _made(network.recipe, generator("cpu", "weights", seed, network.recipe[0]))


def _made(recipe: tuple[str, int, int], source: torch.Generator | None) -> nn.Module:
    package = timm()
    name, channels, classes = recipe
    if package is None:
        raise WorkbenchError(f"The weights are of {name}, a network of timm, which is not installed. {INSTALL}")

    def made_on(place: str) -> nn.Module:
        with torch.device(place), Draws(source):
            made: nn.Module = package.create_model(name, pretrained=False, num_classes=classes, in_chans=channels)
        return made

    if source is not None:
        made = made_on("cpu")
    else:
        try:
            made = made_on("meta")
        except (RuntimeError, NotImplementedError):  # a constructor that computes with its tensors
            made = made_on("cpu").to("meta")
    replace_noise(made)
    return made
