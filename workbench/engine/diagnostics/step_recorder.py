"""Keeps of each step what its update overwrites: one parameter, and what the optimizer remembers of one number.

Cheap enough for every step: on the CPU it is read through numpy views of torch's memory (about 3 µs for a small
matrix), on other devices copied there, without waiting.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from operator import is_
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from workbench.engine.nn.torch_workarounds import foreach_copy_

#: A parameter of at most this many numbers is copied in every step; of a larger one the copy would cost over 2 %.
SMALL = 2**17


class StepRecorder:
    """Records ``parameter`` and the ``entries`` of the optimizer's state at the flat ``index``, before each update.

    ``entries``: name → torch's name of the entry. An entry may not be there yet, or be a plain number.
    """

    def __init__(
        self, optimizer: torch.optim.Optimizer, parameter: nn.Parameter, entries: Mapping[str, str], index: int
    ) -> None:
        self.parameter, self.index = parameter, index
        self._optimizer, self._entries = optimizer, dict(entries)
        self._gradient: tuple[Tensor | None, Callable[[], Any]] = (None, float)
        self._is_small = parameter.numel() <= SMALL
        self._has_old = False
        self._bind()

    def keep(self, whole: bool) -> None:
        """Record what is there now; with ``whole`` the parameter too, however large it is."""
        state = self._optimizer.state.get(self.parameter, {})
        bound = map(is_, map(state.get, self._entries.values()), self._bound)
        if self.parameter.data_ptr() != self._address or not all(bound):
            self._bind()
        self._has_old = whole or self._is_small
        if self._has_old:
            self._copy_parameter()
        self._numbers.copy()

    def gradient(self) -> float:
        """The number of the parameter's gradient, which must be there; waits on other devices than the CPU."""
        gradient = self.parameter.grad
        if gradient is not self._gradient[0]:  # else it is in the memory of before
            self._gradient = gradient, _reader(gradient, self.index)
        number: float = self._gradient[1]()
        return number

    @property
    def is_on_host(self) -> bool:
        """Whether reading a number takes no waiting."""
        return isinstance(self._numbers, _HostNumbers)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of what is recorded: ``x``, then those of the entries."""
        return ("x", *self._entries)

    @property
    def kept(self) -> Sequence[Any]:
        """What was recorded last, in the order of ``names``; plain numbers on the host."""
        return self._numbers.kept

    @property
    def old(self) -> Tensor | None:
        """The parameter as it was recorded, None if it was too large. Overwritten by the next ``keep``."""
        return self._old if self._has_old else None

    def numbers(self) -> dict[str, float | None]:
        """What was recorded: the number itself as ``x``, and the entries by name, None for one that was not there."""
        kept = [None if value is None else float(value) for value in self._numbers.kept]
        return dict(zip(self.names, kept, strict=True))

    def _bind(self) -> None:
        """Find the places to read from, again when torch has put other tensors there."""
        parameter, state = self.parameter.detach(), self._optimizer.state.get(self.parameter, {})
        self._address = parameter.data_ptr()
        self._bound = [state.get(entry) for entry in self._entries.values()]
        self._old = torch.empty_like(parameter)
        values = [parameter, *self._bound]
        self._numbers: _HostNumbers | _DeviceNumbers
        self._copy_parameter: Callable[[], object]
        if parameter.device.type == "cpu":
            self._numbers = _HostNumbers(values, self.index)
            self._copy_parameter = _copying(parameter, self._old)
        else:
            self._numbers = _DeviceNumbers(values, self.index)
            self._copy_parameter = partial(self._old.copy_, parameter)


class _HostNumbers:
    """One number of each of ``values``, which are tensors on the CPU, plain numbers or None."""

    def __init__(self, values: Sequence[Any], index: int) -> None:
        self._reads = [_reader(value, index) for value in values]
        self.kept: list[Any] = []

    def copy(self) -> None:
        self.kept = [read() for read in self._reads]


class _DeviceNumbers:
    """The same on another device: ``kept`` are copies that are made there, in one call."""

    def __init__(self, values: Sequence[Any], index: int) -> None:
        self._places = [_place(value, index) for value in values if isinstance(value, Tensor)]
        self._copies = [torch.empty_like(place) for place in self._places]
        copies = iter(self._copies)
        self.kept: list[Any] = [next(copies) if isinstance(value, Tensor) else value for value in values]

    def copy(self) -> None:
        foreach_copy_(self._copies, self._places)


def _copying(source: Tensor, target: Tensor) -> Callable[[], object]:
    """What copies the numbers of ``source``, both on the CPU and of one shape and order."""
    if source.is_contiguous() and source.numel():
        old, new = (each.numpy().data.cast("B") for each in (target, source))  # no call is as fast
        return partial(old.__setitem__, slice(None), new)
    return partial(np.copyto, target.numpy(), source.numpy())


def _reader(value: Any, index: int) -> Callable[[], Any]:
    if not isinstance(value, Tensor):
        return lambda: value
    array = value.detach().cpu().numpy()
    return partial(array.item, index) if array.ndim else array.item


def _place(value: Tensor, index: int) -> Tensor:
    """A view of one number."""
    return value.detach()[np.unravel_index(index, tuple(value.shape))] if value.dim() else value.detach()
