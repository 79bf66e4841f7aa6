"""The layers of a network as one picture runs through them, and which of their outputs lie on a grid of places."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from math import isqrt
from typing import Any, Final, Literal

import torch
from torch import Tensor, nn

from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.text import counted

#: Where the channels of an output are: (C, h, w), (h, w, C), tokens (extra + h·w, C), or no places.
Places = Literal["first", "last", "tokens", "none"]
#: Tokens in front of those of the patches: none, a class token, also one of distillation, four registers.
_EXTRA: Final = (0, 1, 2, 5)
#: Layers that are the identity in evaluation mode.
_NOTHING: Final = ("Identity", "Dropout", "StochasticDepth", "DropPath", "DropBlock2d")
_CHANNELS_FIRST: Final = (
    nn.Conv2d,
    nn.ConvTranspose2d,
    nn.modules.batchnorm._BatchNorm,
    nn.GroupNorm,
    nn.MaxPool2d,
    nn.AvgPool2d,
    nn.AdaptiveAvgPool2d,
    nn.AdaptiveMaxPool2d,
)


@dataclass(frozen=True, slots=True)
class Layer:
    """A module by its dotted ``name``; ``shape`` is that of its output for one picture, ``kind`` its class."""

    name: str
    kind: str
    shape: tuple[int, ...]
    places: Places = "none"

    @property
    def grid(self) -> tuple[int, int] | None:
        """Height and width of its places; None where it has none."""
        if self.places == "first":
            return self.shape[1], self.shape[2]
        if self.places == "last":
            return self.shape[0], self.shape[1]
        side = _side_of_patches(self.shape[0]) if self.places == "tokens" else 0
        return (side, side) if side else None

    @property
    def channels(self) -> int:
        """Channels of its places, or the number of all its values."""
        if self.places == "none":
            return int(torch.Size(self.shape).numel())
        return self.shape[0] if self.places == "first" else self.shape[-1]

    @property
    def has_map(self) -> bool:
        """Whether its output has more than one spatial position."""
        return self.grid is not None and self.grid != (1, 1)

    @property
    def words(self) -> str:
        """Its name, class and what comes out of it."""
        size = "" if self.grid is None else f" of {self.grid[1]}×{self.grid[0]}"
        what = "value" if self.grid is None else "channel"
        return f"{self.name} ({self.kind}): {counted(self.channels, what)}{size}"

    def on_grid(self, output: Tensor) -> Tensor:
        """``output`` (B, …) as (B, C, h, w); tokens that belong to no patch are left out."""
        grid = self.grid
        assert grid is not None
        if self.places == "first":
            return output
        if self.places == "last":
            return output.movedim(-1, 1)
        patches = output[:, output.shape[1] - grid[0] * grid[1] :].transpose(1, 2)
        return patches.reshape(*patches.shape[:2], *grid)


def layers_of(network: nn.Module, x: Tensor) -> tuple[Layer, ...]:
    """The layers that give a tensor for ``x`` (1, …), in the order in which they ended (last, where they run often)."""
    seen = _Layouts(len(x))
    names = {module: name for name, module in network.named_modules() if name}
    hooks = [module.register_forward_hook(seen.take) for module in names]
    try:
        with torch.no_grad():
            network(x)
    finally:
        for hook in hooks:
            hook.remove()
    every = ((names[module], module, shape, places) for module, (shape, places) in seen.found.items())
    return tuple(Layer(name, type(m).__name__, s, p) for name, m, s, p in every if type(m).__name__ not in _NOTHING)


def layer_named(layers: tuple[Layer, ...], name: str) -> Layer:
    """The layer with this name. Raises WorkbenchError that lists some."""
    for layer in layers:
        if layer.name == name:
            return layer
    some = ", ".join(layer.name for layer in layers[:12])
    more = " …" if len(layers) > 12 else ""
    raise WorkbenchError(f"The network has no layer {name}. It has: {some}{more}.")


@contextmanager
def kept_output(network: nn.Module, name: str) -> Iterator[list[Tensor]]:
    """What the layer ``name`` gives in passes inside the block, the newest last.

    What runs behind it gets a copy, so that working in place changes nothing of what is kept; gradients flow through.
    """
    kept: list[Tensor] = []

    def keep(_module: nn.Module, _inputs: Any, output: Any) -> Any:
        first = output[0] if isinstance(output, tuple) else output
        kept.append(first)
        return (first.clone(), *output[1:]) if isinstance(output, tuple) else first.clone()

    hook = network.get_submodule(name).register_forward_hook(keep)
    try:
        yield kept
    finally:
        hook.remove()


class _Layouts:
    """Follows where the channels are through a pass of ``count`` pictures.

    Convolutions, norms and poolings of pictures have them first; linear layers and layer norms last. All else leaves
    them where they were, unless the shape shows that they were moved meanwhile.
    """

    def __init__(self, count: int) -> None:
        self._count = count
        self._layout: Literal["first", "last"] = "first"
        self._shape: torch.Size | None = None
        self.found: dict[nn.Module, tuple[tuple[int, ...], Places]] = {}

    def take(self, module: nn.Module, inputs: Any, output: Any) -> None:
        """A hook after the forward pass of each module."""
        output = output[0] if isinstance(output, tuple) and output else output
        if not isinstance(output, Tensor) or output.shape[:1] != (self._count,):
            return
        if output.ndim == 4:
            self._layout = self._layout_of(module, inputs, output)
            self._shape = output.shape
        self.found.pop(module, None)
        self.found[module] = tuple(output.shape[1:]), self._places(output)

    def _layout_of(self, module: nn.Module, inputs: Any, output: Tensor) -> Literal["first", "last"]:
        if any(True for _ in module.children()):
            return self._followed(output.shape)
        if isinstance(module, _CHANNELS_FIRST) or type(module).__name__.endswith("2d"):
            return "first"
        if isinstance(module, (nn.Linear, nn.LayerNorm)):
            return "last"
        dims = tuple(getattr(module, "dims", ()))
        if dims in ((0, 3, 1, 2), (0, 2, 3, 1)):
            return "first" if dims == (0, 3, 1, 2) else "last"
        before = inputs[0].shape if inputs and isinstance(inputs[0], Tensor) else output.shape
        return self._followed(before)

    def _followed(self, shape: torch.Size) -> Literal["first", "last"]:
        if self._shape is None or shape == self._shape:
            return self._layout
        batch, *rest = self._shape
        moved = (batch, rest[2], *rest[:2]) if self._layout == "last" else (batch, *rest[1:], rest[0])
        if tuple(shape) == moved:
            return "first" if self._layout == "last" else "last"
        return self._layout

    def _places(self, output: Tensor) -> Places:
        if output.ndim == 4:
            return self._layout
        is_tokens = output.ndim == 3 and _side_of_patches(output.shape[1]) > 0
        return "tokens" if is_tokens else "none"


def _side_of_patches(tokens: int) -> int:
    """The side of the square of at least 2×2 patches among this number of tokens; 0 if there is none."""
    for extra in _EXTRA:
        if tokens - extra >= 4 and isqrt(tokens - extra) ** 2 == tokens - extra:
            return isqrt(tokens - extra)
    return 0
