"""Disk use on the page of runs: shown, bounded, freed with the sizes before and after; TensorBoard's files."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialogButtonBox, QFileDialog, QMessageBox
from pytestqt.qtbot import QtBot

from tests.engine.shelf.made_runs import make_run
from workbench.bridge.runs import disk_desk
from workbench.bridge.runs.run_desk import RunDesk
from workbench.engine.core.app_folders import runs_folder
from workbench.engine.shelf.about import About, write_about
from workbench.views.runs.disk_dialog import DiskDialog
from workbench.views.runs.runs_page import RunsPage

OpenPage = Callable[[], RunsPage]


def heavy(name: str) -> Path:
    """A run with a state of 1 MB, last weights of 2 MB, and best weights of 0.5 MB."""
    folder = make_run(runs_folder(), name)
    (folder / "checkpoints").mkdir()
    (folder / "checkpoints" / "last.pt").write_bytes(b"x" * 1_000_000)
    (folder / "last.safetensors").write_bytes(b"x" * 2_000_000)
    (folder / "best.safetensors").write_bytes(b"x" * 500_000)
    return folder


@pytest.fixture
def told(desk: RunDesk) -> list[str]:
    said: list[str] = []
    desk.told.connect(lambda words, _severity: said.append(words))
    return said


def asked(qtbot: QtBot, page: RunsPage) -> QMessageBox:
    qtbot.waitUntil(lambda: bool(page.findChildren(QMessageBox)), timeout=20_000)
    return page.findChildren(QMessageBox)[-1]


def answer(box: QMessageBox, role: QMessageBox.ButtonRole) -> None:
    button = next(each for each in box.buttons() if box.buttonRole(each) == role)
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def test_old_runs_are_thinned_in_one_action_after_a_question(
    qtbot: QtBot,
    desk: RunDesk,
    open_page: OpenPage,
    told: list[str],
) -> None:
    young = f"{datetime.now() - timedelta(days=1):%Y-%m-%d_%H-%M-%S}_young"
    old, pinned, new = heavy("2020-01-01_12-00-00_old"), heavy("2020-01-02_12-00-00_pinned"), heavy(young)
    write_about(pinned, About(pinned=True))
    page = open_page()
    assert page.list.bar.disk.text() == "10.5 MB on disk"
    QTest.mouseClick(page.list.bar.disk, Qt.MouseButton.LeftButton)
    (dialog,) = page.findChildren(DiskDialog)
    qtbot.waitUntil(dialog.thin.isEnabled, timeout=20_000)
    assert "3 runs take 10.5 MB; thinning would free 9.0 MB." in dialog.use.text()
    assert "1 run: 3.5 MB → 0.5 MB." in dialog.old.text()
    QTest.mouseClick(dialog.thin, Qt.MouseButton.LeftButton)
    box = asked(qtbot, page)
    assert "for good" in box.informativeText() and "3.5 MB → 0.5 MB" in box.informativeText()
    answer(box, QMessageBox.ButtonRole.RejectRole)
    assert (old / "last.safetensors").exists()
    qtbot.waitUntil(lambda: not page.findChildren(QMessageBox), timeout=20_000)
    QTest.mouseClick(dialog.thin, Qt.MouseButton.LeftButton)
    answer(asked(qtbot, page), QMessageBox.ButtonRole.AcceptRole)
    qtbot.waitUntil(lambda: bool(told), timeout=20_000)
    assert told == ["1 run thinned to curves and best weights: 3.5 MB → 0.5 MB."]
    assert sorted(path.name for path in old.rglob("*.*t*") if path.suffix in (".pt", ".safetensors")) == [
        "best.safetensors"
    ]
    assert all((each / "last.safetensors").exists() for each in (pinned, new))
    qtbot.waitUntil(lambda: page.list.bar.disk.text() == "7.5 MB on disk", timeout=20_000)
    qtbot.waitUntil(lambda: dialog.old.text() == "No old run has anything to thin.", timeout=20_000)
    qtbot.waitUntil(lambda: "3 runs take 7.5 MB; thinning would free 6.0 MB." in dialog.use.text(), timeout=20_000)
    close = dialog.buttons.button(QDialogButtonBox.StandardButton.Close)
    QTest.mouseClick(close, Qt.MouseButton.LeftButton)


def test_what_is_too_much_is_said_and_the_limit_is_remembered(
    qtbot: QtBot,
    desk: RunDesk,
    open_page: OpenPage,
) -> None:
    folder = make_run(runs_folder())
    with (folder / "best.safetensors").open("wb") as file:
        file.truncate(2_500_000_000)  # takes no room on the disk
    page = open_page()
    assert page.list.bar.disk.text() == "2.5 GB on disk"
    QTest.mouseClick(page.list.bar.disk, Qt.MouseButton.LeftButton)
    (dialog,) = page.findChildren(DiskDialog)
    qtbot.waitUntil(lambda: "take" in dialog.use.text(), timeout=20_000)
    dialog.limit.setValue(2)
    assert page.list.bar.disk.text() == "2.5 GB, over 2 GB" and "more than they may take" in dialog.use.text()
    dialog.close()
    again = open_page()
    again.choose(page.choices())
    assert again.list.limit == 2
    again.choose({**page.choices(), "limit": "0"})
    assert again.list.limit == 20


def test_chosen_runs_are_thinned_by_their_menu(
    qtbot: QtBot,
    desk: RunDesk,
    open_page: OpenPage,
    told: list[str],
) -> None:
    folder = heavy("2026-11-01_12-00-00_a")
    page = open_page()
    page.list.table.selectRow(0)
    page.do("thin")
    answer(asked(qtbot, page), QMessageBox.ButtonRole.AcceptRole)
    qtbot.waitUntil(lambda: len(told) == 1, timeout=20_000)
    assert not (folder / "last.safetensors").exists()
    qtbot.waitUntil(lambda: not desk.runs.is_reading and "No state" in desk.runs.records[0].obstacle, timeout=20_000)
    page.do("thin")
    qtbot.waitUntil(lambda: len(told) == 2, timeout=20_000)
    assert "nothing to thin" in told[1]


def test_without_tensorboard_the_page_says_how_to_get_it(
    open_page: OpenPage,
    told: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(disk_desk, "is_installed", lambda: False)
    make_run(runs_folder())
    page = open_page()
    page.list.table.selectRow(0)
    page.do("tensorboard")
    assert len(told) == 1 and "pip install tensorboard" in told[0]


def test_runs_are_written_for_tensorboard(
    qtbot: QtBot,
    open_page: OpenPage,
    told: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pytest.importorskip("tensorboard")
    make_run(runs_folder())
    page = open_page()
    page.list.table.selectRow(0)
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(tmp_path / "out"))
    page.do("tensorboard")
    qtbot.waitUntil(lambda: bool(told), timeout=30_000)
    assert told[0].startswith("Event files of 1 run written.") and list((tmp_path / "out").rglob("events.out.*"))
