"""The pot in the window: runs are listed, ticked with the mouse, averaged in the background, refused in words."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QStyle, QStyleOptionViewItem
from pytestqt.qtbot import QtBot

from tests.engine.helpers import record, small_spec
from workbench.bridge.threads.background import Tasks
from workbench.engine.experiments.average_runs import average
from workbench.views.evaluation.average_runs_dialog import PotDialog


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
    qtbot.waitUntil(lambda: bool(ended), timeout=30_000)


def opened(qtbot: QtBot, tasks: Tasks, folder: Path) -> PotDialog:
    dialog = PotDialog(tasks, folder)
    qtbot.addWidget(dialog)
    with qtbot.waitExposed(dialog):
        dialog.show()
    qtbot.waitUntil(lambda: tasks.current is None, timeout=30_000)
    return dialog


def tick(dialog: PotDialog, row: int) -> None:
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


def rows(dialog: PotDialog) -> list[list[str]]:
    table = dialog.figures
    items = [table.topLevelItem(row) for row in range(table.topLevelItemCount())]
    return [[item.text(column) for column in range(4)] for item in items if item is not None]


def test_ticked_runs_are_averaged(qtbot: QtBot, tasks: Tasks, folder: Path) -> None:
    dialog = opened(qtbot, tasks, folder)
    titles = [dialog.runs.topLevelItem(row).text(2) for row in range(3)]
    assert sorted(titles) == ["Seed 0", "Seed 1", "Seed 2"] and not dialog.average_button.isEnabled()
    tick(dialog, 0)
    assert not dialog.average_button.isEnabled() and "at least two" in dialog.average_button.toolTip()
    tick(dialog, 2)
    folders = dialog.ticked()
    assert len(folders) == 2
    QTest.mouseClick(dialog.average_button, Qt.MouseButton.LeftButton)
    assert dialog.cancel_button.isEnabled() and not dialog.average_button.isEnabled()
    qtbot.waitUntil(lambda: tasks.current is None, timeout=30_000)
    want = average(folders)
    shown = rows(dialog)
    assert [row[0] for row in shown] == [*[f.name for f in folders], "Mean member", "Average of the predictions"]
    assert shown[-1][1:3] == [f"{100 * want.averaged.accuracy:.1f} %", f"{want.averaged.loss:.3f}"]
    assert "mean member" in dialog.words.text() and dialog.average_button.isEnabled()


def test_snapshots_are_listed_under_their_run_with_its_date(qtbot: QtBot, tasks: Tasks, tmp_path: Path) -> None:
    record(small_spec(ensemble={"kind": "snapshots", "every": 1}, loop__epochs=2), folder=tmp_path)
    (run,) = tmp_path.iterdir()
    dialog = opened(qtbot, tasks, tmp_path)
    items = [dialog.runs.topLevelItem(row) for row in range(dialog.runs.topLevelItemCount())]
    assert [item.text(0) for item in items] == [run.name, f"{run.name}/snapshot-1", f"{run.name}/snapshot-2"]
    date = f"{run.name[:10]} {run.name[11:16].replace('-', ':')}"
    assert {item.text(1) for item in items} == {date} and dialog.runs.headerItem().text(1) == "Date"
    tick(dialog, 1)
    tick(dialog, 2)
    QTest.mouseClick(dialog.average_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: tasks.current is None, timeout=30_000)
    assert [row[0] for row in rows(dialog)][:2] == [item.text(0) for item in items[1:]]


def test_cancel_shows_nothing(qtbot: QtBot, tasks: Tasks, folder: Path) -> None:
    dialog = opened(qtbot, tasks, folder)
    tick(dialog, 0)
    tick(dialog, 1)
    dialog.begin()
    QTest.mouseClick(dialog.cancel_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: tasks.current is None, timeout=30_000)
    qtbot.wait(100)
    assert rows(dialog) == [] and dialog.words.text() == "Cancelled." and dialog.average_button.isEnabled()


def test_what_does_not_go_together_is_said(qtbot: QtBot, tasks: Tasks, folder: Path, tmp_path: Path) -> None:
    import shutil

    for run in list(folder.iterdir())[:2]:
        shutil.copytree(run, tmp_path / run.name)
    broken = min(tmp_path.iterdir())
    (broken / "best.safetensors").write_bytes(b"\x10" * 100)
    dialog = opened(qtbot, tasks, tmp_path)
    tick(dialog, 0)
    tick(dialog, 1)
    dialog.begin()
    qtbot.waitUntil(lambda: tasks.current is None, timeout=30_000)
    assert "is in no known format of weights" in dialog.words.text() and rows(dialog) == []


def test_an_empty_folder_says_what_to_do(qtbot: QtBot, tasks: Tasks, tmp_path: Path) -> None:
    dialog = opened(qtbot, tasks, tmp_path / "nothing")
    assert "Train one" in dialog.words.text() and dialog.runs.topLevelItemCount() == 0
