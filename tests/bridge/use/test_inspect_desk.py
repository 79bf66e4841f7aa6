"""Inspections behind the window: of the run that goes on, again with its better weights; what goes wrong is said."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pytestqt.qtbot import QtBot

from tests.engine.helpers import small_spec
from tests.engine.use.made import trained
from workbench.bridge.data.corrections_desk import CorrectionsDesk
from workbench.bridge.runner import Runner
from workbench.bridge.session import Session
from workbench.bridge.spec_store import SpecStore
from workbench.bridge.threads.background import Tasks
from workbench.bridge.use import inspect_desk
from workbench.bridge.use.inspect_desk import InspectDesk
from workbench.engine.data.store import DataStore

LONG = 60_000


@pytest.fixture
def desk(runner: Runner, tasks: Tasks, workbench_home: Path, monkeypatch: pytest.MonkeyPatch) -> InspectDesk:
    monkeypatch.setattr(inspect_desk, "LIVE_MS", 20)
    spec = small_spec(loop__epochs=100_000, model={"kind": "mlp", "hidden": [16]})
    return InspectDesk(Session(SpecStore(spec), runner), tasks, CorrectionsDesk(tasks), DataStore())


def test_the_run_that_goes_on_is_inspected_again_with_its_better_weights(
    desk: InspectDesk, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workbench.engine.training.checkpointer.SAVE_EVERY", 0.2)
    session = desk._session
    session.train()
    qtbot.waitUntil(lambda: bool(session.folder) and (Path(session.folder) / "best.safetensors").exists(), timeout=LONG)
    desk.is_live = True
    with qtbot.waitSignal(desk.inspected, timeout=LONG) as first:
        desk.ask([Path(session.folder)], None, "validation")
    with qtbot.waitSignal(desk.inspected, timeout=LONG) as second:
        pass
    assert first.args[0] is not second.args[0]
    assert second.args[0].judged.confusion.counts.sum() == 359 and second.args[0].temperature > 0
    session.stop()
    qtbot.waitUntil(lambda: not session.is_active, timeout=LONG)


def test_data_that_are_gone_are_named_and_what_was_found_stays(desk: InspectDesk, qtbot: QtBot, tmp_path: Path) -> None:
    folder = tmp_path / "pictures"
    rng = np.random.default_rng(0)
    for label in ("dark", "light"):
        (folder / label).mkdir(parents=True)
        for number in range(6):
            pixels = rng.integers(0, 100, (8, 8)) + 150 * (label == "light")
            Image.fromarray(pixels.astype(np.uint8)).save(folder / label / f"{number}.png")
    source = {"kind": "folder", "folder": str(folder), "size": 8, "colour": "gray"}
    run = trained(tmp_path / "runs", data__source=source, augmentations=[], data__examples_per_class=None)
    with qtbot.waitSignal(desk.inspected, timeout=LONG):
        desk.ask([run], None, "validation")
    before = desk.found
    shutil.rmtree(folder)
    desk._loaded.forget()
    with qtbot.waitSignal(desk.request.failed, timeout=LONG) as blocker:
        desk.ask([run], None, "validation")
    assert str(folder) in blocker.args[0] and desk.found is before
