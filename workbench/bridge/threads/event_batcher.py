"""Passes items from any thread to the GUI thread in batches: at most one batch per tick."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any, Final

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot

#: Milliseconds between two batches: 30 a second look continuous. What follows a batch holds the GIL, which training
#: needs; where it takes more than this share of the time, batches come more slowly, down to the longest pause.
TICK_MS: Final = 33
LONGEST_MS: Final = 66
SHARE: Final = 0.01


def _no_kind(_item: Any) -> None:
    return None


def _never(_older: Any, _newer: Any) -> bool:
    return False


#: Placeholder of an item that was replaced by a newer one of its kind.
_GONE: Final = object()


class EventBatcher(QObject):
    """Lives in the GUI thread; ``put`` and ``touch`` may be called from any thread.

    The first item wakes the batcher with one queued signal; from then on a timer collects the items until there are
    none. So a fast sender cannot flood the event loop, and the last items are always delivered.
    ``replaces(older, newer)`` is True if the newer of two neighbouring items makes the older one obsolete. Of all items
    of one ``kind`` (None: of none) a batch has only the newest.
    """

    #: The list of items, in the order of ``put``; empty after a ``touch`` without items.
    delivered = Signal(object)
    _woken = Signal()

    def __init__(
        self, replaces: Callable[[Any, Any], bool] = _never, kind: Callable[[Any], object | None] = _no_kind
    ) -> None:
        super().__init__()
        self._replaces, self._kind = replaces, kind
        self._lock = threading.RLock()  # an exception hook may call put while its thread is inside put
        self._items: list[Any] = []
        self._places: dict[object, int] = {}  # of the newest item of each kind
        self._touched = False
        self._awake = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(TICK_MS)
        self._timer.timeout.connect(self._deliver)
        # Queued in the GUI thread, too: an exception hook must not run slots inside the code that raised.
        self._woken.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    def put(self, item: Any) -> None:
        """Add an item to the next batch."""
        with self._lock:
            if self._items and self._replaces(self._items[-1], item):
                self._items[-1] = item
            else:
                self._add(item)
            wake, self._awake = not self._awake, True
        if wake:
            self._woken.emit()

    def _add(self, item: Any) -> None:
        kind = self._kind(item)
        if kind is not None:
            if kind in self._places:
                self._items[self._places[kind]] = _GONE
            self._places[kind] = len(self._items)
        self._items.append(item)

    def touch(self) -> None:
        """Let ``delivered`` be emitted even if there is no item."""
        with self._lock:
            self._touched = True
            wake, self._awake = not self._awake, True
        if wake:
            self._woken.emit()

    @Slot()
    def flush(self) -> None:
        """Deliver all items now and stop the timer. In the GUI thread only."""
        self._timer.stop()
        while items := self._take()[0]:
            self.delivered.emit(items)

    @Slot()
    def _deliver(self) -> None:
        items, touched = self._take()
        if items or touched:
            self._timer.start()  # before the slots: one of them may open a dialog, during which items must still arrive
            began = time.thread_time()
            self.delivered.emit(items)
            wanted = round(1000 * (time.thread_time() - began) / SHARE)
            self._timer.setInterval(min(max(TICK_MS, wanted), LONGEST_MS))

    def _take(self) -> tuple[list[Any], bool]:
        with self._lock:
            items, self._items = self._items, []
            if self._places:
                items, self._places = [item for item in items if item is not _GONE], {}
            touched, self._touched = self._touched, False
            self._awake = bool(items or touched)
            return items, touched
