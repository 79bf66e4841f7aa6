"""A click that is under way when a message moves the page hits nothing, rather than what has come below the pointer."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from tests.views.helpers import parts
from workbench.views.runs.runs_page import RunsPage
from workbench.views.widgets.banner import Banner, Offer
from workbench.views.window.main_window import MainWindow
from workbench.views.window.press_guard import HOLD, PressGuard

_LEFT = Qt.MouseButton.LeftButton


class Bench(QWidget):
    """A page of two buttons below a banner, with a clock that stands still."""

    def __init__(self) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        self.banner, self.page = Banner(), QWidget()
        column.addWidget(self.banner)
        column.addWidget(self.page, 1)
        self.now, self.clicked = 100.0, list[str]()
        self.buttons = [self._button(word) for word in ("upper", "lower")]
        inside = QVBoxLayout(self.page)
        for button in self.buttons:
            inside.addWidget(button)
        inside.addStretch(1)
        self.guard = PressGuard(self.page, (self.banner,), lambda: self.now)

    def _button(self, word: str) -> QPushButton:
        button = QPushButton(word)
        button.clicked.connect(lambda: self.clicked.append(word))
        return button

    def click(self, at: QPoint) -> None:
        """As the window system does it: at a place of the window, whatever is there."""
        QTest.mouseClick(self.windowHandle(), _LEFT, pos=at)

    def place(self, widget: QWidget) -> QPoint:
        return widget.mapTo(self, widget.rect().center())


@pytest.fixture
def bench(qtbot: QtBot) -> Bench:
    made = Bench()
    qtbot.addWidget(made)
    made.resize(400, 300)
    with qtbot.waitExposed(made):
        made.show()
    made.now += 10
    return made


def moved(qtbot: QtBot, bench: Bench, act: Callable[[], object]) -> None:
    """Do something that moves the page."""
    before = bench.page.y()
    act()
    qtbot.waitUntil(lambda: bench.page.y() != before)


def test_a_press_aimed_before_a_message_came_is_ignored_and_a_later_one_is_not(qtbot: QtBot, bench: Bench) -> None:
    bench.click(bench.place(bench.buttons[1]))
    assert bench.clicked == ["lower"], "nothing is ignored while nothing moves"
    moved(qtbot, bench, lambda: bench.banner.say("A message that nobody has waited for."))
    aimed = bench.place(bench.buttons[0])
    bench.now += 0.9 * HOLD
    bench.click(aimed)
    assert bench.clicked == ["lower"] and not bench.buttons[0].isDown()
    bench.now += 0.2 * HOLD
    bench.click(aimed)
    assert bench.clicked == ["lower", "upper"]
    moved(qtbot, bench, bench.banner.clear)
    bench.click(bench.place(bench.buttons[0]))
    assert bench.clicked == ["lower", "upper"], "the page moves when a message goes, too"


def test_a_button_of_the_message_itself_is_not_hit_by_a_press_for_the_page(qtbot: QtBot, bench: Bench) -> None:
    moved(qtbot, bench, lambda: bench.banner.say("A run was lost.", offers=(Offer("Delete it", print),)))
    (offer,) = bench.banner.offers
    bench.click(bench.place(offer))
    assert bench.banner.message == "A run was lost."
    bench.now += HOLD
    bench.click(bench.place(offer))
    assert bench.banner.message == ""


def test_qt_ignores_the_release_of_an_ignored_press(qtbot: QtBot, bench: Bench) -> None:
    """A table takes a release over the row that was pressed last for a click."""
    released: list[object] = []
    bench.page.mouseReleaseEvent = released.append  # type: ignore[method-assign]
    moved(qtbot, bench, lambda: bench.banner.say("A message."))
    at = QPoint(bench.width() // 2, bench.height() - 20)
    QTest.mousePress(bench.windowHandle(), _LEFT, pos=at)
    bench.now += 2 * HOLD
    QTest.mouseRelease(bench.windowHandle(), _LEFT, pos=at)
    assert not released
    QTest.mouseClick(bench.windowHandle(), _LEFT, pos=at)
    assert len(released) == 1


def test_keys_act_at_any_time(qtbot: QtBot, bench: Bench) -> None:
    bench.buttons[1].setFocus()
    moved(qtbot, bench, lambda: bench.banner.say("A message."))
    QTest.keyClick(bench.windowHandle(), Qt.Key.Key_Space)
    assert bench.clicked == ["lower"]


def test_the_pages_of_the_window_are_guarded_and_its_rail_is_not(qtbot: QtBot, window: MainWindow) -> None:
    pages, now = parts(window).pages, [0.0]
    pages.guard.clock = lambda: now[0]
    pages.show_page("runs")
    pages.banner.clear()
    qtbot.waitUntil(lambda: pages.stack.y() == 0)
    now[0] += HOLD
    page = pages.page("runs")
    assert isinstance(page, RunsPage)
    tabs = page.tabs.tabBar()
    pages.banner.say("A message.")
    qtbot.waitUntil(lambda: pages.stack.y() > 0)

    def click(widget: QWidget, at: QPoint) -> None:
        QTest.mouseClick(window.windowHandle(), _LEFT, pos=widget.mapTo(window, at))

    click(tabs, tabs.tabRect(1).center())
    assert tabs.currentIndex() == 0
    now[0] += HOLD
    click(tabs, tabs.tabRect(1).center())
    assert tabs.currentIndex() == 1
    pages.banner.clear()
    qtbot.waitUntil(lambda: pages.stack.y() == 0)
    train = pages.rail.buttons["train"]
    click(train, train.rect().center())
    assert pages.current == "train"
