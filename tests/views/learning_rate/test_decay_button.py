"""Hands on the rate in the real window: decay by button, key and menu; the tape as a schedule."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QToolButton
from pytestqt.qtbot import QtBot

from tests.engine.helpers import record
from tests.views.conftest import Opener, close
from tests.views.helpers import finished, long_run, parts, press, services, wait_for_steps
from workbench.bridge.runner import State
from workbench.engine.run_store.replay import Tape
from workbench.engine.run_store.run_folder import read_tape
from workbench.views.plots import train_plots
from workbench.views.widgets.number_menu import NumberMenu
from workbench.views.window.main_window import MainWindow


def rates(window: MainWindow) -> np.ndarray:
    return services(window).session.history.steps.read(0)[1][:, 2]


def edits(window: MainWindow) -> list[tuple[float, float]]:
    return [(edit.old, edit.new) for edit in services(window).session.history.edits]


def paused_run(qtbot: QtBot, window: MainWindow) -> None:
    long_run(window)
    wait_for_steps(qtbot, window)
    press(window, "pause")
    qtbot.waitUntil(lambda: services(window).runner.state is State.PAUSED, timeout=30_000)


def one_batch(qtbot: QtBot, window: MainWindow) -> None:
    steps = services(window).session.history.steps
    before = steps.count
    press(window, "step")
    qtbot.waitUntil(lambda: steps.count > before, timeout=30_000)
    qtbot.waitUntil(lambda: services(window).runner.state is State.PAUSED, timeout=30_000)


def test_two_decays_by_hand_become_a_schedule_with_the_same_rates(
    qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the button and by a click on the loss curve; then the schedule, and a fresh run of it; claim 18."""
    store = services(window).store
    assert not parts(window).actions["decay"].isEnabled()
    assert not parts(window).actions["save_schedule"].isEnabled()
    paused_run(qtbot, window)
    press(window, "decay")
    one_batch(qtbot, window)
    assert store.spec.optimizer.lr == 0.005
    one_batch(qtbot, window)

    asked: list[str] = []

    def choose(menu: object, place: object) -> str:
        asked.extend(action.text() for action in menu.actions())  # type: ignore[attr-defined]
        menu.deleteLater()  # type: ignore[attr-defined]
        return "decay"

    monkeypatch.setattr(train_plots, "ask", choose)
    subplot = parts(window).page.plots.subplot("loss")
    subplot.view.customContextMenuRequested.emit(QPoint(20, 20))
    assert "&Decay here: rate × 0.1, at the next batch" in asked
    one_batch(qtbot, window)
    one_batch(qtbot, window)
    assert edits(window) == [(0.05, 0.005), (0.005, 0.0005)]
    assert not parts(window).actions["save_schedule"].isEnabled()
    press(window, "stop")
    finished(qtbot, window)
    used = rates(window)
    assert sorted(set(used), reverse=True) == [0.05, 0.005, 0.0005]

    folder = services(window).session.folder
    spec, tape = read_tape(Path(folder))
    assert [edit.new for edit in tape] == [0.005, 0.0005]
    replayed = record(spec.edited("loop.epochs", 1), Tape(tape)).steps.read(0)[1]
    mine = services(window).session.history.steps.read(0)[1]
    assert replayed[: len(mine), :4].tobytes() == mine[:, :4].tobytes()

    parts(window).actions["save_schedule"].trigger()
    assert store.spec.schedule.kind == "milestones"
    assert store.spec.optimizer.lr == 0.05
    assert "repeats the rates of this run" in parts(window).pages.banner.message
    store.edit("loop.epochs", 1)
    press(window, "train")
    finished(qtbot, window)
    assert rates(window)[: len(used)] == pytest.approx(used[: len(rates(window))], rel=1e-14)
    store.undo()  # the epochs
    store.undo()  # schedule and rate together
    assert (store.spec.schedule.kind, store.spec.optimizer.lr) == ("constant", 0.0005)


def test_a_decay_reaches_the_run_when_the_form_shows_another_optimizer(qtbot: QtBot, window: MainWindow) -> None:
    store = services(window).store
    paused_run(qtbot, window)
    store.choose("optimizer", "adam")
    rate = store.spec.optimizer.lr
    QTest.keyClick(window, Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier)
    one_batch(qtbot, window)
    one_batch(qtbot, window)
    assert edits(window) == [(0.05, 0.005)]
    assert rates(window)[-1] == 0.005
    assert store.spec.optimizer.lr == rate  # the next run's optimizer is left alone
    assert store.running_spec is not None and store.running_spec.optimizer.lr == 0.005
    press(window, "stop")
    finished(qtbot, window)


def test_the_factor_is_typed_and_remembered(qtbot: QtBot, open_window: Opener) -> None:
    window = open_window()
    button = parts(window).run_bar.widgetForAction(parts(window).actions["decay"])
    assert isinstance(button, QToolButton)
    menu = button.menu()
    assert isinstance(menu, NumberMenu)
    menu.aboutToShow.emit()  # opened in earnest it would grab the keyboard, which this platform cannot
    menu.field.selectAll()
    QTest.keyClicks(menu.field, "2")
    QTest.keyClick(menu.field, Qt.Key.Key_Return)
    assert services(window).decay_now.factor == 0.1
    assert any("must be from 0.0001 to 0.999" in label.text() for label in menu.findChildren(QLabel))
    menu.field.selectAll()
    QTest.keyClicks(menu.field, "0,5")
    QTest.keyClick(menu.field, Qt.Key.Key_Return)
    assert services(window).decay_now.factor == 0.5
    assert "0.5" in parts(window).actions["decay"].text()
    close(qtbot, window)
    again = open_window()
    assert services(again).decay_now.factor == 0.5


def test_without_a_run_the_plot_offers_no_decay(window: MainWindow) -> None:
    assert parts(window).page.plots.decay_words == ""
