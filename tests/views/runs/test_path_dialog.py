"""The path of a run over the loss around it, as a user sees it: begun from the menu, refined, cancelled, refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.engine.helpers import small_spec
from tests.engine.shelf.made_runs import make_run
from workbench.bridge.runs.run_desk import RunDesk
from workbench.engine.core.drive import drive
from workbench.engine.run_store.run_folder import RunFolder
from workbench.engine.shelf.read_record import read_record
from workbench.engine.train import train
from workbench.views.runs.path_dialog import PathDialog
from workbench.views.runs.run_menu import RUN_ENTRIES
from workbench.views.runs.runs_page import RunsPage


@pytest.fixture
def run(tmp_path: Path) -> Path:
    spec = small_spec(loop__epochs=2)
    folder = RunFolder.create(spec, tmp_path)
    drive(train(spec, folder), lambda _event: None, lambda _event: None)
    return folder.path


@pytest.fixture
def page(qtbot: QtBot, desk: RunDesk) -> RunsPage:
    page = RunsPage(desk)
    qtbot.addWidget(page)
    page.show()
    return page


def opened(page: RunsPage, folder: Path) -> PathDialog:
    record = read_record(folder)
    assert record is not None
    page._with_one("path", record)
    dialog = next(each for each in page.findChildren(PathDialog) if each.isVisible())
    return dialog


def test_the_picture_comes_coarse_and_is_refined(qtbot: QtBot, desk: RunDesk, page: RunsPage, run: Path) -> None:
    dialog = opened(page, run)
    sides: list[int] = []
    desk.path.changed.connect(lambda: sides.append(desk.path.picture.grid.side if desk.path.picture else 0))
    assert dialog._line.isVisible() and not dialog.picture.isVisible()
    qtbot.waitUntil(lambda: not desk.path.is_working, timeout=60_000)
    assert not desk.path.trouble and sorted({0, *sides}) == [0, 9, 17, 33]
    found = desk.path.picture
    assert found is not None and np.isfinite(found.grid.heights).all()
    assert dialog.picture.isVisible() and not dialog._line.isVisible()
    assert "of the variance of the path" in dialog.words.text() and "to the last bit" in dialog.words.text()
    assert "fixed training examples, in evaluation mode" in dialog.picture.accessibleDescription()
    image = dialog.picture.grab().toImage()
    colours = {image.pixel(x, y) for x in range(0, image.width(), 7) for y in range(0, image.height(), 7)}
    assert len(colours) > 8, "bands of the loss"
    dialog.close()


def test_cancel_keeps_what_is_there_and_closing_gives_up(
    qtbot: QtBot, desk: RunDesk, page: RunsPage, run: Path
) -> None:
    dialog = opened(page, run)
    qtbot.waitUntil(lambda: desk.path.picture is not None, timeout=60_000)
    QTest.mouseClick(dialog.cancel, Qt.MouseButton.LeftButton)
    assert not desk.path.is_working and desk.path.picture is not None and dialog.picture.isVisible()
    dialog.close()
    again = opened(page, run)
    assert desk.path.is_working
    again.close()
    assert not desk.path.is_working


def test_a_run_that_cannot_be_repeated_says_why(qtbot: QtBot, desk: RunDesk, page: RunsPage, tmp_path: Path) -> None:
    folder = make_run(tmp_path, "2026-01-01_10-00-00_lost")
    (folder / "spec.toml").write_text("this is no settings file", "utf-8")
    desk.path.begin(folder)
    qtbot.waitUntil(lambda: not desk.path.is_working, timeout=60_000)
    assert desk.path.trouble and desk.path.picture is None


def test_the_entry_is_for_one_run_that_is_not_trained() -> None:
    entry = next(each for each in RUN_ENTRIES if each.name == "path")
    assert entry.why_not([]) == "Choose one run."
