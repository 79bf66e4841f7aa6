"""Adam without bias correction; torch has only the corrected form."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import torch

from workbench.engine.nn.optim.parameter_state import kept, with_gradient
from workbench.engine.nn.torch_workarounds import (
    foreach_add_,
    foreach_addcdiv_,
    foreach_addcmul_,
    foreach_lerp_,
    foreach_mul_,
    foreach_sqrt,
)


class AdamUncorrected(torch.optim.Optimizer):
    """``m = b1 m + (1 - b1) g; s = b2 s + (1 - b2) g²; x -= lr m / (sqrt(s) + eps)``; m and s start at zero."""

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(params, {"lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay})

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """One update of every parameter."""
        loss = None if closure is None else closure()
        with torch.no_grad():
            for group in self.param_groups:
                self._move(group)
        return loss

    def _move(self, group: dict[str, Any]) -> None:
        parameters, gradients = with_gradient(group)
        if not parameters:
            return
        beta1, beta2 = group["betas"]
        first, second = kept(self, parameters, "exp_avg"), kept(self, parameters, "exp_avg_sq")
        foreach_lerp_(first, gradients, 1 - beta1)
        foreach_mul_(second, beta2)
        foreach_addcmul_(second, gradients, gradients, 1 - beta2)
        root = foreach_sqrt(second)
        foreach_add_(root, group["eps"])
        foreach_addcdiv_(parameters, first, root, -group["lr"])
