"""Forward and backward pass of several MLPs at once, written out: autograd's bookkeeping would cost as much again.

The derivatives of the activations are torch's own; the gradients go into tensors that are made once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from workbench.engine.nn.torch_workarounds import ACTIVATION_BACKWARD


@dataclass(slots=True)
class Linears:
    """One fully connected layer of all members: weights (N, out, in), biases (N, out) and their gradients."""

    weight: nn.Parameter
    bias: nn.Parameter
    weight_gradient: Tensor
    bias_gradient: Tensor

    @classmethod
    def of(cls, weight: nn.Parameter, bias: nn.Parameter) -> Linears:
        """The gradients are those that an optimizer finds."""
        weight.grad, bias.grad = torch.zeros_like(weight), torch.zeros_like(bias)
        return cls(weight, bias, weight.grad, bias.grad)


class StackedPass:
    """The layers in order, each with the inputs of all members (N, B, D)."""

    def __init__(self, layers: Sequence[Linears | nn.Module]) -> None:
        self._layers = list(layers)
        self._passed: list[Tensor] = []

    def forward(self, x: Tensor) -> Tensor:
        """The logits (N, B, K)."""
        self._passed = [x]
        for layer in self._layers:
            if isinstance(layer, Linears):
                x = torch.baddbmm(layer.bias.unsqueeze(1), x, layer.weight.transpose(1, 2))
            else:
                x = layer(x)
            self._passed.append(x)
        return x

    def backward(self, gradient: Tensor) -> None:
        """From the gradient of the logits to those of all parameters; what was there before is replaced."""
        for place in range(len(self._layers) - 1, -1, -1):
            layer, x, y = self._layers[place], self._passed[place], self._passed[place + 1]
            if not isinstance(layer, Linears):
                gradient = ACTIVATION_BACKWARD[type(layer)](layer, gradient, x, y)
                continue
            torch.bmm(gradient.transpose(1, 2), x, out=layer.weight_gradient)
            torch.sum(gradient, 1, out=layer.bias_gradient)
            if place:
                gradient = torch.bmm(gradient, layer.weight)
        self._passed = []


def losses_and_gradient(logits: Tensor, y: Tensor, smoothing: float) -> tuple[Tensor, Tensor]:
    """The mean cross-entropy (nats) of each member (N,), without smoothing, and the gradient of the one with it.

    The target is 1 − s at the label and s / K everywhere besides.
    """
    logs = logits.log_softmax(2)
    labels = y.unsqueeze(2)
    losses = logs.gather(2, labels).squeeze(2).mean(1).neg_()
    share = 1 / y.shape[1]
    gradient = logs.exp_().mul_(share)
    if smoothing:
        gradient.sub_(smoothing * share / logits.shape[2])
    gradient.scatter_add_(2, labels, gradient.new_full((1, 1, 1), (smoothing - 1) * share).expand(labels.shape))
    return losses, gradient
