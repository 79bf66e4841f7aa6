"""What the optimizer made of one weight's gradient over the last steps: a ``Strip`` each, drawn below the formula.

A further strip is one more entry of ``STRIPS``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from workbench.engine.core.observed import RecentSteps
from workbench.engine.core.update_rule import Rule, evaluated

Floats = npt.NDArray[np.float64]
#: The names of a rule's lines with a value for each step.
Columns = Mapping[str, Floats]


@dataclass(frozen=True, slots=True)
class Strip:
    """``values(rule, columns)`` has shape (n,), a value for each step; None where the rule has none."""

    name: str
    title: str
    help: str
    values: Callable[[Rule | None, Columns], Floats | None]


def steps_of(recent: RecentSteps) -> Floats:
    """The 0-based steps (n,)."""
    return columns_of(recent)["step"]


def columns_of(recent: RecentSteps) -> dict[str, Floats]:
    """What goes into the rule's lines at each step (n,); memories that were not there yet have their initial value."""
    rows = np.frombuffer(recent.rows).reshape(-1, len(recent.names))
    columns: dict[str, Floats] = dict(zip(recent.names, rows.T, strict=True))
    if recent.rule is not None:
        for name in recent.rule.memory:
            columns[name] = _filled(columns[name], recent.rule.start.get(name, 0.0))
    columns["t"] = 1.0 + _filled(columns["t"], columns["step"])
    return columns


def _filled(column: Floats, value: float | Floats) -> Floats:
    return np.where(np.isnan(column), value, column)


def _effective_rate(rule: Rule | None, columns: Columns) -> Floats | None:
    return _over(rule, rule.rate, columns) if rule is not None and rule.rate else None


def _step_over_rate(rule: Rule | None, columns: Columns) -> Floats | None:
    """By the rule where its lines give the new x; else by torch's x, where the next step was recorded too."""
    x = columns["x"]
    if rule is not None and rule.checked and not rule.direction:
        moved = _over(rule, "x", columns) - x
    else:
        moved = np.where(np.diff(columns["step"], append=np.nan) == 1, np.diff(x, append=np.nan), np.nan)
    with np.errstate(all="ignore"):
        return np.abs(moved) / columns["lr"]


def _velocity_over_gradient(rule: Rule | None, columns: Columns) -> Floats | None:
    if rule is None or not rule.velocity:
        return None
    with np.errstate(all="ignore"):
        return np.abs(_over(rule, rule.velocity, columns) / columns["g"])


def _over(rule: Rule, text: str, columns: Columns) -> Floats:
    return np.broadcast_to(np.asarray(evaluated(rule, text, columns), np.float64), columns["step"].shape)


STRIPS: Final = (
    Strip(
        "rate",
        "Effective rate",
        "The factor on the weight's gradient, or on its velocity: the learning rate, divided by the root of the "
        "squared gradients where the rule has it.",
        _effective_rate,
    ),
    Strip(
        "step",
        "Step ÷ learning rate",
        "How far each update moves the weight, in units of the learning rate. Adam's is about 1 or below, however "
        "large the gradient is.",
        _step_over_rate,
    ),
    Strip(
        "velocity",
        "Velocity ÷ gradient",
        "How much stronger the remembered velocity is than the present gradient. Where gradients agree it goes to "
        "1 / (1 − momentum); where they cancel out it stays low.",
        _velocity_over_gradient,
    ),
)
