"""The paint budget: drawing holds the GIL, which training needs, so its share of the time is fixed."""

from __future__ import annotations

import time
from typing import Final

#: Windows counts a thread's processor time in steps of 16 ms; the wall clock is used there.
_FINE: Final = time.get_clock_info("thread_time").resolution < 1e-4


def spent() -> float:
    """Processor seconds of this thread: waiting for the GIL is not a cost of drawing."""
    return time.thread_time() if _FINE else time.perf_counter()


#: Share of the time for each view that writes text about a run, and the longest pause between two updates (seconds).
_SHARE_OF_WORDS: Final = 0.003
_LONGEST_REST: Final = 1.5


def rest_after(cost: float, shortest: int) -> int:
    """Milliseconds until the next update of a text whose last update took ``cost`` seconds; at least ``shortest``."""
    return max(shortest, round(1000 * min(cost / _SHARE_OF_WORDS, _LONGEST_REST)))


class Throttle:
    """For parts that are painted less often than every frame: static content and the labels at the curves' ends.

    During a run at most every half second, and at most 0.5 % of the time.
    """

    _EVERY: Final = 0.5
    _SHARE: Final = 0.005

    def __init__(self) -> None:
        self._due = 0.0

    @property
    def is_due(self) -> bool:
        return time.monotonic() >= self._due

    def done(self, live: bool, cost: float = 0.0) -> None:
        """Record that it was painted in ``cost`` seconds."""
        later = time.monotonic() + max(self._EVERY, cost / self._SHARE)
        self._due = max(self._due, later) if live else 0.0


class PaintBudget:
    """Computes the delay until the next frame from the cost of the last one, including its paint events.

    The delay is cost / ``budget``, so that drawing takes that share of one core; at least ``shortest`` seconds, because
    faster frames cannot be seen, and at most ``longest``, because slower ones look stuck.
    """

    def __init__(self, budget: float = 0.02, shortest: float = 0.033, longest: float = 0.18) -> None:
        self.budget, self.shortest, self.longest = budget, shortest, longest
        #: Seconds per frame, smoothed.
        self.cost = 0.0

    def next_delay(self, cost: float) -> float:
        """Seconds to wait after a frame that took ``cost`` seconds."""
        self.cost += (cost - self.cost) * (0.3 if self.cost else 1.0)
        return min(self.longest, max(self.shortest, cost / self.budget))
