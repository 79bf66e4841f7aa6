"""The time since a run was asked for, without pauses."""

from __future__ import annotations

import time
from collections.abc import Callable


class Stopwatch:
    """Seconds while it runs. ``now`` gives the time in seconds."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._counted = 0.0
        self._since: float | None = None

    @property
    def seconds(self) -> float:
        """Seconds counted so far."""
        return self._counted + (self._now() - self._since if self._since is not None else 0.0)

    def start(self) -> None:
        """Count from 0."""
        self._counted, self._since = 0.0, self._now()

    def run(self, running: bool) -> None:
        """Go on counting, or hold."""
        if running and self._since is None:
            self._since = self._now()
        elif not running:
            self._counted, self._since = self.seconds, None
