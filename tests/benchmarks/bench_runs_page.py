"""The page of 2,000 runs: from opening to its rows with an index, a filter typed letter by letter, a sort, a grouping.

The reference in the same run is what the rows would cost if each were built as a widget item (QTreeWidget).
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.benchmarks.child import run

RUNS = 2_000

OURS = """
import json, os, sys, time
os.environ["WORKBENCH_HOME"] = sys.argv[1]
from PySide6.QtWidgets import QApplication, QTreeWidget, QTreeWidgetItem
from workbench.bridge.runner import Runner
from workbench.bridge.runs.run_desk import RunDesk
from workbench.bridge.session import Session
from workbench.bridge.spec_store import SpecStore
from workbench.bridge.threads.background import Tasks
from workbench.views.runs.runs_page import RunsPage

app = QApplication(sys.argv)
runner, tasks = Runner(), Tasks()
desk = RunDesk(Session(SpecStore(), runner), tasks)
said = {}

def until(condition):
    while not condition():
        app.processEvents()
        time.sleep(0.001)  # as an event loop does; a busy one would keep the GIL from the thread that reads

def timed(name, act):
    began, processor = time.perf_counter(), time.process_time()
    act()
    app.processEvents()
    said[name] = time.perf_counter() - began
    said[f"  processor time, {name}"] = time.process_time() - processor

began, processor = time.perf_counter(), time.process_time()
page = RunsPage(desk)
page.resize(1280, 640)
page.show()
until(lambda: page.list.model.rowCount() > 0)
app.processEvents()
said["rows are there"] = time.perf_counter() - began
said["  processor time of that"] = time.process_time() - processor
until(lambda: desk.runs.is_read and not desk.runs.is_reading)
said["every folder was looked at"] = time.perf_counter() - began
desk.runs.watch(False)
letters = [lambda text=text: page.list.bar.text.setText(text) for text in ("m", "mo", "mom", "momentum 19")]
for number, act in enumerate(letters, 1):
    timed(f"letter {number} of a filter", act)
page.list.bar.text.clear()
timed("sorted by best", lambda: page.list._on_sort("best_accuracy", True))
timed("settings that differ", page.list._on_grouping)
page.list.bar.group.setCurrentIndex(1)
timed("grouped by seeds", lambda: page.list.bar._on_group(1))

def items():
    tree = QTreeWidget()
    tree.setColumnCount(11)
    tree.addTopLevelItems([QTreeWidgetItem([place.text(r) for place in PLACES[:11]]) for r in desk.runs.records])
    tree.show()

from workbench.views.runs.columns import PLACES
timed("the same rows as items of a tree", items)
print(json.dumps(said), flush=True)
os._exit(0)
"""


def main() -> None:
    """Print seconds of each."""
    from tests.engine.shelf.made_runs import SPEC, make_run
    from workbench.engine.core.progress import finished
    from workbench.engine.shelf.shelf import Shelf

    with tempfile.TemporaryDirectory() as home:
        parent = Path(home) / "runs"
        for number in range(RUNS):
            spec = SPEC.edited("optimizer.lr", (0.1, 0.03, 0.01)[number % 3]).edited("loop.seed", number // 3 % 5)
            curve = [0.5 + 0.4 * (number % 7) / 7 * epoch / 30 for epoch in range(30)]
            make_run(parent, f"2026-11-01_12-00-00_{number:04}_momentum", spec, accuracies=curve)
        finished(Shelf(parent).refresh())
        found = run(OURS, home, window=True)
    for name, seconds in found.items():
        print(f"{name:36} {1000 * seconds:8.1f} ms")


if __name__ == "__main__":
    main()
