"""The interpreter on the window's terms: garbage is collected in the GUI thread only, and no thread keeps it waiting.

A collection that happens to run in the training thread deletes Qt objects there and crashes the process. So automatic
collection is off while the window lives, and a timer in the GUI thread collects instead.

PySide6 puts an import of its own in the place of the built-in one, for ``from __feature__ import …``. It costs every
import statement more than twice the time, torch runs two in each training step, and it changes the built-in module
while other threads import (measured: 3 % of the steps). Nothing here uses features, so what it replaced is put back.
"""

from __future__ import annotations

import builtins
import gc
import sys
import time
from typing import Final

from PySide6.QtCore import QObject, QTimer, Slot

_TICK_MS: Final = 200
#: Every so many ticks the middle generation is collected too (1 s), and everything (1 min).
_MIDDLE_EVERY: Final = 5
_FULL_EVERY: Final = 300
#: A full collection that took longer is not repeated before the run is over: a curve would stutter.
_SHORT_SECONDS: Final = 0.008
#: How long another thread may keep the interpreter when the window wants it. With Python's own 5 ms a flood of events
#: made the window late by 11 ms (99th percentile), with 2 ms by 5 ms; training was no slower.
_SWITCH_SECONDS: Final = 0.002


class Housekeeper(QObject):
    """Collects garbage in the thread it lives in, the GUI thread; ``start`` and ``stop`` can alternate."""

    def __init__(self) -> None:
        super().__init__()
        self._was_enabled: bool | None = None
        self._switch_before = sys.getswitchinterval()
        self._ticks = 0
        self._full_is_short = True
        self._timer = QTimer(self)
        self._timer.setInterval(_TICK_MS)
        self._timer.timeout.connect(self._tick)

    def start(self) -> None:
        """Turn automatic collection off and collect from here on."""
        if self._was_enabled is None:
            self._was_enabled = gc.isenabled()
            gc.disable()
            put_back_import()
            self._switch_before = sys.getswitchinterval()
            sys.setswitchinterval(_SWITCH_SECONDS)
            self._timer.start()

    def stop(self) -> None:
        """Leave everything as ``start`` found it."""
        if self._was_enabled is not None:
            self._timer.stop()
            sys.setswitchinterval(self._switch_before)
            if self._was_enabled:
                gc.enable()
            self._was_enabled = None

    @staticmethod
    def freeze_after_import() -> None:
        """Call after a big import: no collection looks at its objects again. It collects nothing itself."""
        gc.freeze()

    @Slot()
    @Slot(object)
    def collect_all(self, _ended: object = None) -> None:
        """A full collection, for moments between runs; connect ``Runner.finished`` to it."""
        began = time.perf_counter()
        gc.collect()
        self._full_is_short = time.perf_counter() - began < _SHORT_SECONDS

    @Slot()
    def _tick(self) -> None:
        self._ticks += 1
        put_back_import()  # an import under way in another thread may have undone it
        if gc.isenabled():  # some library turned it on
            gc.disable()
        if self._ticks % _FULL_EVERY == 0 and self._full_is_short:
            self.collect_all()
        else:
            gc.collect(1 if self._ticks % _MIDDLE_EVERY == 0 else 0)


def put_back_import() -> None:
    """Use the import that PySide6 replaced; nothing happens where it replaced none, or where another took its place."""
    names = vars(builtins)
    if names["__import__"] is names.get("__feature_import__", ()):
        names["__import__"] = names.get("__orig_import__", names["__import__"])
