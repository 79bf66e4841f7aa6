"""P6: process start to first paint, against a bare PySide6 window; and the stalls while torch loads behind it."""

from __future__ import annotations

import os
from statistics import median, quantiles
from typing import Any

from tests.benchmarks.child import run

#: Starts of each, in turn.
ROUNDS = int(os.environ.get("ROUNDS", "20"))

BARE = """
import json, sys, time
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QLabel, QMainWindow
class Window(QMainWindow):
    pass
class Label(QLabel):
    def paintEvent(self, event):
        super().paintEvent(event); painted()
def painted():
    print(json.dumps({"painted": time.time(), "began": float(sys.argv[-1])}), flush=True)
    QTimer.singleShot(0, app.quit)
app = QApplication(sys.argv)
window = Window(); window.resize(1280, 720); window.setCentralWidget(Label("Opening")); window.show()
app.exec()
"""

OURS = """
import json, sys, time
state = {"began": float(sys.argv.pop())}
from workbench.startup import refuse_if_unfit
refuse_if_unfit()
from workbench.views.window import main_window
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
late = []
original = main_window.MainWindow.eventFilter
def watch(self, watched, event):
    if "painted" not in state and event.type() == event.Type.Paint:
        state["painted"] = time.time()
    return original(self, watched, event)
main_window.MainWindow.eventFilter = watch
app = QApplication(sys.argv)
window = main_window.MainWindow(); window.show()
beat = QTimer(); beat.setInterval(5)
def tick():
    now = time.perf_counter()
    if "last" in state: late.append(now - state["last"] - 0.005)
    state["last"] = now
beat.timeout.connect(tick)
def furnished():
    from PySide6.QtCore import Qt  # not before the first picture: its enumerations take 13 ms
    state["furnished"] = time.time(); beat.setTimerType(Qt.TimerType.PreciseTimer); beat.start(); wait()
def wait():
    services = window.workspace.services
    if services.torch_loading is not services.tasks.current:
        state["torch"] = time.time(); services.shutdown.begin()
    else: QTimer.singleShot(20, wait)
window.furnished.connect(furnished); window.closed.connect(app.quit)
app.exec(); window.dispose()
state.pop("last", None); state["max_late_ms"] = max(late) * 1e3
print(json.dumps(state), flush=True)
"""


def main() -> None:
    """Print the ratio of the medians, interleaved, and the longest stall while torch loads.

    The first start of each writes bytecode and fills the disk's cache; it does not count.
    """
    _timed(BARE), _timed(OURS)
    bare, ours = [], []
    for _ in range(ROUNDS):
        bare.append(_timed(BARE))
        ours.append(_timed(OURS))
    reference, first = (median(each["painted"] for each in some) for some in (bare, ours))
    low, _, high = quantiles((o["painted"] / b["painted"] for o, b in zip(ours, bare, strict=True)), n=4)
    print(f"P6 {ROUNDS} starts of each, load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    print(f"P6 bare window        {reference:8.3f} s")
    print(f"P6 first paint        {first:8.3f} s")
    print(f"P6 ratio              {first / reference:8.2f}   ({low:.2f}–{high:.2f} of two starts)   target <= 1.25")
    print(f"P6 furnished after    {_spread(ours, 'furnished')} s   target <= 1")
    print(f"P6 torch ready after  {_spread(ours, 'torch')} s")
    print(f"P6 longest stall ms   {_spread(ours, 'max_late_ms')}   target <= 100 (while torch loads)")


def _spread(starts: list[dict[str, Any]], name: str) -> str:
    """The median and the quartiles."""
    low, middle, high = quantiles((each[name] for each in starts), n=4)
    digits = 0 if middle > 10 else 2
    return f"{middle:8.{digits}f} ({low:.{digits}f}–{high:.{digits}f})"


def _timed(code: str) -> dict[str, Any]:
    result = run(code, window=True)
    return {k: v - result["began"] if k in ("painted", "furnished", "torch") else v for k, v in result.items()}


if __name__ == "__main__":
    main()
