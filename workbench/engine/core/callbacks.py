"""What goes along with a run without being part of its rule: averages of the weights, diagnostics, a watched parameter.

A companion is told of every step, may keep state (saved and put back with the run's) and may answer with events. It
must not change what the run computes: the same spec gives the same bits with and without it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from workbench.engine.core.events import Event
    from workbench.engine.spec.experiment import ExperimentSpec


class Companion:
    """Base. ``name`` is the key of its state; override what is needed. Steps are 0-based here."""

    name: str = ""

    def before_step(self, step: int) -> None:
        """The batch of ``step`` comes next: hooks may be set for its forward and backward pass."""

    def before_update(self, step: int, rate: float) -> None:
        """Gradients of ``step`` are complete, penalties included; the parameters are still the old ones."""

    def after_update(self, step: int, rate: float) -> Iterable[Event]:
        """The parameters have moved. What it has to say, mostly nothing."""
        return ()

    def look(self) -> None:
        """Whoever drives the run wants to see the next step, or the one that is being made."""

    def edited(self, spec: ExperimentSpec) -> None:
        """A live setting has changed."""

    def state(self) -> dict[str, Any]:
        """A deep copy of what it remembers, as plain data and tensors."""
        return {}

    def restore(self, saved: dict[str, Any]) -> None:
        """Put a copy made by ``state`` back."""
