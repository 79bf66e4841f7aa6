"""P5: a frame of a plot with 10^6 × 4 points, ours against pyqtgraph's automatic downsampling with clipToView.

Four curves of a run's steps (loss, accuracy, rate, norm in subplots of their own) at 620×600; a frame adds 150 steps,
as a fast run does between two frames, and is drawn. pyqtgraph draws the same four curves, one plot each. Ours draws
only the columns that have changed; so the frames of the second line change the width as well, which draws everything
anew. Milliseconds of the GUI thread's processor time; both take turns.
"""

from __future__ import annotations

import os
import time

import numpy as np
import pyqtgraph as pg
from PySide6.QtWidgets import QApplication

from tests.benchmarks.bench_p2_plots import grow, history
from workbench.engine.run_store.history import History
from workbench.views.plots.train_plots import TrainPlots

SIZE = (620, 600)
POINTS = (100_000, 1_000_000)
ROUNDS, FRAMES = 5, 20
ADDED = 150


def main() -> None:
    """Print milliseconds a frame for both sizes, the ratio, and how much the larger one costs."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    app = QApplication.instance() or QApplication([])
    assert isinstance(app, QApplication)
    found = {(points, anew): _measured(app, points, anew) for anew in (False, True) for points in POINTS}
    for (points, anew), (ours, theirs) in found.items():
        ratios = [b / a for a, b in zip(ours, theirs, strict=True)]
        own = f"{np.median(ours):6.2f} ms a frame ({min(ours):.2f} to {max(ours):.2f})"
        print(
            f"P5 {points:9,} x 4{', all anew' if anew else ''}: {own}, pyqtgraph {np.median(theirs):7.2f} ms: ", end=""
        )
        print(f"{np.median(ratios):5.1f}x ({min(ratios):.1f} to {max(ratios):.1f})", flush=True)
    few, many = (float(np.median(found[points, False][0])) for points in POINTS)
    print(f"P5 ten times the points cost {many / few:.2f} x   target 10^6: <= 5 ms, >= 5x; flat")


def _measured(app: QApplication, points: int, anew: bool) -> tuple[list[float], list[float]]:
    """Median milliseconds of a frame in each round, ours and pyqtgraph's."""
    run, rng = history(epochs=100_000), np.random.default_rng(0)
    grow(run, points, rng)
    ours, theirs = _ours(run), _Theirs(run)
    draws: tuple[tuple[TrainPlots | _Theirs, list[float]], ...] = ((ours, []), (theirs, []))
    ours.show()
    theirs.show()
    for _ in range(10):
        app.processEvents()
    for _ in range(ROUNDS):
        for draw, costs in draws:
            costs.append(_cost(app, draw, anew, run, rng))
    for widget in (ours, theirs):
        widget.close()
        widget.deleteLater()
    app.processEvents()
    return draws[0][1], draws[1][1]


def _cost(app: QApplication, plots: TrainPlots | _Theirs, anew: bool, run: History, rng: np.random.Generator) -> float:
    costs = []
    for frame in range(FRAMES):
        grow(run, ADDED, rng)
        began = time.thread_time()
        if anew:
            plots.resize(SIZE[0] - frame % 2, SIZE[1])
        plots.refresh()
        app.processEvents()
        costs.append(1e3 * (time.thread_time() - began))
    return float(np.median(costs))


def _ours(run: History) -> TrainPlots:
    plots = TrainPlots()
    plots.resize(*SIZE)
    plots.show_history(run)
    plots.stack.live = True
    return plots


class _Theirs(pg.GraphicsLayoutWidget):
    """One plot for each per-step column, as pyqtgraph's documentation advises for many points."""

    def __init__(self, run: History) -> None:
        super().__init__()
        self.resize(*SIZE)
        self._run = run
        _first, rows = run.steps.read(0)
        self._rows, self._count = np.empty((len(rows) + (ROUNDS + 1) * 2 * FRAMES * ADDED, rows.shape[1])), 0
        self._x = np.arange(len(self._rows), dtype=np.float64)
        self._curves = []
        for row in range(4):
            plot = self.addPlot(row=row, col=0)
            plot.setDownsampling(auto=True, mode="peak")
            plot.setClipToView(True)
            self._curves.append(plot.plot(pen=pg.mkPen("#3366cc", width=1)))
        self.refresh()

    def refresh(self) -> None:
        """Take the new steps, and give each curve all points that there are."""
        first, rows = self._run.steps.read(self._count)
        self._rows[first : first + len(rows)] = rows
        self._count = first + len(rows)
        for column, curve in enumerate(self._curves):
            curve.setData(self._x[: self._count], self._rows[: self._count, column])


if __name__ == "__main__":
    main()
