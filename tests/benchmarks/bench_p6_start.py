"""P6: process start to first paint, against a bare PySide6 window; and the stalls while torch loads behind it."""

from __future__ import annotations

from statistics import median
from typing import Any

from tests.benchmarks.child import run

ROUNDS = 7

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
from PySide6.QtCore import QTimer, Qt
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
beat = QTimer(); beat.setTimerType(Qt.TimerType.PreciseTimer); beat.setInterval(5)
def tick():
    now = time.perf_counter()
    if "last" in state: late.append(now - state["last"] - 0.005)
    state["last"] = now
beat.timeout.connect(tick)
def furnished():
    state["furnished"] = time.time(); beat.start(); wait()
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
    """Print the ratio of the medians, interleaved, and the longest stall while torch loads."""
    bare, ours = [], []
    for _ in range(ROUNDS):
        bare.append(_timed(BARE))
        ours.append(_timed(OURS))
    first, reference = median(o["painted"] for o in ours), median(b["painted"] for b in bare)
    print(f"P6 bare window        {reference:8.3f} s")
    print(f"P6 first paint        {first:8.3f} s")
    print(f"P6 ratio              {first / reference:8.2f}   target <= 1.3")
    print(f"P6 furnished after    {median(o['furnished'] for o in ours):8.2f} s")
    print(f"P6 torch ready after  {median(o['torch'] for o in ours):8.2f} s")
    print(f"P6 longest stall ms   {median(o['max_late_ms'] for o in ours):8.0f}   target <= 250 (while torch loads)")


def _timed(code: str) -> dict[str, Any]:
    result = run(code, window=True)
    return {k: v - result["began"] if k in ("painted", "furnished", "torch") else v for k, v in result.items()}


if __name__ == "__main__":
    main()
