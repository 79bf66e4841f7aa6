"""What the rules of this folder share: the parameters that have a gradient, and tensors kept for each of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from workbench.engine.nn.torch_workarounds import foreach_add


def with_gradient(group: dict[str, Any]) -> tuple[list[Tensor], list[Tensor]]:
    """The group's parameters that have a gradient, and the gradients with the weight decay added to them."""
    parameters: list[Tensor] = [p for p in group["params"] if p.grad is not None]
    gradients: list[Tensor] = [p.grad for p in parameters if p.grad is not None]
    if parameters and group["weight_decay"]:
        gradients = list(foreach_add(gradients, parameters, alpha=group["weight_decay"]))
    return parameters, gradients


def kept(optimizer: torch.optim.Optimizer, parameters: Sequence[Tensor], name: str) -> list[Tensor]:
    """The tensor ``name`` of each parameter's state; zero at first."""
    found: list[Tensor] = []
    for parameter in parameters:
        state = optimizer.state[parameter]
        if name not in state:
            state[name] = torch.zeros_like(parameter, memory_format=torch.preserve_format)
        found.append(state[name])
    return found
