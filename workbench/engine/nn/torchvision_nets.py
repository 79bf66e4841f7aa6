"""Networks built by torchvision, made repeatable: nothing is drawn from torch's global generator, neither initial
weights nor masks of dropout and stochastic depth."""

from __future__ import annotations

import inspect
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode

from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.randomness import generator
from workbench.engine.nn.layers import GrayToColour
from workbench.engine.nn.stochastic_layers import Dropout, StochasticDepth

#: The smallest picture side that each family accepts, found by trial; families that are not listed accept any.
SMALLEST = {
    "alexnet": 63,
    "convnext": 32,
    "densenet": 29,
    "googlenet": 15,
    "inception": 75,
    "squeezenet1_0": 21,
    "squeezenet1_1": 17,
    "swin": 4,
    "vgg": 32,
}
#: MaxViT cuts its pictures into windows of 7 and halves them five times.
_MAXVIT_SIDE = 224
#: Stochastic depth of torchvision and of timm: the class, and the attribute that holds its rate.
_DEPTHS = {"StochasticDepth": "p", "DropPath": "drop_prob"}


class Draws(TorchDispatchMode):
    """While it is on, every random fill in this thread draws from ``source``, or is left out if there is none."""

    def __init__(self, source: torch.Generator | None) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._source = source

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = dict(kwargs or {})
        if torch.Tag.nondeterministic_seeded in func.tags:
            if self._source is None and func._schema.is_mutable:
                return args[0]
            if any(argument.name == "generator" for argument in func._schema.arguments):
                kwargs["generator"] = self._source
            elif self._source is not None:
                raise RuntimeError(f"{func} draws from the global generator")
        return func(*args, **kwargs)


class Foreign(nn.Module):
    """One of torchvision's classifiers for pictures of one shape: (B, *shape) to logits (B, classes)."""

    def __init__(self, name: str, shape: tuple[int, ...], classes: int) -> None:
        super().__init__()
        self.recipe = (name, shape, classes)
        self.colour = GrayToColour() if shape[0] == 1 else nn.Identity()
        self.net = _made(self.recipe, None)

    def forward(self, x: Tensor) -> Tensor:
        logits: Tensor = self.net(self.colour(x))
        return logits


def adopted(name: str, shape: tuple[int, ...], classes: int) -> Foreign:
    """The network ``name`` on the meta device, its weights not yet drawn.

    Raises WorkbenchError if the pictures are too small for it.
    """
    _refuse_small(name, shape)
    return Foreign(name, shape, classes)


def redraw(network: nn.Module, seed: int) -> None:
    """Draw the weights of what ``adopted`` made."""
    assert isinstance(network, Foreign)
    fresh = _made(network.recipe, generator("cpu", "weights", seed, network.recipe[0]))
    network.net.load_state_dict(fresh.state_dict(), assign=True)


def _refuse_small(name: str, shape: tuple[int, ...]) -> None:
    height, width = shape[1:]
    least = next((side for family, side in SMALLEST.items() if name.startswith(family)), 1)
    patch = int(name.rpartition("_")[2]) if name.startswith("vit_") else 1
    wanted = ""
    if min(height, width) < least:
        wanted = f"at least {least}×{least} pixels"
    elif height != width and (patch > 1 or name.startswith("maxvit")):
        wanted = "as wide as high"
    elif height % patch:
        wanted = f"whose sides are a multiple of {patch} pixels"
    elif name.startswith("maxvit") and height % _MAXVIT_SIDE:
        wanted = f"of {_MAXVIT_SIDE}×{_MAXVIT_SIDE} pixels"
    if wanted:
        text = f"{name} needs pictures {wanted}, and these are {width}×{height}. Choose another network."
        raise WorkbenchError(text, "model.name")


def _made(recipe: tuple[str, tuple[int, ...], int], source: torch.Generator | None) -> nn.Module:
    from torchvision import models

    name, shape, classes = recipe
    # Some constructors compute with small tensors, which the meta device cannot; their untouched memory costs nothing.
    place = "meta" if source is None and not name.startswith("regnet") else "cpu"
    with torch.device(place), Draws(source):
        made: nn.Module = models.get_model(name, weights=None, num_classes=classes, **extra_arguments(name, shape))
    replace_noise(made)
    return made.to("meta") if source is None else made


def extra_arguments(name: str, shape: tuple[int, ...]) -> dict[str, Any]:
    """Extra arguments of some constructors: no auxiliary heads, the size of the picture."""
    from torchvision import models

    known = inspect.signature(models.get_model_builder(name)).parameters
    if name in ("googlenet", "inception_v3"):
        return {"aux_logits": False, "init_weights": True}
    if name.startswith("vit_"):
        return {"image_size": shape[1]}
    if name.startswith("maxvit"):
        return {"input_size": shape[1:]} if "input_size" in known else {}
    return {}


def replace_noise(network: nn.Module) -> None:
    """Put this program's dropout and stochastic depth in the place of torch's, torchvision's and timm's."""
    for parent in list(network.modules()):
        for name, child in list(parent.named_children()):
            if isinstance(child, nn.Dropout):
                setattr(parent, name, Dropout(child.p))
            elif type(child).__name__ in _DEPTHS:
                rate = getattr(child, _DEPTHS[type(child).__name__])
                setattr(parent, name, StochasticDepth(float(rate or 0.0), 1.0))
