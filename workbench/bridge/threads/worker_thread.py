"""A thread with one worker object that cannot be dropped while it runs, whichever way the program ends."""

from __future__ import annotations

import atexit
import contextlib
import os
import sys
import threading
import weakref
from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QObject, Qt, QThread, Signal, Slot

#: Added to the niceness of background threads: enough that the window is served first, little enough that training
#: keeps its share of a busy machine.
_NICER: Final = 5


class Lane(QObject):
    """Owns a QThread and its worker; lives in the GUI thread.

    Dropping a running QThread aborts the process. So the thread has no parent that could take it along, and it is
    interrupted and joined if this object is collected or the interpreter ends without ``end`` (which is the regular
    way and does not block). ``interrupt`` makes the worker return soon; it must not hold this object.
    """

    #: The thread has ended and was joined.
    ended = Signal()
    _joined = Signal()

    def __init__(self, worker: QObject, interrupt: Callable[[], None], name: str, *, is_low: bool) -> None:
        super().__init__()
        self._priority = QThread.Priority.LowPriority if is_low else QThread.Priority.InheritPriority
        self._thread = QThread()
        self._thread.setObjectName(name)
        self._worker = worker
        worker.moveToThread(self._thread)
        self._thread.finished.connect(self._on_finished)
        self._joined.connect(self._on_finished, Qt.ConnectionType.QueuedConnection)
        self._last_resort = weakref.finalize(self, _join, self._thread, interrupt)
        atexit.register(self._last_resort)  # finalize's own hook may come after Qt's, when the thread is gone

    def start(self) -> None:
        """Start the thread if it does not run yet."""
        if not self._thread.isRunning():
            self._thread.start(self._priority)

    def end(self) -> None:
        """Let the worker finish what it does, then end; ``ended`` says when."""
        if self._thread.isRunning():
            self._thread.quit()
        else:
            self._joined.emit()

    @Slot()
    def _on_finished(self) -> None:
        self._thread.wait()
        self._last_resort.detach()
        atexit.unregister(self._last_resort)
        self.ended.emit()


def _join(thread: QThread, interrupt: Callable[[], None]) -> None:
    interrupt()
    thread.quit()
    thread.wait()


def lower_priority() -> None:
    """Let the window go before the calling thread and those it starts. Linux ignores the priority that Qt sets."""
    if sys.platform == "linux":
        thread = threading.get_native_id()
        with contextlib.suppress(OSError):  # forbidden in some containers: then it stays as it is
            os.setpriority(os.PRIO_PROCESS, thread, os.getpriority(os.PRIO_PROCESS, 0) + _NICER)
