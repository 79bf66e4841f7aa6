"""P2: a tiny step (digits MLP 64-128-10, batch 64, Adam, 1 thread) with the window open, against none.

The window is the default Train page with all its panes live, at 1280×720. Interleaved; the median counts.
"""

from __future__ import annotations

from statistics import median

from tests.benchmarks.child import run

ROUNDS = 3
SECONDS = 6.0

SPEC = """
import sys
from workbench.engine.spec import ExperimentSpec
spec = ExperimentSpec()
for path, value in {"model": {"kind": "mlp", "hidden": [128]}, "optimizer": {"kind": "adam"}, "loop.epochs": 1000000,
                    "loop.batch_size": 64, "loop.threads": 1}.items():
    spec = spec.edited(path, value)
SECONDS = float(sys.argv[1])
"""

ALONE = (
    SPEC
    + """
import json, time
from workbench.engine.events import Stop
from workbench.engine.drive import drive
from workbench.engine.runs import RunFolder
from workbench.engine.steps import StepStore
from workbench.engine.train import Training
steps = StepStore()
begin = []
def commands(event):
    now = time.perf_counter()
    if not begin:
        begin.append((now, 0)); begin.append(None)
    if begin[1] is None and now - begin[0][0] > 2.0:
        begin[1] = (now, steps.count)
    if begin[1] is not None and now - begin[1][0] > SECONDS:
        return Stop()
drive(Training(spec, RunFolder.create(spec), steps).run(), commands, lambda event: None)
rows = steps.read(begin[1][1])[1]
print(json.dumps({"rate": len(rows) / (rows[-1, 4] - rows[0, 4])}))
"""
)

WINDOW = (
    SPEC
    + """
import json, sys, time
import numpy as np
from PySide6.QtCore import QTimer, Qt
from PySide6.QtWidgets import QApplication
from workbench.views.main_window import MainWindow
app = QApplication(sys.argv)
window = MainWindow(); window.show()
late, state = [], {}
beat = QTimer(); beat.setTimerType(Qt.TimerType.PreciseTimer); beat.setInterval(5)
def tick():
    now = time.perf_counter()
    if "last" in state: late.append(now - state["last"] - 0.005)
    state["last"] = now
beat.timeout.connect(tick)
def begin():
    services = window.workspace.services
    if services.torch_loading is services.tasks.current: return QTimer.singleShot(100, begin)
    services.store.load(spec); services.session.train(); QTimer.singleShot(2500, measure)
def measure():
    state["steps"] = window.workspace.services.session.history.steps.count
    state["frames"] = window.workspace.page.plots.frames_drawn
    state["began"] = time.perf_counter()
    beat.start(); QTimer.singleShot(int(SECONDS * 1000), finish)
def finish():
    seconds = time.perf_counter() - state["began"]
    workspace = window.workspace
    steps = workspace.services.session.history.steps.count - state["steps"]
    frames = workspace.page.plots.frames_drawn - state["frames"]
    state["result"] = {"rate": steps / seconds, "frames": frames / seconds,
        "cost_ms": workspace.page.plots.frame_cost * 1e3,
        "p99_ms": float(np.percentile(late, 99)) * 1e3, "max_ms": max(late) * 1e3, "platform": app.platformName()}
    workspace.services.closing.begin()
window.furnished.connect(begin); window.closed.connect(app.quit)
app.setQuitOnLastWindowClosed(False)
app.exec()
window.dispose()
print(json.dumps(state["result"]), flush=True)
"""
)


def main() -> None:
    """Print the ratio, the frames a second and the lateness of a 5 ms timer in the GUI thread."""
    alone, windows = [], []
    for _ in range(ROUNDS):
        alone.append(run(ALONE, str(SECONDS)))
        windows.append(run(WINDOW, str(SECONDS), window=True))
    rates = [w["rate"] / a["rate"] for w, a in zip(windows, alone, strict=True)]
    print(f"P2 steps/s alone      {median(a['rate'] for a in alone):8.0f}")
    print(f"P2 steps/s window     {median(w['rate'] for w in windows):8.0f}   ({windows[0]['platform']})")
    print(
        f"P2 ratio              {median(rates):8.3f}   target >= 0.90   rounds: {', '.join(f'{r:.3f}' for r in rates)}"
    )
    print(f"P2 plot frames/s      {median(w['frames'] for w in windows):8.1f}   target >= 5")
    print(f"P2 frame cost ms      {median(w['cost_ms'] for w in windows):8.2f}")
    print(f"P2 heartbeat p99 ms   {median(w['p99_ms'] for w in windows):8.2f}   target <= 8")
    print(f"P2 heartbeat max ms   {max(w['max_ms'] for w in windows):8.1f}")


if __name__ == "__main__":
    main()
