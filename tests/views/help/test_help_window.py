"""F1: the help for the place with the focus, its search, and the way back."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from workbench.engine.help.pages import load_pages
from workbench.engine.help.places import Place
from workbench.views.help.help_window import HelpWindow
from workbench.views.window.main_window import MainWindow
from workbench.views.window.workspace import Workspace


@pytest.fixture
def help_window(qtbot: QtBot) -> HelpWindow:
    window = HelpWindow(load_pages())
    qtbot.addWidget(window)
    window.resize(700, 400)
    window.show()
    window.show_place(Place("contents"))
    return window


def _first_line(window: HelpWindow) -> str:
    block = window.text.cursorForPosition(window.text.viewport().rect().topLeft()).block()
    return block.text() or block.next().text()


def _parts(window: MainWindow) -> Workspace:
    assert window.workspace is not None
    return window.workspace


def test_a_place_is_shown_with_its_heading_at_the_top(qtbot: QtBot, help_window: HelpWindow) -> None:
    help_window.show_place(Place("settings/optimizer", ("Adam", "Beta 2")))
    qtbot.waitUntil(lambda: _first_line(help_window) == "Beta 2")
    help_window.resize(500, 300)
    qtbot.waitUntil(lambda: _first_line(help_window) == "Beta 2")


def test_back_and_forward(qtbot: QtBot, help_window: HelpWindow) -> None:
    help_window.show_place(Place("train"))
    help_window.show_place(Place("runs"))
    QTest.mouseClick(help_window.back, Qt.MouseButton.LeftButton)
    assert help_window.current == Place("train")
    QTest.mouseClick(help_window.forward, Qt.MouseButton.LeftButton)
    assert help_window.current == Place("runs")
    assert not help_window.forward.isEnabled()
    QTest.mouseClick(help_window.back, Qt.MouseButton.LeftButton)
    help_window.show_place(Place("queue"))
    assert not help_window.forward.isEnabled()  # a new way forgets the old one


def test_a_search_lists_places_and_a_click_opens_one(qtbot: QtBot, help_window: HelpWindow) -> None:
    QTest.keyClicks(help_window.words, "beta 2")
    first = help_window.list.item(0)
    assert first.text().endswith("Beta 2")
    QTest.mouseClick(
        help_window.list.viewport(), Qt.MouseButton.LeftButton, pos=help_window.list.visualItemRect(first).center()
    )
    assert help_window.current is not None
    assert help_window.current.headings[-1] == "Beta 2"
    help_window.words.clear()
    QTest.keyClicks(help_window.words, "xyzzy")
    assert "Nothing found" in help_window.list.item(0).text()
    help_window.words.clear()
    assert help_window.list.item(1).text() == "First steps"


def test_a_link_opens_its_page(qtbot: QtBot, help_window: HelpWindow) -> None:
    from PySide6.QtCore import QUrl

    help_window.text.anchorClicked.emit(QUrl("runs.md"))
    assert help_window.current == Place("runs")
    assert help_window.list.currentItem().text() == "Runs"


def test_f1_in_a_field_opens_the_help_of_its_setting(qtbot: QtBot, window: MainWindow) -> None:
    parts = _parts(window)
    parts.panels.show_setting("optimizer.lr")
    qtbot.waitUntil(lambda: QApplication.focusWidget() is not None)
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_F1)
    assert parts.help.window is not None
    assert parts.help.window.current == Place("settings/optimizer", ("Momentum", "Learning rate"))


def test_f1_follows_the_page_and_the_dialog(qtbot: QtBot, window: MainWindow) -> None:
    parts = _parts(window)
    parts.pages.show_page("runs")
    parts.actions["help"].trigger()
    assert parts.help.window is not None
    assert parts.help.window.current is not None
    assert parts.help.window.current.page == "runs"
    parts.help.window.close()
    parts.actions["sanity"].trigger()
    dialog = parts.commands.sanity_dialog
    assert dialog is not None
    qtbot.waitUntil(lambda: dialog.isAncestorOf(QApplication.focusWidget() or parts.pages))
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_F1)
    assert parts.help.window.current == Place("train", ("Before a long run",))


def test_pages_that_cannot_be_read_are_said(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("workbench.views.window.help_desk.load_pages", lambda: load_pages(tmp_path))
    _parts(window).actions["help"].trigger()
    assert "cannot be read" in _parts(window).pages.banner.message
    assert _parts(window).help.window is None
