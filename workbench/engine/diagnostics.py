"""What goes on inside the layers: activations, gradients and the size of each update, at every n-th step.

Hooks stand in the network only during a measured step, read what passes and change nothing. Of each tensor at most
SAMPLE values are copied, evenly picked: a standard deviation is then good to 2 %, and the cost is the same however
wide the network is. What the samples say is computed when somebody looks (``layer_numbers``). Only dead units are
looked for among all values.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

import torch
from torch import Tensor, nn

from workbench.engine.companions import Companion
from workbench.engine.events import Event, LayerStat, LayerStats
from workbench.engine.layers import LargestPiece
from workbench.engine.spec import ExperimentSpec

#: At most so many values of a tensor are looked at.
SAMPLE = 2048

_ACTIVATIONS = tuple(
    kind
    for kind in vars(nn.modules.activation).values()
    if isinstance(kind, type) and issubclass(kind, nn.Module) and kind is not nn.Module
    if kind not in (nn.MultiheadAttention, nn.Softmax, nn.Softmax2d, nn.LogSoftmax, nn.Softmin)
)


class Diagnostics(Companion):
    """Measures ``network`` at every ``spec.loop.diagnostics``-th step, beginning with the first; 0: never."""

    name = "diagnostics"

    def __init__(self, spec: ExperimentSpec, network: nn.Module) -> None:
        self._every = spec.loop.diagnostics
        self._layers = {module: name for name, module in network.named_modules() if _has_weights(module)}
        bends = [module for module in network.modules() if isinstance(module, (*_ACTIVATIONS, LargestPiece))]
        self._hooked = [(layer, self._on_layer) for layer in self._layers] + [(bend, self._on_bend) for bend in bends]
        self._rows: list[_Row] = []
        self._moving: list[_Row] = []
        self._before = torch.empty(0)
        self._due = False

    def edited(self, spec: ExperimentSpec) -> None:
        self._every = spec.loop.diagnostics

    def before_step(self, step: int) -> None:
        if self._due:  # the step before came to no update
            self._release()
        self._due = self._every > 0 and step % self._every == 0
        if self._due:
            self._rows = []
            for module, hook in self._hooked:
                # What register_forward_hook does, without a handle: those cost more than the measurement.
                module._forward_hooks[id(self)] = hook

    def before_update(self, step: int, rate: float) -> None:
        if not self._due:
            return
        self._release()
        moving = [(row, row.weight, row.weight.grad) for row in self._rows]
        self._moving = [row for row, _, gradient in moving if gradient is not None]
        pairs = [_picked(t) for _, weight, gradient in moving if gradient is not None for t in (gradient, weight)]
        self._before = torch.cat(pairs) if pairs else torch.empty(0)

    def after_update(self, step: int, rate: float) -> Iterable[Event]:
        if not self._due:
            return ()
        rows, self._rows, self._due = self._rows, [], False
        if not rows:
            return ()
        moved = [_picked(row.weight) for row in self._moving]
        samples = [row.sample for row in rows if row.sample is not None]
        parts = [*moved, *samples, *(row.loudest for row in rows if row.loudest is not None)]
        numbers = torch.cat([self._before, *parts])  # one piece: a GPU is waited for once
        raw = numbers.float().cpu().numpy().tobytes()
        # In the order in which they stand in ``numbers``: gradients with weights, new weights, activations, peaks.
        sizes = [n for part in moved for n in (len(part), len(part))] + [len(part) for part in parts]
        cut = _Cut(raw, sizes)
        for row in self._moving:
            row.gradient, row.old = cut.next(), cut.next()
        for row in self._moving:
            row.new = cut.next()
        for row in rows:
            row.values = cut.next()
        self._moving, self._before = [], torch.empty(0)
        return (LayerStats(step, tuple([row.stat(cut) for row in rows])),)

    def _release(self) -> None:
        for module, _ in self._hooked:
            module._forward_hooks.pop(id(self), None)
        self._close_last()

    def _on_layer(self, layer: nn.Module, _inputs: Any, output: Any) -> None:
        self._close_last()
        if isinstance(output, Tensor) and not any(row.layer is layer for row in self._rows):
            self._rows.append(_Row(self._layers[layer], layer, output))

    def _on_bend(self, bend: nn.Module, _inputs: Any, output: Tensor) -> None:
        """The first activation behind a layer is the layer's."""
        if self._rows and self._rows[-1].output is not None:
            self._rows[-1].take(bend, output)

    def _close_last(self) -> None:
        """A layer with no activation behind it shows what comes out of itself."""
        if self._rows and self._rows[-1].output is not None:
            self._rows[-1].take(None, self._rows[-1].output)


class _Cut:
    """Takes pieces of float32 bytes off the front."""

    def __init__(self, raw: bytes, sizes: list[int]) -> None:
        self._raw, self._sizes, self._at, self._index = raw, sizes, 0, 0

    def next(self) -> bytes:
        end = self._at + 4 * self._sizes[self._index]
        piece = self._raw[self._at : end]
        self._at, self._index = end, self._index + 1
        return piece


@dataclass(slots=True)
class _Row:
    """One layer while it is measured. ``output`` is what came out of it until a sample of it is taken."""

    name: str
    layer: nn.Module
    output: Tensor | None
    bend: str = ""
    sample: Tensor | None = None
    loudest: Tensor | None = None
    values: bytes = b""
    gradient: bytes = b""
    old: bytes = b""
    new: bytes = b""

    @property
    def weight(self) -> Tensor:
        """The layer's weight as it is now."""
        weight = self.layer.weight
        assert isinstance(weight, Tensor)
        return weight

    def take(self, bend: nn.Module | None, x: Tensor) -> None:
        """Copy what is needed of the activation ``x`` (B, units, …): layers behind may change it in place."""
        self.output = None
        self.sample = _picked(x).clone()
        if bend is not None:
            self.bend = "Maxout" if isinstance(bend, LargestPiece) else type(bend).__name__
            if isinstance(bend, (nn.ReLU, nn.ReLU6)) and x.dim() > 1:
                self.loudest = x.detach().amax([0, *range(2, x.dim())])  # of each unit

    def stat(self, cut: _Cut) -> LayerStat:
        """The finished row; the peaks of its units come next in ``cut``."""
        peaks = cut.next() if self.loudest is not None else b""
        kind = type(self.layer).__name__
        return LayerStat(self.name, kind, self.bend, self.values, peaks, self.gradient, self.old, self.new)


def _has_weights(module: nn.Module) -> bool:
    weight = getattr(module, "weight", None)
    return isinstance(weight, nn.Parameter) and weight.dim() >= 2


def _picked(x: Tensor) -> Tensor:
    """At most SAMPLE values of ``x``, as a view where that is possible."""
    stride, count = _stride(x.numel())
    if x.is_contiguous():
        return x.detach().as_strided((count,), (stride,))
    return x.detach().flatten()[::stride]


@cache
def _stride(size: int) -> tuple[int, int]:
    """The distance between two picked values, and how many there are.

    It shares no factor with the size, so that every unit and every pixel has its turn.
    """
    stride = max(1, -(-size // SAMPLE))
    while math.gcd(stride, size) > 1:
        stride += 1
    return stride, -(-size // stride)
