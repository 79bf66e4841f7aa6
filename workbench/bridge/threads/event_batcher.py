"""Brings items from any thread to the GUI thread: at most one batch per tick, at most one message under way."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, Final

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot

#: Thirty batches a second: more than an eye needs, few enough that the window can always follow.
TICK_MS: Final = 33


def _never(_older: Any, _newer: Any) -> bool:
    return False


class Courier(QObject):
    """Lives in the GUI thread; ``put`` and ``touch`` may be called from any thread.

    The sender never queues a second message: it wakes the courier once, and from then on the courier fetches by
    itself every tick until it finds nothing. So a fast sender can neither flood nor delay the event loop, and nothing
    is left lying when the sender falls silent. ``replaces(older, newer)`` says that an item makes the one just before
    it worthless.
    """

    #: A list of items; empty if the sender only wanted attention.
    delivered = Signal(object)
    _woken = Signal()

    def __init__(self, replaces: Callable[[Any, Any], bool] = _never) -> None:
        super().__init__()
        self._replaces = replaces
        self._lock = threading.RLock()  # an exception hook may come to put while its thread is putting
        self._items: list[Any] = []
        self._touched = False
        self._awake = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(TICK_MS)
        self._timer.timeout.connect(self._deliver)
        # Queued also when woken in the GUI thread: an exception hook must not run slots where it was called.
        self._woken.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    def put(self, item: Any) -> None:
        """Hand over an item."""
        with self._lock:
            if self._items and self._replaces(self._items[-1], item):
                self._items[-1] = item
            else:
                self._items.append(item)
            wake, self._awake = not self._awake, True
        if wake:
            self._woken.emit()

    def touch(self) -> None:
        """Have ``delivered`` emitted even if there is no item."""
        with self._lock:
            self._touched = True
            wake, self._awake = not self._awake, True
        if wake:
            self._woken.emit()

    @Slot()
    def flush(self) -> None:
        """In the GUI thread: deliver what is there now, and rest."""
        self._timer.stop()
        while items := self._take()[0]:
            self.delivered.emit(items)

    @Slot()
    def _deliver(self) -> None:
        items, touched = self._take()
        if items or touched:
            self._timer.start()  # before the slots: one of them may open a dialog, and events must go on
            self.delivered.emit(items)

    def _take(self) -> tuple[list[Any], bool]:
        with self._lock:
            items, self._items = self._items, []
            touched, self._touched = self._touched, False
            self._awake = bool(items or touched)
            return items, touched
