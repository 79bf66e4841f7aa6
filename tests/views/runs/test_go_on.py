"""A run that was stopped goes on, and is branched off, in the real window."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.views.runs.test_runs_in_window import parts, runs_page
from workbench.views.runs.fork_dialog import ForkDialog
from workbench.views.window.main_window import MainWindow


def stopped_run(qtbot: QtBot, window: MainWindow) -> int:
    """Train some steps and stop; how many."""
    session = parts(window).services.session
    session.store.edit("loop.epochs", 100_000)
    session.train()
    qtbot.waitUntil(lambda: session.history.steps.count >= 30, timeout=60_000)
    session.stop()
    qtbot.waitUntil(lambda: not session.is_active, timeout=60_000)
    return session.history.steps.count


def test_a_stopped_run_goes_on_in_its_folder_with_its_curves(qtbot: QtBot, window: MainWindow) -> None:
    before = stopped_run(qtbot, window)
    session = parts(window).services.session
    folder, evaluations = Path(session.folder), len(session.history.evaluations)
    page = runs_page(qtbot, window)
    page.list.table.selectRow(0)
    page.do("go_on")
    assert parts(window).pages.current == "train"
    qtbot.waitUntil(lambda: session.history.steps.count > before + 10, timeout=60_000)
    assert len(session.history.evaluations) >= evaluations and session.folder == str(folder)
    session.stop()
    qtbot.waitUntil(lambda: not session.is_active, timeout=60_000)


def test_a_run_is_branched_off_at_a_step_with_another_rate(qtbot: QtBot, window: MainWindow) -> None:
    stopped_run(qtbot, window)
    session = parts(window).services.session
    parent = Path(session.folder).name
    page = runs_page(qtbot, window)
    page.list.table.selectRow(0)
    page.do("fork")
    (dialog,) = page.findChildren(ForkDialog)
    dialog.step.selectAll()
    QTest.keyClicks(dialog.step, "1000000")
    QTest.mouseClick(dialog.begin, Qt.MouseButton.LeftButton)
    assert "whole number from 0" in dialog.reach.text() and not session.is_active
    dialog.step.selectAll()
    QTest.keyClicks(dialog.step, "20")
    rate = dialog.rows[0][1]
    rate.selectAll()
    QTest.keyClicks(rate, "0.005")
    QTest.mouseClick(dialog.begin, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: session.history.started is not None and session.history.steps.count > 25, timeout=60_000)
    started = session.history.started
    assert started is not None and (started.parent, started.parent_step) == (parent, 20)
    assert session.store.spec.optimizer.lr == 0.005 and Path(session.folder).name != parent
    session.stop()
    qtbot.waitUntil(lambda: not session.is_active, timeout=60_000)
