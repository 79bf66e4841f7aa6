"""Takes turns: two loads of the same data do not work side by side, the second waits for the first."""

from __future__ import annotations

import contextlib
import threading
import time
from typing import Final

from workbench.engine.core.progress import Job, Loading
from workbench.engine.core.responsive_io import LOOK_UP

#: A run that waits says so again within this time (seconds); one that is paused does not, and is not waited for.
HURRY: Final = 1.0


class Turns:
    """Thread-safe. Each load has a key; ``building`` maps the keys that are taken to their progress."""

    def __init__(self) -> None:
        self.building: dict[str, Loading] = {}
        self._hurried: dict[str, float] = {}  # by key: when a run last said that it waits
        self._lock = threading.Lock()

    def take(self, key: str, stack: contextlib.ExitStack, words: str, hurries: bool = False) -> Job[None]:
        """Wait until ``key`` is free, yielding the progress of its owner, and take it until ``stack`` is closed.

        A load that ``hurries`` (of a run) comes before others; the owner may learn of it by ``is_hurried``.
        """
        try:
            while (other := self._try(key, words, hurries)) is not None:
                yield other
                time.sleep(LOOK_UP)
        finally:
            if hurries:
                self._hurried.pop(key, None)
        stack.callback(self._leave, key)

    def tell(self, key: str, progress: Loading) -> None:
        """The progress of the owner, for those who wait."""
        with self._lock:
            if key in self.building:
                self.building[key] = progress

    def hurry(self, key: str) -> None:
        """A run waits for ``key``."""
        self._hurried[key] = time.monotonic()

    def is_hurried(self, key: str) -> bool:
        """Whether a run waits for ``key``."""
        return time.monotonic() - self._hurried.get(key, -HURRY) < HURRY

    def _try(self, key: str, words: str, hurries: bool) -> Loading | None:
        """Take ``key``, or else return the progress of its owner."""
        with self._lock:
            other = self.building.get(key)
            if other is None and (hurries or not self.is_hurried(key)):
                self.building[key] = Loading(0, 0, words)
                return None
            if hurries:
                self.hurry(key)
            return other or Loading(0, 0, words)

    def _leave(self, key: str) -> None:
        with self._lock:
            self.building.pop(key, None)


#: Of the cache on disk, which is one for the whole process.
TURNS: Final = Turns()
