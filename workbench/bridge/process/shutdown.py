"""Orderly shutdown: the close button, Ctrl-C, SIGTERM, a closed terminal and logout all save the work and end with
exit code 0."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import time
from collections.abc import Callable, Sequence
from typing import Any, Final

from PySide6.QtCore import QEventLoop, QObject, QSocketNotifier, Qt, QTimer, Signal, Slot

from workbench.engine.core.signals import stop_signals

#: ``Runner.shutdown`` and ``Tasks.shutdown``: ends a thread, then calls its argument from the event loop.
ShutdownCall = Callable[[Callable[[], None]], None]

#: A launcher may forward a signal that the terminal has already delivered: within this time it is the same request.
_SAME_REQUEST_SECONDS: Final = 1.0
#: At logout the system waits a few seconds before it kills the process; waiting longer is of no use.
_LOGOUT_MS: Final = 20_000
#: Threads that have nothing to save are waited for this long (milliseconds).
_PATIENCE_MS: Final = 1_500


class Shutdown(QObject):
    """Ends the background threads without blocking the event loop. Lives in the GUI thread."""

    #: "signal" or "logout": the system asks the program to close. The shutdown has begun; the window must not ask.
    requested = Signal(object)
    #: Everything is saved and every thread has been joined: the program can quit.
    closed = Signal()

    def __init__(self, shutdowns: Sequence[ShutdownCall], may_leave: Callable[[], bool] = lambda: False) -> None:
        """``may_leave`` says whether threads may be left running: nothing that they do has to be saved."""
        super().__init__()
        self._shutdowns = list(shutdowns)
        self._may_leave = may_leave
        #: Whether threads were left running: the process must end without joining them.
        self.has_left_threads = False
        self._patience = QTimer(self)
        self._patience.setInterval(_PATIENCE_MS)
        self._patience.timeout.connect(self._on_patience)
        self._running = len(self._shutdowns)
        self._has_begun = False
        self._listener: _SignalListener | None = None

    @property
    def has_begun(self) -> bool:
        """Whether the shutdown has begun."""
        return self._has_begun

    @property
    def is_closed(self) -> bool:
        """Whether every thread has ended."""
        return self._running == 0

    def begin(self) -> None:
        """Begin the shutdown; ``closed`` is emitted at its end. A second call does nothing."""
        if not self._has_begun:
            self._has_begun = True
            self._patience.start()
            for shut_down in self._shutdowns:
                shut_down(self._on_one_ended)

    def listen(self) -> None:
        """Let SIGINT, SIGTERM and SIGHUP close the program. Must be called in the main thread."""
        if self._listener is None:
            self._listener = _SignalListener()
            self._listener.received.connect(self._on_signal)

    def unlisten(self) -> None:
        """Restore the signal handlers that ``listen`` found."""
        if self._listener is not None:
            self._listener.close()
            self._listener = None

    def watch_logout(self, application: QObject) -> None:
        """Save before the desktop session ends; ``application`` is the QGuiApplication."""
        commit: Any = getattr(application, "commitDataRequest", None)
        if commit is not None:
            # Direct: the desktop session may end as soon as the signal has been emitted.
            commit.connect(self._on_logout, Qt.ConnectionType.DirectConnection)

    @Slot()
    def _on_signal(self) -> None:
        self.requested.emit("signal")
        self.begin()

    @Slot()
    def _on_logout(self) -> None:
        self.requested.emit("logout")
        self.begin()
        if self.is_closed:
            return
        loop, limit = QEventLoop(), QTimer()
        self.closed.connect(loop.quit)
        limit.timeout.connect(loop.quit)
        limit.start(_LOGOUT_MS)
        loop.exec(QEventLoop.ProcessEventsFlag.ExcludeUserInputEvents)
        limit.stop()

    def _on_one_ended(self) -> None:
        self._running = max(0, self._running - 1)
        if self._running == 0 and not self.has_left_threads:
            self._patience.stop()
            self.closed.emit()

    @Slot()
    def _on_patience(self) -> None:
        """An import cannot be interrupted: it is not waited for."""
        if self._running and self._may_leave():
            self._patience.stop()
            self._running, self.has_left_threads = 0, True
            self.closed.emit()


class _SignalListener(QObject):
    """Wakes the event loop on these signals. Python alone handles them only when it next runs Python code."""

    received = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._requested_at = 0.0
        self._receiver, self._sender = socket.socketpair()
        for end in (self._receiver, self._sender):
            end.setblocking(False)
        self._notifier = QSocketNotifier(self._receiver.fileno(), QSocketNotifier.Type.Read)
        self._notifier.activated.connect(self._on_activated)
        self._fd_before = signal.set_wakeup_fd(self._sender.fileno(), warn_on_full_buffer=False)
        self._handlers_before = {number: signal.signal(number, _ignore) for number in stop_signals()}

    def close(self) -> None:
        signal.set_wakeup_fd(self._fd_before)
        for number, handler in self._handlers_before.items():
            signal.signal(number, handler)
        self._notifier.setEnabled(False)
        self._receiver.close()
        self._sender.close()

    @Slot()
    def _on_activated(self) -> None:
        numbers = b""
        with contextlib.suppress(BlockingIOError):
            numbers = self._receiver.recv(64)
        received = [number for number in numbers if number in self._handlers_before]
        if not received:
            return
        now = time.monotonic()
        if not self._requested_at:
            self._requested_at = now
            self.received.emit()
        elif now - self._requested_at > _SAME_REQUEST_SECONDS:  # a second request: end at once, as without a handler
            signal.signal(received[0], signal.SIG_DFL)
            os.kill(os.getpid(), received[0])


def _ignore(_number: int, _frame: object) -> None:
    """Does nothing: the wake-up descriptor has already woken the event loop."""
