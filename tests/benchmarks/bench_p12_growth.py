"""P12: how the memory of the window grows while a run is plotted live, from the end of the first minute on.

Two runs without an end: the default settings (digits, a small MLP), and Fashion-MNIST with the same network, which
needs its folder: ``FASHION_MNIST=FOLDER``. ``MINUTES`` (10) is the time after the first minute;
``RUNS=default,fashion`` says which. Resident memory goes up and down by what the allocator keeps, so the medians of
half a minute are compared: before the end of the first minute, and at the end. ``TRACE=1`` also shows which lines hold
more than after the first minute, as Python's own record of memory has it, which slows the program down.
"""

from __future__ import annotations

import os
from typing import Any

from tests.benchmarks.child import run

ALLOWED = 2e6

OURS = """
import json, os, sys, time, tracemalloc
from statistics import median
import psutil
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.views.window.main_window import MainWindow
folder, minutes, traces = sys.argv[1], float(sys.argv[2]), sys.argv[3] == "1"
changes = {"loop.epochs": 1000000} | ({"data.source": {"kind": "idx", "folder": folder}} if folder else {})
spec = ExperimentSpec()
for path, value in changes.items():
    spec = spec.edited(path, value)
app = QApplication(sys.argv[:1])
window = MainWindow(); window.resize(1280, 720); window.show()
process, seen, state, found = psutil.Process(), [], {}, {}
def begin():
    services = window.workspace.services
    if services.tasks.current is not None: return QTimer.singleShot(100, begin)
    services.store.load(spec); services.session.train(); look()
def look():
    history = window.workspace.services.session.history
    if history.ended is not None:
        print(history.ended.details or history.ended.message, file=sys.stderr)
        return window.workspace.services.shutdown.begin()
    if "began" not in state and len(history.evaluations) >= 2: state["began"] = time.monotonic()
    if "began" in state:
        now = time.monotonic() - state["began"]
        seen.append((now, process.memory_info().rss))
        if traces and now > 60 and "before" not in state:
            tracemalloc.start(); state["before"] = True
        if now > 60 * (minutes + 1): return finish(history)
    QTimer.singleShot(500, look)
def finish(history):
    end = seen[-1][0]
    found["first"] = median(rss for at, rss in seen if 30 < at <= 60)
    found["last"] = median(rss for at, rss in seen if at > end - 30)
    found["each"] = [median(rss for at, rss in seen if 60 * m + 30 < at <= 60 * m + 60) for m in range(int(end / 60))]
    found["steps"], found["evaluations"], found["seconds"] = history.steps.count, len(history.evaluations), end
    if traces:
        shot = tracemalloc.take_snapshot()
        found["traced"] = tracemalloc.get_traced_memory()[0]
        found["lines"] = [f"{s.size / 1e3:9.1f} kB in {s.count} {s.traceback}" for s in shot.statistics("lineno")[:30]]
        tracemalloc.stop()
    window.workspace.services.session.stop()
    QTimer.singleShot(1500, lambda: (window.workspace.say_goodbye(), window.workspace.services.shutdown.begin()))
window.furnished.connect(begin); window.closed.connect(app.quit)
app.exec(); window.dispose()
print(json.dumps(found), flush=True)
"""


def main() -> None:
    """Print for each run the growth of resident memory, and where the lines are asked for, those that hold it."""
    minutes, fashion = float(os.environ.get("MINUTES", "10")), os.environ.get("FASHION_MNIST", "")
    for name in os.environ.get("RUNS", "default,fashion").split(","):
        if name == "default" or fashion:
            folder = "" if name == "default" else fashion
            _say(
                name, minutes, run(OURS, folder, str(minutes), os.environ.get("TRACE", "0"), window=True, timeout=3600)
            )


def _say(name: str, minutes: float, found: dict[str, Any]) -> None:
    grown, seconds = found["last"] - found["first"], found["seconds"]
    print(f"P12 {name}: {found['steps'] / seconds:.0f} steps/s, {found['evaluations'] / seconds:.1f} evaluations/s")
    print(
        f"P12 {name}: grown in {minutes:g} min {grown / 1e6:8.2f} MB   target <= {ALLOWED / 1e6 * minutes / 10:.1f} MB"
    )
    print(f"P12 {name}: MB at the end of each minute {' '.join(f'{rss / 1e6:.1f}' for rss in found['each'])}")
    for line in found.get("lines", ()):
        print(line)


if __name__ == "__main__":
    main()
