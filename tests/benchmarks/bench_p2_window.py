"""P2: a tiny step (digits MLP 64-128-10, batch 64, Adam, 1 thread) with the window open, against none.

The window is the default Train page with all its panes live, at 1280×720. Both programs are started once and then
take turns of two seconds, the other one held (SIGSTOP): a busy machine slows both alike. POSIX only.
"""

from __future__ import annotations

import json
import os
import signal
import struct
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median, stdev
from typing import IO

from tests.benchmarks.child import started

TURNS = 60
#: A turn: so long until everything runs again after being held, then so long measured.
SETTLE, SECONDS = 0.25, 0.75
#: Each program writes its step count here 50 times a second.
ROW = struct.Struct("dq")

COMMON = """
import os, struct, sys, threading, time
from workbench.engine.spec.experiment import ExperimentSpec
spec = ExperimentSpec()
for path, value in {"model": {"kind": "mlp", "hidden": [128]}, "optimizer": {"kind": "adam"}, "loop.epochs": 1000000,
                    "loop.batch_size": 64, "loop.threads": 1}.items():
    spec = spec.edited(path, value)
target = os.open(sys.argv[1], os.O_WRONLY)
def tell(steps):
    def loop():
        while True:
            os.pwrite(target, struct.pack("dq", time.monotonic(), steps.count), 0)
            time.sleep(0.02)
    threading.Thread(target=loop, daemon=True).start()
"""

ALONE = (
    COMMON
    + """
from workbench.engine.core.drive import drive
from workbench.engine.run_store.run_folder import RunFolder
from workbench.engine.core.step_store import StepStore
from workbench.engine.train import train_loop
from workbench.engine.training.set_up import set_up
steps = StepStore(); tell(steps)
drive(train_loop(set_up(spec, RunFolder.create(spec), steps)), lambda event: None, lambda event: None)
"""
)

WINDOW = (
    COMMON
    + """
import json
import numpy as np
from PySide6.QtCore import QTimer, Qt
from PySide6.QtWidgets import QApplication
from workbench.views.window.main_window import MainWindow
app = QApplication(sys.argv[:1])
window = MainWindow(); window.show()
late, last, first = [], [0.0], []
beat = QTimer(); beat.setTimerType(Qt.TimerType.PreciseTimer); beat.setInterval(5)
def tick():
    now = time.perf_counter()
    late.append(now - last[0] - 0.005); last[0] = now
beat.timeout.connect(tick)
def begin():
    services = window.workspace.services
    if services.tasks.current is not None: return QTimer.singleShot(100, begin)
    services.store.load(spec); services.session.train(); tell(services.session.history.steps)
    QTimer.singleShot(3000, measure)
def measure():
    first.append((time.perf_counter(), window.workspace.page.plots.frames_drawn))
    last[0] = time.perf_counter(); beat.start()
window.furnished.connect(begin)
window.closed.connect(app.quit)
app.exec()
plots = window.workspace.page.plots
# While the program is held no timer can come: such a gap is no lateness of the window, and no time for frames. Nor are
# the first moments after it, when all timers are due at once; the steps of these moments are not counted either.
held, seen, since = [x for x in late if x > 0.5], [], 0.0
for x in late:
    since = 0.0 if x > 0.5 else since + 0.005 + x
    if since > 0.25:
        seen.append(x)
seconds = last[0] - first[0][0] - sum(held)
result = {"frames": (plots.frames_drawn - first[0][1]) / seconds, "cost_ms": plots.paint_budget.cost * 1e3,
          "p99_ms": float(np.percentile(seen, 99)) * 1e3, "max_ms": max(seen) * 1e3, "platform": app.platformName()}
window.dispose()
print(json.dumps(result), flush=True)
"""
)


def main() -> None:
    """Print the ratio, the frames a second and the lateness of a 5 ms timer in the GUI thread."""
    with _program(ALONE, window=False) as alone, _program(WINDOW, window=True) as window:
        rates = [(alone.turn(), window.turn()) for _ in range(TURNS)]
        seen = window.finish()
    ratios = [w / a for a, w in rates]
    print(f"P2 steps/s alone      {median(a for a, _ in rates):8.0f}")
    print(f"P2 steps/s window     {median(w for _, w in rates):8.0f}   ({seen['platform']})")
    whole = sum(w for _, w in rates) / sum(a for a, _ in rates)
    print(f"P2 ratio              {whole:8.3f}   target >= 0.95 (all steps; {TURNS} turns each)")
    print(f"P2 ratio by turn      {median(ratios):8.3f}   (median; standard error {stdev(ratios) / TURNS**0.5:.3f})")
    print(f"P2 plot frames/s      {seen['frames']:8.1f}   target >= 10")
    print(f"P2 frame cost ms      {seen['cost_ms']:8.2f}")
    print(f"P2 heartbeat p99 ms   {seen['p99_ms']:8.2f}   target <= 8")
    print(f"P2 heartbeat max ms   {seen['max_ms']:8.1f}")


class _Program:
    """One of the two, held except in its turns."""

    def __init__(self, process: subprocess.Popen[str], python: int, counter: IO[bytes]) -> None:
        self._process, self._python, self._counter = process, python, counter

    def turn(self) -> float:
        """Let it run for a moment; its steps a second."""
        os.kill(self._python, signal.SIGCONT)
        time.sleep(SETTLE)
        began, before = self._read()
        time.sleep(SECONDS)
        ended, after = self._read()
        os.kill(self._python, signal.SIGSTOP)
        return (after - before) / (ended - began)

    def finish(self) -> dict[str, float]:
        """Close it politely and read what it prints last."""
        os.kill(self._python, signal.SIGCONT)
        os.kill(self._python, signal.SIGTERM)
        output, _ = self._process.communicate(timeout=60)
        result: dict[str, float] = json.loads(output.splitlines()[-1])
        return result

    def _read(self) -> tuple[float, int]:
        moment, count = ROW.unpack(os.pread(self._counter.fileno(), ROW.size, 0))
        return moment, count


@contextmanager
def _program(code: str, window: bool) -> Iterator[_Program]:
    with tempfile.TemporaryDirectory() as home:
        counter = Path(home) / "count"
        counter.write_bytes(ROW.pack(0.0, 0))
        with counter.open("rb") as file, started(code, home, str(counter), window=window) as (process, python):
            made = _Program(process, python, file)
            while made._read()[1] < 3000:
                time.sleep(0.2)
            time.sleep(3.5 if window else 0.0)
            os.kill(python, signal.SIGSTOP)
            yield made


if __name__ == "__main__":
    main()
