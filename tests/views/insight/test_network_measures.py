"""Strips, gradient check, gradient noise and speed limit in the real window, on a run that goes on or is paused."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton
from pytestqt.qtbot import QtBot

from tests.views.helpers import long_run, parts, press, services, wait_for_steps
from workbench.bridge.runner import State
from workbench.engine.core.observed import RecentSteps
from workbench.engine.core.text import grouped
from workbench.engine.core.update_rule import Rule
from workbench.engine.diagnostics import speed_limit
from workbench.engine.experiments import gradient_check, gradient_noise
from workbench.engine.report.differences import Difference, GradientCheck
from workbench.engine.report.weight_strips import STRIPS
from workbench.views.insight.gradient_check_view import rows_of
from workbench.views.insight.weight_strips_view import StripPlot, WeightStripsView
from workbench.views.window.main_window import MainWindow
from workbench.views.window.workspace import Workspace


def click(button: QAbstractButton) -> None:
    assert button.isEnabled()
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def paused_run(qtbot: QtBot, window: MainWindow) -> Workspace:
    """A quick run, paused behind some steps."""
    store = services(window).store
    store.edit("model", {"kind": "mlp", "hidden": [16]})
    store.edit("optimizer", {"kind": "adam", "lr": 0.003})
    long_run(window)
    wait_for_steps(qtbot, window)
    press(window, "pause")
    qtbot.waitUntil(lambda: services(window).runner.state is State.PAUSED, timeout=30_000)
    work = parts(window)
    qtbot.waitUntil(work.check_view.button.isEnabled, timeout=30_000)
    return work


def checked(qtbot: QtBot, work: Workspace) -> str:
    job = work.services.gradient_check
    click(work.check_view.button)
    qtbot.waitUntil(lambda: not job.is_running, timeout=60_000)
    return work.check_view.text()


# --- gradient check ----------------------------------------------------------------------------------------------


def test_the_next_step_of_a_paused_run_is_checked(qtbot: QtBot, window: MainWindow) -> None:
    work = parts(window)
    assert not work.check_view.button.isEnabled()
    assert "Train, and pause" in work.check_view.button.toolTip()
    work = paused_run(qtbot, window)
    steps = services(window).session.history.steps.count
    said = checked(qtbot, work)
    assert said.startswith(f"Gradient check, step {grouped(steps + 1)}\n")
    assert "✓ Autograd agrees with centred differences in 21 numbers of fc1.weight" in said
    assert work.check_view.sheet.isVisible()
    press(window, "step")
    qtbot.waitUntil(lambda: services(window).session.history.steps.count == steps + 1, timeout=30_000)
    press(window, "stop")
    qtbot.waitUntil(lambda: not services(window).session.is_active, timeout=30_000)
    assert work.check_view.text() == said  # it stays until the next run
    press(window, "train")
    qtbot.waitUntil(lambda: work.check_view.text() == "", timeout=30_000)
    press(window, "stop")


def test_a_run_that_goes_on_gives_a_copy(qtbot: QtBot, window: MainWindow) -> None:
    work = paused_run(qtbot, window)
    press(window, "pause")
    qtbot.waitUntil(lambda: services(window).runner.state is State.RUNNING, timeout=30_000)
    assert "✓ Autograd agrees" in checked(qtbot, work)
    assert services(window).runner.state is State.RUNNING
    press(window, "stop")


def test_what_cannot_be_checked_is_said(qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gradient_check, "MOST_PARAMETERS", 10)
    work = paused_run(qtbot, window)
    assert "parameters; the check is made up to 10" in checked(qtbot, work)
    press(window, "stop")


def test_the_rows_say_kinks_and_faults() -> None:
    good = Difference(5, 0.25, 0.25, 1e-10, False)
    check = GradientCheck(
        7, "fc1.weight", 64, good, (good, replace(good, numeric=0.2, has_kink=True)), 0.25, ("A note.",)
    )
    said = "\n".join(row.text for row in rows_of(check))
    assert said.startswith("Gradient check, step 8\nfc1.weight[5], 64 examples\n✓ Autograd agrees")
    assert "A kink of ReLU (or of a maximum) lies within ±1e-5 of 1 other" in said
    assert "Largest relative error of 1 other: 0" in said
    assert "A note." in said
    rows = list(rows_of(replace(check, watched=replace(good, numeric=0.5))))
    assert [row.tone for row in rows if row.boxed] == ["error"]


# --- strips ------------------------------------------------------------------------------------------------------


def test_strips_are_drawn_while_they_are_open(qtbot: QtBot, window: MainWindow) -> None:
    work = paused_run(qtbot, window)
    view = work.strips_view
    assert not any(plot.isVisible() for plot in view.strips)
    assert all(not len(plot.values) for plot in view.strips)
    view.toggle.click()
    qtbot.waitUntil(lambda: all(plot.isVisible() for plot in view.strips), timeout=30_000)  # the second step is shown
    steps = services(window).session.history.steps.count
    qtbot.waitUntil(lambda: view.strips[0].steps[-1] == steps, timeout=30_000)  # the last step comes behind the pause
    for plot in view.strips:
        assert plot.steps[-1] == steps
        assert np.isfinite(plot.values).all()
    press(window, "step")
    qtbot.waitUntil(lambda: view.strips[0].steps[-1] == steps + 1, timeout=30_000)
    view.toggle.click()
    press(window, "step")
    qtbot.waitUntil(lambda: services(window).session.history.steps.count == steps + 2, timeout=30_000)
    assert view.strips[0].steps[-1] == steps + 1
    press(window, "stop")


def test_a_rule_without_velocity_has_no_strip_of_it(qtbot: QtBot) -> None:
    from tests.views.insight.test_formula_view import watched

    view = WeightStripsView()
    qtbot.addWidget(view)
    view.show()
    view.toggle.setChecked(True)
    assert view.empty.isVisible()
    rows = np.array([[step, 0.1, 0.5 - step, 1.0, np.nan] for step in range(4)])
    recent = RecentSteps(Rule(("x = x - lr*g",)), ("step", "lr", "g", "x", "t"), rows.tobytes())
    view.follow(watched(recent=recent))
    assert [plot.isVisible() for plot in view.strips] == [True, True, False]
    assert view.strips[1].values == pytest.approx([0.5, 0.5, 1.5, 2.5])
    assert view.strips[1].accessibleDescription() == "2.5; steps 1 – 4"
    assert not view.empty.isVisible()


def test_a_curve_is_drawn_with_gaps(qtbot: QtBot) -> None:
    plot = StripPlot(STRIPS[1])
    qtbot.addWidget(plot)
    plot.resize(200, 80)
    plot.show()
    plot.show_values(np.arange(1.0, 6.0), np.array([1.0, 10.0, 0.0, np.nan, 5.0]))
    full = plot.grab().toImage()
    plot.show_values(np.arange(1.0, 6.0), np.full(5, np.nan))
    assert plot.grab().toImage() != full
    assert plot.accessibleDescription() == "–; steps 1 – 5"


# --- gradient noise ----------------------------------------------------------------------------------------------


def test_noise_of_the_start_and_of_a_run(qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gradient_noise, "MOST_EXAMPLES", 64)
    services(window).store.edit("model", {"kind": "mlp", "hidden": [16]})
    parts(window).actions["gradient_noise"].trigger()
    dialog = parts(window).commands.noise_dialog
    assert dialog is not None
    job = services(window).gradient_noise
    click(dialog.start_button)
    qtbot.waitUntil(lambda: not job.is_running and bool(job.value), timeout=60_000)
    assert dialog.head.text().startswith("The network at its start. After 0 steps, against the gradient of 64 examples")
    assert [each.size for each in job.value.sizes] == [1, 2, 4, 8, 16, 32]
    x, y = dialog.noise.line.getData()
    assert (y[1] - y[0]) / (x[1] - x[0]) == pytest.approx(-0.5)
    assert dialog.noise.curve.getData()[1] == pytest.approx([np.log10(each.noise) for each in job.value.sizes])
    assert dialog.cosine.curve.getData()[1] == pytest.approx([each.cosine for each in job.value.sizes])
    paused_run(qtbot, window)
    press(window, "pause")
    click(dialog.start_button)
    qtbot.waitUntil(lambda: not job.is_running and bool(job.value), timeout=60_000)
    assert dialog.head.text().startswith("The run's network. After ")
    assert job.value.step >= 5
    assert services(window).session.is_active
    dialog.close()
    press(window, "stop")


def test_measuring_the_noise_can_be_stopped(qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gradient_noise, "FEWEST_DRAWS", 100_000)
    monkeypatch.setattr(gradient_noise, "MOST_DRAWS", 100_000)
    services(window).store.edit("model", {"kind": "mlp", "hidden": [16]})
    parts(window).actions["gradient_noise"].trigger()
    dialog = parts(window).commands.noise_dialog
    assert dialog is not None
    click(dialog.start_button)
    qtbot.waitUntil(dialog.cancel_button.isEnabled, timeout=30_000)
    click(dialog.cancel_button)
    assert not services(window).gradient_noise.is_running
    qtbot.waitUntil(lambda: services(window).tasks.current is None, timeout=30_000)
    assert dialog.start_button.isEnabled()
    dialog.close()


# --- speed limit -------------------------------------------------------------------------------------------------


def test_the_speed_limit_is_a_plot_of_runs_that_measure_it(
    qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(speed_limit, "MOST_EXAMPLES", 64)
    window.resize(1280, 900)
    store, session = services(window).store, services(window).session
    stack = parts(window).page.plots.stack
    store.edit("model", {"kind": "mlp", "hidden": [16]})
    store.edit("loop.epochs", 2)
    press(window, "train")
    qtbot.waitUntil(lambda: not session.is_active, timeout=60_000)
    qtbot.waitUntil(lambda: not stack.isHidden() and stack._table.size == 3, timeout=30_000)
    assert "sharpness" not in {each.spec.name for each in stack.shown()}
    store.edit("loop.speed_limit", True)
    press(window, "train")
    qtbot.waitUntil(lambda: session.history.ended is not None, timeout=60_000)
    qtbot.waitUntil(lambda: "sharpness" in {each.spec.name for each in stack.shown()}, timeout=30_000)
    last = pytest.approx(session.history.evaluations[-1].sharpness)
    qtbot.waitUntil(lambda: stack.read_out()["sharpness.sharpness"] == last, timeout=30_000)
    read = stack.read_out()
    assert read["sharpness.limit"] == pytest.approx(2 * 1.9 / 0.05)
    for each in stack.subplots:
        stack.set_wanted(each.spec.name, False)
    assert [each.spec.name for each in stack.shown()] == ["grad_norm"]  # the last one that every run has
