"""What a test leaves behind in Qt: running threads, active timers, top-level widgets.

Threads and timers are noticed when they are started from Python; garbage that Python would free anyway does not count.
"""

from __future__ import annotations

import gc
import sys
import time
import weakref
from typing import Any

_started: weakref.WeakSet[Any] = weakref.WeakSet()
#: A timer that fires once within this time is waited for, by looking this often and this many times.
_SOON_MS, _LOOK_SECONDS, _MOST_LOOKS = 50, 0.01, 30
_kept: list[Any] = []  # threads that would not stop: dropping the last reference to one aborts the process


def watch() -> bool:
    """Start to note threads and timers; False if Qt is not loaded, so that there is nothing to watch."""
    core = sys.modules.get("PySide6.QtCore")
    if core is None:
        return False
    for kind in (core.QThread, core.QTimer):
        if not hasattr(kind.start, "notes_its_object"):
            kind.start = _noting(kind.start)
    return True


def found() -> set[Any]:
    """All that is running or open now."""
    return _active() | {widget for widget in _top_level_widgets() if widget.parent() is None}


def _active() -> set[Any]:
    """What of the started is running. The rest is forgotten, and noted again when it is started again."""
    from shiboken6 import isValid

    _started.difference_update([each for each in _started if not (isValid(each) and _is_active(each))])
    return set(_started)


def drain() -> None:
    """Deliver what is queued, deletions included, until nothing of it can come back."""
    from PySide6.QtCore import QCoreApplication, QEvent

    if QCoreApplication.instance() is None:
        return
    for _ in range(3):
        QCoreApplication.processEvents()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


def left_since(before: set[Any]) -> set[Any]:
    """What is new since `before`, after everything queued, ending or unreachable is gone."""
    drain()
    if not found() - before:
        return set()
    for each in found() - before:
        if _is_thread(each):
            each.wait(200)
    gc.collect()
    for _ in range(_MOST_LOOKS):
        drain()
        left = found() - before
        if not any(map(_fires_once_and_soon, left)):
            break
        time.sleep(_LOOK_SECONDS)
    return left


def _fires_once_and_soon(each: Any) -> bool:
    """A timer that ends by itself before anyone could be hurt by it."""
    return hasattr(each, "isSingleShot") and each.isSingleShot() and each.interval() <= _SOON_MS


def words(each: Any) -> str:
    """What it is and whose, for the message of a failed test."""
    owners = []
    owner = each.parent()
    while owner is not None:
        owners.append(type(owner).__name__)
        owner = owner.parent()
    interval = f" every {each.interval()} ms" if hasattr(each, "interval") else ""
    return f"{each!r}{interval} of {' of '.join(owners) or 'nobody'}"


def clear(left: set[Any]) -> None:
    """Stop and delete, so that the next test starts clean."""
    for each in left:
        if _is_thread(each):
            each.requestInterruption()
            each.quit()
            if not each.wait(2000):
                _kept.append(each)
        elif hasattr(each, "close"):
            each.close()
            each.deleteLater()
        else:
            each.stop()
    drain()


def _noting(start: Any) -> Any:
    def noting_start(self: Any, *arguments: Any, **named: Any) -> Any:
        _started.add(self)
        return start(self, *arguments, **named)

    noting_start.notes_its_object = True  # type: ignore[attr-defined]
    return noting_start


def _is_thread(each: Any) -> bool:
    return hasattr(each, "requestInterruption")


def _is_active(each: Any) -> bool:
    return bool(each.isRunning() if _is_thread(each) else each.isActive())


def _top_level_widgets() -> list[Any]:
    widgets = sys.modules.get("PySide6.QtWidgets")
    if widgets is None or not isinstance(widgets.QApplication.instance(), widgets.QApplication):
        return []
    return list(widgets.QApplication.topLevelWidgets())
