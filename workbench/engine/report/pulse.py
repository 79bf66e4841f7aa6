"""What a run without a window says of itself between two evaluations: what it is doing, since when, how long still."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from workbench.engine.core.events import EvalProgress, Evaluated, Event, RunEnded, Stepped
from workbench.engine.core.progress import Loading
from workbench.engine.core.step_store import StepStore
from workbench.engine.core.text import duration, grouped
from workbench.engine.report.time_left import seconds_left
from workbench.engine.run_store.history import History

#: Seconds from the start to the first line, and between two lines at most; in between each wait is twice the last.
FIRST: Final = 1.0
MOST: Final = 30.0


class Pulse:
    """Asked at every event. ``steps`` are those of the run; ``now`` gives the time in seconds."""

    def __init__(self, steps: StepStore, now: Callable[[], float] = time.monotonic) -> None:
        self._history, self._now = History(steps), now
        self._began = now()
        self._wait, self._due = FIRST, self._began + FIRST

    def words(self, event: Event) -> str:
        """A line, or an empty text while none is due. A line of another kind that says as much puts it off."""
        if not isinstance(event, (EvalProgress, Stepped)):
            self._history.fold(event)
        now = self._now()
        if isinstance(event, (Evaluated, RunEnded)):
            self._due = now + self._wait
        if now < self._due or not isinstance(event, (Loading, EvalProgress, Stepped)):
            return ""
        self._wait = min(MOST, 2 * self._wait)
        self._due = now + self._wait
        return self._line(event, now - self._began)

    def _line(self, event: Loading | EvalProgress | Stepped, seconds: float) -> str:
        parts = [self._doing(event), duration(seconds)]
        left = None if isinstance(event, Loading) else self._left(event)
        return "  ".join([*parts, f"ETA {duration(left)}"] if left is not None else parts)

    def _doing(self, event: Loading | EvalProgress | Stepped) -> str:
        if isinstance(event, Stepped):
            total = self._setting("epochs") * self._per_epoch
            return f"training: step {grouped(event.step)} of {grouped(total)}"
        of = f": {grouped(event.done)} of {grouped(event.total)}" if event.total else ""
        return f"{event.words[:1].lower()}{event.words[1:]}{of}"

    def _left(self, event: EvalProgress | Stepped) -> float | None:
        evaluating = event if isinstance(event, EvalProgress) else None
        return seconds_left(self._history, self._setting("epochs"), self._setting("evaluate_every"), evaluating)

    @property
    def _per_epoch(self) -> int:
        return self._history.started.steps_per_epoch if self._history.started is not None else 1

    def _setting(self, name: str) -> int:
        """A setting of the loop as the run has it now; 0 where it is off."""
        edits = [edit.new for edit in self._history.edits if edit.path == f"loop.{name}"]
        started = self._history.started
        return int((edits[-1] if edits else started.spec["loop"].get(name) if started is not None else 0) or 0)
