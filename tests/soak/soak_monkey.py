"""The monkey of the tests, with what a long sitting has besides: all pages, forks, and settings edited at speed."""

from __future__ import annotations

import random
import time
from typing import Final

from PySide6.QtCore import QCoreApplication

from tests.views.monkey import KINDS, Monkey

_PAGES: Final = ("page_runs", "page_train", "page_playground", "page_lessons", "page_use")
#: Edits in a burst, and how many of them come in a second.
_EDITS, _A_SECOND = 25, 50


class SoakMonkey(Monkey):
    """Two fifths of its time are on other pages than the one for training."""

    @property
    def kinds(self) -> dict[str, float]:
        return KINDS | {"page": 0.5, "burst": 0.3, "fork": 0.3}

    def _page(self, draw: random.Random) -> str:
        return self._trigger(draw.choice(_PAGES))

    def _fork(self, draw: random.Random) -> str:
        return self._trigger("fork")

    def _burst(self, draw: random.Random) -> str:
        """A slider that is dragged: one setting, fifty times a second for half a second."""
        path, due = "", time.perf_counter()
        for _ in range(_EDITS):
            path = self._live(draw)
            due += 1 / _A_SECOND
            while time.perf_counter() < due:
                QCoreApplication.processEvents()
                time.sleep(0.001)
        return path
