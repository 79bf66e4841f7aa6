"""The update of a torch optimizer by one call of its fused kernel for each of its groups.

``step`` of ``torch.optim.Adam``, ``AdamW`` and ``SGD`` spends most of its time on what cannot change here: which tensors
there are, on which devices, of which types.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import torch
from torch import Tensor

from workbench.engine.nn.eager_optimizer import rule_of
from workbench.engine.nn.torch_workarounds import foreach_add_, fused_adam_, fused_adamw_, fused_sgd_

#: Called with the learning rate.
Update = Callable[[float], None]


def fused_update(optimizer: torch.optim.Optimizer) -> Update | None:
    """What does the same as ``optimizer.step()`` from the second step on, with the learning rate that it is given.

    The tensors and the other settings are those of now. None for optimizers that have no such kernel.
    """
    make = _MAKERS.get(rule_of(optimizer))
    groups = optimizer.param_groups
    if make is None or not all(group["fused"] and not group.get("amsgrad") for group in groups):
        return None
    updates = [make(group, optimizer.state) for group in groups]

    def update(rate: float) -> None:
        for each in updates:
            each(rate)

    return update


def _adam(kernel: Callable[..., None], group: Mapping[str, Any], state: Mapping[Tensor, Any]) -> Update:
    parameters = group["params"]
    first, second, steps = ([state[p][name] for p in parameters] for name in ("exp_avg", "exp_avg_sq", "step"))
    beta1, beta2 = group["betas"]
    lists = [p.detach() for p in parameters], [p.grad for p in parameters], first, second, [], steps
    settings = {name: group[name] for name in ("weight_decay", "eps", "amsgrad", "maximize")}
    move = partial(kernel, *lists, beta1=beta1, beta2=beta2, **settings)

    def update(rate: float) -> None:
        foreach_add_(steps, 1)
        move(lr=rate)

    return update


def _sgd(group: Mapping[str, Any], state: Mapping[Tensor, Any]) -> Update:
    parameters = group["params"]
    velocities = [state[p]["momentum_buffer"] for p in parameters] if group["momentum"] else []
    settings = {name: group[name] for name in ("weight_decay", "momentum", "dampening", "nesterov", "maximize")}
    lists = [p.detach() for p in parameters], [p.grad for p in parameters], velocities
    move = partial(fused_sgd_, *lists, **settings, is_first_step=False)
    return lambda rate: move(lr=rate)


_MAKERS: Mapping[type, Callable[[Mapping[str, Any], Mapping[Tensor, Any]], Update]] = {
    torch.optim.Adam: partial(_adam, fused_adam_),
    torch.optim.AdamW: partial(_adam, fused_adamw_),
    torch.optim.SGD: _sgd,
}
