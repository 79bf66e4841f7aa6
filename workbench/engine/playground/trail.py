"""The paths of a race: what every racer did at every update, as arrays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from workbench.engine.catalog.optimizers import Optimizer
from workbench.engine.catalog.surfaces import Array, Surface
from workbench.engine.core.update_rule import Line, Rule, compute, evaluated


@dataclass(frozen=True)
class Trail:
    """One racer's path over T updates with N balls; read-only.

    ``points`` has shape (T + 1, N, 2), ``gradients`` (T, N, 2): what went into the update, with its noise. ``rates``
    (T,) are the learning rates, ``memory`` (name → (T, N, 2)) what the optimizer remembered before each update, or for
    the names in ``rule.direction`` computed in it. ``lost`` (N,) is the number of the update at which a ball left
    for infinity, −1 for one that has not; its later points repeat the last finite one.
    """

    optimizer: Optimizer
    surface: Surface
    rule: Rule | None
    points: Array
    gradients: Array
    rates: Array
    memory: Mapping[str, Array]
    lost: np.ndarray
    #: What was counted along the path of a ball, kept because it is asked for at every picture (see ``measures``).
    counted: dict[int, Any] = field(default_factory=dict, repr=False, compare=False)

    @property
    def updates(self) -> int:
        """How many updates there are."""
        return len(self.rates)

    @cached_property
    def heights(self) -> Array:
        """The surface's height at each point, shape (T + 1, N)."""
        with np.errstate(all="ignore"):
            return self.surface.value(self.points[..., 0], self.points[..., 1])

    @cached_property
    def steps(self) -> Array:
        """What each update changed, shape (T, N, 2)."""
        found: Array = np.diff(self.points, axis=0)
        return found

    @cached_property
    def effective_rates(self) -> Array | None:
        """The rate at which each coordinate's gradient, or velocity, acts: shape (T, N, 2). None without one."""
        return self._expression(self.rule.rate) if self.rule and self.rule.rate else None

    @cached_property
    def velocities(self) -> Array | None:
        """The velocity in the units of a gradient, shape (T, N, 2); None for a rule without one."""
        return self._expression(self.rule.velocity) if self.rule and self.rule.velocity else None

    def lines_at(self, update: int, axis: int, ball: int = 0) -> tuple[Line, ...]:
        """The rule's lines with the numbers of one update (0-based) and one coordinate; empty without a rule."""
        if self.rule is None or not 0 <= update < self.updates:
            return ()
        values = {name: float(column[update, ball, axis]) for name, column in self.memory.items()}
        values |= self.rule.constants
        values |= {"x": float(self.points[update, ball, axis]), "g": float(self.gradients[update, ball, axis])}
        return compute(self.rule.lines, values | {"lr": float(self.rates[update]), "t": update + 1.0})

    def _expression(self, text: str) -> Array:
        assert self.rule is not None
        shape = self.gradients.shape
        values: dict[str, Array | float] = {**self.memory, **self.rule.constants}
        values |= {"x": self.points[:-1], "g": self.gradients}
        values["lr"] = self.rates[:, None, None]
        values["t"] = np.arange(1.0, self.updates + 1)[:, None, None]
        return np.broadcast_to(evaluated(self.rule, text, values), shape)
