"""Whether a process that trains a trial has been silent too long."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Final

#: Seconds without a sign of life after which a trial is taken over, unless another period is chosen.
GRACE: Final = 60.0


@dataclass
class Watch:
    """How long a sign of life has been seen unchanged, by ``clock`` (seconds), which nobody sets."""

    clock: Callable[[], float] = time.monotonic
    _seen: dict[Hashable, tuple[Hashable, float]] = field(default_factory=dict)

    def is_silent(self, key: Hashable, sign: Hashable, grace: float) -> bool:
        """Whether the last ``sign`` of ``key`` is the same for longer than ``grace`` seconds."""
        now = self.clock()
        known, since = self._seen.get(key, (None, now))
        if known != sign:
            since = now
        self._seen[key] = (sign, since)
        return now - since > grace
