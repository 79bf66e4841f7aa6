"""One torch optimizer over a few long tensors, of which the parameters of a small network are views.

``torch.optim`` spends more time on each tensor than on its numbers. A rule that treats every number by itself gives
the same numbers this way, to the last bit where each tensor fills whole vectors of the processor (``is_aligned``): the
numbers behind them are rounded in another way, which must not reach others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from workbench.engine.nn.torch_workarounds import foreach_copy_

if TYPE_CHECKING:
    from workbench.engine.catalog.optimizers import Optimizer

#: Maximum number of elements in a block of a kernel; longer tensors are divided between threads.
_LOT, _DIVIDED = 64, 32_768


class FlatOptimizer:
    """Moves the parameters of ``own``, the optimizer of the run, in its place.

    From when it is made until ``release`` they, their gradients and what ``own`` remembers of them are views, so that
    everybody who looks at ``own`` finds what they expect; they must not be replaced.
    ``spec.elementwise`` is needed, and that ``own`` ``is_aligned``.
    """

    #: Whether the gradients must stay in the memory in which they are at first.
    keeps_gradients = True

    def __init__(self, spec: Optimizer, own: torch.optim.Optimizer) -> None:
        self._own = own
        self._parts = [_Part(parameters) for parameters in _together(own)]
        groups = [{"params": [part.values], "decays": part.decays} for part in self._parts]
        self._flat = spec.over(groups)
        for part in self._parts:
            part.take(own, self._flat)
        self._is_linked = bool(self._flat.state)

    def step(self, rate: float) -> None:
        """One update with the learning rate ``rate``."""
        for group in self._flat.param_groups:
            group["lr"] = rate
        self._flat.step()
        if not self._is_linked:
            self._link()

    def take_gradients(self) -> None:
        """Nothing to do: they are always in the same memory."""

    def release(self) -> None:
        """``own`` moves its parameters itself again: what it keeps of each is its own from now on."""
        for state in self._own.state.values():
            for name, value in state.items():
                state[name] = value.clone() if isinstance(value, Tensor) else value

    def _link(self) -> None:
        self._is_linked = True
        for part in self._parts:
            part.link(self._own, self._flat)


class _Part:
    """Parameters one behind the other in one tensor, which belong to one group of the flat optimizer."""

    def __init__(self, group: tuple[list[nn.Parameter], bool]) -> None:
        self._own, self.decays = group
        self.values = nn.Parameter(self._joined([each.detach() for each in self._own]))
        self.values.grad = torch.zeros_like(self.values)
        gradients = self._views(self.values.grad)
        for each, value, gradient in zip(self._own, self._views(self.values.data), gradients, strict=True):
            each.data, each.grad = value, gradient

    def take(self, own: torch.optim.Optimizer, flat: torch.optim.Optimizer) -> None:
        """Put together what ``own`` remembers of each."""
        kept = [own.state.get(each, {}) for each in self._own]
        for name, value in kept[0].items():
            if isinstance(value, Tensor):
                is_of_each = value.shape == self._own[0].shape
                value = self._joined([each[name] for each in kept]) if is_of_each else value.clone()
            flat.state[self.values][name] = value
        if kept[0]:
            self.link(own, flat)

    def link(self, own: torch.optim.Optimizer, flat: torch.optim.Optimizer) -> None:
        """Let ``own`` find the memory of each as views."""
        for name, value in flat.state[self.values].items():
            is_of_each = isinstance(value, Tensor) and value.shape == self.values.shape
            for each, part in zip(
                self._own, self._views(value) if is_of_each else [value] * len(self._own), strict=True
            ):
                own.state[each][name] = part

    def _joined(self, tensors: list[Tensor]) -> Tensor:
        """A new tensor (n,) with the numbers of ``tensors``, which have the shapes of the parameters."""
        made = tensors[0].new_empty(sum(each.numel() for each in tensors))
        foreach_copy_(self._views(made), tensors)
        return made

    def _views(self, together: Tensor) -> list[Tensor]:
        """The part of each parameter, with its shape and its order in memory (channels may be last)."""
        parts = together.split([each.numel() for each in self._own])
        strides = [torch.empty_like(each, device="meta").stride() for each in self._own]
        own = zip(parts, self._own, strides, strict=True)
        return [part.as_strided(each.size(), stride) for part, each, stride in own]


def is_aligned(own: torch.optim.Optimizer) -> bool:
    """Whether the parameters of ``own`` can lie one behind the other and be rounded as if each were alone."""
    sizes = [[each.numel() for each in parameters] for parameters, _ in _together(own)]
    return all(sum(each) <= _DIVIDED and not any(size % _LOT for size in each[:-1]) for each in sizes)


def _together(own: torch.optim.Optimizer) -> list[tuple[list[nn.Parameter], bool]]:
    """The parameters in as few parts as there are strengths of weight decay."""
    found: dict[float, tuple[list[nn.Parameter], bool]] = {}
    for group in own.param_groups:
        parameters, _ = found.setdefault(group["weight_decay"], ([], bool(group["decays"])))
        parameters += group["params"]
    return list(found.values())
