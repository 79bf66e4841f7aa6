"""Settings of the Python interpreter while the window is open: garbage collection, thread switching, imports.

A garbage collection that happens to run in the training thread deletes Qt objects there and crashes the process. So
automatic collection is off while the window is open, and a timer in the GUI thread collects instead.
"""

from __future__ import annotations

import gc
import sys
import time
from typing import Final

from PySide6.QtCore import QObject, QTimer, Slot

from workbench.bridge.process.pyside_workarounds import restore_import

_TICK_MS: Final = 200
#: Every 5th tick (1 s) collects the middle generation too, every 300th (1 min) everything.
_MIDDLE_EVERY: Final = 5
_FULL_EVERY: Final = 300
#: A full collection that took longer is not repeated before the run is over: the plots would stutter.
_SHORT_SECONDS: Final = 0.008
#: How long a thread may hold the GIL while another one waits for it. With Python's default of 5 ms a flood of events
#: delayed the window by 11 ms (99th percentile), with 2 ms by 5 ms; training was no slower.
_SWITCH_SECONDS: Final = 0.002


class InterpreterSettings(QObject):
    """Applies the settings and collects garbage in its own thread, the GUI thread. ``start`` and ``stop`` alternate."""

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
        """Apply the settings and start the timer that collects. Does nothing after the first call."""
        if self._was_enabled is None:
            self._was_enabled = gc.isenabled()
            gc.disable()
            restore_import()
            self._switch_before = sys.getswitchinterval()
            sys.setswitchinterval(_SWITCH_SECONDS)
            self._timer.start()

    def stop(self) -> None:
        """Restore the settings that ``start`` found."""
        if self._was_enabled is not None:
            self._timer.stop()
            sys.setswitchinterval(self._switch_before)
            if self._was_enabled:
                gc.enable()
            self._was_enabled = None

    @staticmethod
    def freeze_after_import() -> None:
        """Exclude all present objects from later collections; for use after a large import. Collects nothing itself."""
        gc.freeze()

    @Slot()
    @Slot(object)
    def collect_all(self, _ended: object = None) -> None:
        """Run a full collection. For moments between two runs; connect ``Runner.finished`` to it."""
        began = time.perf_counter()
        gc.collect()
        self._full_is_short = time.perf_counter() - began < _SHORT_SECONDS

    @Slot()
    def _tick(self) -> None:
        self._ticks += 1
        restore_import()  # an import in another thread may have replaced it again
        if gc.isenabled():  # a library has turned it on
            gc.disable()
        if self._ticks % _FULL_EVERY == 0 and self._full_is_short:
            self.collect_all()
        else:
            gc.collect(1 if self._ticks % _MIDDLE_EVERY == 0 else 0)
