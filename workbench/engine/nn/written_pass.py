"""Forward and backward pass of one MLP, written out with the very kernels that autograd calls, in the same order.

So its numbers are those of autograd to the last bit; what is saved is autograd's bookkeeping, which takes longer than
the computation in small networks. Gradients and what passes between layers go into tensors that are made once for each
size of a batch.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeGuard

import numpy as np
import torch
from torch import Tensor, nn

from workbench.engine.nn.stochastic_layers import Dropout
from workbench.engine.nn.torch_workarounds import (
    ACTIVATION_BACKWARD,
    batch_norm_backward,
    call_forward_hooks,
    log_softmax_backward,
    mean_nll,
    relu_backward_,
)

#: A table of the rows for all labels takes at most the square of this, in numbers.
MOST_CLASSES = 256


class WrittenLayer(Protocol):
    """A layer for inputs (B, D) of one size B, which need no gradient.

    What a method returns may be its own memory, or an argument that was changed: it is good until the next call.
    """

    def forward(self, x: Tensor) -> Tensor:
        """What comes out for the inputs of a batch."""

    def backward(self, gradient: Tensor, x: Tensor, y: Tensor, is_first: bool) -> Tensor:
        """The gradient of the inputs ``x`` from that of the outputs ``y``; those of the parameters are replaced.

        Nobody needs the one of the inputs of the layer that ``is_first``.
        """


class _Linear:
    def __init__(self, layer: nn.Linear, size: int) -> None:
        self._weight, self._turned = layer.weight.detach(), layer.weight.detach().t()
        self._bias = None if layer.bias is None else layer.bias.detach()
        self._weight_gradient = layer.weight.grad
        self._bias_gradient = None if layer.bias is None else layer.bias.grad
        self._y = self._weight.new_empty((size, layer.out_features))
        self._x_gradient: Tensor | None = None
        self._last: tuple[Tensor, Tensor] = (self._y, self._y)  # a gradient and its transpose

    def forward(self, x: Tensor) -> Tensor:
        if self._bias is None:
            return torch.mm(x, self._turned, out=self._y)
        return torch.addmm(self._bias, x, self._turned, out=self._y)

    def backward(self, gradient: Tensor, x: Tensor, y: Tensor, is_first: bool) -> Tensor:
        if self._last[0] is not gradient:
            self._last = gradient, gradient.t()
        torch.mm(self._last[1], x, out=self._weight_gradient)
        if self._bias_gradient is not None:
            torch.sum(gradient, 0, out=self._bias_gradient)
        if is_first:
            return gradient
        if self._x_gradient is None:
            self._x_gradient = torch.empty_like(x)
        return torch.mm(gradient, self._weight, out=self._x_gradient)


class _Relu:
    """In the memory of the layer before it, which must not need what it has given."""

    def forward(self, x: Tensor) -> Tensor:
        return x.relu_()

    def backward(self, gradient: Tensor, x: Tensor, y: Tensor, is_first: bool) -> Tensor:
        return relu_backward_(gradient, y)


class _Bend:
    """An activation."""

    def __init__(self, layer: nn.Module) -> None:
        self._layer, self._derivative = layer, ACTIVATION_BACKWARD[type(layer)]
        self.forward = layer.forward

    def backward(self, gradient: Tensor, x: Tensor, y: Tensor, is_first: bool) -> Tensor:
        return self._derivative(self._layer, gradient, x, y)


class _Dropout:
    def __init__(self, layer: Dropout) -> None:
        self._layer = layer
        self._kept: Tensor | None = None

    def forward(self, x: Tensor) -> Tensor:
        p = self._layer.p
        self._kept = None if p == 0.0 else self._layer.kept(x).div_(1.0 - p)
        return x if self._kept is None else x * self._kept

    def backward(self, gradient: Tensor, x: Tensor, y: Tensor, is_first: bool) -> Tensor:
        return gradient if self._kept is None else gradient * self._kept


class _BatchNorm:
    """Follows the statistics of the batches as the module does."""

    def __init__(self, layer: nn.BatchNorm1d) -> None:
        self._layer = layer
        self._weight, self._bias = layer.weight.detach(), layer.bias.detach()
        self._gradients = layer.weight.grad, layer.bias.grad

    def forward(self, x: Tensor) -> Tensor:
        layer = self._layer
        assert layer.num_batches_tracked is not None and layer.momentum is not None
        layer.num_batches_tracked.add_(1)
        running = layer.running_mean, layer.running_var
        y, *saved = torch.native_batch_norm(x, self._weight, self._bias, *running, True, layer.momentum, layer.eps)
        self._saved = saved[0], saved[1]
        return y

    def backward(self, gradient: Tensor, x: Tensor, y: Tensor, is_first: bool) -> Tensor:
        found, *own = batch_norm_backward(gradient, x, self._layer, self._saved, not is_first)
        for kept, new in zip(self._gradients, own, strict=True):
            assert kept is not None
            kept.copy_(new)
        return gradient if found is None else found


def _is_usual_norm(layer: nn.Module) -> TypeGuard[nn.BatchNorm1d]:
    if type(layer) is not nn.BatchNorm1d:
        return False
    return layer.affine and layer.track_running_stats and layer.momentum is not None


def has_written_form(layer: nn.Module) -> bool:
    """Whether ``written_layer`` knows ``layer``."""
    return type(layer) in (nn.Linear, Dropout, *ACTIVATION_BACKWARD) or _is_usual_norm(layer)


def written_layer(layer: nn.Module, size: int, before: nn.Module | None) -> WrittenLayer:
    """``layer``, which has a written form, over its parameters' present memory and gradients, for batches of ``size``.

    ``before`` is the layer before it.
    """
    if type(layer) is nn.Linear:
        return _Linear(layer, size)
    if type(layer) is Dropout:
        return _Dropout(layer)
    if _is_usual_norm(layer):
        return _BatchNorm(layer)
    # The derivatives of these two do not need their outputs.
    is_free = type(before) in (nn.Linear, nn.BatchNorm1d)
    return _Relu() if type(layer) is nn.ReLU and is_free else _Bend(layer)


class WrittenPass:
    """The ``layers`` of an MLP in order, for one batch at a time. Each has a written form, or is an nn.Flatten."""

    def __init__(self, layers: Sequence[nn.Module]) -> None:
        self._modules = [layer for layer in layers if type(layer) is not nn.Flatten]
        self._of_size: dict[int, tuple[list[WrittenLayer], CrossEntropy]] = {}
        self._layers: list[WrittenLayer] = []
        self._passed: list[Tensor] = []
        self._is_seen = False
        #: The loss for the logits of the last forward pass.
        self.cross_entropy = CrossEntropy()

    def forward(self, x: Tensor, is_seen: bool = False) -> Tensor:
        """The logits (B, K) of the inputs (B, …); overwritten by the next pass over as many.

        If it ``is_seen``, the layers' hooks are called, and ``backward`` leaves the gradient of each layer's output at
        the output's ``grad``.
        """
        self._is_seen = is_seen
        x = x if x.dim() == 2 else x.flatten(1)
        size = x.shape[0]
        if size not in self._of_size:
            befores = [None, *self._modules]
            made = [written_layer(each, size, before) for each, before in zip(self._modules, befores, strict=False)]
            self._of_size[size] = made, CrossEntropy()
        self._layers, self.cross_entropy = self._of_size[size]
        passed = self._passed = [x]
        for place, layer in enumerate(self._layers):
            x = layer.forward(x)
            passed.append(x)
            if is_seen:
                call_forward_hooks(self._modules[place], passed[place], x)
        return x

    def backward(self, gradient: Tensor) -> None:
        """From the gradient of the logits to those of all parameters; what was there before is replaced."""
        passed, self._passed = self._passed, []
        for place in range(len(self._layers) - 1, -1, -1):
            # A layer may have written over the output of the one before it: what is there is its own output.
            if self._is_seen and (place + 2 == len(passed) or passed[place + 1] is not passed[place + 2]):
                _leave_gradient(passed[place + 1], gradient)
            gradient = self._layers[place].backward(gradient, passed[place], passed[place + 1], place == 0)


def _leave_gradient(y: Tensor, gradient: Tensor) -> None:
    if y.grad is None:
        y.grad = gradient.clone()
    else:
        y.grad.copy_(gradient)


class CrossEntropy:
    """The mean cross-entropy for batches of one size. ``gradient`` is that of the logits (B, K) of the last call.

    Logits and labels that come in the same memory again and again cost the least.
    """

    def __init__(self) -> None:
        self._logits = self._y = torch.empty(0)

    def __call__(self, logits: Tensor, y: Tensor) -> Tensor:
        """The loss (nats, a scalar) of ``logits`` (B, K) for the labels ``y`` (B,)."""
        if logits is not self._logits or y is not self._y:
            self._take(logits, y)
        torch.log_softmax(logits, 1, out=self._logs)
        self._pick()
        log_softmax_backward(self._picked, self._logs, self.gradient)
        return mean_nll(self._logs, y)

    def hits(self) -> float:
        """How many of the logits of the last call are largest at the label."""
        if self._on_host is None:
            return (self._logits.argmax(1) == self._y).sum().item()
        logits, y = self._on_host
        return float(np.count_nonzero(logits.argmax(1) == y))

    def _pick(self) -> None:
        """Write the gradient of the logarithms of the probabilities: zeros but for the labels."""
        if self._rows_of_labels is None:
            self._picked.zero_().scatter_(1, self._column, self._share)
        else:  # numpy writes into ``out`` itself only where it need not check bounds
            table, labels, out = self._rows_of_labels
            table.take(labels, 0, out, "clip")

    def _take(self, logits: Tensor, y: Tensor) -> None:
        self._logits, self._y, self._column, self._share = logits, y, y.unsqueeze(1), -1.0 / len(y)
        self._logs, self._picked, self.gradient = (torch.empty_like(logits) for _ in range(3))
        is_on_host = logits.device.type == "cpu"
        self._on_host = (logits.numpy(), y.numpy()) if is_on_host else None
        self._rows_of_labels = None
        if is_on_host and logits.shape[1] <= MOST_CLASSES:
            table = np.diag(np.full(logits.shape[1], self._share, np.float32))
            self._rows_of_labels = table, y.numpy(), self._picked.numpy()
