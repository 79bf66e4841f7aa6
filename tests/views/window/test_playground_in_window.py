"""The playground beside a run: neither touches the other, and Undo acts on what is shown."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.views.conftest import Opener, close
from tests.views.helpers import finished, parts, press, services
from workbench.bridge.runner import State
from workbench.views.playground.playground_page import PlaygroundPage
from workbench.views.window.main_window import MainWindow

Ctrl = Qt.KeyboardModifier.ControlModifier


def playground(qtbot: QtBot, window: MainWindow) -> PlaygroundPage:
    """The page, shown by its key, with its paths."""
    QTest.keyClick(window, Qt.Key.Key_3, Ctrl)
    page = parts(window).pages.page("playground")
    assert isinstance(page, PlaygroundPage)
    assert page.isVisible()
    qtbot.waitUntil(lambda: page.desk.paths is not None, timeout=60_000)
    return page


def test_a_paused_run_stays_paused_while_balls_play_and_nothing_plays_on_another_page(
    qtbot: QtBot, window: MainWindow
) -> None:
    press(window, "step")
    runner, history = services(window).runner, services(window).session
    qtbot.waitUntil(lambda: runner.state is State.PAUSED, timeout=60_000)
    steps = history.history.steps.count
    page = playground(qtbot, window)
    cursor = page.desk.cursor
    page.landscape.setFocus()
    QTest.keyClick(page.landscape, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: cursor.is_playing and cursor.at > 2, timeout=20_000)
    assert runner.state is State.PAUSED
    assert history.history.steps.count == steps
    QTest.keyClick(window, Qt.Key.Key_1, Ctrl)
    assert not cursor.is_playing
    assert runner.state is State.PAUSED
    press(window, "stop")
    finished(qtbot, window)


def test_undo_acts_on_the_page_that_is_shown(qtbot: QtBot, window: MainWindow) -> None:
    undo = parts(window).actions["undo"]
    services(window).store.edit("optimizer.lr", 0.2)
    page = playground(qtbot, window)
    assert not undo.isEnabled()
    page.desk.store.edit("surface.tilt", 30.0)
    assert undo.isEnabled()
    QTest.keyClick(window, Qt.Key.Key_Z, Ctrl)
    assert page.desk.spec.at("surface.tilt") == 0.0
    assert services(window).store.spec.at("optimizer.lr") == 0.2
    QTest.keyClick(window, Qt.Key.Key_Y, Ctrl)
    assert page.desk.spec.at("surface.tilt") == 30.0
    QTest.keyClick(window, Qt.Key.Key_1, Ctrl)
    undo.trigger()
    assert services(window).store.spec.at("optimizer.lr") != 0.2
    assert page.desk.spec.at("surface.tilt") == 30.0


def test_surface_and_racers_come_back_in_the_next_window(qtbot: QtBot, open_window: Opener) -> None:
    first = open_window()
    page = playground(qtbot, first)
    page.desk.choose_surface("rosenbrock")
    close(qtbot, first)
    again = open_window()
    page = playground(qtbot, again)
    assert page.desk.spec.surface.kind == "rosenbrock"
