"""P10: eight optimizers of the catalog race on a surface while the page paints 60 frames a second.

``python -m tests.benchmarks p10`` prints what a race of all eight costs an update, what painting the picture and two
strips costs a frame at 20 updates a frame (speed 100), and how late a timer of the window fires while the thread
races beside it.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from PySide6.QtCore import QEventLoop, QObject, Qt, QTimer, Slot
from PySide6.QtWidgets import QApplication

from workbench.bridge.playground.desk import PlaygroundDesk
from workbench.bridge.process.interpreter import InterpreterSettings
from workbench.bridge.threads.background import Tasks
from workbench.engine.catalog.optimizers import Optimizer
from workbench.engine.catalog.variant import members_of
from workbench.engine.playground.race import Race
from workbench.engine.playground.spec import PlaygroundSpec
from workbench.views.playground.playground_page import PlaygroundPage

_KINDS = ("sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adam", "adamw", "nadam")
_FRAME_MS = 1000 / 60


def spec(updates: int) -> PlaygroundSpec:
    """Eight racers, slow enough to be on their way for long."""
    members = members_of(Optimizer)  # type: ignore[type-abstract]
    return PlaygroundSpec(racers=tuple(members[kind](lr=0.002) for kind in _KINDS), updates=updates)


def race_cost() -> float:
    """Milliseconds of processor time of one update of all eight."""
    race = Race(spec(3000))
    race.advance(100)
    begin = time.thread_time()
    race.advance(1000)
    return time.thread_time() - begin


class Heart(QObject):
    """A 5 ms timer that notes how late it is, in milliseconds."""

    def __init__(self) -> None:
        super().__init__()
        self.late: list[float] = []
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._beat)
        self._due = time.perf_counter() + 0.005
        self._timer.start(5)

    @Slot()
    def _beat(self) -> None:
        now = time.perf_counter()
        self.late.append(1e3 * max(0.0, now - self._due))
        self._due = now + 0.005


def opened(app: QApplication, updates: int) -> PlaygroundPage:
    """The page, whose race has begun."""
    desk = PlaygroundDesk(Path(tempfile.mkdtemp()), Tasks())
    desk.store.load(spec(updates))
    desk.cursor.go(0)
    page = PlaygroundPage(desk)
    page.resize(1200, 640)
    page.show()
    while desk.paths is None or desk.paths.updates < 800:
        app.processEvents()
        time.sleep(0.002)
    return page


def frame_cost(app: QApplication, page: PlaygroundPage) -> np.ndarray:
    """Milliseconds of processor time of the window for each frame of 20 updates."""
    costs = []
    for frame in range(1, 35):
        page.desk.cursor.go(20 * frame)
        begin = time.thread_time()
        app.processEvents()
        costs.append(1e3 * (time.thread_time() - begin))
    return np.array(costs[3:])


def lateness(page: PlaygroundPage, seconds: float) -> tuple[np.ndarray, float]:
    """How late the heart beats while all eight are raced and played at speed 100, and updates a second."""
    heart = Heart()
    page.desk.cursor.go(0)
    page.desk.cursor.set_speed(100.0)
    page.desk.store.edit("surface.tilt", 20.0)
    page.desk.cursor.play()
    begin = time.perf_counter()
    loop = QEventLoop()  # as in the program: a loop of processEvents would sleep where the window waits
    QTimer.singleShot(round(1e3 * seconds), loop.quit)
    loop.exec()
    return np.array(heart.late[10:]), page.desk.cursor.at / (time.perf_counter() - begin)


def main() -> None:
    """Print the rows."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    settings = InterpreterSettings()  # as in the program
    settings.start()
    app = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(app, QApplication)
    cost = race_cost()
    print(f"one update of 8 racers        {cost:6.2f} ms of processor time; 20 of them {20 * cost:5.1f} ms")
    print(f"                              a frame at 60/s has {_FRAME_MS:.1f} ms: {_FRAME_MS / cost:.0f} updates")
    page = opened(app, 20_000)
    frames = frame_cost(app, page)
    print(f"painting a frame              {np.median(frames):6.2f} ms median, {np.quantile(frames, 0.99):.2f} ms p99")
    late, speed = lateness(page, 8.0)
    print(f"played at 100×                {speed:6.0f} updates a second of 1200")
    print(
        f"heartbeat of the window       {np.quantile(late, 0.5):6.2f} ms median, {np.quantile(late, 0.99):.2f} ms p99"
    )
    page.hide()
    ended: list[bool] = []
    page.desk.shutdown(lambda: ended.append(True))
    while not ended:
        app.processEvents()
    page.deleteLater()
    settings.stop()


if __name__ == "__main__":
    main()
