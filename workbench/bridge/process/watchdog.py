"""Where the window hangs: when it has not answered for 2 s, the stacks of all threads are written to the log."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QObject, QTimer, Slot

from workbench.bridge.process.crash import LOG, CrashReporter
from workbench.engine.core.text import grouped

#: A window that has not answered for this many seconds hangs.
HANGS_AFTER: Final = 2.0
#: Seconds from one dump to the next: a window that hangs again and again must not fill the log.
PAUSE: Final = 60.0
_TICK_MS: Final = 500


class Watchdog(QObject):
    """Lives in the GUI thread, whose timer puts the dump off again and again. ``start`` and ``stop`` alternate.

    The dump is made by another thread, some seconds later also where the GUI thread holds the GIL (``hang_dump.py``).
    """

    def __init__(self, crash: CrashReporter, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._crash, self._clock = crash, clock
        self._armed: float | None = None  # when the dump was put off last; None while none is due
        self._quiet_until = 0.0
        self._timer = QTimer(self)
        self._timer.setInterval(_TICK_MS)
        self._timer.timeout.connect(self._tick)

    def start(self) -> None:
        """Watch from now on, if there is a log."""
        self._quiet_until = self._clock()
        self._tick()
        self._timer.start()

    def stop(self) -> None:
        """Watch no more."""
        self._timer.stop()
        self._crash.dump_later(None)
        self._armed = None

    @Slot()
    def _tick(self) -> None:
        now = self._clock()
        if self._armed is not None and now - self._armed >= HANGS_AFTER:
            LOG.info("The window did not answer for %s s; the stacks are above.", grouped(now - self._armed, 1))
            self._quiet_until = now + PAUSE
        is_due = now >= self._quiet_until
        self._crash.dump_later(HANGS_AFTER if is_due else None)
        self._armed = now if is_due else None
