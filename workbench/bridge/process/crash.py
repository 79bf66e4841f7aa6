"""Errors that nobody caught: into a log file and, once each, to a banner. The program goes on.

The hooks run in whichever thread raised, perhaps inside a paintEvent. They touch no widget: they write the log and
hand the news to a Courier, which emits in the GUI thread from the event loop.
"""

from __future__ import annotations

import contextlib
import faulthandler
import logging
import sys
import threading
import traceback
from collections import Counter
from dataclasses import dataclass
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType
from typing import Any, Final

from PySide6.QtCore import QMessageLogContext, QObject, QtMsgType, Signal, Slot, qInstallMessageHandler

from workbench.bridge.threads.event_batcher import Courier

_LOG_BYTES: Final = 1_000_000
_OLD_LOGS: Final = 3
_LEVELS: Final = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}
#: The program's own log; anything may write to it.
LOG: Final = logging.getLogger("workbench")


@dataclass(frozen=True, slots=True)
class Trouble:
    """An uncaught exception: ``message`` for the banner, ``details`` (the traceback) to copy."""

    message: str
    details: str


class CrashReporter(QObject):
    """Lives in the GUI thread. ``install`` once, at the start of the program."""

    #: A Trouble. The same error from the same place is emitted once, however often it happens.
    raised = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._lock = threading.RLock()  # the hook of an object deleted here may come in between
        self._counts: Counter[tuple[Any, ...]] = Counter()
        self._courier = Courier()
        self._courier.delivered.connect(self._on_delivered)
        self._handler: _LogFile | None = None
        self._hooks_before: tuple[Any, ...] = ()
        #: Why there is no log file, for the user; empty while all is well.
        self.trouble = ""
        self._qt_handler_before: Any = None

    def install(self, log_file: Path) -> None:
        """Catch uncaught exceptions of every thread, Qt's messages and fatal signals."""
        try:
            log_file.parent.mkdir(parents=True, exist_ok=True)
            self._handler = _LogFile(log_file)
            LOG.addHandler(self._handler)
        except OSError as error:  # errors are still told, they only leave no trace
            self.trouble = f"Nothing can be kept in {log_file.parent}: {error.strerror or error}."
        LOG.setLevel(logging.INFO)
        self._hooks_before = (sys.excepthook, threading.excepthook, sys.unraisablehook)
        sys.excepthook = self._on_exception
        threading.excepthook = self._on_thread_exception
        sys.unraisablehook = self._on_unraisable
        self._qt_handler_before = qInstallMessageHandler(_on_qt_message)

    def uninstall(self) -> None:
        """Take everything back."""
        if self._hooks_before:
            qInstallMessageHandler(self._qt_handler_before)
            sys.excepthook, threading.excepthook, sys.unraisablehook = self._hooks_before
            self._hooks_before = ()
        if self._handler is not None:
            LOG.removeHandler(self._handler)
            self._handler.close()
            self._handler = None
            self._courier.flush()  # nothing is left on its way

    def count(self) -> int:
        """How many uncaught exceptions there were, repetitions included."""
        return self._counts.total()

    def report(self, error: BaseException) -> None:
        """Treat a caught exception like an uncaught one; from any thread."""
        with self._lock:
            place = tuple((frame.f_code, line) for frame, line in traceback.walk_tb(error.__traceback__))
            key = (type(error), *place)
            self._counts[key] += 1
            count = self._counts[key]
        if count == 1:
            details = "".join(traceback.format_exception(error))
            LOG.error("Uncaught exception\n%s", details)
            self._courier.put(Trouble(_sentence(error), details))
        elif count in (10, 100) or count % 1000 == 0:
            LOG.error("%s again, %d times by now", _sentence(error), count)

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
    def _on_delivered(self, troubles: list[Trouble]) -> None:
        for trouble in troubles:
            self.raised.emit(trouble)


class _LogFile(RotatingFileHandler):
    """The rotating log, also on the terminal if there is one; a fatal signal leaves its stacks in the current file."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, maxBytes=_LOG_BYTES, backupCount=_OLD_LOGS, encoding="utf-8", errors="backslashreplace")
        self.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
        self._stacks_before = faulthandler.is_enabled()
        self._dump_here()

    def emit(self, record: logging.LogRecord) -> None:
        super().emit(record)
        if sys.stderr is not None and record.levelno >= logging.WARNING:
            with contextlib.suppress(OSError, ValueError):  # a closed terminal is no reason to fail
                sys.stderr.write(record.getMessage() + "\n")

    def doRollover(self) -> None:
        super().doRollover()
        self._dump_here()

    def close(self) -> None:
        if self._stacks_before:  # somebody else, a test runner perhaps, had stacks written to the terminal
            faulthandler.enable()
        else:
            faulthandler.disable()
        super().close()

    def _dump_here(self) -> None:
        if self.stream is not None:
            faulthandler.enable(self.stream)


def _on_qt_message(kind: QtMsgType, _context: QMessageLogContext, message: str) -> None:
    with contextlib.suppress(Exception):  # raising here would end in this very handler
        LOG.log(_LEVELS.get(kind, logging.WARNING), "Qt: %s", message)


def _sentence(error: BaseException) -> str:
    return "".join(traceback.format_exception_only(error)).strip().splitlines()[0]
