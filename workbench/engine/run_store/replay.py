"""Playing a steer tape back: the same edits at the same steps."""

from __future__ import annotations

from collections.abc import Sequence

from workbench.engine.core.events import Command, Edit, Edited, Event, RunStarted, Stepped


class Tape:
    """A command source for ``drive`` that repeats recorded edits, each before the step it was made at."""

    def __init__(self, edits: Sequence[Edited]) -> None:
        self._waiting = sorted(edits, key=lambda e: e.step)
        self._step = -1

    def __call__(self, event: Event) -> Command | None:
        if isinstance(event, RunStarted):
            self._step = 0
        elif isinstance(event, Stepped):
            self._step = event.step
        if self._waiting and self._waiting[0].step <= self._step:
            due = self._waiting.pop(0)
            return Edit(due.path, due.new)
        return None
