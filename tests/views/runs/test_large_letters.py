"""The page of runs in letters for a lecture room, at the smallest usual size of a window."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QStyleOptionViewItem
from pytestqt.qtbot import QtBot

from tests.engine.shelf.made_runs import SPEC, make_run
from workbench.engine.core.app_folders import runs_folder
from workbench.views.runs.run_delegates import NameDelegate
from workbench.views.runs.runs_model import NAME
from workbench.views.runs.runs_page import RunsPage
from workbench.views.widgets.theme import theme


@pytest.fixture(autouse=True)
def letters() -> Iterator[None]:
    """Usual letters again, when the page is gone."""
    yield
    theme().set_large(False)


@pytest.fixture
def page(open_page: Callable[[], RunsPage]) -> RunsPage:
    for number in range(5):
        make_run(runs_folder(), f"2026-11-0{number + 1}_12-00-00_run", SPEC.edited("optimizer.lr", 0.1 / (number + 1)))
    return open_page()


def check_box(page: RunsPage, row: int) -> tuple[float, QPoint]:
    """How wide the check box of a row is drawn, and where."""
    table = page.list.table
    index, option = page.list.model.index(row, NAME), QStyleOptionViewItem()
    table.initViewItemOption(option)
    option.rect = table.visualRect(index)
    delegate = table.itemDelegateForColumn(NAME)
    assert isinstance(delegate, NameDelegate)
    box = delegate.check_box(option, index)
    return box.width(), box.center().toPoint()


def test_check_boxes_grow_with_the_letters_and_take_clicks(qtbot: QtBot, page: RunsPage) -> None:
    usual, _ = check_box(page, 0)
    theme().set_large(True)
    qtbot.waitUntil(lambda: check_box(page, 0)[0] == pytest.approx(1.8 * usual, rel=0.15), timeout=20_000)
    large, place = check_box(page, 1)
    viewport, folder = page.list.table.viewport(), page.list.model.rows[1].folder
    QTest.mouseClick(viewport, Qt.MouseButton.LeftButton, pos=place)
    assert list(page.list.model.ticked) == [folder]
    QTest.mouseClick(viewport, Qt.MouseButton.LeftButton, pos=check_box(page, 1)[1])
    assert not page.list.model.ticked
    QTest.mouseClick(viewport, Qt.MouseButton.LeftButton, pos=place + QPoint(3 * round(large), 0))
    assert not page.list.model.ticked


def test_rows_are_seen_above_a_comparison(qtbot: QtBot, page: RunsPage) -> None:
    theme().set_large(True)
    page.resize(1130, 545)  # of 1280×720, below two lines of a message
    page.list.model.tick([row.folder for row in page.list.model.rows][:2], True)
    table = page.list.table
    qtbot.waitUntil(lambda: page.compare.isVisible(), timeout=20_000)
    qtbot.waitUntil(lambda: page.minimumSizeHint().height() <= 545, timeout=20_000)
    qtbot.waitUntil(lambda: table.viewport().height() >= 3 * table.rowHeight(0), timeout=20_000)


def test_all_tabs_of_an_opened_run_have_room(qtbot: QtBot, page: RunsPage) -> None:
    theme().set_large(True)
    page.resize(1130, 620)
    page.open_run(page.list.model.rows[0])
    bar = page.opened.tabs.tabBar()
    qtbot.waitUntil(bar.isVisible, timeout=20_000)
    assert all(bar.rect().contains(bar.tabRect(at)) for at in range(bar.count()))


def test_the_differences_grow_with_the_letters(qtbot: QtBot, page: RunsPage) -> None:
    page.list.model.tick([row.folder for row in page.list.model.rows][:2], True)
    qtbot.waitUntil(lambda: page.compare.differences.is_filled, timeout=20_000)
    table = page.compare.differences.table
    wide, high = table.columnWidth(0), table.rowHeight(0)
    theme().set_large(True)
    qtbot.waitUntil(lambda: table.rowHeight(0) == pytest.approx(1.8 * high, rel=0.15), timeout=20_000)
    assert table.columnWidth(0) > 1.4 * wide
