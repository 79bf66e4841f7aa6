"""Heartbeats watched by the clock of this process: whether a trial is stale."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Final

#: Seconds without a heartbeat after which a trial is stale, unless another grace period is chosen.
GRACE: Final = 60.0
#: Maximum number of seconds between two heartbeats.
INTERVAL: Final = 2.0
#: The shortest grace period (seconds) that can be chosen: every worker sends five heartbeats within it.
SHORTEST_GRACE: Final = 5 * INTERVAL


@dataclass
class Watch:
    """How long a heartbeat has been seen unchanged, by ``clock`` (seconds), a monotonic one."""

    clock: Callable[[], float] = time.monotonic
    _seen: dict[Hashable, tuple[Hashable, float]] = field(default_factory=dict)

    def is_silent(self, key: Hashable, heartbeat: Hashable, grace: float) -> bool:
        """Whether the last ``heartbeat`` of ``key`` is the same for longer than ``grace`` seconds."""
        now = self.clock()
        known, since = self._seen.get(key, (None, now))
        if known != heartbeat:
            since = now
        self._seen[key] = (heartbeat, since)
        return now - since > grace
