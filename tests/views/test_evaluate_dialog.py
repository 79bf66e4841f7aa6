"""Measuring files of weights in the window: files are added, dropped and taken away, the figures are the engine's."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from workbench.bridge.spec_store import SpecStore
from workbench.bridge.tasks import Tasks
from workbench.engine.drive import drive
from workbench.engine.runs import RunFolder
from workbench.engine.spec import ExperimentSpec
from workbench.engine.train import train
from workbench.engine.weights.evaluating import evaluate
from workbench.views.evaluate_dialog import EvaluateDialog

LONG = 60_000


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The weights of two short runs on the digits."""
    found = []
    for seed in (0, 1):
        spec = ExperimentSpec().edited("loop.epochs", 1).edited("loop.seed", seed)
        folder = RunFolder.create(spec, tmp_path_factory.mktemp("runs"))
        assert drive(train(spec, folder), lambda event: None, lambda event: None).reason == "completed"
        found.append(folder.path / "best.safetensors")
    return found[0], found[1]


@pytest.fixture
def dialog(qtbot: QtBot):
    tasks, store = Tasks(), SpecStore(ExperimentSpec())
    made = EvaluateDialog(tasks, store)
    qtbot.addWidget(made)
    made.show()
    qtbot.waitExposed(made)
    yield made
    ended: list[bool] = []
    made.close()
    tasks.shutdown(lambda: ended.append(True))
    qtbot.waitUntil(lambda: bool(ended), timeout=LONG)


def rows(dialog: EvaluateDialog) -> list[list[str]]:
    items = [dialog.table.topLevelItem(row) for row in range(dialog.table.topLevelItemCount())]
    return [[item.text(column) for column in range(4)] for item in items]


def test_without_files_it_says_what_is_missing(dialog: EvaluateDialog) -> None:
    assert not dialog.measure_button.isEnabled() and "Add a file" in dialog.words.text()


def test_two_files_and_their_average_are_the_engines(qtbot: QtBot, dialog: EvaluateDialog, trained) -> None:
    dialog.add(trained)
    dialog.add(trained)  # each once
    QTest.mouseClick(dialog.measure_button, Qt.MouseButton.LeftButton)
    assert not dialog.measure_button.isEnabled() and dialog.cancel_button.isEnabled()
    qtbot.waitUntil(lambda: len(rows(dialog)) == 3, timeout=LONG)
    expected = evaluate(trained, ExperimentSpec().data.source)
    shown = [row[1] for row in rows(dialog)]
    assert shown[:2] == [f"{100 * each.measured.accuracy:.2f} %" for each in expected.files]
    assert expected.averaged is not None and shown[2] == f"{100 * expected.averaged.accuracy:.2f} %"
    assert "1\u2009797 examples" in dialog.words.text()


def test_a_file_is_taken_away_by_its_key(qtbot: QtBot, dialog: EvaluateDialog, trained) -> None:
    dialog.add(trained)
    dialog.table.setCurrentItem(dialog.table.topLevelItem(0))
    dialog.table.setFocus()
    QTest.keyClick(dialog.table, Qt.Key.Key_Delete)
    assert [row[0] for row in rows(dialog)] == [trained[1].name] and trained[0].exists()


def test_files_are_dropped_and_what_is_none_is_said(qtbot: QtBot, dialog: EvaluateDialog, tmp_path: Path) -> None:
    page = tmp_path / "weights.pth"
    page.write_text("<!doctype html><html>Not found</html>")
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(page)), QUrl.fromLocalFile(str(tmp_path))])
    action, button, none = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    dialog.dropEvent(QDropEvent(QPointF(5, 5), action, data, button, none))
    assert [row[0] for row in rows(dialog)] == ["weights.pth"]
    QTest.mouseClick(dialog.measure_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "web page" in dialog.words.text(), timeout=LONG)
    assert rows(dialog) == [["weights.pth", "", "", ""]] and dialog.measure_button.isEnabled()


def test_other_data_is_asked_for_by_path(qtbot: QtBot, dialog: EvaluateDialog, trained, tmp_path: Path) -> None:
    dialog.add(trained[:1])
    dialog.other_data.click()
    assert not dialog.measure_button.isEnabled()
    file = tmp_path / "few.npz"
    pictures = np.random.default_rng(0).integers(0, 256, (20, 8, 8, 1)).astype(np.uint8)
    np.savez(file, images=pictures, labels=np.arange(20) % 10, classes=np.array([str(k) for k in range(10)]))
    QTest.keyClicks(dialog.path, str(file))
    QTest.mouseClick(dialog.measure_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: rows(dialog)[0][1] != "", timeout=LONG)
    assert "20 examples" in dialog.words.text() and len(rows(dialog)) == 1
