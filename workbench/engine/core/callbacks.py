"""Observers of a run that must not change its result: averages of the weights, diagnostics, a watched parameter.

A callback is called around every training step, may keep state (saved and restored with the run's) and may return
events. The same spec gives the same bits with and without it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from workbench.engine.core.events import Event


class Callback:
    """Base class; override what is needed. ``name`` is the key of its state. Steps are 0-based here.

    ``every_rank``: where several processes train a run, each has this callback, because evaluations use its state;
    one that only observes is in rank 0.
    """

    name: str = ""
    every_rank: ClassVar[bool] = False

    def before_step(self, step: int) -> None:
        """Called before the forward pass of ``step``: hooks may be set for its forward and backward pass."""

    def before_update(self, step: int, rate: float) -> None:
        """Called when the gradients of ``step`` are complete, penalties included; parameters are the old ones.

        ``rate`` is the effective learning rate.
        """

    def after_update(self, step: int, rate: float) -> Iterable[Event]:
        """Called after the update of ``step``. Returns the events to send, mostly none."""
        return ()

    def look(self) -> Event | None:
        """What it can still show of the last step that was done; None if nothing, or if that was shown already."""
        return None

    def edited(self, spec: Any) -> None:
        """Called after a live setting has changed; ``spec`` is the new ExperimentSpec (this room knows no settings)."""

    def state(self) -> dict[str, Any]:
        """What it remembers, as plain data and tensors. Tensors may be its own: ``TrainState.state`` copies them."""
        return {}

    def restore(self, saved: dict[str, Any]) -> None:
        """Restore what ``state`` returned."""
