"""Short runs and commands at their steps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.engine.helpers import small_spec
from workbench.engine.core.events import (
    Command,
    Event,
    Stepped,
)
from workbench.engine.spec.experiment import ExperimentSpec


def edits_at(plan: dict[int, Command]) -> Callable[[Event], Command | None]:
    def commands(event: Event) -> Command | None:
        return plan.pop(event.step, None) if isinstance(event, Stepped) else None

    return commands


def full_batch(**edits: Any) -> ExperimentSpec:
    return small_spec(optimizer={"kind": "gradient_descent", "lr": 0.1}, loop__epochs=4, **edits)
