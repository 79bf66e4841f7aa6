"""Find a learning rate, in the real window: start, look, click; and that the model is not touched."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import shiboken6
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from tests.engine.helpers import record
from tests.views.conftest import Opener
from tests.views.helpers import finished, long_run, parts, press, services, wait_for_steps
from workbench.bridge import lr_finder
from workbench.bridge.lr_finder import Stage
from workbench.bridge.runner import State
from workbench.engine.core.errors import WorkbenchError
from workbench.views.learning_rate.lr_finder_dialog import REDRAW_MS, LrFinderDialog
from workbench.views.learning_rate.lr_finder_plot import LrFinderPlot
from workbench.views.window.main_window import MainWindow


def opened(window: MainWindow) -> LrFinderDialog:
    parts(window).actions["find_rate"].trigger()
    dialog = parts(window).commands.lr_finder_dialog
    assert dialog is not None
    return dialog


def click(button: QPushButton) -> None:
    assert button.isEnabled()
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def type_steps(dialog: LrFinderDialog, text: str) -> None:
    field = dialog._fields["steps"]
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, text)


def words(dialog: QWidget) -> str:
    return "\n".join(label.text() for label in dialog.findChildren(QLabel) if label.isVisibleTo(dialog))


def until(qtbot: QtBot, window: MainWindow, stage: Stage) -> None:
    qtbot.waitUntil(lambda: services(window).lr_finder.stage is stage, timeout=60_000)


def test_a_sweep_shows_four_rates_and_a_click_takes_one_over(qtbot: QtBot, window: MainWindow) -> None:
    dialog, store, tester = opened(window), services(window).store, services(window).lr_finder
    assert "temporary copy" in words(dialog) and "Press Start" in words(dialog)
    click(dialog.start_button)
    assert not dialog.start_button.isEnabled()
    until(qtbot, window, Stage.DONE)
    qtbot.waitUntil(lambda: len(dialog.choices.findChildren(QPushButton)) == 4, timeout=5_000)
    assert "a copy of the model at its start" in words(dialog)
    names = [label.rpartition(" ")[0] for label in dialog.plot.labels]
    assert sorted(names) == ["Minimum / 10", "Slide", "Steepest", "Valley", "now"]

    button = dialog.choices.findChildren(QPushButton)[0]
    click(button)
    assert store.spec.optimizer.lr == float(f"{tester.proposals[0].rate:.2g}")
    assert f"The learning rate is now {store.spec.optimizer.lr:g}." in words(dialog)

    box = dialog.plot.getViewBox()
    dialog.plot.grab()  # lays the plot out
    beside = box.mapViewToScene(QPointF(-5.0, 1.0))
    place = dialog.plot.mapFromScene(beside)
    QTest.mouseClick(dialog.plot.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert store.spec.optimizer.lr == pytest.approx(1e-5, rel=0.1)
    marker = box.mapViewToScene(QPointF(math.log10(tester.proposals[1].rate), 1.0))
    assert dialog.plot.rate_at(marker + QPointF(5.0, 0.0)) == tester.proposals[1].rate
    store.undo()
    assert store.spec.optimizer.lr == float(f"{tester.proposals[0].rate:.2g}")
    dialog.close()


def test_a_paused_run_is_copied_and_goes_on_to_the_same_bits(qtbot: QtBot, window: MainWindow) -> None:
    long_run(window)
    wait_for_steps(qtbot, window)
    dialog = opened(window)
    assert not dialog.start_button.isEnabled()
    assert "Pause it first" in words(dialog)
    press(window, "pause")
    qtbot.waitUntil(lambda: services(window).runner.state is State.PAUSED, timeout=30_000)
    steps = services(window).session.history.steps
    before = steps.count
    type_steps(dialog, "40")
    click(dialog.start_button)
    until(qtbot, window, Stage.DONE)
    tester = services(window).lr_finder
    assert tester.of_run and "a copy of the paused run" in words(dialog)
    assert steps.count == before
    press(window, "pause")
    wait_for_steps(qtbot, window, before + 10)
    press(window, "stop")
    finished(qtbot, window)
    mine = steps.read(0)[1][:, :4]
    spec = services(window).store.spec.edited("loop.epochs", -(-len(mine) // 23))
    alone = record(spec).steps.read(0)[1][:, :4]
    assert alone[: len(mine)].tobytes() == mine[: len(alone)].tobytes()
    # The copy was of that very step: its first batch is the one the run took next.
    assert tester.points[0].loss == mine[before][0]
    dialog.close()


def test_of_a_paused_ensemble_the_first_member_is_tested(qtbot: QtBot, window: MainWindow) -> None:
    """Its settings are its own: here it alone has a hidden layer of 24."""
    ensemble = {"kind": "independent", "members": 3, "differs": "model.hidden = [[24], [8], [8]]"}
    services(window).store.edit("model", {"kind": "mlp", "hidden": [16]})
    services(window).store.edit("ensemble", ensemble)
    long_run(window)
    wait_for_steps(qtbot, window)
    dialog, tester = opened(window), services(window).lr_finder
    press(window, "pause")
    qtbot.waitUntil(lambda: services(window).runner.state is State.PAUSED, timeout=30_000)
    type_steps(dialog, "20")
    click(dialog.start_button)
    until(qtbot, window, Stage.DONE)
    assert len(tester.points) > 5 and "a copy of the first member of the paused run" in words(dialog)
    press(window, "stop")
    finished(qtbot, window)
    dialog.close()


def slow(*args: Any) -> Any:
    import time

    def steps() -> Any:
        for number in range(10_000):
            time.sleep(0.005)
            yield lr_finder.Tried(1e-6 * 1.001**number, 2.0, 2.0)
        return False

    return steps()


def test_cancel_keeps_what_was_measured_and_says_so(
    qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lr_finder, "range_test", slow)
    dialog, tester = opened(window), services(window).lr_finder
    click(dialog.start_button)
    qtbot.waitUntil(lambda: len(tester.points) > 3, timeout=10_000)
    click(dialog.cancel_button)
    assert tester.stage is Stage.CANCELLED
    qtbot.waitUntil(lambda: "Cancelled after" in words(dialog), timeout=5_000)
    assert dialog.start_button.isEnabled()
    click(dialog.start_button)
    dialog.close()  # a closed window measures nothing
    assert tester.stage is Stage.CANCELLED


def test_training_ends_a_test(qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lr_finder, "range_test", slow)
    dialog, tester = opened(window), services(window).lr_finder
    click(dialog.start_button)
    qtbot.waitUntil(lambda: len(tester.points) > 3, timeout=10_000)
    long_run(window)
    until(qtbot, window, Stage.CANCELLED)
    press(window, "stop")
    finished(qtbot, window)
    dialog.close()


def test_a_drawing_that_was_due_when_the_window_closed_is_not_made(qtbot: QtBot, open_window: Opener) -> None:
    """Found as an exception in a slot: the plot was gone, the timer was not."""
    window = open_window()
    dialog = opened(window)
    dialog._on_changed()
    assert dialog._timer.isActive()
    workspace = window.workspace
    assert workspace is not None
    workspace.say_goodbye()
    with qtbot.waitSignal(window.closed, timeout=60_000):
        workspace.services.shutdown.begin()
    dialog._on_changed()
    window.dispose()
    qtbot.wait(2 * REDRAW_MS)
    assert not shiboken6.isValid(dialog)
    window.deleteLater()


def test_a_test_that_fails_says_why(qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: Any) -> Any:
        raise WorkbenchError("The folder is gone.")
        yield

    monkeypatch.setattr(lr_finder, "range_test", broken)
    dialog = opened(window)
    click(dialog.start_button)
    until(qtbot, window, Stage.FAILED)
    qtbot.waitUntil(lambda: "The folder is gone." in words(dialog), timeout=5_000)
    dialog.close()


def test_a_wrong_sweep_is_refused_in_words(qtbot: QtBot, window: MainWindow) -> None:
    dialog = opened(window)
    type_steps(dialog, "3")
    click(dialog.start_button)
    assert "Steps must be from 10 to 100\u202f000" in words(dialog)
    assert services(window).lr_finder.stage is Stage.EMPTY
    field = dialog._fields["low"]
    type_steps(dialog, "50")
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, "100")
    click(dialog.start_button)
    assert "below the highest" in words(dialog)
    assert np.isfinite(services(window).store.spec.optimizer.lr)
    dialog.close()


def test_all_ticks_of_the_rate_are_written_in_one_way(qtbot: QtBot) -> None:
    plot = LrFinderPlot()
    qtbot.addWidget(plot)
    ticks = plot.getAxis("bottom").tickStrings([-5.0, -4.0, np.log10(2e-4), 0.0, 1.0], 1.0, 1.0)
    assert ticks == ["10⁻⁵", "10⁻⁴", "2·10⁻⁴", "10⁰", "10¹"]
    plot.close()
