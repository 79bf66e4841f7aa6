"""What a page does when it is shown to an audience."""

from __future__ import annotations

from typing import Protocol, runtime_checkable


@runtime_checkable
class OnStage(Protocol):
    """A page that shows less, and larger, in projector mode."""

    def set_on_stage(self, on: bool) -> None:
        """Show only what an audience needs, or all again."""
