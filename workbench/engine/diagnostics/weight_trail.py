"""Keeps the numbers of the watched weight over its last steps, for strips against the step."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from struct import Struct
from typing import Final

import numpy as np
import numpy.typing as npt

from workbench.engine.core.observed import RecentSteps
from workbench.engine.core.update_rule import Rule

#: The number of steps that are kept.
LENGTH: Final = 2000


class WeightTrail:
    """A row for each recorded step: its 0-based number, the rate, the gradient and what was recorded; the last ones.

    ``kept`` are the names of what was recorded before the update, in their order; ``constants`` are the rule's own
    values, which a live edit may change. An entry that was not there yet is NaN. Rows are packed into a ring, because
    each step adds one: as objects they would push what a tiny step needs out of the processor's cache.
    """

    def __init__(self, rule: Rule | None, kept: Sequence[str], constants: Mapping[str, float]) -> None:
        self.rule = rule
        self.names = ("step", "lr", "g", *kept, *constants)
        self._constants = tuple(constants.values())
        self._ring = np.empty((LENGTH, len(self.names)))
        self._bytes, self._row = self._ring.data.cast("B"), Struct(f"{len(self.names)}d")
        self._count = 0

    def follows(self, rule: Rule | None, constants: Mapping[str, float]) -> bool:
        """Whether steps of ``rule`` can be put behind those that are here; then they are, with ``constants``."""
        is_same = _form(self.rule) == _form(rule)
        if is_same:
            self._constants = tuple(constants.values())
        return is_same

    def append(self, step: int, rate: float, gradient: float, kept: Sequence[float | None]) -> None:
        """Add a step; the oldest one goes where there is no room."""
        if None in kept:
            kept = [math.nan if value is None else value for value in kept]
        at = self._count % LENGTH * self._row.size
        self._row.pack_into(self._bytes, at, step, rate, gradient, *kept, *self._constants)
        self._count += 1

    def cut(self, step: int) -> None:
        """Forget the steps from ``step`` on: the run has gone back."""
        rows = self._taken()
        rows = rows[rows[:, 0] < step]
        self._ring[: len(rows)], self._count = rows, len(rows)

    def recent(self) -> RecentSteps:
        """What is held, the oldest step first."""
        return RecentSteps(self.rule, self.names, self._taken().tobytes())

    def _taken(self) -> npt.NDArray[np.float64]:
        """A copy of the rows."""
        if self._count <= LENGTH:
            return self._ring[: self._count].copy()
        return np.roll(self._ring, -(self._count % LENGTH), axis=0)


def _form(rule: Rule | None) -> object:
    """What rows of two rules must have in common: all but the values of the constants."""
    return rule and (rule.lines, rule.memory, rule.velocity, rule.rate, tuple(rule.constants))
