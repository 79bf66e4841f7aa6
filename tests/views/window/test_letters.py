"""No letter has two meanings at a time: Qt ignores a mnemonic that is ambiguous. Messages have a key of their own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QMenu, QTabBar, QTabWidget, QWidget
from pytestqt.qtbot import QtBot

from tests.engine.shelf.made_runs import make_run
from tests.views.runs.test_runs_in_window import parts, runs_page
from workbench.engine.core.app_folders import runs_folder
from workbench.views.runs.queue_menu import CARD_ENTRIES
from workbench.views.runs.run_menu import RUN_ENTRIES
from workbench.views.widgets.banner import Banner, Offer
from workbench.views.window.main_window import MainWindow


def words_with_letters(top: QWidget) -> Iterator[str]:
    """The texts on the screen whose letter acts with Alt."""
    yield from (button.text() for button in top.findChildren(QAbstractButton) if button.isVisible())
    yield from (label.text() for label in top.findChildren(QLabel) if label.isVisible() and label.buddy())
    for bar in top.findChildren(QTabBar):
        yield from (bar.tabText(at) for at in range(bar.count()) if bar.isVisible())
    if isinstance(top, MainWindow):
        yield from (action.text() for action in top.menuBar().actions())


def letters(texts: Iterator[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for text in texts:
        letter = QKeySequence.mnemonic(text).toString()
        if letter:
            found.setdefault(letter, []).append(text)
    return found


def doubled(texts: Iterator[str]) -> dict[str, list[str]]:
    """The letters with two meanings."""
    found = letters(texts)
    assert len(found) > 2, "there are letters"
    return {letter: texts for letter, texts in found.items() if len(texts) > 1}


def clashes(window: MainWindow) -> dict[str, list[str]]:
    return doubled(words_with_letters(window))


def all_tabs(qtbot: QtBot, window: MainWindow, place: QWidget) -> None:
    """No clash whichever tab is shown below ``place``."""
    assert not clashes(window)
    for tabs in place.findChildren(QTabWidget):
        for at in range(tabs.count() if tabs.isVisible() else 0):
            tabs.setCurrentIndex(at)
            QApplication.processEvents()
            assert not clashes(window), tabs.tabText(at)


def test_each_letter_of_the_train_page_is_there_once(qtbot: QtBot, window: MainWindow) -> None:
    workspace = parts(window)
    for dock in workspace.docks.all:
        dock.show()
    for name in workspace.panels.panels:
        workspace.panels.open(name)
        assert not clashes(window), name


def test_pinned_panels_share_the_letters(qtbot: QtBot, window: MainWindow) -> None:
    panels = parts(window).panels
    for name, panel in panels.panels.items():
        panels.open(name)
        panel.pin.setChecked(True)
        assert not clashes(window), name
    shown = letters(words_with_letters(panels))
    assert len(shown) > len(panels.panels), "rows have letters too"


def test_each_letter_of_the_runs_page_is_there_once(qtbot: QtBot, window: MainWindow) -> None:
    for at in range(3):
        make_run(runs_folder(), f"run-{at}")
    page = runs_page(qtbot, window)
    page.list.table.selectAll()
    page.do("tick")
    qtbot.waitUntil(lambda: page.compare.isVisible(), timeout=20_000)
    assert "Alt+G" in letters(words_with_letters(window))
    all_tabs(qtbot, window, page)
    page.open_run(parts(window).services.run_desk.runs.records[0])
    qtbot.waitUntil(lambda: page.opened.splitter.isVisible(), timeout=20_000)
    all_tabs(qtbot, window, page)


@pytest.mark.parametrize("name", ["playground", "lessons"])
def test_each_letter_of_another_page_is_there_once(qtbot: QtBot, window: MainWindow, name: str) -> None:
    pages = parts(window).pages
    pages.show_page(name)
    all_tabs(qtbot, window, pages.page(name))


def test_each_letter_of_a_menu_is_there_once(qtbot: QtBot, window: MainWindow) -> None:
    menus = [action.menu() for action in window.menuBar().actions()]
    assert len(menus) == 5
    for menu in menus:
        assert isinstance(menu, QMenu)
        assert not doubled(action.text() for action in menu.actions())
    for entries in (RUN_ENTRIES, CARD_ENTRIES):
        assert not doubled(entry.text for entry in entries)


def test_a_message_is_reached_by_its_key_and_gives_the_keys_back(qtbot: QtBot, window: MainWindow) -> None:
    workspace, pressed = parts(window), list[str]()
    banner, action = workspace.pages.banner, workspace.actions["message"]
    banner.clear()
    assert not action.isEnabled()
    field = workspace.panels.panels["loop"].header
    field.setFocus()
    offers = (Offer("&Go on", lambda: pressed.append("go")), Offer("Show", lambda: pressed.append("show")))
    banner.say("It ended.", "warning", offers)
    assert action.isEnabled() and not letters(words_with_letters(banner))
    assert banner.offers[0].text() == "&&Go on"
    QTest.keyClick(window, Qt.Key.Key_F8)
    qtbot.waitUntil(banner.offers[0].hasFocus)
    QTest.keyClick(banner.offers[0], Qt.Key.Key_Escape)
    assert field.hasFocus() and banner.message
    QTest.keyClick(window, Qt.Key.Key_F8)
    QTest.keyClick(banner.offers[0], Qt.Key.Key_Tab)
    assert banner.offers[1].hasFocus()
    QTest.keyClick(banner.offers[1], Qt.Key.Key_Space)
    assert pressed == ["show"] and field.hasFocus() and not banner.message and not action.isEnabled()


def test_the_reason_why_training_cannot_start_is_reached_before_the_message(qtbot: QtBot, window: MainWindow) -> None:
    workspace = parts(window)
    banner, refusal, store = workspace.pages.banner, workspace.pages.refusal, workspace.services.store
    banner.clear()
    field = workspace.panels.panels["loop"].header
    field.setFocus()
    store.set_input_error("optimizer.lr", "must be a number")
    assert workspace.actions["message"].isEnabled()
    QTest.keyClick(window, Qt.Key.Key_F8)
    qtbot.waitUntil(refusal.offers[0].hasFocus)
    QTest.keyClick(refusal.offers[0], Qt.Key.Key_Escape)
    assert field.hasFocus()
    banner.say("It is so.", "info", (Offer("Show", print),))
    for place in (refusal, banner, refusal):
        QTest.keyClick(window, Qt.Key.Key_F8)
        qtbot.waitUntil(place.offers[0].hasFocus)
    QTest.keyClick(refusal.offers[0], Qt.Key.Key_Space)  # takes the wrong text back
    banner.clear()
    assert refusal.isHidden() and not workspace.actions["message"].isEnabled()


def test_a_message_without_buttons_can_be_closed_by_keys(qtbot: QtBot) -> None:
    banner = Banner()
    qtbot.addWidget(banner)
    with qtbot.waitExposed(banner):
        banner.say("It is so.")
    banner.activateWindow()
    banner.take_focus()
    focused = banner.focusWidget()
    assert focused is not None and focused.accessibleName() == "Close this message"
    QTest.keyClick(focused, Qt.Key.Key_Space)
    assert not banner.message
