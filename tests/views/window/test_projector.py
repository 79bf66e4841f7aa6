"""Projector mode: what an audience sees, and that everything is as before afterwards."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from workbench.views.widgets.theme import theme
from workbench.views.window.main_window import MainWindow
from workbench.views.window.workspace import Workspace


@pytest.fixture
def parts(window: MainWindow) -> Workspace:
    assert window.workspace is not None
    return window.workspace


def test_f11_shows_the_sentence_and_hides_the_panels(qtbot: QtBot, window: MainWindow, parts: Workspace) -> None:
    parts.actions["dark"].trigger()
    size = QApplication.font().pointSizeF()
    QTest.keyClick(window, Qt.Key.Key_F11)
    qtbot.waitUntil(window.isFullScreen)
    bar = parts.page.stage_bar
    assert bar.isVisible()
    assert bar.sentence.text() == parts.gap_view.headline.text() != ""
    assert all(timer.isActive() for timer in bar.findChildren(QTimer))
    assert not (parts.docks.settings.isVisible() or window.menuBar().isVisible() or parts.run_bar.isVisible())
    assert not parts.page.plots.options.isVisible()
    assert theme().colours.dark, "Dark was chosen"
    assert QApplication.font().pointSizeF() == pytest.approx(1.8 * size)
    QTest.keyClick(window, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not window.isFullScreen())
    assert parts.docks.settings.isVisible() and window.menuBar().isVisible() and parts.run_bar.isVisible()
    assert parts.page.plots.options.isVisible() and not bar.isVisible()
    assert not any(timer.isActive() for timer in bar.findChildren(QTimer)), "nobody reads it now"
    assert theme().colours.dark
    assert QApplication.font().pointSizeF() == pytest.approx(size)


def test_where_the_system_decides_it_is_light_and_afterwards_as_before(window: MainWindow, parts: Workspace) -> None:
    theme().set_mode("system")
    parts.actions["projector"].trigger()
    assert theme().mode == "light" and not theme().colours.dark
    parts.projector.leave()
    assert theme().mode == "system"


def test_the_state_and_the_sentence_follow_the_run(qtbot: QtBot, window: MainWindow, parts: Workspace) -> None:
    parts.services.store.edit("loop.epochs", 2)
    parts.actions["projector"].trigger()
    bar = parts.page.stage_bar
    before = bar.sentence.text()
    QTest.keyClick(window, Qt.Key.Key_F5)
    qtbot.waitUntil(lambda: "Epoch 2 of 2" in bar.state.text() and "Finished" in bar.state.text(), timeout=60_000)
    qtbot.waitUntil(lambda: bar.sentence.text() not in ("", before), timeout=10_000)
    assert bar.sentence.text() == parts.gap_view.headline.text()


def test_large_letters_of_before_stay(qtbot: QtBot, window: MainWindow, parts: Workspace) -> None:
    parts.actions["large"].trigger()
    parts.actions["projector"].trigger()
    parts.actions["projector"].trigger()
    assert theme().large
    assert parts.actions["large"].isChecked()


def test_plots_alone_and_projector_take_turns(qtbot: QtBot, window: MainWindow, parts: Workspace) -> None:
    parts.actions["projector"].trigger()
    parts.actions["full_screen"].trigger()
    assert not parts.actions["projector"].isChecked()
    assert not parts.page.stage_bar.isVisible()
    parts.actions["projector"].trigger()
    assert not parts.actions["full_screen"].isChecked()
    parts.projector.leave()
    qtbot.waitUntil(lambda: not window.isFullScreen())
    assert parts.docks.settings.isVisible() and parts.run_bar.isVisible()
