"""A race by clicks and keys: set up, begun, racers added, dropped and held, stopped."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from tests.engine.helpers import small_spec
from tests.views.runs.conftest import close_plots, show_active
from workbench.bridge.runs.race_desk import RaceDesk
from workbench.bridge.runs.run_desk import RunDesk
from workbench.engine.core.events import RunEnded
from workbench.engine.core.step_store import StepStore
from workbench.engine.experiments.fair_rates import FairRate
from workbench.engine.race.file import load
from workbench.engine.race.ready import ready_races
from workbench.engine.run_store.history import History
from workbench.engine.shelf.about import read_about
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.views.plots.racer_table import SMOOTHED, RacerTable
from workbench.views.runs.fair_rates_chart import FairRatesChart
from workbench.views.runs.race_bar import ENTRIES
from workbench.views.runs.race_table import BEST, NAME, SETTINGS, STATE, STEP
from workbench.views.runs.race_view import RaceView
from workbench.views.runs.racer_dialog import RacerDialog
from workbench.views.runs.values_dialog import ValuesDialog

_Key, _LEFT = Qt.Key, Qt.MouseButton.LeftButton
_CTRL = Qt.KeyboardModifier.ControlModifier
LONG = 60_000
QUICK = small_spec(loop__epochs=1)
ENDLESS = small_spec(loop__epochs=100_000)


@pytest.fixture
def form_settings() -> ExperimentSpec:
    return QUICK


@pytest.fixture
def view(qtbot: QtBot, desk: RunDesk) -> Iterator[RaceView]:
    view = RaceView(desk.race)
    show_active(qtbot, view)
    yield view
    desk._session.stop()
    qtbot.waitUntil(lambda: not desk.is_training, timeout=LONG)
    close_plots(view)


def click(button: QWidget) -> None:
    QTest.mouseClick(button, _LEFT)


def cell(view: RaceView, row: int, column: int) -> str:
    item = view.table.topLevelItem(row)
    assert item is not None
    return item.text(column)


def names(view: RaceView) -> list[str]:
    return [cell(view, row, NAME) for row in range(view.table.topLevelItemCount())]


def choose(view: RaceView, row: int) -> None:
    item = view.table.topLevelItem(row)
    assert item is not None
    view.table.scrollToItem(item)
    QTest.mouseClick(view.table.viewport(), _LEFT, pos=view.table.visualItemRect(item).center())


def entry(view: RaceView, button: str, name: str) -> None:
    """Choose an entry of a button's menu."""
    menu = view.bar.buttons[button].menu()
    next(action for action in menu.actions() if action.data() == name).trigger()


def set_up(view: RaceView, *values: str) -> None:
    """A race of the form's settings, and a racer for each of these rates."""
    click(view.first)
    entry(view, "add", "add_values")
    (dialog,) = view.findChildren(ValuesDialog)
    dialog.values.setText(", ".join(values))
    dialog.add_button.click()


def begun(qtbot: QtBot, view: RaceView, desk: RunDesk) -> RaceDesk:
    """A race that ends when it is stopped, of three racers that have all trained a step."""
    desk._session.store.load(ENDLESS)
    set_up(view, "0.1", "0.2")
    click(view.bar.race)
    qtbot.waitUntil(lambda: all(int(cell(view, row, STEP) or 0) > 0 for row in range(3)), timeout=LONG)
    return desk.race


def test_an_empty_place_says_what_a_race_is_and_begins_one(view: RaceView) -> None:
    assert view.stack.currentIndex() == 0
    view.take_focus()
    QTest.keyClick(view.first, _Key.Key_Space)
    assert view.stack.currentIndex() == 1
    assert names(view) == ["As they are"]
    assert view.bar.race.isEnabled()


def test_a_race_is_set_up_run_and_ended_by_clicking(qtbot: QtBot, view: RaceView, desk: RunDesk) -> None:
    set_up(view, "0.1", "1000")
    assert names(view) == ["As they are", "Learning rate 0.1", "Learning rate 1 000"]
    assert cell(view, 1, SETTINGS) == "Learning rate 0.1"
    with qtbot.waitSignal(desk.race.ended, timeout=LONG):
        click(view.bar.race)
        assert view.bar.race.text().replace("&", "") == "Stop race"
        assert view.title == "Ra&ce · on"
    assert [cell(view, row, STATE) for row in range(2)] == ["Finished", "Finished"]
    assert "%" in cell(view, 0, BEST)
    view.curves.draw()
    assert [ghost.title for ghost in view.curves.plots.stack.ghosts][:2] == ["As they are", "Learning rate 0.1"]
    assert view.title == "Ra&ce"


def test_racers_join_and_leave_while_it_runs(qtbot: QtBot, view: RaceView, desk: RunDesk) -> None:
    race = begun(qtbot, view, desk)
    entry(view, "add", "add_one")
    (dialog,) = view.findChildren(RacerDialog)
    dialog.name.setText("Late")
    dialog.settings.rows[0][1].setText("0.5")
    click(dialog.accepting)
    qtbot.waitUntil(lambda: len(names(view)) == 4 and int(cell(view, 3, STEP) or 0) > 0, timeout=LONG)
    assert "joined after round" in cell(view, 3, STATE)
    choose(view, 1)
    click(view.bar.buttons["remove"])
    qtbot.waitUntil(lambda: cell(view, 1, STATE) == "Stopped", timeout=LONG)
    with qtbot.waitSignal(race.ended, timeout=LONG):
        click(view.bar.race)
    assert [cell(view, row, STATE).partition(",")[0] for row in range(4)] == ["Stopped"] * 4
    assert view.bar.replays.isVisible() and not view.bar.replays.isChecked()


def test_a_racer_is_held_and_changed_by_keys(qtbot: QtBot, view: RaceView, desk: RunDesk) -> None:
    begun(qtbot, view, desk)
    view.table.setFocus()
    choose(view, 1)
    QTest.keyClick(view.table, _Key.Key_Space)
    qtbot.waitUntil(lambda: cell(view, 1, STATE) == "Held", timeout=LONG)
    assert view.bar.buttons["hold"].text().replace("&", "") == "Go on with it"
    QTest.keyClick(view.table, _Key.Key_Return)
    (dialog,) = view.findChildren(RacerDialog)
    assert not dialog.name.isVisible()
    dialog.settings.rows[0][1].setText("0.05")
    click(dialog.accepting)
    qtbot.waitUntil(lambda: bool(desk.race.standings and desk.race.standings.racers[1].history.edits), timeout=LONG)
    QTest.keyClick(view.table, _Key.Key_Space)
    qtbot.waitUntil(lambda: cell(view, 1, STATE) == "Racing", timeout=LONG)


def test_the_whole_race_is_paused_and_goes_on(qtbot: QtBot, view: RaceView, desk: RunDesk) -> None:
    begun(qtbot, view, desk)
    click(view.bar.pause)
    qtbot.waitUntil(lambda: view.bar.words.text().startswith("Paused"), timeout=LONG)
    assert view.bar.pause.text().replace("&", "") == "Go on"
    step = int(cell(view, 0, STEP))
    click(view.bar.pause)
    qtbot.waitUntil(lambda: int(cell(view, 0, STEP)) > step, timeout=LONG)


def test_the_set_up_is_changed_and_undone_by_keys(view: RaceView) -> None:
    set_up(view, "0.1", "0.2")
    view.table.setFocus()
    choose(view, 2)
    QTest.keyClick(view.table, _Key.Key_Delete)
    assert len(names(view)) == 2
    QTest.keyClick(view.table, _Key.Key_D, _CTRL)
    assert names(view)[2] == f"{names(view)[1]} 2"
    QTest.keyClick(view.table, _Key.Key_Z, _CTRL)
    QTest.keyClick(view.table, _Key.Key_Z, _CTRL)
    assert len(names(view)) == 3
    QTest.keyClick(view.table, _Key.Key_Y, _CTRL)
    assert len(names(view)) == 2


def test_a_racer_is_edited_in_a_dialog_that_says_what_is_wrong(view: RaceView) -> None:
    set_up(view, "0.1")
    choose(view, 1)
    click(view.bar.buttons["edit"])
    (dialog,) = view.findChildren(RacerDialog)
    dialog.settings.rows[0][1].setText("fast")
    click(dialog.accepting)
    assert "Learning rate" in dialog.trouble.text()
    dialog.settings.rows[0][1].setText("0.3")
    dialog.name.setText("Third")
    click(dialog.accepting)
    assert (cell(view, 1, NAME), cell(view, 1, SETTINGS)) == ("Third", "Learning rate 0.3")


def test_a_race_is_saved_and_opened(view: RaceView, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    set_up(view, "0.1")
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *a, **k: (str(tmp_path / "mine"), ""))
    click(view.bar.buttons["save"])
    assert len(load(tmp_path / "mine.toml").racers) == 2
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *a, **k: (str(tmp_path / "mine.toml"), ""))
    choose(view, 1)
    QTest.keyClick(view.table, _Key.Key_Delete)
    entry(view, "new", "open")
    assert len(names(view)) == 2


def test_a_title_names_the_runs_and_a_run_is_opened_from_its_row(qtbot: QtBot, view: RaceView, desk: RunDesk) -> None:
    set_up(view, "0.1")
    view.bar.title.setText("Rates  of mine")
    QTest.keyClick(view.bar.title, _Key.Key_Return)
    assert desk.race.draft.spec is not None and desk.race.draft.spec.title == "Rates of mine"
    with qtbot.waitSignal(desk.race.ended, timeout=LONG):
        click(view.bar.race)
    choose(view, 1)
    with qtbot.waitSignal(view.run_wanted) as wanted:
        view.race_actions.do("open_run")
    about, _ = read_about(Path(wanted.args[0]))
    assert about.name == "Rates of mine: Learning rate 0.1"
    view.bar.title.setText("Other")
    QTest.keyClick(view.bar.title, _Key.Key_Return)
    assert desk.race.standings is not None  # another title is the same race


def test_a_ready_race_plays_with_one_click(qtbot: QtBot, view: RaceView, desk: RunDesk) -> None:
    told: list[str] = []
    desk.told.connect(lambda words, kind: told.append(words))
    click(view.ready[0])
    assert desk.race.is_racing
    assert names(view) == ["SGD", "Momentum"]
    assert told[0] == f"SGD against momentum. {ready_races()[0].note}"
    qtbot.waitUntil(lambda: int(cell(view, 1, STEP) or 0) > 0, timeout=LONG)


def test_fair_rates_are_shown_and_used(qtbot: QtBot, view: RaceView, desk: RunDesk) -> None:
    set_up(view, "0.1")
    rates = tuple(FairRate(name, (0.01, 0.1, 1.0), (1.5, 1.0, math.inf), 2.0) for name in names(view))
    spec = desk.race.draft.spec
    assert spec is not None
    desk.race.fair.ask((spec.base, spec.racers, spec.tape), lambda progress, is_cancelled: rates)
    qtbot.waitUntil(lambda: view.fair.chart.rates == rates and view.fair.use.isVisible(), timeout=LONG)
    assert "Rate 0.1, nearly as good from 0.1 to 0.1." in view.fair.chart.accessibleDescription()
    click(view.fair.use)
    assert [cell(view, row, SETTINGS) for row in range(2)] == ["Learning rate 0.1"] * 2
    assert not view.fair.isVisible()


def test_every_button_has_words_and_a_reason_where_it_is_not_possible(view: RaceView) -> None:
    for button in view.findChildren(QPushButton):
        assert button.text() and button.toolTip(), button.text()
    assert {e.name for e in ENTRIES} == set(view.bar.buttons)
    assert "There is no race yet." in view.bar.buttons["save"].toolTip()
    assert "Choose a racer first." in view.bar.buttons["edit"].toolTip()


# --- parts -----------------------------------------------------------------------------------------------------------


def test_a_racers_curve_is_thinned_and_ends_at_its_newest_step() -> None:
    history = History(StepStore())
    table = RacerTable(history)
    for step in range(5000):
        history.steps.append(float(step), 0.5, 0.1, 1.0, step / 1000)
        if step % 700 == 0:
            table.update()
    assert table.update() and not table.update()
    x, loss = table.x("step"), table.column("running_loss")
    assert 100 < len(x) <= 241
    assert x[-1] == 5000
    assert np.all(np.diff(x) > 0)
    assert np.abs(loss - (x - SMOOTHED / 2))[10:].max() < SMOOTHED
    assert table.column("lr") == pytest.approx(0.1)
    assert table.x("time")[-1] == pytest.approx(5, abs=0.02)


def test_a_loss_that_is_not_finite_leaves_a_gap_and_does_not_stretch_the_axis() -> None:
    history = History(StepStore())
    for loss in (2.0, 1.0, 1e9, math.nan):
        history.steps.append(loss, 0.5, 0.1, 1.0, 1.0)
    history.fold(RunEnded("failed", 3, 0, 1.0, "It diverged.", code="diverged"))
    table = RacerTable(history)
    table.update()
    assert np.isnan(table.column("running_loss")[-1])
    assert table.in_range("running_loss").max() == 2.0


def test_the_rows_of_the_chart_have_tooltips(qtbot: QtBot) -> None:
    chart = FairRatesChart()
    qtbot.addWidget(chart)
    rates = (
        FairRate("One", (0.01, 0.1, 1.0), (2.0, 2.5, math.inf), 2.0),
        FairRate("Two", (0.01, 0.1, 1.0), (1, 1, 1), 2.0),
    )
    chart.show_rates(rates)
    chart.resize(chart.sizeHint())
    chart.show()
    assert chart._tip(QPoint(5, 5)) == "One: No rate has lowered the loss."
    assert chart._tip(QPoint(5, round(1.5 * chart._row_height))).startswith("Two: Rate 0.01, nearly as good")
    assert not chart.grab().isNull()
