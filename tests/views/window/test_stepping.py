"""One batch from idle, steps back and the speed, by clicks in the real window."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QToolButton
from pytestqt.qtbot import QtBot

from tests.views.conftest import Opener, close
from tests.views.helpers import finished, parts, press, services, wait_for_steps
from workbench.bridge.runner import State
from workbench.views.widgets.number_menu import NumberMenu
from workbench.views.window.main_window import MainWindow


def small(window: MainWindow) -> None:
    """Settings of a network that is small enough to keep its last steps."""
    store = services(window).store
    store.edit("model", {"kind": "mlp", "hidden": [16]})
    store.edit("loop.diagnostics", 1)
    store.edit("loop.epochs", 100_000)


def paused(qtbot: QtBot, window: MainWindow) -> int:
    """The steps of the run, once it holds."""
    qtbot.waitUntil(lambda: services(window).runner.state is State.PAUSED, timeout=60_000)
    return services(window).session.history.steps.count


def stop(qtbot: QtBot, window: MainWindow) -> None:
    press(window, "stop")
    finished(qtbot, window)


def test_one_batch_from_idle_trains_exactly_one(qtbot: QtBot, window: MainWindow) -> None:
    press(window, "step")
    qtbot.waitUntil(lambda: services(window).session.history.steps.count > 0, timeout=60_000)
    assert paused(qtbot, window) == 1
    assert "Paused at step 1 of" in parts(window).run_bar._bar.format()
    press(window, "step")
    qtbot.waitUntil(lambda: services(window).session.history.steps.count == 2, timeout=60_000)
    stop(qtbot, window)


def test_one_batch_is_refused_as_train_is(window: MainWindow) -> None:
    services(window).store.set_obstacle("The disk is full.")
    step = parts(window).actions["step"]
    assert not step.isEnabled() and step.toolTip() == "The disk is full."
    services(window).store.set_obstacle("")
    assert step.isEnabled()


def test_steps_back_by_a_click_take_everything_back(qtbot: QtBot, window: MainWindow) -> None:
    workspace, history = parts(window), services(window).session.history
    back = workspace.actions["step_back"]
    assert not back.isEnabled() and back.toolTip() == "There is no run to go back in."
    small(window)
    workspace.docks.layers.show()
    press(window, "train")
    wait_for_steps(qtbot, window, 60)
    press(window, "pause")
    before, history = paused(qtbot, window), services(window).session.history
    button = workspace.run_bar.widgetForAction(back)
    assert isinstance(button, QToolButton)
    menu = button.menu()
    assert isinstance(menu, NumberMenu)
    menu.aboutToShow.emit()  # opened in earnest it would grab the keyboard, which this platform cannot
    QTest.keyClicks(menu.field, "40")
    QTest.keyClick(menu.field, Qt.Key.Key_Return)
    assert back.text() == "Step &back: 40 steps"
    press(window, "step_back")
    qtbot.waitUntil(lambda: history.steps.count == before - 40, timeout=60_000)
    plots, at = workspace.page.plots, before - 40
    qtbot.waitUntil(lambda: plots.stack._curves.count == at, timeout=60_000)
    plots.refresh()
    assert plots.stack._table.size == len(history.evaluations) and max(history.evaluations.column("step")) <= at
    assert f"Paused at step {at} of" in workspace.run_bar._bar.format().replace("\u202f", "")
    layers = history.layers
    assert (layers is None and "went back" in workspace.layer_view.words.text()) or (layers and layers.step < at)

    def formula() -> str:
        return workspace.formula_view.text().replace("\u202f", "")  # a fast machine is beyond step 1000 by now

    qtbot.waitUntil(lambda: any(words in formula() for words in ("went back", f"step {at}")), timeout=60_000)
    press(window, "step")
    qtbot.waitUntil(lambda: history.steps.count == at + 1, timeout=60_000)
    paused(qtbot, window)
    qtbot.waitUntil(lambda: f"step {at + 1}" in formula(), timeout=60_000)
    stop(qtbot, window)


def test_a_large_network_says_why_it_keeps_no_steps(qtbot: QtBot, window: MainWindow) -> None:
    services(window).store.edit("model", {"kind": "mlp", "hidden": [1000, 1000]})
    press(window, "step")
    qtbot.waitUntil(lambda: services(window).session.history.steps.count > 0, timeout=60_000)
    paused(qtbot, window)
    back = parts(window).actions["step_back"]
    assert not back.isEnabled() and "parameters are kept" in back.toolTip()
    stop(qtbot, window)


def test_the_speed_is_chosen_in_its_menu_and_comes_back(qtbot: QtBot, open_window: Opener) -> None:
    window = open_window()
    spec, speed = services(window).store.spec, parts(window).run_bar.speed
    slow = next(each for each in speed.choices.actions() if each.text() == "1 step/s")
    slow.trigger()
    assert speed.text() == "1 step/s" and services(window).store.spec == spec
    small(window)
    press(window, "train")
    wait_for_steps(qtbot, window, 1)
    qtbot.waitUntil(lambda: "slowed to 1 step/s" in parts(window).status.text, timeout=60_000)
    next(each for each in speed.choices.actions() if each.text() == "Full speed").trigger()
    wait_for_steps(qtbot, window, 100)
    slow.trigger()
    press(window, "pause")
    paused(qtbot, window)
    stop(qtbot, window)
    close(qtbot, window)
    again = open_window()
    assert parts(again).run_bar.speed.text() == "1 step/s" and services(again).runner.interval == 1.0
