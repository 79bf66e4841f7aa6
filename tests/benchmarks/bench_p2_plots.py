"""P2, the plots' part: what a frame of all subplots costs, and what drawing costs a thread that computes beside it.

``python -m tests.benchmarks.bench_p2_plots`` prints the table. The thread stands for training: NumPy products that
release the GIL and a little Python between them, as torch does. The real engine's row is P2 itself.
"""

from __future__ import annotations

import math
import os
import threading
import time
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QEventLoop, QObject, Qt, QTimer, Slot
from PySide6.QtWidgets import QApplication
from threadpoolctl import threadpool_limits

from workbench.engine.core.events import EpochEnded, Measured, RunStarted
from workbench.engine.core.step_store import StepStore
from workbench.engine.run_store.history import History
from workbench.views.plots.train_plots import TrainPlots

WARM = 2.5
SIZES = ((620, 600), (1160, 960))


def history(steps_per_epoch: int = 1000, epochs: int = 1000) -> History:
    """A run that has begun."""
    made = History(StepStore())
    spec = {"loop": {"epochs": epochs}}
    made.fold(RunStarted(spec, "cpu", "", 1, 1, 1, 1, 1, ("a",), (1,), steps_per_epoch, "0"))
    return made


def grow(run: History, steps: int, rng: np.random.Generator) -> None:
    """Add steps, and an evaluation where an epoch ends."""
    started = run.started
    assert started is not None
    for noise in rng.normal(0, 0.3, steps):
        at = run.steps.count
        loss = 2.3 * math.exp(-at / 20_000 + noise) + 0.05
        run.steps.append(loss, max(0.0, 1 - 0.4 * loss), 0.05, math.exp(noise), at * 2e-4)
        if (at + 1) % started.steps_per_epoch == 0:
            run.fold(evaluation(at + 1, started.steps_per_epoch))


def evaluation(step: int, per_epoch: int) -> EpochEnded:
    loss = 2.3 * math.exp(-step / 20_000)
    train, val = Measured(loss, 0.9, 360, 0.02, 0.01), Measured(loss + 0.1, 0.88, 360, 0.02, 0.01)
    return EpochEnded(step // per_epoch, step, step * 2e-4, 0.05, loss, 0.9, train, val, True, 0, 1e4)


def frame_cost(app: QApplication, size: tuple[int, int], before: int, smoothing: int) -> tuple[float, float]:
    """Milliseconds of processor time of one frame: median and 99th percentile; ``before`` steps are there already."""
    rng, run = np.random.default_rng(0), history()
    grow(run, before, rng)
    plots = TrainPlots()
    plots.resize(*size)
    plots.show_history(run)
    plots.options.smoothing.setValue(smoothing)
    plots.show()
    plots.stack.live = True
    for _ in range(5):
        app.processEvents()
    costs = []
    for _ in range(200):
        grow(run, 150, rng)
        start = time.thread_time()
        plots.refresh()
        app.processEvents()
        costs.append(1e3 * (time.thread_time() - start))
    plots.close()
    plots.deleteLater()
    app.processEvents()
    return float(np.median(costs)), float(np.quantile(costs, 0.99))


class Heart(QObject):
    """A 5 ms timer that notes how late it is."""

    def __init__(self) -> None:
        super().__init__()
        self.late: list[float] = []
        self._due = time.perf_counter() + 0.005
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._beat)
        self._timer.start(5)

    def stop(self) -> None:
        self._timer.stop()

    @Slot()
    def _beat(self) -> None:
        now = time.perf_counter()
        self.late.append(max(0.0, now - self._due))
        self._due = now + 0.005


class Trainer(threading.Thread):
    """Tiny steps: products without the GIL, Python between them, one row a step."""

    def __init__(self, run: History) -> None:
        super().__init__(daemon=True)
        self.run_, self.stop = run, False
        self.busy = 0.0

    def run(self) -> None:
        a, b = np.random.rand(96, 96), np.random.rand(96, 96)
        while not self.stop:
            for _ in range(6):
                a @ b
            grow_one(self.run_)


def grow_one(run: History) -> None:
    at = run.steps.count
    run.steps.append(2.3 / (1 + at / 5000), 0.9, 0.05, 1.0, at * 2e-4)
    if (at + 1) % 1000 == 0:
        run.fold(evaluation(at + 1, 1000))


@dataclass
class Live:
    steps_per_second: float
    frames_per_second: float
    late_p99: float


def live(plots: TrainPlots | None, seconds: float) -> Live:
    """Train for a while with the event loop running, with or without plots."""
    run = history()
    heart, trainer = Heart(), Trainer(run)
    if plots is not None:
        plots.show_history(run)
        plots.start_live()
    trainer.start()
    _wait(WARM)  # at first the axes grow with every frame
    steps, frames, start = run.steps.count, plots.frames_drawn if plots else 0, time.perf_counter()
    heart.late.clear()
    _wait(seconds)
    took = time.perf_counter() - start
    steps, frames = run.steps.count - steps, (plots.frames_drawn if plots else 0) - frames
    trainer.stop = True
    trainer.join()
    if plots is not None:
        plots.stop_live()
    heart.stop()
    return Live(steps / took, frames / took, 1e3 * float(np.quantile(heart.late, 0.99)))


def _wait(seconds: float) -> None:
    loop = QEventLoop()
    QTimer.singleShot(int(1000 * seconds), loop.quit)
    loop.exec()


def main() -> None:
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    threadpool_limits(1)
    app = QApplication([])
    print("frame of all subplots, ms of processor time (median / p99)")
    for size in SIZES:
        for before, smoothing in ((0, 0), (100_000, 0), (1_000_000, 0), (100_000, 4)):
            cost = frame_cost(app, size, before, smoothing)
            print(f"  {size[0]}x{size[1]}, {before:>9,} steps, smoothing {smoothing}: {cost[0]:.2f} / {cost[1]:.2f}")
    print("beside a computing thread (alternating, 4 s each after a start)")
    for size in SIZES:
        plots = TrainPlots()
        plots.resize(*size)
        plots.show()
        ratios, rates, lates = [], [], []
        for _ in range(3):
            alone, beside = live(None, 4), live(plots, 4)
            ratios.append(beside.steps_per_second / alone.steps_per_second)
            rates.append(beside.frames_per_second)
            lates.append(beside.late_p99)
        print(
            f"  {size[0]}x{size[1]}: {np.median(ratios):.3f} of the steps/s, {np.median(rates):.1f} frames/s, "
            f"heartbeat p99 {np.median(lates):.1f} ms, cost {1e3 * plots.paint_budget.cost:.2f} ms"
        )
        plots.close()


if __name__ == "__main__":
    main()
