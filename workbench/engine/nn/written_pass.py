"""Forward and backward pass of one MLP, written out with the very kernels that autograd calls, in the same order.

So its numbers are those of autograd to the last bit; what is saved is autograd's bookkeeping, which takes longer than
the computation in small networks. Gradients go into tensors that are made once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeGuard

import torch
from torch import Tensor, nn
from torch.nn import functional

from workbench.engine.nn.stochastic_layers import Dropout
from workbench.engine.nn.torch_workarounds import ACTIVATION_BACKWARD, batch_norm_backward, log_softmax_backward


class WrittenLayer(Protocol):
    """A layer for inputs (B, D); both methods are called under ``no_grad``."""

    def forward(self, x: Tensor) -> Tensor:
        """What comes out for the inputs of a batch."""

    def backward(self, gradient: Tensor, x: Tensor, y: Tensor, is_first: bool) -> Tensor:
        """The gradient of the inputs ``x`` from that of the outputs ``y``; those of the parameters are replaced.

        Nobody needs the one of the inputs of the layer that ``is_first``.
        """


class _Linear:
    def __init__(self, layer: nn.Linear) -> None:
        self._weight, self._turned = layer.weight.detach(), layer.weight.detach().t()
        self._bias = None if layer.bias is None else layer.bias.detach()
        self._weight_gradient = layer.weight.grad
        self._bias_gradient = None if layer.bias is None else layer.bias.grad

    def forward(self, x: Tensor) -> Tensor:
        return x.mm(self._turned) if self._bias is None else torch.addmm(self._bias, x, self._turned)

    def backward(self, gradient: Tensor, x: Tensor, y: Tensor, is_first: bool) -> Tensor:
        torch.mm(gradient.t(), x, out=self._weight_gradient)
        if self._bias_gradient is not None:
            torch.sum(gradient, 0, out=self._bias_gradient)
        return gradient if is_first else gradient.mm(self._weight)


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


def written_layer(layer: nn.Module) -> WrittenLayer | None:
    """``layer`` written out, over its parameters' present memory and gradients; None if it has no such form."""
    if type(layer) is nn.Linear:
        return _Linear(layer)
    if type(layer) is Dropout:
        return _Dropout(layer)
    if _is_usual_norm(layer):
        return _BatchNorm(layer)
    return _Bend(layer) if type(layer) in ACTIVATION_BACKWARD else None


class WrittenPass:
    """The layers in order, for one batch at a time."""

    def __init__(self, layers: Sequence[WrittenLayer]) -> None:
        self._layers = list(layers)
        self._passed: list[Tensor] = []

    def forward(self, x: Tensor) -> Tensor:
        """The logits (B, K) of the inputs (B, …)."""
        x = x if x.dim() == 2 else x.flatten(1)
        passed = self._passed = [x]
        for layer in self._layers:
            x = layer.forward(x)
            passed.append(x)
        return x

    def backward(self, gradient: Tensor) -> None:
        """From the gradient of the logits to those of all parameters; what was there before is replaced."""
        passed, self._passed = self._passed, []
        for place in range(len(self._layers) - 1, -1, -1):
            gradient = self._layers[place].backward(gradient, passed[place], passed[place + 1], place == 0)


def cross_entropy(logits: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    """The mean cross-entropy (nats) of ``logits`` (B, K) for the labels ``y`` (B,), and its gradient (B, K)."""
    logs = logits.log_softmax(1)
    picked = torch.zeros_like(logs).scatter_(1, y.unsqueeze(1), -1.0 / len(y))
    return functional.nll_loss(logs, y), log_softmax_backward(picked, logs)
