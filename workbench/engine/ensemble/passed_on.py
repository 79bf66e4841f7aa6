"""What a run of several networks says of the events of one of them."""

from __future__ import annotations

from dataclasses import replace

from workbench.engine.core.events import Certified, Copied, Event, Notice
from workbench.engine.core.observed import Boundary, LayerStats, Watched

#: Pictures of the inside of one model: those of the first member are shown.
_LOOKED_INTO = (Boundary, LayerStats, Watched)


def passed_on(event: Event, number: int, noun: str) -> list[Event]:
    """Nothing, or an event that names the network: its ``number`` (from 1) after ``noun``."""
    is_first = number == 1
    if isinstance(event, Notice):
        if event.code == "data_note":  # it is about the data that all share
            return [event] if is_first else []
        # One member's end is not the run's: the others go on, and the verdict is about them.
        severity = "warning" if event.code == "diverged" else event.severity
        return [replace(event, message=f"{noun} {number}: {event.message}", severity=severity)]
    if isinstance(event, Certified):
        return [replace(event, words=f"{noun} {number}: {event.words}")]
    is_shown = isinstance(event, Copied) or (is_first and isinstance(event, _LOOKED_INTO))
    return [event] if is_shown else []
