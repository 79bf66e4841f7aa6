"""The rail and its pages: by mouse, by shortcut, by arrow keys; each page is made when it is first shown."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QLineEdit, QMainWindow, QWidget
from pytestqt.qtbot import QtBot

from workbench.bridge.services import Services
from workbench.views.window.page_list import PageEntry
from workbench.views.window.pages import Pages

made: list[str] = []


def _made(services: Services) -> QWidget:
    made.append("second")
    return QLineEdit("second")


ENTRIES = (
    PageEntry("train", "Train", "&Train page", "The first page.", "Ctrl+1"),
    PageEntry("runs", "Runs", "R&uns page", "The second page.", "Ctrl+2", _made),
)


@pytest.fixture
def pages(qtbot: QtBot, workbench_home: object) -> Iterator[Pages]:
    made.clear()
    window = QMainWindow()
    actions = {}
    for entry in ENTRIES:
        action = actions[entry.action] = QAction(entry.menu_text, window, checkable=True)
        action.setShortcut(QKeySequence(entry.key))
    window.addActions(list(actions.values()))
    services = Services.__new__(Services)
    from workbench.bridge.spec_store import SpecStore

    services.store = SpecStore()
    pages = Pages(services, actions, ENTRIES)
    window.setCentralWidget(pages)
    pages.put("train", QLabel("first"))
    with qtbot.waitActive(window):
        window.show()
        window.activateWindow()
    yield pages
    window.close()
    window.deleteLater()


def chosen(pages: Pages) -> list[str]:
    return [name for name, button in pages.rail.buttons.items() if button.isChecked()]


def test_a_click_in_the_rail_shows_the_page_and_makes_it_once(qtbot: QtBot, pages: Pages) -> None:
    assert pages.current == "train" and made == [] and chosen(pages) == ["train"]
    for name in ("runs", "train", "runs"):
        with qtbot.waitSignal(pages.changed) as changed:
            QTest.mouseClick(pages.rail.buttons[name], Qt.MouseButton.LeftButton)
        assert changed.args == [name] and pages.current == name and chosen(pages) == [name]
    assert made == ["second"] and pages.page("runs").isVisible()


def test_a_second_click_on_the_shown_page_keeps_it(pages: Pages) -> None:
    for _ in range(2):
        QTest.mouseClick(pages.rail.buttons["runs"], Qt.MouseButton.LeftButton)
    assert pages.current == "runs" and chosen(pages) == ["runs"]


def test_each_page_has_a_shortcut(pages: Pages) -> None:
    window = pages.window()
    QTest.keyClick(window, Qt.Key.Key_2, Qt.KeyboardModifier.ControlModifier)
    assert pages.current == "runs"
    QTest.keyClick(window, Qt.Key.Key_1, Qt.KeyboardModifier.ControlModifier)
    assert pages.current == "train"


def test_the_arrow_keys_go_round_the_rail(pages: Pages) -> None:
    pages.rail.buttons["train"].setFocus()
    QTest.keyClick(pages.rail.buttons["train"], Qt.Key.Key_Down)
    assert pages.current == "runs" and pages.rail.buttons["runs"].hasFocus()
    QTest.keyClick(pages.rail.buttons["runs"], Qt.Key.Key_Down)
    assert pages.current == "train" and pages.rail.buttons["train"].hasFocus()


def test_words_icons_and_names_are_there(pages: Pages) -> None:
    for entry in ENTRIES:
        button = pages.rail.buttons[entry.name]
        assert (button.text(), button.accessibleName()) == (entry.title, entry.title)
        words = button.fontMetrics().horizontalAdvance(entry.title)
        assert words < button.width() <= 64 and button.height() > 2 * button.fontMetrics().height()


def test_messages_are_above_every_page(pages: Pages) -> None:
    pages.banner.say("Something has happened.")
    for name in ("train", "runs"):
        pages.show_page(name)
        assert pages.banner.isVisible()


def test_the_page_of_the_last_window_comes_back_and_an_unknown_one_is_ignored(pages: Pages) -> None:
    pages.remembered = "nothing like it"
    pages.recall()
    assert pages.current == "train"
    pages.remembered = "runs"
    pages.recall()
    assert pages.current == "runs" and chosen(pages) == ["runs"]


class Large(QWidget):
    def minimumSizeHint(self) -> QSize:
        return QSize(900, 700)


def test_a_hidden_page_does_not_keep_the_window_large(qtbot: QtBot, pages: Pages) -> None:
    window, large = pages.window(), Large()
    pages.put("large", large)
    pages.stack.setCurrentWidget(large)
    qtbot.waitUntil(lambda: window.width() >= 900 and window.height() >= 700)
    QTest.mouseClick(pages.rail.buttons["runs"], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.minimumSize().width() < 500)
    window.resize(500, 400)
    assert (window.width(), window.height()) == (500, 400)
    pages.stack.setCurrentWidget(large)
    qtbot.waitUntil(lambda: window.width() >= 900 and window.height() >= 700)
