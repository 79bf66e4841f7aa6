"""Inspecting 10,000 examples: a cell of 5,000 pictures from its click to a full first screen, and painted matrices.

Pictures in memory and as files, which are decoded for it; the matrix of 1,000 classes against an image of its size. The
lateness of a 5 ms timer in the window's thread meanwhile.
"""

from __future__ import annotations

import tempfile

from tests.benchmarks.child import run

OURS = """
import json, os, sys, time
os.environ["WORKBENCH_HOME"] = sys.argv[1]
import numpy as np
from pathlib import Path
from PIL import Image
from PySide6.QtCore import QTimer
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QApplication
from workbench.bridge.services import Services
from workbench.bridge.use.inspect_desk import Inspection
from workbench.engine.catalog.datasets import Dataset
from workbench.engine.evaluation.evaluation_data import EvaluationExamples
from workbench.engine.inspection.confusion import Confusion
from workbench.engine.inspection.examples import catalogue_of
from workbench.engine.inspection.judged import Judged
from workbench.views.use.use_page import UsePage

app = QApplication(sys.argv)
page = UsePage(services := Services(Path(sys.argv[1])))
page.tabs.setCurrentWidget(page.inspect)
page.resize(1280, 640)
page.show()
said, late = {}, []
rng = np.random.default_rng(0)
N, K = 10_000, 2
labels = np.arange(N) % K
logs = np.log(np.where(np.eye(K)[np.zeros(N, int)] > 0, 0.9, 0.1)).astype(np.float32)
pictures = rng.integers(0, 256, (N, 3, 32, 32), dtype=np.uint8)
folder = Path(sys.argv[1]) / "pictures"
folder.mkdir()
for k in range(200):
    Image.fromarray(rng.integers(0, 256, (200, 300, 3), dtype=np.uint8)).save(folder / f"{k}.jpg")
files = tuple(str(folder / f"{k % 200}.jpg") for k in range(N))

def settle(seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        app.processEvents()
        time.sleep(0.001)

def beat():
    global due
    late.append((time.perf_counter() - due) * 1000)
    due = time.perf_counter() + 0.005

timer = QTimer()
timer.setInterval(5)
timer.timeout.connect(beat)
settle(0.5)
for name, own in (("in memory", ()), ("files of 300 by 200", files)):
    examples = EvaluationExamples(Dataset(pictures, labels, ("a", "b"), files=own), np.arange(N), "examples")
    judged = Judged("network", examples, logs)
    judged.prepare()
    tab, desk = page.inspect, services.inspect
    desk._on_answered(Inspection(judged, catalogue_of(judged), np.arange(K)))
    settle(0.5)
    due, late[:] = time.perf_counter() + 0.005, []
    timer.start()
    view = tab.examples.view
    began = time.perf_counter()
    tab.open_cell(0, 0)
    def is_full():
        grid = view.gridSize()
        seen = (view.viewport().width() // grid.width()) * -(-view.viewport().height() // grid.height())
        shown = view.thumbnails.shown[:seen]
        return all(view.thumbnails.picture(int(each)) is not None for each in shown)
    while not is_full():
        app.processEvents()
        time.sleep(0.001)
    app.processEvents()
    said[f"5,000 pictures, {name}: first screen"] = time.perf_counter() - began
    timer.stop()
    said[f"  lateness of a 5 ms timer meanwhile, {name}: largest"] = max(late, default=0) / 1000
counts = rng.integers(0, 3, (1000, 1000)) + np.diag(np.full(1000, 40))
tab.matrix.show_confusion(Confusion(counts), tuple(map(str, range(1000))), np.arange(1000))
began = time.perf_counter()
tab.matrix.grab()
said["matrix of 1,000 classes, first time"] = time.perf_counter() - began
began = time.perf_counter()
tab.matrix.grab()
said["matrix of 1,000 classes, again"] = time.perf_counter() - began
print(json.dumps(said))
os._exit(0)
"""


def main() -> None:
    with tempfile.TemporaryDirectory() as home:
        for name, seconds in run(OURS, home).items():
            print(f"{name}: {1000 * seconds:.1f} ms")


if __name__ == "__main__":
    main()
