"""A QThread with one worker object that is always joined before it is deleted, however the program ends."""

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

#: Added to the niceness of background threads. The window then runs first, and background work still gets its share
#: of a busy machine.
_NICER: Final = 5


class WorkerThread(QObject):
    """Owns a QThread and its worker; lives in the GUI thread.

    Deleting a running QThread aborts the process. So the thread has no parent that could delete it. ``end`` is the
    regular way to end it and does not block. If this object is collected or the interpreter exits without it, the
    thread is interrupted and joined. ``interrupt`` makes the worker return soon; it must not refer to this object.
    """

    #: The thread has ended and has been joined.
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
        atexit.register(self._last_resort)  # finalize's own hook may run after Qt's, when the thread no longer exists

    def start(self) -> None:
        """Start the thread unless it is running."""
        if not self._thread.isRunning():
            self._thread.start(self._priority)

    def end(self) -> None:
        """End the thread when the worker has finished its present work; ``ended`` is emitted then."""
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
    """Lower the priority of the calling thread and the threads it starts. Linux ignores the priority that Qt sets."""
    if sys.platform == "linux":
        thread = threading.get_native_id()
        with contextlib.suppress(OSError):  # some containers forbid it
            os.setpriority(os.PRIO_PROCESS, thread, os.getpriority(os.PRIO_PROCESS, 0) + _NICER)
