"""P12: resident memory with the window open, torch loaded and Fashion-MNIST training with plots.

Needs the folder with the four IDX files: ``FASHION_MNIST=FOLDER``. Without it a set of the same size is made up.
"""

from __future__ import annotations

import gzip
import os
import tempfile
from pathlib import Path

import numpy as np

from tests.benchmarks.child import run

STEPS = 100_000

BARE = """
import json
import psutil
import numpy, pydantic, tomlkit, safetensors, PIL.Image, platformdirs
from PySide6 import QtCore, QtGui, QtWidgets
import pyqtgraph
import torch
import workbench.engine.train, workbench.views.window.workspace
from workbench.engine.catalog.datasets import digits, idx
app = QtWidgets.QApplication([])
window = QtWidgets.QMainWindow(); window.resize(1280, 720); window.show()
from PySide6.QtTest import QTest
QTest.qWait(500)
print(json.dumps({"rss": psutil.Process().memory_info().rss}))
"""

OURS = """
import json, sys, time
import psutil
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.views.window.main_window import MainWindow
spec = ExperimentSpec()
# A linear model on 60,000 examples: the steps are quick, the data is what it is.
for path, value in {"data.source": {"kind": "idx", "folder": sys.argv[1]}, "model": {"kind": "mlp", "hidden": []},
                    "loop.epochs": 1000000, "loop.batch_size": 32, "loop.threads": 1}.items():
    spec = spec.edited(path, value)
app = QApplication(sys.argv[:1])
window = MainWindow(); window.show()
process, marks = psutil.Process(), {}
def begin():
    services = window.workspace.services
    if services.tasks.current is not None: return QTimer.singleShot(100, begin)
    services.store.load(spec); services.session.train(); look()
def look():
    services = window.workspace.services
    history = services.session.history
    if history.ended is not None: print(history.ended.details or history.ended.message, file=sys.stderr)
    if "first" not in marks and len(history.evaluations) >= 2: marks["first"] = process.memory_info().rss
    if history.steps.count >= int(sys.argv[2]) or history.ended is not None:
        marks["last"] = process.memory_info().rss; marks["steps"] = history.steps.count
        return services.shutdown.begin()
    QTimer.singleShot(100, look)
window.furnished.connect(begin); window.closed.connect(app.quit)
app.exec(); window.dispose()
print(json.dumps(marks), flush=True)
"""


def main() -> None:
    """Print the memory above a bare process with the same imports, and its growth after the first epoch."""
    with tempfile.TemporaryDirectory() as made:
        folder = os.environ.get("FASHION_MNIST") or _made_up(Path(made))
        bare = run(BARE, window=True)["rss"]
        ours = run(OURS, folder, str(STEPS), window=True, timeout=1200)
    data = 60_000 * 28 * 28
    allowed = bare + 1.3 * data + 80e6
    print(f"P12 bare process      {bare / 1e6:8.0f} MB")
    print(f"P12 after {ours['steps']:>7} steps {ours['last'] / 1e6:7.0f} MB   target <= {allowed / 1e6:.0f} MB")
    print(f"P12 ratio             {ours['last'] / allowed:8.3f}   target <= 1")
    print(f"P12 growth after the first epoch {(ours['last'] - ours['first']) / 1e6:6.1f} MB")


def _made_up(folder: Path) -> str:
    generator = np.random.default_rng(0)
    pixels = generator.integers(0, 256, (60_000, 28, 28), np.uint8)
    labels = generator.integers(0, 10, 60_000).astype(np.uint8)
    for name, magic, array in (("images-idx3", 2051, pixels), ("labels-idx1", 2049, labels)):
        head = np.array([magic, *array.shape], ">i4").tobytes()
        (folder / f"train-{name}-ubyte.gz").write_bytes(gzip.compress(head + array.tobytes(), 1))
    return str(folder)


if __name__ == "__main__":
    main()
