"""The page of runs by the keyboard alone: from filter and comparison to fork, going on, trash and back."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QWidget
from pytestqt.qtbot import QtBot

from tests.bridge.runs.test_run_desk import moved
from tests.engine.shelf.made_runs import SPEC, make_run
from tests.views.runs.test_runs_in_window import parts
from workbench.bridge.runs import trash
from workbench.engine.core.app_folders import runs_folder
from workbench.views.runs.fork_dialog import ForkDialog
from workbench.views.runs.runs_page import RunsPage
from workbench.views.window.main_window import MainWindow

_Key, _Mod = Qt.Key, Qt.KeyboardModifier


class Keys:
    """Sends keys to whatever has the focus, as a keyboard does."""

    def __init__(self, qtbot: QtBot, window: MainWindow) -> None:
        self._qtbot, self._window = qtbot, window
        self.activate()

    def activate(self) -> None:
        self._window.activateWindow()
        self._qtbot.waitUntil(self._window.isActiveWindow, timeout=10_000)

    def press(self, *keys: Qt.Key, mod: Qt.KeyboardModifier = _Mod.NoModifier) -> None:
        for key in keys:
            QTest.keyClick(self.focused, key, mod)

    def type(self, text: str) -> None:
        QTest.keyClicks(self.focused, text)

    @property
    def focused(self) -> QWidget:
        return QApplication.focusWidget() or QApplication.activeWindow() or self._window

    def choose(self, letter: Qt.Key) -> None:
        """Open the menu of the chosen rows and press the letter of an entry; the menu must take it."""
        timer, left = QTimer(), []

        def press() -> None:
            popup = QApplication.activePopupWidget()
            if isinstance(popup, QMenu):
                QTest.keyClick(popup, letter if not left else _Key.Key_Escape)
                left.append(letter)

        timer.setInterval(20)
        timer.timeout.connect(press)
        timer.start()
        self.press(_Key.Key_Menu)
        timer.stop()
        assert len(left) == 1, "the menu did not take the letter"


@pytest.fixture
def keys(qtbot: QtBot, window: MainWindow) -> Keys:
    return Keys(qtbot, window)


def page_by_key(qtbot: QtBot, window: MainWindow, keys: Keys, count: int) -> RunsPage:
    keys.press(_Key.Key_2, mod=_Mod.ControlModifier)
    page = parts(window).pages.page("runs")
    assert isinstance(page, RunsPage)
    runs = parts(window).services.run_desk.runs
    qtbot.waitUntil(lambda: len(runs.records) == count and not runs.is_reading, timeout=30_000)
    return page


def to_the_table(keys: Keys, page: RunsPage, words: str = "") -> None:
    """Ctrl+F, some words, the arrow down; the first row is chosen."""
    keys.press(_Key.Key_F, mod=_Mod.ControlModifier)
    assert page.list.bar.text.hasFocus()
    keys.press(_Key.Key_Escape) if not words else keys.type(words)
    if words:
        keys.press(_Key.Key_Down)
    assert page.list.table.hasFocus()
    keys.press(_Key.Key_PageUp)


def test_everything_on_the_page_can_be_done_by_keys(
    qtbot: QtBot, window: MainWindow, keys: Keys, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trash, "_moved", lambda folder: moved(folder, tmp_path))
    session, banner = parts(window).services.session, parts(window).pages.banner
    for number, rate in enumerate((0.1, 0.03, 0.01), 1):
        make_run(runs_folder(), f"2026-01-0{number}_12-00-00_kept", SPEC.edited("optimizer.lr", rate))
    session.store.edit("loop.epochs", 100_000)

    def stop(at: int) -> Path:
        qtbot.waitUntil(lambda: session.is_active and session.history.steps.count >= at, timeout=60_000)
        keys.activate()  # what a window manager does when a dialog closes
        keys.press(_Key.Key_F5, mod=_Mod.ShiftModifier)
        qtbot.waitUntil(lambda: not session.is_active, timeout=60_000)
        return Path(session.folder)

    keys.press(_Key.Key_F5)
    trained = stop(30)
    steps = session.history.steps.count

    page = page_by_key(qtbot, window, keys, 4)
    to_the_table(keys, page, "kept")
    assert page.list.model.rowCount() == 3
    keys.press(_Key.Key_Space, _Key.Key_Down, _Key.Key_Space, _Key.Key_Down, _Key.Key_Space)
    assert len(page.list.model.ticked) == 3 and page.compare.isVisible()
    differences = page.compare.differences.words
    qtbot.waitUntil(lambda: "Learning rate 0.01 → 0.1" in differences.text(), timeout=20_000)

    to_the_table(keys, page)
    assert page.list.model.rowCount() == 4
    keys.press(_Key.Key_Return)
    qtbot.waitUntil(lambda: page.opened.plots.isVisible(), timeout=20_000)
    assert page.opened.record is not None and page.opened.record.folder == trained
    keys.press(_Key.Key_Escape)
    assert page.list.table.hasFocus()

    keys.choose(_Key.Key_K)
    qtbot.waitUntil(lambda: bool(page.findChildren(ForkDialog)), timeout=10_000)
    (dialog,) = page.findChildren(ForkDialog)
    qtbot.waitUntil(dialog.step.hasFocus, timeout=10_000)
    keys.press(_Key.Key_A, mod=_Mod.ControlModifier)
    keys.type("20")
    keys.press(_Key.Key_F, mod=_Mod.AltModifier)
    forked = stop(25)
    started = session.history.started
    assert forked != trained and started is not None and (started.parent, started.parent_step) == (trained.name, 20)

    page = page_by_key(qtbot, window, keys, 5)
    to_the_table(keys, page)
    keys.press(_Key.Key_Down)
    keys.choose(_Key.Key_G)
    assert stop(steps + 5) == trained

    page = page_by_key(qtbot, window, keys, 5)
    to_the_table(keys, page)
    keys.press(_Key.Key_Delete)
    qtbot.waitUntil(lambda: "moved to the trash" in banner.message, timeout=20_000)
    assert not forked.exists() and trained.exists()
    keys.press(_Key.Key_F8)
    keys.press(_Key.Key_Space)
    qtbot.waitUntil(lambda: (forked / "events.jsonl").exists(), timeout=20_000)
