"""The paint budget: drawing takes the GIL from training, so its share of time is fixed, not its rate."""

from __future__ import annotations

import time
from typing import Final

#: Windows counts a thread's processor time in steps of 16 ms; there the wall clock has to do.
_FINE: Final = time.get_clock_info("thread_time").resolution < 1e-4


def spent() -> float:
    """Seconds that this thread has worked: waiting for the GIL while training computes is not drawing's cost."""
    return time.thread_time() if _FINE else time.perf_counter()


class Throttle:
    """For what is painted less often than every frame: the still layer and the words at the curves' ends.

    While live at most every half second, and for at most 0.5 % of the time.
    """

    _EVERY: Final = 0.5
    _SHARE: Final = 0.005

    def __init__(self) -> None:
        self._due = 0.0

    @property
    def is_due(self) -> bool:
        return time.monotonic() >= self._due

    def done(self, live: bool, cost: float = 0.0) -> None:
        """It was painted, and took ``cost`` seconds."""
        later = time.monotonic() + max(self._EVERY, cost / self._SHARE)
        self._due = max(self._due, later) if live else 0.0


class PaintBudget:
    """From the cost of each frame, its paint events included, to the time of the next one.

    The delay after a frame is its cost over ``budget``, so that drawing keeps to that share of one core; at least
    ``shortest``, because more cannot be seen, and at most ``longest``, because less looks stuck.
    """

    def __init__(self, budget: float = 0.02, shortest: float = 0.033, longest: float = 0.18) -> None:
        self.budget, self.shortest, self.longest = budget, shortest, longest
        #: Seconds that a frame costs, smoothed.
        self.cost = 0.0

    def next_delay(self, cost: float) -> float:
        """Seconds to wait after a frame that cost so many seconds."""
        self.cost += (cost - self.cost) * (0.3 if self.cost else 1.0)
        return min(self.longest, max(self.shortest, cost / self.budget))
