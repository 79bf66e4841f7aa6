"""The docks keep the widths that the user gave them."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMainWindow
from pytestqt.qtbot import QtBot

from tests.views.conftest import close
from tests.views.helpers import parts, services
from workbench.views.window.main_window import MainWindow


def test_other_colours_leave_the_docks_as_wide_as_they_are(qtbot: QtBot, window: MainWindow) -> None:
    docks, actions = parts(window).docks, parts(window).actions
    frame = docks.settings.parentWidget()
    assert isinstance(frame, QMainWindow)
    frame.resizeDocks([docks.settings], [docks.settings.width() + 90], Qt.Orientation.Horizontal)
    qtbot.wait(20)
    chosen = docks.settings.width()
    for mode in ("dark", "light"):
        actions[mode].trigger()
        qtbot.wait(50)
        assert docks.settings.width() == chosen
    for _ in range(2):
        actions["large"].trigger()
        qtbot.wait(100)
    qtbot.waitUntil(lambda: docks.settings.width() == chosen)


def test_the_arrangement_comes_back_when_its_page_is_shown(qtbot: QtBot, workbench_home: Path) -> None:
    """Before, as where a window manager takes its time, Qt would give the docks other widths."""
    window, told = MainWindow(), []
    window.furnish()
    docks = parts(window).docks
    docks.restored.connect(lambda: told.append(docks.settings.isVisible()))
    qtbot.wait(20)
    window.show()
    qtbot.waitUntil(lambda: bool(told) and services(window).tasks.current is None, timeout=60_000)
    close(qtbot, window)
    assert told == [True]
