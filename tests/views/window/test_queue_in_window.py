"""The queue in the real window: from the menu, across a restart, its messages and the notifications of the desktop."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QSystemTrayIcon, QWidget
from pytestqt.qtbot import QtBot

from tests.engine.helpers import small_spec
from tests.engine.shelf.made_runs import curve, make_run, started
from tests.views.conftest import Opener, close
from workbench.engine.core.app_folders import runs_folder
from workbench.engine.core.events import RunEnded
from workbench.engine.shelf.cards import new_card
from workbench.engine.shelf.queue import Queue
from workbench.engine.shelf.queue_report import QueueReport
from workbench.views.runs.queue_report_dialog import QueueReportDialog
from workbench.views.runs.runs_page import RunsPage
from workbench.views.window import notifier
from workbench.views.window.main_window import MainWindow
from workbench.views.window.workspace import Workspace

LONG = 60_000
_CTRL, _SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


def parts(window: MainWindow) -> Workspace:
    assert window.workspace is not None
    return window.workspace


def queue_page(window: MainWindow) -> RunsPage:
    """Go to the queue by its key."""
    QTest.keyClick(window, Qt.Key.Key_J, _CTRL)
    page = parts(window).pages.page("runs")
    assert isinstance(page, RunsPage) and page.queue.isVisible()
    return page


def states(window: MainWindow) -> list[str]:
    return [card.state for card in parts(window).services.run_desk.queue.cards]


def test_settings_are_added_by_a_key_trained_and_reported(qtbot: QtBot, window: MainWindow) -> None:
    workspace = parts(window)
    store, banner = workspace.services.store, workspace.pages.banner
    store.load(small_spec(loop__epochs=1))
    QTest.keyClick(window, Qt.Key.Key_A, _CTRL | _SHIFT)
    assert banner.message.startswith("Added to the queue: ") and states(window) == ["waiting"]
    QTest.mouseClick(banner.offers[0], Qt.MouseButton.LeftButton)
    assert states(window) == []
    QTest.keyClick(window, Qt.Key.Key_A, _CTRL | _SHIFT)
    store.edit("optimizer.lr", 0.5)
    assert workspace.actions["queue_on"].isEnabled()
    workspace.actions["queue_on"].trigger()
    assert workspace.actions["queue_on"].isChecked()
    qtbot.waitUntil(lambda: banner.message.startswith("The queue is off."), timeout=LONG)
    assert states(window) == ["done"] and not workspace.actions["queue_on"].isChecked()
    assert store.spec.optimizer.lr == 0.5
    QTest.mouseClick(banner.offers[0], Qt.MouseButton.LeftButton)
    page = queue_page(window)
    (dialog,) = page.queue.findChildren(QueueReportDialog)
    dialog.reject()


def test_the_status_line_names_the_card_and_its_failure_offers_nothing_about_the_form(
    qtbot: QtBot, window: MainWindow
) -> None:
    workspace = parts(window)
    desk, banner = workspace.services.run_desk, workspace.pages.banner
    desk.queue.add_values(small_spec(loop__epochs=100_000), "optimizer.lr", "0.02")
    desk.worker.switch(True)
    qtbot.waitUntil(lambda: "card of the queue: Learning rate 0.02" in workspace.status.text, timeout=LONG)
    workspace.messages.show_end(RunEnded("failed", 1, 1, 1.0, "Diverged.", code="diverged"))
    assert banner.message == "Diverged." and not banner.offers
    desk.worker.stop_now()
    qtbot.waitUntil(lambda: not workspace.services.session.is_active, timeout=LONG)


def test_after_a_restart_the_queue_is_there_and_off(qtbot: QtBot, open_window: Opener) -> None:
    first = open_window()
    desk = parts(first).services.run_desk
    desk.queue.add_spec(small_spec(loop__epochs=100_000))
    desk.queue.add_spec(small_spec(loop__epochs=1))
    page = queue_page(first)
    assert page.queue.table.topLevelItemCount() == 2
    desk.worker.switch(True)
    qtbot.waitUntil(lambda: parts(first).services.session.history.steps.count > 0, timeout=LONG)
    close(qtbot, first)  # stops the run, which is kept
    assert [card.state for card in Queue().cards] == ["waiting", "waiting"]
    second = open_window()
    qtbot.waitUntil(lambda: parts(second).pages.current == "runs", timeout=LONG)
    page = queue_page(second)
    worker = parts(second).services.run_desk.worker
    assert not worker.is_on and page.queue.table.topLevelItemCount() == 2
    assert page.queue.table.topLevelItem(0).text(1) == "Waiting, goes on"  # type: ignore[union-attr]
    assert not parts(second).services.session.is_active


def test_a_killed_program_offers_to_go_on(qtbot: QtBot, open_window: Opener) -> None:
    spec = small_spec(loop__epochs=1)
    queue = Queue()
    queue.add([new_card(spec, "the long one"), new_card(spec, "the next")])
    queue.started(1, make_run(runs_folder(), spec=spec, events=[started(spec), *curve((0.5,))]))
    queue.release()
    window = open_window()
    banner, desk = parts(window).pages.banner, parts(window).services.run_desk
    said = "was training “the long one”. It begins again at step 0."  # no state of it was kept
    assert said in banner.message and not desk.worker.is_on
    assert [offer.text() for offer in banner.offers] == ["Go on with the queue", "Show the queue"]
    QTest.mouseClick(banner.offers[0], Qt.MouseButton.LeftButton)
    assert desk.worker.is_on
    qtbot.waitUntil(lambda: states(window) == ["done", "done"], timeout=LONG)
    qtbot.waitUntil(lambda: desk.worker.report is not None, timeout=LONG)


# --- Notifications


class Tray(QWidget):
    """In the place of QSystemTrayIcon, on a desktop that has a tray."""

    messageClicked = Signal()
    activated = Signal(object)
    MessageIcon = QSystemTrayIcon.MessageIcon
    made: list[Tray] = []

    def __init__(self, icon: object, parent: object) -> None:
        super().__init__()
        self.said: list[tuple[str, str]] = []
        Tray.made.append(self)

    @staticmethod
    def isSystemTrayAvailable() -> bool:
        return True

    def showMessage(self, title: str, words: str, kind: object, time: int) -> None:
        assert self.isVisible()
        self.said.append((title, words))


@pytest.fixture
def tray(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Tray]]:
    Tray.made = []
    monkeypatch.setattr(notifier, "QSystemTrayIcon", Tray)
    monkeypatch.setattr(notifier, "_NO_DESKTOP", ())
    yield Tray
    for each in Tray.made:
        each.deleteLater()


REPORT = QueueReport((), datetime(2026, 11, 1), datetime(2026, 11, 2), "")


def test_the_end_of_a_long_run_and_of_the_queue_is_notified(window: MainWindow, tray: type[Tray]) -> None:
    services = parts(window).services
    services.session.ended.emit(RunEnded("completed", 10, 1, 299.0, "Finished."))
    assert tray.made == []  # a short run
    services.session.ended.emit(RunEnded("completed", 10, 1, 3_700.0, "Finished."))
    (icon,) = tray.made
    assert icon.said[0][0] == "Training has finished" and "1:01:40" in icon.said[0][1]
    services.session.is_of_form = False
    services.session.ended.emit(RunEnded("completed", 10, 1, 3_700.0, "Finished."))
    assert len(icon.said) == 1  # a card: the queue tells them together
    services.run_desk.worker.reported.emit(REPORT, "")
    assert icon.said[1][0] == "The queue has ended" and len(tray.made) == 1
    icon.messageClicked.emit()
    assert not icon.isVisible() and parts(window).pages.current == "runs"


@pytest.mark.parametrize("has_tray", [False, True])
def test_without_a_tray_or_a_desktop_there_is_no_icon(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch, has_tray: bool
) -> None:
    made: list[Any] = []
    monkeypatch.setattr(QSystemTrayIcon, "show", lambda self: made.append(self))
    monkeypatch.setattr(QSystemTrayIcon, "isSystemTrayAvailable", lambda: has_tray)
    monkeypatch.setattr(notifier, "_NO_DESKTOP", (QGuiApplication.platformName(),) if has_tray else ())
    parts(window).services.run_desk.worker.reported.emit(REPORT, "")
    assert made == [] and parts(window).queue.notifier._tray is None


def test_the_run_of_a_card_is_opened_from_the_queue(qtbot: QtBot, window: MainWindow) -> None:
    folder = make_run(runs_folder(), spec=small_spec())
    desk = parts(window).services.run_desk
    desk.queue.add_spec(small_spec())
    desk.queue.change(lambda queue: queue.started(1, folder))
    desk.queue.change(lambda queue: queue.ended(1, RunEnded("completed", 1, 1, 1.0, "Finished.")))
    page = queue_page(window)
    qtbot.waitUntil(lambda: desk.runs.record(folder) is not None, timeout=LONG)
    page.queue.table.selectAll()
    page.queue.do("open")
    assert page.stack.currentWidget() is page.opened and page.tabs.currentWidget() is page.stack
    assert page.opened.record is not None and page.opened.record.folder == Path(folder)
    qtbot.waitUntil(lambda: not desk.runs.is_reading and parts(window).services.shelving.current is None, timeout=LONG)


def test_the_keys_of_the_table_are_not_those_of_the_window(qtbot: QtBot, window: MainWindow) -> None:
    services = parts(window).services
    store, desk = services.store, services.run_desk
    store.edit("optimizer.lr", 0.02)
    desk.add_current()
    page = queue_page(window)
    qtbot.waitUntil(page.queue.table.hasFocus, timeout=LONG)
    page.queue.table.selectAll()
    QTest.keyClick(page.queue.table, Qt.Key.Key_D, _CTRL)  # elsewhere: decay here
    assert len(desk.queue.cards) == 2
    QTest.keyClick(page.queue.table, Qt.Key.Key_Z, _CTRL)  # elsewhere: undo a setting
    assert len(desk.queue.cards) == 1 and store.spec.optimizer.lr == 0.02
