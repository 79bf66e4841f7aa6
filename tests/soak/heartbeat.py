"""How late the event loop of the GUI thread is, and what held it up when it was very late."""

from __future__ import annotations

import sys
import threading
import time
from collections import Counter
from types import FrameType
from typing import Final

import numpy as np
from PySide6.QtCore import QObject, Qt, QTimer, Slot

#: Milliseconds between two beats, and the lateness from which a stall is written down with its place in the code.
EVERY_MS: Final = 5
STALL_MS: Final = 100.0
#: Latenesses are counted in classes of a tenth of a millisecond; all over two minutes are alike.
_CLASSES: Final = 1_200_000
#: Lines of the program in the story of a stall.
_FRAMES: Final = 4


class Heartbeat(QObject):
    """Beats every 5 ms in the thread that made it. A second thread looks at its stack while a beat is overdue."""

    def __init__(self) -> None:
        super().__init__()
        self._counts = np.zeros(_CLASSES + 1, np.int64)
        self._last = time.perf_counter()
        #: Where the thread stood in stalls: the story of a stack, and how often it was seen (every 50 ms).
        self.stories: Counter[str] = Counter()
        self.stalls = 0
        self.longest_ms = 0.0
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(EVERY_MS)
        self._timer.timeout.connect(self._on_beat)
        self._watched = threading.get_ident()
        self._end = threading.Event()
        self._watcher = threading.Thread(target=self._watch, name="stall watcher", daemon=True)

    def start(self) -> None:
        """Begin to beat and to watch."""
        self._last = time.perf_counter()
        self._timer.start()
        self._watcher.start()

    def stop(self) -> None:
        """End both."""
        self._timer.stop()
        self._end.set()
        self._watcher.join()

    def skip(self) -> None:
        """Do not count the time since the last beat: the gauges were read in it."""
        self._last = time.perf_counter()

    def percentile(self, percent: float) -> float:
        """Milliseconds of lateness that so many percent of the beats do not exceed; 0 before the first beat."""
        total = int(self._counts.sum())
        place = np.searchsorted(self._counts.cumsum(), percent / 100 * total) if total else 0
        return float(place) / 10

    @Slot()
    def _on_beat(self) -> None:
        now = time.perf_counter()
        late = max(0.0, (now - self._last) * 1e3 - EVERY_MS)
        self._last = now
        self._counts[min(_CLASSES, int(late * 10))] += 1
        self.longest_ms = max(self.longest_ms, late)
        self.stalls += late > STALL_MS

    def _watch(self) -> None:
        while not self._end.wait(0.05):
            if (time.perf_counter() - self._last) * 1e3 > STALL_MS:
                self.stories[_story(self._watched)] += 1


def _story(thread: int) -> str:
    """The innermost line of all and the innermost lines of the program, the deepest first.

    ``faulthandler`` reads the states of threads without their lock: one that just began ended a soak of 28,000 events.
    Frames keep what they hold, a painter for example, so nothing in here may let another thread go on meanwhile.
    """
    lines = _lines(sys._current_frames().get(thread))
    own = [line for line in lines if "/workbench/" in line[0]][:_FRAMES]
    seen = own if lines[:1] == own[:1] else [*lines[:1], *own]
    return " < ".join(f"{name.rsplit('/', 1)[-1]}:{number} {function}" for name, number, function in seen)


def _lines(frame: FrameType | None) -> list[tuple[str, int, str]]:
    """File, line and function of ``frame`` and of those that called it."""
    lines = []
    while frame is not None:
        lines.append((frame.f_code.co_filename, frame.f_lineno or 0, frame.f_code.co_name))
        frame = frame.f_back
    return lines
