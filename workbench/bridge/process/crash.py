"""Uncaught exceptions: written to a log file and, once each, shown in a banner. The program goes on.

The hooks run in the thread that raised, possibly inside a ``paintEvent``. They touch no widget: they write to the log
and pass the error to an EventBatcher, which emits it in the GUI thread from the event loop.
"""

from __future__ import annotations

import contextlib
import faulthandler
import logging
import sys
import threading
import traceback
import weakref
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType
from typing import Any, Final

from PySide6.QtCore import QMessageLogContext, QObject, QtMsgType, Signal, Slot, qInstallMessageHandler

from workbench.bridge.process.hang_dump import HangDump
from workbench.bridge.threads.event_batcher import EventBatcher

_LOG_BYTES: Final = 1_000_000
_OLD_LOGS: Final = 3
_LEVELS: Final = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}
#: The program's log. Every module may write to it.
LOG: Final = logging.getLogger("workbench")


@dataclass(frozen=True, slots=True)
class UncaughtError:
    """An uncaught exception: ``message`` (one line) for the banner, ``details`` (the traceback) for the clipboard."""

    message: str
    details: str


class CrashReporter(QObject):
    """Reports uncaught exceptions of all threads. Lives in the GUI thread; ``install`` is called once, at the start."""

    #: An UncaughtError. The same error from the same source line is emitted only once.
    raised = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._lock = threading.RLock()  # deleting an object in here may call a hook
        self._counts: Counter[tuple[Any, ...]] = Counter()
        self._batcher = EventBatcher()
        self._batcher.delivered.connect(self._on_delivered)
        self._handler: _LogFile | None = None
        self._hooks_before: tuple[Any, ...] = ()
        #: Why there is no log file, as a sentence for the user; empty if there is one.
        self.log_error = ""
        self._qt_handler_before: Any = None

    def install(self, log_file: Path) -> None:
        """Install the hooks for uncaught exceptions of every thread, Qt's messages and fatal signals.

        Errors are written to ``log_file``; if it cannot be opened, ``log_error`` says why and the hooks still work.
        """
        try:
            log_file.parent.mkdir(parents=True, exist_ok=True)
            self._handler = _LogFile(log_file)
            LOG.addHandler(self._handler)
        except OSError as error:  # errors are still shown, only not logged
            self.log_error = f"Nothing can be saved in {log_file.parent}: {error.strerror or error}."
        LOG.setLevel(logging.INFO)
        self._hooks_before = (sys.excepthook, threading.excepthook, sys.unraisablehook)
        sys.excepthook = _while_it_lives(self._on_exception, sys.__excepthook__)
        threading.excepthook = _while_it_lives(self._on_thread_exception, threading.__excepthook__)
        sys.unraisablehook = self._on_unraisable
        self._qt_handler_before = qInstallMessageHandler(_on_qt_message)

    def uninstall(self) -> None:
        """Remove the hooks and close the log."""
        if self._hooks_before:
            qInstallMessageHandler(self._qt_handler_before)
            sys.excepthook, threading.excepthook, sys.unraisablehook = self._hooks_before
            self._hooks_before = ()
        if self._handler is not None:
            LOG.removeHandler(self._handler)
            self._handler.close()
            self._handler = None
            self._batcher.flush()  # emit what is still queued

    def dump_later(self, seconds: float | None) -> None:
        """Write the stacks of all threads to the log in ``seconds``, unless it is put off again before; None: never."""
        if self._handler is not None:
            self._handler.dump_later(seconds)

    def count(self) -> int:
        """The number of uncaught exceptions so far, including repetitions."""
        return self._counts.total()

    def report(self, error: BaseException) -> None:
        """Report a caught exception like an uncaught one. May be called from any thread."""
        with self._lock:
            lines = tuple((frame.f_code, line) for frame, line in traceback.walk_tb(error.__traceback__))
            key = (type(error), *lines)
            self._counts[key] += 1
            count = self._counts[key]
        if count == 1:
            details = "".join(traceback.format_exception(error))
            LOG.error("Uncaught exception\n%s", details)
            self._batcher.put(UncaughtError(_sentence(error), details))
        elif count in (10, 100) or count % 1000 == 0:
            LOG.error("%s again, %d times so far", _sentence(error), count)

    def _on_exception(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if isinstance(error, KeyboardInterrupt):
            sys.__excepthook__(kind, error, trace)
            return
        self.report(error)
        # Python keeps the last error for a debugger; its frames would keep closed dialogs and old runs alive.
        for name in ("last_type", "last_value", "last_traceback", "last_exc"):
            if hasattr(sys, name):
                delattr(sys, name)

    def _on_thread_exception(self, arguments: threading.ExceptHookArgs) -> None:
        if arguments.exc_value is not None and not isinstance(arguments.exc_value, SystemExit):
            self.report(arguments.exc_value)

    def _on_unraisable(self, unraisable: Any) -> None:
        if isinstance(unraisable.exc_value, Exception):
            self.report(unraisable.exc_value)

    @Slot(object)
    def _on_delivered(self, errors: list[UncaughtError]) -> None:
        for error in errors:
            self.raised.emit(error)


class _LogFile(RotatingFileHandler):
    """The rotating log, copied to the terminal if there is one. A fatal signal writes all stacks to its file."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, maxBytes=_LOG_BYTES, backupCount=_OLD_LOGS, encoding="utf-8", errors="backslashreplace")
        self.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
        self._faulthandler_was_on = faulthandler.is_enabled()
        self._hang_dump = HangDump(self._dump)
        self._dump_here()

    def emit(self, record: logging.LogRecord) -> None:
        super().emit(record)
        if sys.stderr is not None and record.levelno >= logging.WARNING:
            with contextlib.suppress(OSError, ValueError):  # the terminal may be closed
                sys.stderr.write(record.getMessage() + "\n")

    def dump_later(self, seconds: float | None) -> None:
        """Dump all stacks in ``seconds``, in place of a dump that was due; None: no dump is due any more."""
        with self.lock or contextlib.nullcontext():
            self._hang_dump.due_in(None if self.stream is None else seconds, self.stream)

    def doRollover(self) -> None:
        self._hang_dump.due_in(None)  # its file is closed, and the number soon that of another file
        super().doRollover()
        self._dump_here()

    def close(self) -> None:
        self._hang_dump.close()
        if self._faulthandler_was_on:  # it was set up before, by a test runner for example
            faulthandler.enable()
        else:
            faulthandler.disable()
        super().close()

    def _dump(self) -> None:
        """Runs in the thread of the dump. The lock: a file that is just changed or closed takes no dump."""
        with self.lock or contextlib.nullcontext(), contextlib.suppress(OSError, ValueError):  # a full disk
            if self.stream is not None:
                self.stream.write("Timeout: the stacks of all threads\n")
                self.stream.flush()
                faulthandler.dump_traceback(self.stream)

    def _dump_here(self) -> None:
        if self.stream is not None:
            faulthandler.enable(self.stream)


def _while_it_lives(hook: Callable[..., None], otherwise: Callable[..., object]) -> Callable[..., None]:
    """The method ``hook``, without a reference to its object; ``otherwise`` once the object is gone.

    A Python thread keeps the hooks that were there when it began, and the entry of an ended QThread goes only when its
    number is used again. If that let go of the last reference, a worker would delete a QObject: it would hold Qt's lock
    and wait for Python's, while the GUI thread holds Python's and waits for Qt's.
    """
    method = weakref.WeakMethod(hook)

    def call(*arguments: Any) -> None:
        (method() or otherwise)(*arguments)

    return call


def _on_qt_message(kind: QtMsgType, _context: QMessageLogContext, message: str) -> None:
    with contextlib.suppress(Exception):  # an error raised here would call this handler again
        LOG.log(_LEVELS.get(kind, logging.WARNING), "Qt: %s", message)


def _sentence(error: BaseException) -> str:
    return "".join(traceback.format_exception_only(error)).strip().splitlines()[0]
