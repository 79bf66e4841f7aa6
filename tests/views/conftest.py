"""The whole window, opened and closed as the program does it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from workbench.bridge import previews
from workbench.bridge.data import browse_data, check_data
from workbench.views.widgets.theme import theme
from workbench.views.window.main_window import MainWindow

Opener = Callable[[], MainWindow]


def close(qtbot: QtBot, window: MainWindow) -> None:
    """End the threads and the window, saved, as if the user had closed it."""
    workspace = window.workspace
    assert workspace is not None
    workspace.say_goodbye()
    with qtbot.waitSignal(window.closed, timeout=60_000):
        workspace.services.shutdown.begin()
    window.dispose()
    window.deleteLater()


@pytest.fixture(autouse=True)
def _gathered_briefly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Edits are gathered before data is read, checked or listed; that a test would wait for each time."""
    for module in (previews, check_data, browse_data):
        monkeypatch.setattr(module, "GATHER_MS", 20)


@pytest.fixture(autouse=True)
def _usual_letters(qapp: QApplication) -> Iterator[None]:
    """The theme is the program's own: a test that chooses large letters or dark colours does so for itself."""
    yield
    theme().set_large(False)
    theme().set_mode("system")


@pytest.fixture
def light(qapp: QApplication) -> None:
    """Light colours, whatever the desktop has."""
    theme().set_mode("light")
    qapp.processEvents()


@pytest.fixture
def open_window(qtbot: QtBot, workbench_home: Path) -> Iterator[Opener]:
    """Opens windows on this test's home; those still open at its end are closed. Qt's own warnings fail the test."""
    windows: list[MainWindow] = []

    def opened() -> MainWindow:
        window = MainWindow()
        windows.append(window)
        with qtbot.waitSignal(window.furnished, timeout=60_000):
            window.show()
        workspace = window.workspace
        assert workspace is not None
        qtbot.waitUntil(lambda: workspace.services.tasks.current is None, timeout=60_000)
        window.activateWindow()
        return window

    yield opened
    for window in windows:
        if window.workspace is not None:
            close(qtbot, window)
    log = workbench_home / "workbench.log"
    lines = log.read_text().splitlines() if log.exists() else []
    said = [line for line in lines if "This plugin does not support" not in line]
    assert not [line for line in said if "WARNING" in line or "ERROR" in line], "\n".join(said)


@pytest.fixture
def window(open_window: Opener) -> MainWindow:
    return open_window()
