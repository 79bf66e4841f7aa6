"""The update of a torch optimizer by one call of its fused kernel for each of its groups.

``step`` of ``torch.optim.Adam``, ``AdamW`` and ``SGD`` spends most of its time on what cannot change here: which
tensors there are, on which devices, of which types. The kernel gets the same tensors, so every bit is the same. (In
one long tensor they would not be: the kernel rounds the last numbers of a tensor, which fill no vector of the
processor, in another way.)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import torch
from torch import Tensor

from workbench.engine.nn.eager_optimizer import rule_of
from workbench.engine.nn.torch_workarounds import foreach_add_, fused_adam_, fused_adamw_, fused_sgd_


class FusedUpdate:
    """Moves the parameters of ``own``, which ``has_fused_kernel``, in its place.

    From its first step until ``release`` the parameters share their count of steps; settings and the state of ``own``
    must stay those of the beginning, except for the learning rates.
    """

    #: Whether the gradients must stay in the memory in which they are at first.
    keeps_gradients = False

    def __init__(self, own: torch.optim.Optimizer) -> None:
        self._own = own
        self._groups: list[_Group] = []
        if _has_begun(own):
            self._begin()

    def take_gradients(self) -> None:
        """The gradients are in new tensors."""
        for group in self._groups:
            group.take_gradients()

    def step(self, rate: float) -> None:
        """One update with the learning rates of the groups of ``own``."""
        if not self._groups:
            self._own.step()
            self._begin()
            return
        for group in self._groups:
            group.step()

    def release(self) -> None:
        """``own`` moves its parameters itself again: the count of steps of each is its own from now on."""
        for state in self._own.state.values():
            if "step" in state:
                state["step"] = state["step"].clone()

    def _begin(self) -> None:
        make = _MAKERS[rule_of(self._own)]
        alike: dict[str, list[dict[str, Any]]] = {}
        for group in self._own.param_groups:
            alike.setdefault(_rule_in(group, self._own.state), []).append(group)
        self._groups = [_Group(groups, self._own.state, make) for groups in alike.values()]


class _Group:
    """``groups`` of one rule, moved in one call."""

    def __init__(self, groups: list[dict[str, Any]], state: Mapping[Tensor, Any], make: _Maker) -> None:
        settings = self._settings = groups[0]
        self._parameters = [parameter for group in groups for parameter in group["params"]]
        self._gradients: list[Tensor] = []
        self.take_gradients()
        values = [parameter.detach() for parameter in self._parameters]
        self._move = make(
            settings, values, self._gradients, [state.get(parameter, {}) for parameter in self._parameters]
        )

    def take_gradients(self) -> None:
        self._gradients[:] = [parameter.grad for parameter in self._parameters]

    def step(self) -> None:
        self._move(self._settings["lr"])


def _rule_in(group: Mapping[str, Any], state: Mapping[Tensor, Any]) -> str:
    """All that the move of a group depends on, but for its parameters, and how many steps they have made."""
    settings = {name: value for name, value in group.items() if name not in ("params", "decays")}
    return repr((settings, {float(state.get(each, {}).get("step", 0)) for each in group["params"]}))


def has_fused_kernel(optimizer: torch.optim.Optimizer) -> bool:
    """Whether ``FusedUpdate`` can take the place of its ``step``."""
    groups = optimizer.param_groups
    return rule_of(optimizer) in _MAKERS and all(group["fused"] and not group.get("amsgrad") for group in groups)


def _has_begun(optimizer: torch.optim.Optimizer) -> bool:
    """Whether everything that the optimizer remembers is there."""
    if rule_of(optimizer) is torch.optim.SGD and not any(group["momentum"] for group in optimizer.param_groups):
        return True
    return all(optimizer.state.get(p) for group in optimizer.param_groups for p in group["params"])


#: Called with the learning rate.
_Move = Callable[[float], None]
#: Called with settings, parameters, the list in which the gradients will be, and what is remembered of each.
_Maker = Callable[[Mapping[str, Any], list[Tensor], list[Tensor], list[dict[str, Any]]], _Move]


def _adam(
    kernel: Callable[..., None],
    group: Mapping[str, Any],
    values: list[Tensor],
    gradients: list[Tensor],
    states: list[dict[str, Any]],
) -> _Move:
    first, second = ([state[name] for state in states] for name in ("exp_avg", "exp_avg_sq"))
    step = states[0]["step"]
    for state in states:
        state["step"] = step
    steps = [step] * len(states)
    beta1, beta2 = group["betas"]
    settings = {name: group[name] for name in ("weight_decay", "eps", "amsgrad", "maximize")}
    move = partial(kernel, values, gradients, first, second, [], steps, beta1=beta1, beta2=beta2, **settings)

    count = _counter(step)

    def update(rate: float) -> None:
        count()
        move(lr=rate)

    return update


def _counter(step: Tensor) -> Callable[[], object]:
    """What adds 1 to ``step``, a float32 scalar."""
    if step.device.type != "cpu" or step.dtype != torch.float32:
        return partial(foreach_add_, [step], 1)
    number = step.numpy().data.cast("B").cast("f")  # a hundredth of the time of a kernel

    def count() -> None:
        number[0] += 1.0

    return count


def _sgd(
    group: Mapping[str, Any], values: list[Tensor], gradients: list[Tensor], states: list[dict[str, Any]]
) -> _Move:
    velocities = [state["momentum_buffer"] for state in states] if group["momentum"] else []
    settings = {name: group[name] for name in ("weight_decay", "momentum", "dampening", "nesterov", "maximize")}
    move = partial(fused_sgd_, values, gradients, velocities, **settings, is_first_step=False)
    return lambda rate: move(lr=rate)


_MAKERS: Mapping[type, _Maker] = {
    torch.optim.Adam: partial(_adam, fused_adam_),
    torch.optim.AdamW: partial(_adam, fused_adamw_),
    torch.optim.SGD: _sgd,
}
