"""One optimizer of the catalog on balls whose coordinates and gradients lie in NumPy arrays."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from workbench.engine.catalog.optimizers import Optimizer
from workbench.engine.catalog.surfaces import Array
from workbench.engine.core.update_rule import Rule


class Racer:
    """Moves ``balls`` points with the torch optimizer that ``spec.build`` makes, as in a run.

    ``points`` and ``gradients`` are float64 arrays of shape (balls, 2) that torch shares: it reads the
    gradients and moves the points in place. Each ball is a row of one parameter if the rule works on each number by
    itself, else it has a parameter and an optimizer of its own.
    """

    def __init__(self, spec: Optimizer, points: Array, gradients: Array) -> None:
        self.spec = spec
        self._parts = [_Part(spec, p, g) for p, g in _cut(spec, points, gradients)]
        self.rule = self._parts[0].rule
        self.memory_names = tuple(self.rule.memory) if self.rule else ()
        self.direction_names = tuple(self.rule.direction) if self.rule else ()

    def step(self, factor: float) -> None:
        """One update of every ball; ``factor`` is the schedule's."""
        for part in self._parts:
            part.step(factor)

    def memory(self, names: Sequence[str], into: Array) -> None:
        """Copy what the optimizer keeps under ``names`` into ``into``, shape (names, balls, 2)."""
        first = 0
        for part in self._parts:
            part.memory(names, into[:, first : first + part.balls])
            first += part.balls


class _Part:
    """One torch optimizer over one parameter."""

    def __init__(self, spec: Optimizer, points: Array, gradients: Array) -> None:
        self.spec, self.balls = spec, len(points)
        self._parameter = nn.Parameter(torch.from_numpy(points))
        self._parameter.grad = torch.from_numpy(gradients)
        network = nn.Module()
        network.register_parameter("ball", self._parameter)
        self._optimizer = _for_one_tensor(spec.build(network))
        group = self._optimizer.param_groups[0]
        self.rule: Rule | None = spec.rule(group)
        self._entries: Mapping[str, str] = {**self.rule.memory, **self.rule.direction} if self.rule else {}
        self._start = self.rule.start if self.rule else {}
        self._seen: dict[str, tuple[Tensor, Array]] = {}

    def step(self, factor: float) -> None:
        for group in self._optimizer.param_groups:
            group["lr"] = self.spec.lr * factor
        self._optimizer.step()

    def memory(self, names: Sequence[str], into: Array) -> None:
        state = self._optimizer.state.get(self._parameter, {})
        for place, name in enumerate(names):
            known = self._seen.get(name)
            is_same = known is not None and known[0] is state.get(self._entries[name])
            into[place] = known[1] if known is not None and is_same else self._kept(state, name)

    def _kept(self, state: Mapping[str, Any], name: str) -> Any:
        value = state.get(self._entries[name])
        if value is None:
            return self._start.get(name, 0.0)
        if isinstance(value, Tensor) and value.shape == self._parameter.shape:
            # The tensor's own memory as an array; making one takes longer than copying it, so it is kept.
            found = value.detach().numpy()
            self._seen[name] = value, found
            return found
        return [[self._number(name, ball * 2 + axis) for axis in range(2)] for ball in range(self.balls)]

    def _number(self, name: str, index: int) -> float:
        found = self.spec.remembered(self._optimizer, self._parameter, self._entries[name], index)
        return self._start.get(name, 0.0) if found is None else found


def _for_one_tensor(optimizer: torch.optim.Optimizer) -> torch.optim.Optimizer:
    """Torch's lists of tensors (``foreach``) take twice as long for one: the same rule, the last bit may differ."""
    for group in optimizer.param_groups:
        if group.get("foreach"):
            group["foreach"] = False
    return optimizer


def _cut(spec: Optimizer, points: Array, gradients: Array) -> list[tuple[Array, Array]]:
    if spec.elementwise:
        return [(points, gradients)]
    return [(points[i : i + 1], gradients[i : i + 1]) for i in range(len(points))]


@contextmanager
def one_thread() -> Iterator[None]:
    """Torch computes in this thread alone: for a few numbers, waiting for other threads took 60 times the work."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def rows(count: int, balls: int) -> Array:
    """Zeros for ``count`` racers: shape (count, balls, 2)."""
    return np.zeros((count, balls, 2))
