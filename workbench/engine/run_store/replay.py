"""Playing a steer tape back: the same edits at the same steps."""

from __future__ import annotations

from collections.abc import Sequence

from workbench.engine.core.events import Command, Edit, Edited, Evaluated, Event, Resumed, RunStarted, Stepped


class Tape:
    """A command source for ``drive`` that repeats recorded edits, each before the step it was made at.

    One that was made behind the evaluation at its step waits for that.
    """

    def __init__(self, edits: Sequence[Edited]) -> None:
        self._waiting = sorted(edits, key=lambda e: e.step)
        self._step, self._is_measured = -1, False

    def __call__(self, event: Event) -> Command | None:
        if isinstance(event, RunStarted):
            self._step = 0
        elif isinstance(event, (Stepped, Resumed)):
            self._step, self._is_measured = event.step, False
        elif isinstance(event, Evaluated):
            self._is_measured = True
        if self._waiting and self._is_due(self._waiting[0]):
            due = self._waiting.pop(0)
            return Edit(due.path, due.new)
        return None

    def _is_due(self, edit: Edited) -> bool:
        if edit.step == self._step:
            return self._is_measured or not edit.measured
        return edit.step < self._step
