"""The list of finished runs: runs are ticked with the mouse and evaluated with what the first one held back."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QStyle, QStyleOptionViewItem
from pytestqt.qtbot import QtBot

from tests.engine.helpers import record, small_spec
from workbench.bridge.spec_store import SpecStore
from workbench.bridge.threads.background import Tasks
from workbench.engine.evaluation.evaluation import evaluate
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.views.evaluation.evaluation_dialog import EvaluationDialog
from workbench.views.evaluation.finished_runs_dialog import FinishedRunsDialog

LONG = 30_000


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    parent = tmp_path_factory.mktemp("runs")
    for seed in range(3):
        spec = small_spec(loop__seed=seed, loop__epochs=1, title=f"Seed {seed}", regularization=[])
        record(spec, folder=parent)
    return parent


@pytest.fixture
def tasks(qtbot: QtBot) -> Iterator[Tasks]:
    made, ended = Tasks(), []
    yield made
    made.shutdown(lambda: ended.append(True))
    qtbot.waitUntil(lambda: bool(ended), timeout=LONG)


def opened(qtbot: QtBot, tasks: Tasks, folder: Path) -> tuple[EvaluationDialog, FinishedRunsDialog]:
    dialog = EvaluationDialog(tasks, SpecStore(ExperimentSpec()), folder)
    qtbot.addWidget(dialog)
    with qtbot.waitExposed(dialog):
        dialog.show()
    look(qtbot, tasks, dialog)
    return dialog, dialog.runs_dialog


def look(qtbot: QtBot, tasks: Tasks, dialog: EvaluationDialog) -> None:
    QTest.mouseClick(dialog.runs_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: tasks.current is None, timeout=LONG)


def tick(dialog: FinishedRunsDialog, row: int) -> None:
    """Click the box in front of a run."""
    item = dialog.runs.topLevelItem(row)
    assert item is not None
    option = QStyleOptionViewItem()
    option.initFrom(dialog.runs)
    option.rect = dialog.runs.visualItemRect(item)
    option.features = QStyleOptionViewItem.ViewItemFeature.HasCheckIndicator
    box: QRect = dialog.runs.style().subElementRect(
        QStyle.SubElement.SE_ItemViewItemCheckIndicator, option, dialog.runs
    )
    where = QPoint(box.center().x(), option.rect.center().y())
    QTest.mouseClick(dialog.runs.viewport(), Qt.MouseButton.LeftButton, pos=where)


def add(qtbot: QtBot, dialog: FinishedRunsDialog, *ticked: int) -> None:
    for row in ticked:
        tick(dialog, row)
    QTest.mouseClick(dialog.add_button, Qt.MouseButton.LeftButton)


def rows(dialog: EvaluationDialog) -> list[list[str]]:
    tree = dialog.entries.tree
    items = [tree.topLevelItem(row) for row in range(tree.topLevelItemCount())]
    return [[item.text(column) for column in range(5)] for item in items]


def test_ticked_runs_are_averaged(qtbot: QtBot, tasks: Tasks, folder: Path) -> None:
    dialog, runs = opened(qtbot, tasks, folder)
    titles = [runs.runs.topLevelItem(row).text(2) for row in range(3)]
    assert sorted(titles) == ["Seed 0", "Seed 1", "Seed 2"] and not runs.add_button.isEnabled()
    assert "at least one" in runs.add_button.toolTip() and not dialog.choice.held_back.isEnabled()
    tick(runs, 0)
    tick(runs, 2)
    folders = runs.ticked()
    assert len(folders) == 2
    add(qtbot, runs)
    assert not runs.isVisible() and dialog.entries.paths == list(folders) and not runs.ticked()
    assert dialog.choice.held_back.isChecked() and dialog.choice.data() is None
    QTest.mouseClick(dialog.evaluate_button, Qt.MouseButton.LeftButton)
    assert dialog.cancel_button.isEnabled() and not dialog.evaluate_button.isEnabled()
    qtbot.waitUntil(lambda: tasks.current is None, timeout=LONG)
    want = evaluate(folders)
    shown = rows(dialog)
    assert [row[0] for row in shown] == [*[f.name for f in folders], "Mean of 2", "Average of the predictions"]
    assert shown[-2][2] == f"{100 * want.mean_accuracy:.2f}\xa0%"
    assert want.averaged is not None
    assert shown[-1][2:4] == [f"{100 * want.averaged.accuracy:.2f}\xa0%", f"{want.averaged.loss:.4f}"]
    assert f"± {100 * want.averaged.accuracy_se:.2f} points" in dialog.entries.tree.topLevelItem(3).toolTip(2)
    assert f"{want.averaged.n} validation examples" in dialog.words.text()
    assert "accurate than one alone, by " in dialog.words.text() and dialog.evaluate_button.isEnabled()


def test_snapshots_and_averages_are_listed_under_their_run_with_its_date(
    qtbot: QtBot, tasks: Tasks, tmp_path: Path
) -> None:
    snapshots, averaging = {"kind": "snapshots", "every": 1}, [{"kind": "ema"}]
    record(small_spec(ensemble=snapshots, averaging=averaging, loop__epochs=2), folder=tmp_path)
    (run,) = tmp_path.iterdir()
    dialog, runs = opened(qtbot, tasks, tmp_path)
    items = [runs.runs.topLevelItem(row) for row in range(runs.runs.topLevelItemCount())]
    names = [run.name, *(f"{run.name}/{name}" for name in ("average-ema", "snapshot-1", "snapshot-2"))]
    assert [item.text(0) for item in items] == names
    date = f"{run.name[:10]} {run.name[11:16].replace('-', ':')}"
    assert {item.text(1) for item in items} == {date} and runs.runs.headerItem().text(1) == "Date"
    add(qtbot, runs, 2, 3)
    dialog.begin()
    qtbot.waitUntil(lambda: tasks.current is None, timeout=LONG)
    assert [row[0] for row in rows(dialog)][:2] == names[2:]


def test_cancel_adds_nothing_and_keeps_what_is_ticked(qtbot: QtBot, tasks: Tasks, folder: Path) -> None:
    dialog, runs = opened(qtbot, tasks, folder)
    tick(runs, 1)
    QTest.mouseClick(runs.cancel_button, Qt.MouseButton.LeftButton)
    assert not runs.isVisible() and dialog.entries.paths == []
    look(qtbot, tasks, dialog)
    assert len(runs.ticked()) == 1


def test_what_does_not_go_together_is_said_in_its_row(qtbot: QtBot, tasks: Tasks, folder: Path, tmp_path: Path) -> None:
    for run in list(folder.iterdir())[:2]:
        shutil.copytree(run, tmp_path / run.name)
    broken = min(tmp_path.iterdir())
    (broken / "best.safetensors").write_bytes(b"\x10" * 100)
    dialog, runs = opened(qtbot, tasks, tmp_path)
    add(qtbot, runs, 0, 1)
    dialog.begin()
    qtbot.waitUntil(lambda: tasks.current is None, timeout=LONG)
    assert "is in no known format of weights" in dialog.words.text()
    assert sorted(row[1] for row in rows(dialog)) == ["done", "not measured"]


def test_an_empty_folder_says_what_to_do(qtbot: QtBot, tasks: Tasks, tmp_path: Path) -> None:
    _, runs = opened(qtbot, tasks, tmp_path / "nothing")
    assert "Train one" in runs.words.text() and runs.runs.topLevelItemCount() == 0
