"""A search by clicks and keys: set up, begun, stopped and gone on with, a trial by hand, settings taken, refined."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from tests.engine.helpers import small_spec
from tests.views.runs.conftest import shown_search
from workbench.bridge.runs import study_work
from workbench.bridge.runs.run_desk import RunDesk
from workbench.bridge.runs.search_desk import SearchDesk
from workbench.bridge.runs.study_work import Snapshot
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.events import RunEnded
from workbench.engine.search import repeats
from workbench.engine.search.field import fields_of
from workbench.engine.search.figures import Importance, figures
from workbench.engine.search.plan import Plan
from workbench.engine.search.trial import Running, Trial
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.views.runs.runs_page import RunsPage
from workbench.views.runs.search_dialog import SearchDialog
from workbench.views.runs.search_maps import MOST_LINES, ContourPlot, ParallelPlot, drawn_rows
from workbench.views.runs.search_plots import ImportancePlot
from workbench.views.runs.search_running import RunningPlot
from workbench.views.runs.search_view import EMPTY, SearchView
from workbench.views.runs.trial_dialog import TrialDialog
from workbench.views.runs.trial_plot import blend
from workbench.views.widgets.theme import theme

_LEFT, _Key = Qt.MouseButton.LeftButton, Qt.Key
LONG = 60_000
QUICK = small_spec(loop__epochs=1, data__examples_per_class=8, model__hidden=[4])


@pytest.fixture
def form_settings() -> ExperimentSpec:
    return QUICK


@pytest.fixture
def view(qtbot: QtBot, desk: RunDesk, monkeypatch: pytest.MonkeyPatch) -> Iterator[SearchView]:
    monkeypatch.setattr(repeats, "SEEDS", 2)
    with shown_search(qtbot, desk) as view:
        yield view


def click(button: QWidget) -> None:
    assert button.isEnabled()
    QTest.mouseClick(button, _LEFT)


def opened(kind: type[QWidget]) -> QWidget:
    return next(each for each in QApplication.topLevelWidgets() if isinstance(each, kind) and each.isVisible())


def ended(qtbot: QtBot, desk: SearchDesk, trials: int) -> None:
    """Wait until the search is over, and all of it is shown."""
    qtbot.waitUntil(
        lambda: not desk.is_searching and desk.shown is not None and desk.shown.verdict is not None, timeout=LONG
    )
    assert desk.shown is not None and len(desk.shown.trials) == trials


def begin(view: SearchView, trials: int) -> None:
    """Two fields by the dialog, as a person sets them up."""
    click(view.first if view._desk.shown is None else view.new)
    dialog = opened(SearchDialog)
    assert isinstance(dialog, SearchDialog)
    assert dialog.rows[0][1].text() == "1e-5:1"
    dialog.rows[0][1].selectAll()
    QTest.keyClicks(dialog.rows[0][1], "0.1:0.001")
    assert "inverted range" in dialog.preview.text() and not dialog.begin.isEnabled()
    dialog.rows[0][1].selectAll()
    QTest.keyClicks(dialog.rows[0][1], "0.001:0.1")
    click(dialog.more)
    assert dialog.rows[1][0].currentText().endswith("Batch size")
    dialog.trials.selectAll()
    QTest.keyClicks(dialog.trials, str(trials))
    QTest.keyClick(dialog.trials, _Key.Key_Tab)
    assert f"{trials} trials and 12 runs for the noise of seeds" in dialog.preview.text()
    click(dialog.begin)


def test_a_search_from_the_empty_page_to_the_settings_taken(qtbot: QtBot, view: SearchView, desk: RunDesk):
    search = desk.search
    assert view.stack.currentIndex() == 0 and view.title == "Search"
    begin(view, 3)
    qtbot.waitUntil(lambda: search.is_searching, timeout=LONG)
    assert view.title.endswith("on") and view.go.text() == "S&top"
    said: set[str] = set()
    search.changed.connect(lambda: said.add(view.words.text()))
    in_bar: set[str] = set()
    session = desk._session
    search.changed.connect(lambda: in_bar.add(session.job_progress.words if session.job_progress else ""))
    ended(qtbot, search, 3)
    assert "noise of seeds" in in_bar and session.job_progress is None
    assert any("Random: 3 trials of 3. For the noise of seeds, run " in words and " of 8: " in words for words in said)
    shown = search.shown
    assert view.table.rows.rowCount() == 3 and view.words.text() == "Random: 3 trials of 3."
    assert "Without the search: " in view.verdict.text() and "Welch" in view.verdict.text()
    assert not view.go.isEnabled() and "raise their number" in view.go.toolTip()

    assert not view.take.isEnabled() and "Choose a trial" in view.take.toolTip()
    head = view.table.horizontalHeader()
    place = QPoint(head.sectionViewportPosition(2) + head.sectionSize(2) // 2, head.height() // 2)
    QTest.mouseClick(head.viewport(), _LEFT, pos=place)  # the first click has the best on top
    values = [view.table.rows.trial(row).reached for row in range(3)]
    assert values == sorted(values, reverse=True)
    view.table.setFocus()
    QTest.mouseClick(view.table.viewport(), _LEFT, pos=view.table.visualRect(view.table.rows.index(0, 0)).center())
    chosen = view.table.trial
    assert chosen is not None and chosen.value == max(trial.value for trial in shown.trials)
    click(view.take)
    assert desk._session.store.spec == shown.plan.space.spec(chosen.values)
    with qtbot.waitSignal(view.run_wanted) as wanted:
        click(view.open_run)
    assert wanted.args == [str(chosen.folder)]

    view.budget.setFocus()
    view.budget.selectAll()
    QTest.keyClicks(view.budget, "4")
    QTest.keyClick(view.budget, _Key.Key_Return)
    qtbot.waitUntil(lambda: search.shown.plan.trials == 4, timeout=LONG)
    assert view.go.text() == "Go &on"
    click(view.add_trial)
    dialog = opened(TrialDialog)
    assert isinstance(dialog, TrialDialog)
    rate = dialog.values["optimizer.lr"]
    rate.selectAll()
    QTest.keyClicks(rate, "5")
    dialog.buttons.accepted.emit()
    assert "must lie in the range" in dialog.trouble.text()
    rate.selectAll()
    QTest.keyClicks(rate, "0.05")
    dialog.buttons.accepted.emit()
    qtbot.waitUntil(lambda: len(search.shown.trials) == 4, timeout=LONG)
    assert search.shown.trials[3].by_hand and search.shown.trials[3].state == "waiting"
    click(view.go)
    qtbot.waitUntil(lambda: search.is_searching, timeout=LONG)
    ended(qtbot, search, 5)
    by_hand = search.shown.trials[3]
    assert by_hand.settings["optimizer.lr"] == 0.05 and by_hand.state == "complete"
    own = [dict(trial.values) for trial in search.shown.trials if not trial.by_hand]
    assert own == [search.shown.plan.point(n) for n in range(4)]

    before = search.shown
    assert all(field.words in view.finer.toolTip() for field in before.finer.fields)
    click(view.finer)
    qtbot.waitUntil(lambda: search.shown.name.endswith(", finer") and search.is_searching, timeout=LONG)
    click(view.go)
    qtbot.waitUntil(lambda: not search.is_searching, timeout=LONG)
    ranges = [(field.low, field.high) for field in search.shown.plan.fields]
    for (low, high), field in zip(ranges, before.plan.fields, strict=True):
        assert high / low < field.high / field.low
    assert view.studies.count() == 2


WORKERS = (
    Running(7, "lab-1:4711", 140, 35.0, 1.2, ((1, 0.4), (2, 0.62), (3, 0.7))),
    Running(8, "lab-2:815", 20, 12.5, 41.0),
)


def test_where_there_are_too_many_workers_those_silent_for_longest_are_listed(
    view: SearchView, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("workbench.views.runs.search_running._MOST", 1)
    plot = next(each for each in view.plots if isinstance(each, RunningPlot))
    plot.show_running(WORKERS)
    assert [plot.table.item(row, 0).text() for row in range(plot.table.rowCount())] == ["lab-2:815"]


def test_who_trains_what_is_listed_with_the_last_sign_of_life(view: SearchView):
    plot = next(each for each in view.plots if isinstance(each, RunningPlot))
    assert plot.table.isHidden() and plot.accessibleDescription() == ""
    plot.show_running(WORKERS)
    rows = [[plot.table.item(row, column).text() for column in range(6)] for row in range(plot.table.rowCount())]
    assert rows == [
        ["lab-1:4711", "7", "70.00\u00a0%", "140", "35.0", "1 s ago"],
        ["lab-2:815", "8", "–", "20", "12.5", "41 s ago"],
    ]
    assert plot.accessibleDescription() == "2 workers, 1 curve"
    plot.show_running(())
    assert plot.table.isHidden() and plot.accessibleDescription() == plot.empty


def test_the_curve_of_a_trial_keeps_its_colour_when_another_ends(view: SearchView):
    plot = next(each for each in view.plots if isinstance(each, RunningPlot))
    plot.resize(700, 400)
    steady, other = (Running(number, "lab-1:1", 9, 1.0, 1.0, ((1, 0.5), (4, 0.9))) for number in (9, 6))
    colour = QColor(plot.colours.val).name()
    for running in ((other, steady), (steady,)):
        plot.show_figures(made(4).figures, ("Rate",), None)
        plot.show_running(running)
        seen = plot.grab().toImage()
        shown = {seen.pixelColor(x, y).name() for x in range(80, 600, 3) for y in range(260)}
        assert colour in shown


def test_what_the_curves_are_is_written_in_lines_where_it_is_wide(view: SearchView):
    plot = next(each for each in view.plots if isinstance(each, RunningPlot))
    theme().set_large(True)
    plot.resize(20 * plot.fontMetrics().height(), 400)
    plot.show_figures(made(4).figures, ("Rate",), None)
    plot.show_running(WORKERS)
    seen = plot.grab().toImage()
    background, top = QColor(plot.colours.background).name(), plot.table.y() - 2 * plot.fontMetrics().height()
    for x in (0, 1, seen.width() - 2, seen.width() - 1):
        assert {seen.pixelColor(x, y).name() for y in range(top, plot.table.y())} == {background}


def test_rows_and_columns_of_trials_follow_the_letters(view: SearchView, qtbot: QtBot):
    table = view.table
    table.show_study(made(12), ("Rate", "Batch size", "Beta 1"))
    row, column, line = table.rowHeight(0), table.columnWidth(2), table.fontMetrics().height()
    theme().set_large(True)
    qtbot.waitUntil(lambda: table.fontMetrics().height() > line)
    grown = table.fontMetrics().height()
    assert table.rowHeight(0) > row and table.columnWidth(2) == round(column * grown / line)


def test_before_the_studies_are_read_it_is_not_said_that_there_are_none(qtbot: QtBot, desk: RunDesk):
    """Optuna is loaded for it, which takes a while after the start."""
    view = SearchView(SearchDesk(desk._session, desk._tasks, desk))
    view.resize(800, 600)
    view.show()
    assert view.empty.words.text() == "Reading the studies…"
    qtbot.waitUntil(lambda: view.empty.words.text() == EMPTY, timeout=LONG)
    view.close()
    view.deleteLater()


def test_studies_that_cannot_be_listed_are_not_waited_for(qtbot: QtBot, desk: RunDesk, monkeypatch: pytest.MonkeyPatch):
    def fails(url: str) -> tuple[str, ...]:
        raise WorkbenchError("The database is broken.")

    monkeypatch.setattr(study_work, "studies", fails)
    search = SearchDesk(desk._session, desk._tasks, desk)
    with qtbot.waitSignal(search.told, timeout=LONG) as told:
        search.list_studies()
        assert search.is_reading
    assert told.args == ["The database is broken.", "error"] and not search.is_reading


def test_the_words_of_every_state_have_room(view: SearchView):
    """Column widths are computed once, when the first trials are shown; then the states change."""
    view.table.show_study(made(1), ("Rate", "Batch size", "Beta 1"))
    width = view.table.columnWidth(1)
    changed = made(3)
    running = replace(changed.trials[0], state="running")
    ended_early = replace(changed.trials[1], state="pruned")
    changed = replace(changed, trials=(running, ended_early, *changed.trials[2:]))
    view.table.show_study(changed, ("Rate", "Batch size", "Beta 1"))
    assert view.table.columnWidth(1) == width >= view.table.sizeHintForColumn(1)


def test_the_fields_of_the_contour_are_written_out(view: SearchView, desk: RunDesk):
    desk.search.shown = made(12)
    view.refresh()
    view.picture.setCurrentIndex([type(plot) for plot in view.plots].index(ContourPlot))
    for box in (view.across, view.up):
        assert box.width() - box.minimumSizeHint().width() >= 0 and box.sizeHint().width() <= box.width()


def made(count: int) -> Snapshot:
    """A study of trials that were not trained."""
    plan = Plan(QUICK, fields_of(QUICK, ["optimizer.lr", "loop.batch_size", "optimizer.beta1"]), trials=count)
    points = [plan.space.random(0, number) for number in range(count)]
    kinds = ("complete", "complete", "complete", "pruned", "failed")
    trials = tuple(
        Trial(n, kind, n / count if kind == "complete" else None, point, point, None, "", n / count)
        for n, point in enumerate(points)
        for kind in [kinds[n % 5]]
    )
    return Snapshot("Made", plan, trials, figures(plan, trials), None, None)


@pytest.mark.parametrize("count", [12, 4_000])
def test_the_pictures_draw_trials_and_their_choice(view: SearchView, count: int):
    shown, labels = made(count), ("Rate", "Batch size", "Beta 1")
    for plot in view.plots:
        plot.resize(700, 400)
        empty = plot.grab().toImage()
        plot.show_figures(shown.figures, labels, None)
        if isinstance(plot, ImportancePlot):
            plot.show_importances((Importance("optimizer.lr", 0.9, 0.05),), ("Rate",))
            assert "Rate 90" in plot.accessibleDescription()
        if isinstance(plot, RunningPlot):
            plot.show_running(WORKERS)
        drawn = plot.grab().toImage()
        assert drawn != empty
        if not isinstance(plot, (ImportancePlot, RunningPlot)):
            plot.show_figures(shown.figures, labels, 1)
            assert plot.grab().toImage() != drawn
    contour = view.plots[3]
    assert isinstance(contour, ContourPlot)
    before = contour.grab().toImage()
    scale = contour.scale_place().toAlignedRect()
    colours = [before.pixelColor(scale.center().x(), y).name() for y in (scale.top() + 3, scale.bottom() - 3)]
    assert colours != [colours[0]] * 2 and not contour.data_box().intersects(contour.scale_place())
    for colour, share in zip(colours, (1.0, 0.0), strict=True):
        named, shown_colour = QColor(blend(contour.colours, share)), QColor(colour)
        assert abs(named.red() - shown_colour.red()) < 8 and abs(named.blue() - shown_colour.blue()) < 8
    contour.show_axes(1, 0)
    assert contour.grab().toImage() != before


def test_the_ends_of_the_axis_of_accuracies_are_accuracies(view: SearchView):
    plot = view.plots[2]
    assert isinstance(plot, ParallelPlot)
    found = replace(made(12).figures, values=np.array([0.01, 1.0] * 6))
    assert plot.range_of(found) == (0.0, 1.0)


def test_of_many_trials_the_best_are_drawn_as_lines_and_every_few_of_the_others():
    found = made(4_000).figures
    rows = drawn_rows(found)
    assert len(rows) == MOST_LINES and rows[-1] == found.best == 3_997
    assert set(np.argsort(np.nan_to_num(found.values))[-100:]) <= set(rows)
    assert len(drawn_rows(made(40).figures)) == 24


def test_stopped_in_the_midst_it_goes_on_in_the_next_window(qtbot: QtBot, view: SearchView, desk: RunDesk):
    begin(view, 6)
    search = desk.search
    qtbot.waitUntil(lambda: search.shown is not None and len(search.shown.trials) >= 2, timeout=LONG)
    if search.is_searching:
        click(view.go)
    qtbot.waitUntil(lambda: not search.is_searching, timeout=LONG)
    other = SearchDesk(desk._session, desk._tasks, desk)
    other.list_studies()
    qtbot.waitUntil(lambda: other.shown is not None, timeout=LONG)
    assert not [trial for trial in other.shown.trials if trial.state == "running"]
    other.start()
    qtbot.waitUntil(lambda: not other.is_searching and other.shown.verdict is not None, timeout=LONG)
    assert [dict(trial.values) for trial in other.shown.trials] == [other.shown.plan.point(n) for n in range(6)]


def test_the_menus_entry_shows_the_searches_and_asks_for_a_new_one(qtbot: QtBot, open_page: Callable[[], RunsPage]):
    page = open_page()
    page.show_search()
    dialog = opened(SearchDialog)
    assert page.tabs.currentWidget() is page.search and dialog.isVisible()
    QTest.keyClick(dialog, _Key.Key_Escape)
    assert not dialog.isVisible() and page.choices()["tab"] == "search"
    page.tabs.setCurrentIndex(0)
    page.choose({"tab": "search"})
    assert page.tabs.currentWidget() is page.search


def test_five_fields_bring_the_lectures_advice_and_the_time_of_the_last_run(view: SearchView, desk: RunDesk):
    ended = RunEnded("completed", 1, 1, 60.0, "")
    desk._session.history.ended = ended
    click(view.first)
    dialog = opened(SearchDialog)
    assert isinstance(dialog, SearchDialog) and dialog.advice.isHidden()
    for _ in range(4):
        click(dialog.more)
    assert len({box.choice.path for box, _ in dialog.rows if box.choice is not None}) == 5
    assert all(":" in text.text() for _, text in dialog.rows)
    assert "exponential" in dialog.advice.text() and "at 60.0 s a trial" in dialog.advice.text()
    assert "about 32 min at the speed of the last run" in dialog.preview.text()
    remove = dialog.findChild(QPushButton, "remove 5")
    assert remove is not None
    click(remove)
    assert len(dialog.rows) == 4 and dialog.advice.isHidden()
    QTest.keyClick(dialog, _Key.Key_Escape)


def test_long_words_on_the_noise_scroll_and_leave_table_and_plot_their_room(
    qtbot: QtBot, view: SearchView, desk: RunDesk
):
    """Of a window of 1280 by 720 pixels the page has these; the words would have taken more than half of them."""
    theme().set_large(True)
    view.resize(1120, 580)
    desk.search.shown = made(12)
    view.refresh()
    area, plot = view.verdict_area, view.plots[0]
    qtbot.waitUntil(lambda: area.isVisible() and area.height() == area.heightForWidth(area.width()))
    few = area.height()
    view.verdict.setText("Trial 0 is not shown to be better than trial 3: not more than noise (3 runs against 3). " * 8)
    qtbot.waitUntil(lambda: few < area.height() <= 0.26 * view.height())
    assert area.verticalScrollBar().maximum() > 0 and area.focusPolicy() == Qt.FocusPolicy.TabFocus
    qtbot.waitUntil(lambda: view.splitter.height() > 0.4 * view.height() and plot.height() > area.height())
    area.setFocus()
    QTest.keyClick(area, _Key.Key_Down)
    assert area.verticalScrollBar().value() > 0
    view.verdict.setText("One line.")
    qtbot.waitUntil(lambda: area.height() < few and area.focusPolicy() == Qt.FocusPolicy.NoFocus)
    assert view.verdict.height() <= area.height()
