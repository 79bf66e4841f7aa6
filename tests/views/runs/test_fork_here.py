"""A run is branched off where its curve is clicked: that of the Train page while it trains, and an opened one."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QMenu
from pytestqt.qtbot import QtBot

from tests.engine.shelf.made_runs import make_run
from tests.views.runs.test_go_on import stopped_run
from tests.views.runs.test_runs_in_window import parts, runs_page
from workbench.engine.core.app_folders import runs_folder
from workbench.engine.core.text import grouped
from workbench.engine.spec.diff import summary
from workbench.views.plots.train_plots import TrainPlots
from workbench.views.runs.fork_dialog import ForkDialog
from workbench.views.widgets.basics import Words, fitting_title
from workbench.views.widgets.theme import ERROR, MUTED
from workbench.views.window.main_window import MainWindow


def fork_dialog(qtbot: QtBot, window: MainWindow) -> ForkDialog:
    qtbot.waitUntil(lambda: bool(window.findChildren(ForkDialog)), timeout=30_000)
    return window.findChildren(ForkDialog)[0]


def place_of(plots: TrainPlots, step: int) -> QPoint:
    """Where the loss of ``step`` is drawn."""
    plots.stack.redraw()
    loss = plots.subplot("loss")
    rect = loss.view.plot_rect()
    return QPoint(rect.x() + round(float(loss.viewport.x(step))), rect.center().y())


def click_fork(plots: TrainPlots, place: QPoint, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Right click at ``place`` and choose Fork here, if the menu offers it; what it offers."""
    offered: list[str] = []

    def choose(menu: QMenu, _place: QPoint) -> str:
        offered.extend(action.text() for action in menu.actions())
        names = [str(action.data()) for action in menu.actions()]
        menu.deleteLater()
        return "fork" if "fork" in names else ""

    monkeypatch.setattr("workbench.views.plots.train_plots.ask", choose)
    plots.subplot("loss").view.customContextMenuRequested.emit(place)
    return offered


def test_an_opened_run_is_forked_where_its_curve_is_clicked(
    qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    count = stopped_run(qtbot, window)
    session = parts(window).services.session
    parent, stopped = Path(session.folder), session.trained
    page = runs_page(qtbot, window)
    page.list.table.selectRow(0)
    page.do("open")
    plots = page.opened.plots
    qtbot.waitUntil(plots.isVisible, timeout=20_000)
    qtbot.waitUntil(lambda: plots.subplot("loss").viewport.width > 100, timeout=20_000)
    wanted = count // 2
    offered = click_fork(plots, place_of(plots, wanted), monkeypatch)
    assert any("k here, after step" in text for text in offered)
    dialog = fork_dialog(qtbot, window)
    step = int(dialog.step.text())
    reach = 1 + 2 * plots.subplot("loss").viewport.x1 / plots.subplot("loss").viewport.width  # pixels are coarse
    assert abs(step - wanted) <= reach
    assert "trained again" in dialog.reach.text() or "at once" in dialog.reach.text()
    dialog.step.selectAll()
    QTest.keyClicks(dialog.step, str(count))
    kept = f"A state was kept after step {grouped(count)}: the fork begins there at once."
    assert dialog.reach.text() == f"{kept} Without another setting it repeats this run."
    dialog.step.selectAll()
    QTest.keyClicks(dialog.step, str(step))
    setting, rate = dialog.rows[0]
    with qtbot.waitActive(dialog):
        dialog.activateWindow()
    for field, following in ((dialog.step, setting), (setting, rate), (rate, dialog.more)):
        field.setFocus()
        QTest.keyClick(field, Qt.Key.Key_Tab)
        assert dialog.focusWidget() is following
    rate.selectAll()
    QTest.keyClicks(rate, "0.005")
    assert "repeats" not in dialog.reach.text()
    QTest.mouseClick(dialog.begin, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: session.history.started is not None and session.history.steps.count > step, timeout=60_000)
    started = session.history.started
    assert started is not None and (started.parent, started.parent_step) == (parent.name, step)
    assert stopped is not None and session.trained is not None
    had = summary(stopped, session.trained)  # what differs is named where both futures are drawn
    assert had.startswith("Learning rate ") and "," not in had
    qtbot.waitUntil(lambda: parts(window).page.plots.ghost_titles == [f"parent: {had}"], timeout=20_000)
    session.stop()
    qtbot.waitUntil(lambda: not session.is_active, timeout=60_000)


def test_the_run_that_trains_is_stopped_kept_and_forked(
    qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = parts(window)
    session, plots = workspace.services.session, workspace.page.plots
    assert not any("here, after" in text for text in click_fork(plots, QPoint(50, 50), monkeypatch))
    session.store.edit("loop.epochs", 100_000)
    session.train()
    qtbot.waitUntil(lambda: session.history.steps.count >= 40, timeout=60_000)
    parent = Path(session.folder)
    click_fork(plots, place_of(plots, 20), monkeypatch)
    dialog = fork_dialog(qtbot, window)
    step = int(dialog.step.text())
    assert session.is_active and "stopped first, and kept" in dialog.reach.text()
    assert "Stop it" in dialog.begin.text()
    QTest.mouseClick(dialog.begin, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(
        lambda: session.folder not in ("", str(parent)) and session.history.started is not None, timeout=60_000
    )
    started = session.history.started
    assert started is not None and (started.parent, started.parent_step) == (parent.name, step)
    assert (parent / "checkpoints" / "last.pt").is_file()
    session.stop()
    qtbot.waitUntil(lambda: not session.is_active, timeout=60_000)


def test_the_menu_forks_the_latest_run_at_its_end(qtbot: QtBot, window: MainWindow) -> None:
    action = parts(window).actions["fork"]
    assert not action.isEnabled() and "no run yet" in action.toolTip()
    count = stopped_run(qtbot, window)
    assert action.isEnabled()
    action.trigger()
    dialog = fork_dialog(qtbot, window)
    assert dialog.step.text() == str(count)
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not window.findChildren(ForkDialog), timeout=20_000)


@pytest.fixture
def asked(qtbot: QtBot, window: MainWindow) -> ForkDialog:
    """The dialog of a run of 15 steps that was written by hand."""
    make_run(runs_folder())
    page = runs_page(qtbot, window)
    page.list.table.selectRow(0)
    page.do("fork")
    return fork_dialog(qtbot, window)


def typed(field: QLineEdit, text: str) -> None:
    field.selectAll()
    QTest.keyClicks(field, text)


def test_a_wrong_step_is_an_error_at_its_place_and_nothing_can_begin(asked: ForkDialog) -> None:
    said = "The step is a whole number from 0 to 15."
    assert asked.begin.isEnabled() and asked.reach.foregroundRole() == MUTED
    for wrong in ("16", "-1", "half"):
        typed(asked.step, wrong)
        assert asked.reach.text() == said and asked.reach.foregroundRole() == ERROR
        assert not asked.begin.isEnabled() and said in asked.begin.toolTip()
    typed(asked.step, "10")
    assert asked.begin.isEnabled() and not asked.begin.toolTip() and asked.reach.foregroundRole() == MUTED


def test_a_wrong_value_is_said_while_it_is_typed_and_a_decimal_comma_is_none(asked: ForkDialog) -> None:
    value = asked.rows[0][1]
    for wrong in ("fast", "-1"):
        typed(value, wrong)
        assert "Learning rate" in asked.trouble.text() and asked.trouble.isVisible()
        assert not asked.begin.isEnabled() and "Learning rate" in asked.begin.toolTip()
    typed(value, "0,005")
    assert asked.begin.isEnabled() and asked.trouble.isHidden() and "repeats" not in asked.reach.text()
    typed(value, "0.050")
    assert "repeats this run" in asked.reach.text(), "the same number, written otherwise"


def test_the_run_is_named_as_in_the_table_and_not_cut(asked: ForkDialog) -> None:
    name = asked._record.shown_name
    assert "Small CNN" in name and asked.windowTitle() == f"Fork “{name}”"
    assert any(f"“{name}”" in words.text() for words in asked.findChildren(Words))


def test_a_very_long_title_loses_its_middle() -> None:
    assert fitting_title("a" * 80) == "a" * 80
    cut = fitting_title("begin" + "-" * 200 + "end")
    assert len(cut) == 79 and cut.startswith("begin") and cut.endswith("end") and "…" in cut
