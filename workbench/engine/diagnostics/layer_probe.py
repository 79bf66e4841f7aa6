"""Measures activations, gradients and the size of each update in every layer, at every n-th step.

Hooks are registered only during a measured step, read the tensors and change nothing. Of each tensor at most SAMPLE
values are copied, evenly picked: a standard deviation is then good to 3 %, and the cost is the same however wide the
network is. Statistics of the samples are computed when a view asks for them (``layer_stats``). Only dead units are
searched among all values.

In a tiny step every call counts: a small activation is therefore held with its gradient until both have been read,
which spares a copy and a call out of the backward pass. A large one, and one that a layer behind changes in place, is
copied where it passes.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, partial
from typing import Any, cast

import torch
from torch import Tensor, nn

from workbench.engine.core.callbacks import Callback
from workbench.engine.core.events import Event
from workbench.engine.core.observed import LayerStats
from workbench.engine.diagnostics.layer_samples import HeadFields, LayerSamples
from workbench.engine.nn.layers import LargestPiece
from workbench.engine.nn.torch_workarounds import reads_only, remove_forward_hook, set_forward_hook
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.engine.transfer.net import TransferNet

#: At most this many values of a tensor are sampled.
SAMPLE = 1024
#: An activation of at most this many values is held until the update.
HELD = 2**18

_ACTIVATIONS = tuple(
    kind
    for kind in vars(nn.modules.activation).values()
    if isinstance(kind, type) and issubclass(kind, nn.Module) and kind is not nn.Module
    if kind not in (nn.MultiheadAttention, nn.Softmax, nn.Softmax2d, nn.LogSoftmax, nn.Softmin)
)


class Diagnostics(Callback):
    """Measures ``network`` at every ``spec.loop.diagnostics``-th step, beginning with the first; 0: never."""

    name = "diagnostics"

    def __init__(self, spec: ExperimentSpec, network: nn.Module) -> None:
        self._every = spec.loop.diagnostics
        found = {module: _layer(name, module) for name, module in network.named_modules()}
        self._layers = {module: layer for module, layer in found.items() if layer is not None}
        bends = [module for module in network.modules() if isinstance(module, (*_ACTIVATIONS, LargestPiece))]
        self._hooked = [(layer, self._on_layer) for layer in self._layers] + [(bend, self._on_bend) for bend in bends]
        #: A head that is trained on cached features is called without the rest of the network.
        self._ends: list[nn.Module] = [network, *([network.head] if isinstance(network, TransferNet) else [])]
        self._rows: dict[nn.Module, _Row] = {}
        self._open: _Row | None = None
        self._moving: list[_Row] = []
        self._parts: list[Tensor] = []
        self._before: Tensor | None = None
        self._due = False

    def edited(self, spec: ExperimentSpec) -> None:
        self._every = spec.loop.diagnostics

    def before_step(self, step: int) -> None:
        if self._due:  # the previous step made no update
            self._release()
            self._rows = {}
        self._due = self._every > 0 and step % self._every == 0
        if self._due:
            for module, hook in self._hooked:
                # What register_forward_hook does, without a handle: those cost more than the measurement.
                set_forward_hook(module, id(self), hook)
            for end in self._ends:
                set_forward_hook(end, -id(self), self._on_end)

    def before_update(self, step: int, rate: float) -> None:
        if not self._due:
            return
        self._release()
        with torch.no_grad():  # once, which is cheaper than to detach every piece
            self._rows = {module: row for module, row in self._rows.items() if row.read()}
            rows = self._rows.values()
            self._moving = [row for row in rows if row.layer.weight.grad is not None]
            self._parts = [part for row in self._moving for part in (row.layer.gradient(), row.layer.picked())]
            self._parts += [part for row in rows for part in row.parts()]
            # Copied in one piece, for the update changes what is picked.
            self._before = torch.cat(self._parts) if self._parts else None

    def after_update(self, step: int, rate: float) -> Iterable[Event]:
        if not self._due:
            return ()
        rows, self._rows, self._due = list(self._rows.values()), {}, False
        if not rows:
            return ()
        parts, before, moving = self._parts, self._before, self._moving
        self._parts, self._before, self._moving = [], None, []
        if before is None:
            return ()
        moved = [row.layer.picked() for row in moving]
        raw = [_bytes(torch.cat(moved))] if moved else []
        sizes = [part.numel() for part in (*moved, *parts)]  # len() takes ten times as long
        return (LayerStats(step, LayerSamples([row.head() for row in rows], [*raw, _bytes(before)], sizes)),)

    def _release(self) -> None:
        for module, _ in self._hooked:
            remove_forward_hook(module, id(self))
        for end in self._ends:
            remove_forward_hook(end, -id(self))

    @reads_only
    def _on_layer(self, module: nn.Module, _inputs: Any, output: Any) -> None:
        self._close()
        if isinstance(output, tuple):  # attention returns its weights as well
            output = output[0]
        if isinstance(output, Tensor) and module not in self._rows:
            self._open = self._rows[module] = _Row(self._layers[module], output)

    @reads_only
    def _on_bend(self, bend: nn.Module, _inputs: Any, output: Tensor) -> None:
        """The first activation after a layer belongs to the layer."""
        if self._open is not None:
            self._open.take(bend, output)
            self._open = None

    @reads_only
    def _on_end(self, _end: nn.Module, _inputs: Any, _output: Any) -> None:
        """The last layer must be known to be the last before the backward pass."""
        self._close()

    def _close(self) -> None:
        """A layer without an activation after it shows its own output."""
        if self._open is not None and self._open.output is not None:
            self._open.take(None, self._open.output)
        self._open = None


class _View:
    """The view of the picked entries of a tensor, kept for a small one that comes again and again."""

    __slots__ = ("_of", "_view")

    def __init__(self) -> None:
        self._of: Tensor | None = None
        self._view = torch.empty(0)

    def picked(self, x: Tensor) -> Tensor:
        """Entries of ``x``."""
        if x is self._of:
            return self._view
        view = _picked(x)
        if x.is_leaf and x.numel() <= HELD:
            self._of, self._view = x, view
        return view


class _Layer:
    """A layer with a weight matrix. ``steady``: its activation is known not to be changed in place.

    The view of the weight's picked entries is kept for as long as the weight stays where it is.
    """

    __slots__ = ("_at", "_gradient", "_view", "back", "held", "kind", "name", "steady", "weight")

    def __init__(self, name: str, kind: str, weight: nn.Parameter) -> None:
        self.name, self.kind, self.weight, self.steady = name, kind, weight, False
        self._at, self._view = 0, weight.detach()
        #: Views of its gradient, and of its activation and the gradient of that.
        self._gradient, self.held, self.back = _View(), _View(), _View()

    def picked(self) -> Tensor:
        """Entries of the weight as it is now."""
        if self._at != self.weight.data_ptr():
            self._at, self._view = self.weight.data_ptr(), _picked(self.weight.detach())
        return self._view

    def gradient(self) -> Tensor:
        """Entries of its gradient, which must exist."""
        gradient = self.weight.grad
        assert gradient is not None
        return self._gradient.picked(gradient)


@dataclass(slots=True)
class _Row:
    """One layer while it is measured. ``output`` is its output until the tensor that it passes on is known."""

    layer: _Layer
    output: Tensor | None
    bend: str = ""
    held: Tensor | None = None
    version: int = 0
    sample: Tensor | None = None
    total: Tensor | None = None
    back: Tensor | None = None

    def take(self, bend: nn.Module | None, x: Tensor) -> None:
        """The layer passes on ``x`` (B, units, …): hold it, or copy what is needed of it."""
        self.output = None
        small = x.numel() <= HELD
        if small:
            self.held, self.version = x, x._version
        if small and self.layer.steady:
            if x.requires_grad:
                x.retain_grad()
        else:
            self.sample = _picked(x.detach()).clone()
            if x.grad_fn is not None:
                x.grad_fn.register_prehook(partial(self._heard, x.output_nr))
        if bend is not None:
            self.bend = "Maxout" if isinstance(bend, LargestPiece) else type(bend).__name__
            if isinstance(bend, (nn.ReLU, nn.ReLU6)) and x.dim() > 1:
                # Where nothing is negative a sum is zero if all is; and the step has just computed sums itself.
                self.total = x.detach().sum([0, *range(2, x.dim())])

    def _heard(self, number: int, gradients: tuple[Tensor | None, ...]) -> None:
        """The backward pass has reached the node that made the activation."""
        gradient = gradients[number]
        if gradient is not None and self.back is None:
            self.back = _picked(gradient).clone()

    def read(self) -> bool:
        """Read what was held. False if it was changed meanwhile, which no earlier step did."""
        x, self.held = self.held, None
        if x is None:
            return self.sample is not None
        self.layer.steady = x._version == self.version
        if self.sample is None and self.layer.steady:
            self.sample = self.layer.held.picked(x)
        if self.back is None and (x.is_leaf or x.retains_grad) and x.grad is not None:
            self.back = self.layer.back.picked(x.grad)
        return self.sample is not None

    def parts(self) -> list[Tensor]:
        """The samples, in the order that ``LayerSamples`` expects."""
        return [part for part in (self.sample, self.total, self.back) if part is not None]

    def head(self) -> HeadFields:
        """The fields of its ``Head``."""
        layer = self.layer
        moved = layer.weight.grad is not None
        return layer.name, layer.kind, self.bend, self.total is not None, self.back is not None, moved


def _layer(name: str, module: nn.Module) -> _Layer | None:
    """None for a module that has no matrix of its own.

    Attention multiplies by its matrices itself, without calling the layers that hold them: it is one row, with the
    matrix of queries, keys and values.
    """
    if isinstance(module, nn.MultiheadAttention):
        weight = module.in_proj_weight if module.in_proj_weight is not None else module.q_proj_weight
        return _Layer(name, "Attention", weight)
    if type(module).__name__.startswith("ShiftedWindowAttention"):  # torchvision's, which is not imported here
        return _Layer(name, "Attention", cast(nn.Parameter, cast(Any, module).qkv.weight))
    own = getattr(module, "weight", None)
    if isinstance(own, nn.Parameter) and own.dim() >= 2:
        return _Layer(name, type(module).__name__, own)
    return None


def _picked(x: Tensor) -> Tensor:
    """At most SAMPLE values of ``x``, as a view where that is possible; for gradients they are all the same."""
    stride, count = _stride(x.numel())
    if x.is_contiguous() or _fills_its_storage(x):
        return x.as_strided((count,), (stride,))
    return x.flatten()[::stride]


def _bytes(x: Tensor) -> memoryview:
    """The values as float32."""
    return (x if x.dtype is torch.float32 and x.is_cpu else x.float().cpu()).detach().numpy().data


def _fills_its_storage(x: Tensor) -> bool:
    """Whether its values are contiguous in another order (channels last, permuted)."""
    return x.numel() * x.element_size() == x.untyped_storage().nbytes()


@cache
def _stride(size: int) -> tuple[int, int]:
    """The stride of the sampled values, and their number.

    It has no common factor with the size, so that every unit and every pixel is sampled.
    """
    stride = max(1, -(-size // SAMPLE))
    while math.gcd(stride, size) > 1:
        stride += 1
    return stride, -(-size // stride)
