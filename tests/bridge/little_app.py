"""A program like the workbench, but with a fake engine: run as ``python -m tests.bridge.little_app WAY …``."""

from __future__ import annotations

import gc
import os
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QCoreApplication, QModelIndex, Qt, QTimer, Slot, qWarning
from PySide6.QtGui import QCloseEvent, QPaintEvent
from PySide6.QtWidgets import QApplication, QDialog, QFormLayout, QLabel, QMainWindow, QTableView, QWidget

from tests.fakes import FakeEngine
from workbench.bridge.process.crash import CrashReporter
from workbench.bridge.process.interpreter import InterpreterSettings
from workbench.bridge.process.shutdown import Shutdown
from workbench.bridge.runner import Runner
from workbench.bridge.threads.background import Tasks


def say(*words: Any) -> None:
    print(*words, flush=True)


class Window(QMainWindow):
    """Closes only when everything has ended."""

    def __init__(self, closing: Shutdown) -> None:
        super().__init__()
        self.shutdown = closing

    def closeEvent(self, event: QCloseEvent) -> None:
        self.shutdown.begin()
        event.setAccepted(self.shutdown.is_closed)


class App:
    def __init__(self) -> None:
        self.qt = QApplication([])
        self.qt.setQuitOnLastWindowClosed(False)
        self.runner = Runner()
        self.tasks = Tasks()
        self.engine = FakeEngine(step_seconds=0.002, save_seconds=0.2)
        self.shutdown = Shutdown([self.runner.shutdown, self.tasks.shutdown])
        self.shutdown.requested.connect(lambda why: say("requested", why))
        self.shutdown.closed.connect(self.qt.quit)
        self.runner.finished.connect(lambda ended: say(ended.reason, "saved", self.engine.weights_saved))
        self.window = Window(self.shutdown)
        self.window.show()

    def train(self) -> None:
        self.runner.events.connect(self._when_started)
        self.runner.start(self.engine.run)
        self.tasks.submit("wait", _wait_until_cancelled)

    def _when_started(self, _events: Any) -> None:
        self.runner.events.disconnect(self._when_started)
        say("training")

    def end(self, code: int) -> None:
        del self.window
        say("exit", code)
        sys.exit(code)


def _wait_until_cancelled(_progress: Any, cancelled: Any) -> None:
    while not cancelled():
        time.sleep(0.01)


# --- Ways to end ------------------------------------------------------------------------------------------------


def close(pause: bool = False) -> None:
    app = App()
    app.train()
    if pause:
        QTimer.singleShot(100, app.runner.pause)
    QTimer.singleShot(200, app.window.close)
    app.end(app.qt.exec())


def close_while_paused() -> None:
    close(pause=True)


def close_while_starting() -> None:
    app = App()
    app.engine.start_seconds = 0.5
    app.train()
    QTimer.singleShot(100, app.window.close)
    app.end(app.qt.exec())


def close_while_idle() -> None:
    app = App()
    QTimer.singleShot(50, app.window.close)
    app.end(app.qt.exec())


def wait_for_signal() -> None:
    app = App()
    app.shutdown.listen()
    app.train()
    code = app.qt.exec()
    app.shutdown.unlisten()
    app.end(code)


def wait_for_signal_in_long_step() -> None:
    app = App()
    app.engine.step_seconds = 600
    app.shutdown.listen()
    app.train()
    app.qt.exec()


def log_out() -> None:
    app = App()
    app.shutdown.watch_logout(app.qt)
    app.train()

    def log_out_now() -> None:
        app.shutdown._on_logout()
        say("answered", app.shutdown.is_closed)

    QTimer.singleShot(200, log_out_now)
    app.end(app.qt.exec())


def quit_the_application() -> None:
    app = App()
    app.train()
    QTimer.singleShot(200, app.qt.quit)
    app.end(app.qt.exec())


def exit_carelessly() -> None:
    app = App()
    app.train()
    QTimer.singleShot(200, lambda: app.qt.exit(0))
    app.qt.exec()
    say("exit", 0)  # the interpreter ends with everything alive


def drop_carelessly() -> None:
    qt = QCoreApplication([])
    engine = FakeEngine()
    runner = Runner()
    runner.start(engine.run)
    QTimer.singleShot(200, qt.quit)
    qt.exec()
    del runner
    say("dropped, runs closed:", engine.closed)


# --- Garbage ----------------------------------------------------------------------------------------------------


class Node:
    """Garbage that only a collection can find."""

    def __init__(self) -> None:
        self.me = self


def _dialog(parent: QWidget) -> None:
    dialog = QDialog(parent)
    layout = QFormLayout(dialog)
    for number in range(20):
        layout.addRow(QLabel(str(number)), QLabel("x", dialog))
    dialog.cycle = dialog  # type: ignore[attr-defined]
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    dialog.show()
    dialog.close()
    dialog.setParent(None)


def collect_garbage(seconds: str) -> None:
    app = App()
    keeper = InterpreterSettings()
    keeper.start()
    collectors: set[int] = set()
    gc.callbacks.append(lambda _phase, _info: collectors.add(threading.get_ident()))
    made = [0]

    def litter(_step: int) -> None:
        for _ in range(2000):
            Node()

    def open_dialogs() -> None:
        made[0] += 1
        _dialog(app.window)

    app.engine.on_step = litter
    app.runner.finished.connect(keeper.collect_all)
    opening = QTimer()
    opening.timeout.connect(open_dialogs)
    opening.start(2)
    app.train()
    QTimer.singleShot(int(float(seconds) * 1000), app.window.close)
    code = app.qt.exec()
    opening.stop()
    keeper.stop()
    say("opened", made[0], "steps", app.engine.step)
    say("collected by the window's thread only:", collectors == {threading.get_ident()})
    say("garbage is bounded:", sum(isinstance(each, Node) for each in gc.get_objects()) < 1_000_000)
    app.end(code)


# --- Errors -----------------------------------------------------------------------------------------------------


class BadPainter(QWidget):
    def paintEvent(self, _event: QPaintEvent) -> None:
        raise RuntimeError("cannot paint")


class BadModel(QAbstractTableModel):
    def rowCount(self, _parent: Any = None) -> int:
        return 3

    def columnCount(self, _parent: Any = None) -> int:
        return 3

    def data(self, index: QModelIndex, role: int = 0) -> Any:
        raise KeyError("no such cell")


class BadSlots(QWidget):
    @Slot()
    def fail(self) -> None:
        raise ValueError(f"tick at {time.perf_counter()}")

    def timerEvent(self, _event: Any) -> None:
        raise ZeroDivisionError("timer")


class BadDestructor:
    def __del__(self) -> None:
        raise OSError("in __del__")


def fail_everywhere(log: str) -> None:
    app = App()
    reporter = CrashReporter()
    reporter.install(Path(log))
    banners: list[str] = []
    reporter.raised.connect(lambda trouble: banners.append(trouble.message))
    threads_of_banners: set[int] = set()
    reporter.raised.connect(lambda _: threads_of_banners.add(threading.get_ident()))
    painter, view, model, slots = BadPainter(app.window), QTableView(app.window), BadModel(), BadSlots(app.window)
    view.setModel(model)
    view.resize(200, 200)
    painter.resize(50, 50)
    timer = QTimer()
    timer.timeout.connect(slots.fail)
    timer.timeout.connect(painter.update)
    timer.start(2)
    slots.startTimer(5)
    for each in (view, painter, slots):
        each.show()
    app.train()
    for _ in range(2):
        thread = threading.Thread(target=_fail_in_thread)
        thread.start()
        thread.join()
    BadDestructor()
    qWarning("Qt is worried")
    QTimer.singleShot(700, app.window.close)
    code = app.qt.exec()
    timer.stop()
    view.setModel(None)
    reporter.uninstall()
    for banner in sorted(banners):
        say("banner:", banner.split(" at ")[0])
    say("many errors:", reporter.count() > 100, "in one thread:", threads_of_banners == {threading.get_ident()})
    say("no frames kept:", not hasattr(sys, "last_traceback"))
    app.end(code)


def _fail_in_thread() -> None:
    raise LookupError("in a thread")


def die(log: str) -> None:
    app = App()
    reporter = CrashReporter()
    reporter.install(Path(log))
    app.qt.processEvents()
    os.abort()


if __name__ == "__main__":
    if hasattr(signal, "SIGHUP"):  # ignored where these tests were started to outlive their terminal
        signal.signal(signal.SIGHUP, signal.SIG_DFL)
    globals()[sys.argv[1]](*sys.argv[2:])
