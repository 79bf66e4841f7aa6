"""Momentum with the rate inside the velocity, as the lecture writes it; torch keeps the rate outside."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor

from workbench.engine.nn.optim.parameter_state import kept, with_gradient
from workbench.engine.nn.torch_workarounds import foreach_add_, foreach_mul_, foreach_sub_


class MomentumInside(torch.optim.Optimizer):
    """``v' = rho * v - lr * g; x += v'``; with ``nesterov`` ``x += -rho * v + (1 + rho) * v'``. v starts at zero."""

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 0.1,
        momentum: float = 0.9,
        weight_decay: float = 0.0,
        nesterov: bool = False,
    ) -> None:
        super().__init__(params, {"lr": lr, "momentum": momentum, "weight_decay": weight_decay, "nesterov": nesterov})

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """One update of every parameter."""
        loss = None if closure is None else closure()
        with torch.no_grad():
            for group in self.param_groups:
                parameters, gradients = with_gradient(group)
                if parameters:
                    velocity = kept(self, parameters, "velocity")
                    _move(parameters, gradients, velocity, group["lr"], group["momentum"], group["nesterov"])
        return loss


def _move(x: list[Tensor], g: list[Tensor], v: list[Tensor], lr: float, rho: float, nesterov: bool) -> None:
    foreach_mul_(v, rho)  # rho * v, which Nesterov's form takes off again
    if nesterov:
        foreach_sub_(x, v)
    foreach_add_(v, g, alpha=-lr)
    foreach_add_(x, v, alpha=1.0 + rho if nesterov else 1.0)
