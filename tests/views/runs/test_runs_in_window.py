"""The page of runs in the real window: by keys, with the docks of the Train page as they were afterwards."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton
from pytestqt.qtbot import QtBot

from tests.engine.shelf.made_runs import SPEC, make_run
from tests.views.conftest import Opener, close
from workbench.engine.core.app_folders import home, runs_folder
from workbench.views.runs.runs_page import RunsPage
from workbench.views.widgets.theme import theme
from workbench.views.window.main_window import MainWindow
from workbench.views.window.workspace import Workspace

_CTRL = Qt.KeyboardModifier.ControlModifier


def parts(window: MainWindow) -> Workspace:
    assert window.workspace is not None
    return window.workspace


def runs_page(qtbot: QtBot, window: MainWindow) -> RunsPage:
    """Go to the page by its key, and wait for its runs."""
    QTest.keyClick(window, Qt.Key.Key_2, _CTRL)
    QTest.keyRelease(window, Qt.Key.Key_Control)  # held, it would take rows out of the selection
    page = parts(window).pages.page("runs")
    assert isinstance(page, RunsPage) and page.isVisible()
    runs = parts(window).services.run_desk.runs
    qtbot.waitUntil(lambda: runs.is_read and not runs.is_reading, timeout=20_000)
    return page


def test_the_docks_belong_to_the_train_page_and_come_back_as_they_were(qtbot: QtBot, window: MainWindow) -> None:
    workspace = parts(window)
    docks = workspace.docks
    docks.layers.show()
    docks.insight.setFloating(True)
    qtbot.wait(50)
    before = {dock: (dock.geometry(), dock.isVisible()) for dock in docks.all if not dock.isFloating()}
    runs_page(qtbot, window)
    assert not any(dock.isVisible() for dock in docks.all)
    assert workspace.run_bar.isVisible() and not docks.settings.toggleViewAction().isVisible()
    QTest.keyClick(window, Qt.Key.Key_1, _CTRL)
    now = lambda: {dock: (dock.geometry(), dock.isVisible()) for dock in before}  # noqa: E731
    qtbot.waitUntil(lambda: now() == before, timeout=20_000)
    assert docks.insight.isVisible() and docks.insight.isFloating()


def test_large_letters_on_another_page_reach_the_docks_and_go(qtbot: QtBot, window: MainWindow) -> None:
    workspace = parts(window)
    docks = workspace.docks.settings, workspace.docks.insight
    before = [dock.geometry() for dock in docks]
    runs_page(qtbot, window)
    workspace.actions["large"].setChecked(True)
    QTest.keyClick(window, Qt.Key.Key_1, _CTRL)
    qtbot.waitUntil(lambda: docks[1] in workspace.train_frame.tabifiedDockWidgets(docks[0]), timeout=20_000)
    QTest.keyClick(window, Qt.Key.Key_2, _CTRL)
    workspace.actions["large"].setChecked(False)
    QTest.keyClick(window, Qt.Key.Key_1, _CTRL)
    qtbot.waitUntil(lambda: [dock.geometry() for dock in docks] == before, timeout=20_000)


def test_ticks_are_on_the_disk_before_the_window_closes(qtbot: QtBot, window: MainWindow) -> None:
    run = make_run(runs_folder())
    runs_page(qtbot, window).list.model.tick([run], True)
    kept = home() / "window.ini"
    qtbot.waitUntil(lambda: kept.is_file() and f"ticked=0:{run.name}" in kept.read_text("utf-8"), timeout=20_000)


def test_no_button_of_the_page_has_the_letter_of_a_menu(qtbot: QtBot, window: MainWindow) -> None:
    def letters(texts: Iterable[str]) -> set[str]:
        return {letter for letter in (QKeySequence.mnemonic(text).toString() for text in texts) if letter}

    buttons = runs_page(qtbot, window).findChildren(QAbstractButton)
    own, menus = letters(b.text() for b in buttons), letters(a.text() for a in window.menuBar().actions())
    assert len(menus) == 5 and "Alt+P" in own and not own & menus


def test_page_and_layout_come_back_in_the_next_window(qtbot: QtBot, open_window: Opener) -> None:
    first = open_window()
    docks = parts(first).docks
    docks.layers.show()
    parts(first).train_frame.resizeDocks([docks.settings], [333], Qt.Orientation.Horizontal)
    qtbot.wait(50)
    width = docks.settings.width()
    page = runs_page(qtbot, first)
    page.list._on_sort("name", False)
    close(qtbot, first)
    theme().set_large(True)  # reaches no page of the closed window
    theme().set_large(False)
    second = open_window()
    qtbot.waitUntil(lambda: parts(second).pages.current == "runs", timeout=20_000)
    again = parts(second).pages.page("runs")
    assert isinstance(again, RunsPage) and again.list.bar.choice.sort == "name"
    qtbot.waitUntil(second.isActiveWindow, timeout=20_000)  # until then X11 gives it no keys
    QTest.keyClick(second, Qt.Key.Key_1, _CTRL)
    docks = parts(second).docks
    qtbot.waitUntil(lambda: docks.layers.isVisible() and abs(docks.settings.width() - width) <= 8, timeout=20_000)


def test_a_run_of_the_window_is_listed_and_its_settings_are_trained_again(qtbot: QtBot, window: MainWindow) -> None:
    make_run(runs_folder(), spec=SPEC.edited("optimizer.lr", 0.031).edited("loop.epochs", 2))
    page = runs_page(qtbot, window)
    page.list.table.selectRow(0)
    page.do("train")
    session = parts(window).services.session
    assert parts(window).pages.current == "train" and session.store.spec.optimizer.lr == 0.031
    qtbot.waitUntil(lambda: session.history.ended is not None and not session.is_active, timeout=60_000)
    page = runs_page(qtbot, window)
    runs = parts(window).services.run_desk.runs
    qtbot.waitUntil(lambda: [record.status for record in runs.records] == ["finished"] * 2, timeout=20_000)
    assert runs.records[0].folder == Path(session.folder) and runs.records[0].best_accuracy is not None


def test_the_trash_is_said_with_a_way_back(qtbot: QtBot, window: MainWindow, monkeypatch: object) -> None:
    from workbench.bridge.runs.trash import Removal, Trashed

    desk, banner = parts(window).services.run_desk, parts(window).pages.banner
    brought: list[object] = []
    desk.bring_back = brought.append  # type: ignore[method-assign]
    removal = Removal((Trashed(Path("a"), Path("trash/a"), "small net"),), ("b",))
    desk.removed.emit(removal)
    assert "small net moved to the trash." in banner.message and "b" in banner.message
    QTest.mouseClick(banner.offers[0], Qt.MouseButton.LeftButton)
    assert brought == [removal]
