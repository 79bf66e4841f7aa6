"""The parts of the race page without a race that runs: table, bar, curves and chart, given numbers by hand."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.engine.helpers import small_spec
from tests.views.runs.conftest import close_plots, show_active
from workbench.bridge.runner import State
from workbench.bridge.runs.race_desk import RaceDesk
from workbench.bridge.runs.run_desk import RunDesk
from workbench.engine.core.events import EpochEnded, Measured, RunEnded
from workbench.engine.core.race_events import RacerEvent
from workbench.engine.core.step_store import StepStore
from workbench.engine.experiments.fair_rates import FairRate
from workbench.engine.race.spec import Racer, RaceSpec
from workbench.engine.race.standings import Standings
from workbench.engine.run_store.history import History
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.views.plots.racer_table import SMOOTHED, RacerTable, StepMeans
from workbench.views.runs.fair_rates_chart import FairRatesChart
from workbench.views.runs.race_table import LOSS, SETTINGS, STATE, STEP, _loss_text
from workbench.views.runs.race_view import RaceView

BASE = small_spec(loop__epochs=1)
TWO = RaceSpec(BASE, (Racer.of("One", {}), Racer.of("Two", {"optimizer.lr": 0.5})), "Rates")


@pytest.fixture
def form_settings() -> ExperimentSpec:
    return BASE


@pytest.fixture
def view(qtbot: QtBot, desk: RunDesk) -> Iterator[RaceView]:
    view = RaceView(desk.race)
    show_active(qtbot, view)
    yield view
    close_plots(view)


def raced(view: RaceView, desk: RunDesk) -> Standings:
    """As if TWO had raced."""
    race = desk.race
    race.draft.put(TWO)
    race.standings = Standings(TWO.racers)
    view.refresh()
    return race.standings


def steps(history: History, *losses: float) -> None:
    for loss in losses:
        history.steps.append(loss, 0.5, 0.1, 1.0, 1.0)


def measured(step: int, accuracy: float) -> EpochEnded:
    found = Measured(1.0, accuracy, 100, 0.1, 0.05)
    return EpochEnded(1, step, 1.0, 0.1, None, None, None, found, True, 0, 1.0)


# --- the table -------------------------------------------------------------------------------------------------------


def test_columns_of_a_standing_are_there_only_with_one(view: RaceView, desk: RunDesk) -> None:
    desk.race.draft.put(TWO)
    view.refresh()
    between = range(STATE, SETTINGS)
    assert all(view.table.isColumnHidden(column) for column in between) and not view.table.isColumnHidden(SETTINGS)
    raced(view, desk)
    assert not any(view.table.isColumnHidden(column) for column in between)


def test_rows_stay_the_same_while_only_numbers_change(view: RaceView, desk: RunDesk) -> None:
    """Making them anew at each step would take the tooltip and the focus away."""
    standings, item = raced(view, desk), view.table.topLevelItem(1)
    assert item is not None
    item.setData(STATE, Qt.ItemDataRole.UserRole, "this one")
    steps(standings.racers[1].history, 2.0, 12_345.0)
    standings.fold(RacerEvent(1, RunEnded("failed", 2, 0, 1.0, "It diverged. Try less.", code="diverged")))
    view.table.refresh()
    again = view.table.topLevelItem(1)
    assert again is not None and again.data(STATE, Qt.ItemDataRole.UserRole) == "this one"
    assert again.text(STEP) == "2" and again.text(STATE) == "† step 2, diverged"
    assert "It diverged. Try less." in again.toolTip(STATE)
    assert again.text(LOSS) == "1.2e4"


def test_large_losses_are_written_as_powers_of_ten() -> None:
    assert "e" not in _loss_text(9999.0)
    assert [_loss_text(loss) for loss in (1e4, None)] == ["1.0e4", "–"]


# --- the bar ---------------------------------------------------------------------------------------------------------


def test_a_title_that_is_being_typed_is_not_written_over(view: RaceView, desk: RunDesk) -> None:
    desk.race.draft.put(TWO)
    view.refresh()
    title = view.bar.title
    assert title.text() == "Rates"
    title.setFocus()
    title.selectAll()
    QTest.keyClicks(title, "Mine")
    view.refresh()
    assert title.text() == "Mine"
    view.table.setFocus()
    assert desk.race.draft.spec is not None and desk.race.draft.spec.title == "Mine"
    desk.race.draft.undo()
    assert title.text() == "Rates"


@pytest.mark.parametrize(
    ("state", "can_stop", "can_pause"),
    [(State.RUNNING, True, True), (State.PAUSED, True, True), (State.STOPPING, False, False)],
)
def test_a_race_that_is_stopping_is_neither_stopped_again_nor_paused(
    view: RaceView, desk: RunDesk, monkeypatch: pytest.MonkeyPatch, state: State, can_stop: bool, can_pause: bool
) -> None:
    raced(view, desk)
    monkeypatch.setattr(desk.race, "is_racing", True)
    monkeypatch.setattr(RaceDesk, "state", property(lambda desk: state))
    view.bar.show_state({}, "Hold")
    assert (view.bar.race.isEnabled(), view.bar.pause.isEnabled()) == (can_stop, can_pause)
    assert view.bar.pause.text() == ("&Go on" if state is State.PAUSED else "&Pause")
    monkeypatch.setattr(desk.race, "is_racing", False)


# --- the curves ------------------------------------------------------------------------------------------------------


def test_the_curves_of_all_racers_are_read_on(view: RaceView, desk: RunDesk) -> None:
    standings = raced(view, desk)
    for count in (1, 2):
        for each in standings.racers:
            steps(each.history, 2.0)
        view.curves.draw()
        assert [table.size for table in view.curves._tables] == [count] * 2


@pytest.mark.parametrize("count", [3, 50, 1500, 5000])
def test_a_thinned_loss_is_the_mean_of_about_twenty_steps(count: int) -> None:
    store = StepStore()
    means = StepMeans(store)
    losses = np.random.default_rng(count).random(count)
    for loss in losses:
        store.append(float(loss), 0.5, 0.1, 1.0, 1.0)
    assert means.update() and means.stride == {3: 1, 50: 1, 1500: 8, 5000: 32}[count]
    width = -(-SMOOTHED // means.stride) * means.stride
    whole = count // means.stride
    for place, (end, row) in enumerate(zip(means.steps[:whole], means.rows[:whole], strict=True), 1):
        assert end == place * means.stride
        assert row[0] == pytest.approx(losses[max(0, int(end) - width) : int(end)].mean())


def test_what_is_no_number_leaves_the_mean_after_as_many_steps_as_any_other() -> None:
    store = StepStore()
    for at in range(50):
        store.append(math.nan if at == 5 else float(at), 0.5, 0.1, 1.0, 1.0)
    means = StepMeans(store)
    means.update()
    found = means.rows[:, 0]
    assert np.isnan(found[5 : 5 + SMOOTHED]).all() and np.isfinite(found[:5]).all()
    assert found[5 + SMOOTHED :] == pytest.approx([at - (SMOOTHED - 1) / 2 for at in range(5 + SMOOTHED, 50)])


def test_a_measured_curve_begins_with_its_first_and_ends_with_its_last_evaluation() -> None:
    history = History(StepStore())
    table = RacerTable(history)
    for accuracy in (0.25, 0.75):
        steps(history, *[1.0] * 4)
        history.fold(measured(history.steps.count, accuracy))
    steps(history, *[1.0] * 3)
    table.update()
    found = dict(zip(table.x("step").tolist(), table.column("val_accuracy").tolist(), strict=True))
    assert math.isnan(found[3]) and (found[4], found[6], found[8]) == (0.25, 0.5, 0.75)
    assert math.isnan(found[9]) and found[11] == 0.75, "what it has now is said at its newest step"


# --- the chart of fair rates -----------------------------------------------------------------------------------------


def test_rates_lie_on_a_logarithmic_axis_with_ticks_as_high_as_the_fall(qtbot: QtBot) -> None:
    chart = FairRatesChart()
    qtbot.addWidget(chart)
    chart.resize(1000, 200)
    rates = (0.01, 0.1, 1.0, 10.0, 100.0)
    chart.show_rates([FairRate("One", rates, (2.0, 1.2, 1.8, 1.0, math.inf), 2.0)])
    with qtbot.waitExposed(chart):
        chart.show()
    axis = chart._axis
    places = [chart._x(rate) for rate in rates]
    assert places == pytest.approx([axis.left() + axis.width() * share for share in (0, 0.25, 0.5, 0.75, 1)])
    image = chart.grab().toImage()
    ratio = image.width() / chart.width()

    def is_drawn(x: float, share: float) -> bool:
        """Whether there is a tick at this share of the row's height from below."""
        y = chart._row_height * (1 - share)
        at, beside = (image.pixelColor(round((x + by) * ratio), round(y * ratio)) for by in (0, 12))
        return abs(at.lightness() - beside.lightness()) > 10

    assert is_drawn(places[1], 0.5) and not is_drawn(places[2], 0.5), "0.8 of the fall, and 0.2"
    assert not is_drawn(places[4], 0.5), "where it diverged nothing fell"
