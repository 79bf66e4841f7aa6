"""The page of runs as a person uses it: by mouse and by keys, with real folders of runs."""

from __future__ import annotations

import itertools
import shutil
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QFocusEvent, QGuiApplication, QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot

from tests.bridge.runs.test_run_desk import moved
from tests.engine.shelf.made_runs import SPEC, curve, evaluated, make_run, started
from workbench.bridge.runs import run_desk, trash
from workbench.bridge.runs.run_desk import RunDesk
from workbench.engine.core.app_folders import runs_folder
from workbench.engine.core.events import Edited
from workbench.engine.shelf.about import read_about
from workbench.engine.shelf.compare import Comparison
from workbench.engine.shelf.record import RunRecord
from workbench.views.plots.train_plots import TrainPlots
from workbench.views.runs.compare_pane import ComparePane
from workbench.views.runs.fork_dialog import ForkDialog
from workbench.views.runs.runs_model import NAME, RunsModel
from workbench.views.runs.runs_page import RunsPage
from workbench.views.runs.scatter_plot import distance
from workbench.views.widgets.theme import theme

_Key, _Mod = Qt.Key, Qt.KeyboardModifier


def shown_name(folder: Path) -> str:
    """What names an unnamed run of these tests on the screen."""
    return f"{folder.name[5:10]} {folder.name[11:19].replace('-', ':')} Small CNN 16–32–64, Momentum"


@pytest.fixture
def three(desk: RunDesk) -> list[Path]:
    """A finished run, one with a tenth of its rate, and one that was killed."""
    folder = runs_folder()
    return [
        make_run(folder, "2026-11-01_12-00-00_first", accuracies=(0.5, 0.8, 0.7)),
        make_run(folder, "2026-11-02_12-00-00_second", SPEC.edited("optimizer.lr", 0.005), accuracies=(0.4, 0.6, 0.9)),
        make_run(folder, "2026-11-03_12-00-00_third", events=[started(), evaluated(1, 0.3, is_best=True)]),
    ]


def shown(page: RunsPage) -> list[str]:
    return [row.name if isinstance(row, RunRecord) else row.value for row in page.list.model.rows]


def texts(page: RunsPage, row: int) -> list[str]:
    model = page.list.model
    return [str(model.index(row, column).data() or "") for column in range(model.columnCount())]


def click(page: RunsPage, row: int, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    table = page.list.table
    place = table.visualRect(page.list.model.index(row, NAME)).center()
    QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, modifier, place)


def test_without_runs_the_page_says_what_to_do(qtbot: QtBot, desk: RunDesk, open_page: Callable[[], RunsPage]) -> None:
    page = open_page()
    assert page.list.notice.isVisible() and "No runs yet" in page.list.notice.text()
    with qtbot.waitSignal(desk.train_wanted):
        QTest.mouseClick(page.list.button, Qt.MouseButton.LeftButton)


def test_every_run_has_status_in_words_best_and_last_beside_each_other(
    open_page: Callable[[], RunsPage], three: list[Path]
) -> None:
    page = open_page()
    assert shown(page) == [folder.name for folder in reversed(three)]
    lost, _, first = (texts(page, row) for row in range(3))
    assert "Lost" in lost and "Finished" in first
    at = first.index("80.0\xa0%")
    assert first[at + 1] == "70.0\xa0%" and first[at + 2] == "2"


def test_typing_filters_and_escape_shows_all_again(
    qtbot: QtBot, open_page: Callable[[], RunsPage], three: list[Path]
) -> None:
    page = open_page()
    page.list.table.setFocus()
    QTest.keyClick(page.list.table, _Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert page.list.bar.text.hasFocus()
    QTest.keyClicks(page.list.bar.text, "second")
    assert shown(page) == [three[1].name] and page.list.bar.count.text() == "1 of 3 runs"
    QTest.keyClicks(page.list.bar.text, "x")
    assert page.list.notice.isVisible() and "filter" in page.list.notice.text()
    QTest.keyClick(page.list.bar.text, _Key.Key_Escape)
    assert len(shown(page)) == 3 and page.list.table.hasFocus()


def test_a_click_on_a_head_sorts_and_a_second_one_turns_it_round(
    open_page: Callable[[], RunsPage], three: list[Path]
) -> None:
    page = open_page()
    header = page.list.table.horizontalHeader()
    for wanted in (sorted(f.name for f in three), sorted((f.name for f in three), reverse=True)):
        place = QPoint(header.sectionViewportPosition(NAME) + 12, header.height() // 2)
        QTest.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=place)
        if shown(page) != wanted:  # the first click may have turned the usual order
            QTest.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=place)
        assert shown(page) == wanted


def test_a_setting_to_group_by_stays_chosen_when_its_list_closes(
    open_page: Callable[[], RunsPage], three: list[Path]
) -> None:
    combo = open_page().list.bar.group
    combo.setFocus(Qt.FocusReason.TabFocusReason)
    at = combo.findText("Learning rate")
    combo.setCurrentIndex(at)
    # On X11 the focus comes back before the choice is told; offscreen it does not.
    QApplication.sendEvent(combo, QFocusEvent(QEvent.Type.FocusIn, Qt.FocusReason.PopupFocusReason))
    assert at > 0 and combo.currentIndex() == at


def test_ctrl_z_brings_runs_back_from_the_trash(
    qtbot: QtBot,
    desk: RunDesk,
    open_page: Callable[[], RunsPage],
    three: list[Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(trash, "_moved", lambda folder: moved(folder, tmp_path))
    page, told = open_page(), []
    desk.told.connect(lambda words, _kind: told.append(words))
    table, undo = page.list.table, QKeyEvent(QEvent.Type.ShortcutOverride, _Key.Key_Z, _Mod.ControlModifier)
    undo.ignore()
    QApplication.sendEvent(table, undo)
    assert not undo.isAccepted()  # it undoes settings while nothing has gone
    click(page, 0)
    QTest.keyClick(table, _Key.Key_Delete)
    qtbot.waitUntil(lambda: len(shown(page)) == 2, timeout=20_000)
    QApplication.sendEvent(table, undo)
    assert undo.isAccepted() and not three[2].exists()
    QTest.keyClick(table, _Key.Key_Z, _Mod.ControlModifier)
    qtbot.waitUntil(lambda: len(shown(page)) == 3 and not desk.runs.is_reading, timeout=20_000)
    assert (
        three[2].exists() and told == [f"{shown_name(three[2])} put back from the trash."] and not desk.can_undo_removal
    )


def test_f2_renames_in_place(qtbot: QtBot, open_page: Callable[[], RunsPage], three: list[Path]) -> None:
    page = open_page()
    click(page, 0)
    QTest.keyClick(page.list.table, _Key.Key_F2)
    editor = page.list.table.findChild(QLineEdit)
    assert editor is not None
    editor.selectAll()
    QTest.keyClicks(editor, "best so far")
    QTest.keyClick(editor, _Key.Key_Return)
    qtbot.waitUntil(lambda: shown(page)[0] == "best so far", timeout=20_000)
    assert read_about(three[2])[0].name == "best so far" and page.list.isVisible()


def test_delete_moves_the_selected_runs_to_the_trash(
    qtbot: QtBot, desk: RunDesk, open_page: Callable[[], RunsPage], three: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    removed: list[RunRecord] = []
    monkeypatch.setattr(desk, "remove", removed.extend)
    page = open_page()
    click(page, 0)
    click(page, 1, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(page.list.table, _Key.Key_Delete)
    assert [record.folder for record in removed] == [three[2], three[1]]


def test_after_delete_the_next_run_is_chosen_and_the_message_names_the_one_that_went(
    qtbot: QtBot,
    desk: RunDesk,
    open_page: Callable[[], RunsPage],
    three: list[Path],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setattr(trash, "_moved", lambda folder: moved(folder, tmp_path))
    page, said = open_page(), []
    desk.removed.connect(said.append)
    for gone, following in ((three[1], three[0]), (three[0], three[2])):  # at the end, the one before
        click(page, [row.folder for row in page.list.model.rows if isinstance(row, RunRecord)].index(gone))
        QTest.keyClick(page.list.table, _Key.Key_Delete)
        qtbot.waitUntil(lambda gone=gone: gone.name not in shown(page), timeout=20_000)
        assert [record.folder for record in page.chosen] == [following]
        assert page.list.table.current_row in page.chosen
    assert [removal.words for removal in said] == [shown_name(three[1]), shown_name(three[0])]


def test_keys_belong_to_the_table_as_soon_as_there_are_rows_and_after_a_change_of_the_tab(
    qtbot: QtBot, desk: RunDesk, open_page: Callable[[], RunsPage], three: list[Path]
) -> None:
    page = open_page()
    assert page.list.table.hasFocus() and len(page.chosen) == 1
    for key, folder in ((_Key.Key_End, three[0]), (_Key.Key_Home, three[2])):
        QTest.keyClick(page.list.table, key)
        assert [record.folder for record in page.chosen] == [folder]
    page.tabs.setCurrentWidget(page.queue)
    assert page.queue.first.hasFocus()  # no card yet
    page.tabs.setCurrentWidget(page.stack)
    assert page.list.table.hasFocus()


def test_how_far_the_reading_of_a_run_is_is_said(
    qtbot: QtBot, desk: RunDesk, open_page: Callable[[], RunsPage], three: list[Path]
) -> None:
    page, said = open_page(), []
    page.open_run(desk.runs.records[2])
    desk.opened.progressed.connect(lambda folder, words: said.append((folder, page.opened.reading.text())))
    qtbot.waitUntil(page.opened.plots.isVisible, timeout=20_000)
    assert said and said[0][0] == three[0] and said[0][1].startswith("Reading the run: 0 bytes of")


def test_the_selection_stays_when_runs_are_read_again(
    qtbot: QtBot, desk: RunDesk, open_page: Callable[[], RunsPage], three: list[Path]
) -> None:
    page = open_page()
    click(page, 1)
    make_run(runs_folder(), "2026-11-04_12-00-00_new")
    desk.runs.refresh()
    qtbot.waitUntil(lambda: len(shown(page)) == 4, timeout=20_000)
    assert [record.folder for record in page.chosen] == [three[1]]


def test_return_opens_a_run_with_its_curves_and_escape_goes_back(
    qtbot: QtBot, open_page: Callable[[], RunsPage], three: list[Path]
) -> None:
    page = open_page()
    click(page, 2)
    QTest.keyClick(page.list.table, _Key.Key_Return)
    opened = page.opened
    qtbot.waitUntil(opened.plots.isVisible, timeout=20_000)
    assert opened.title.text() == shown_name(three[0])
    assert opened.plots.read_out()["accuracy.val"] == pytest.approx(0.7)
    assert "80.0\xa0%" in opened.verdict.best.text()
    QTest.keyClick(opened, _Key.Key_Escape)
    assert page.list.isVisible() and page.list.table.hasFocus()


def test_tags_and_note_are_written_when_the_field_is_left(
    qtbot: QtBot, open_page: Callable[[], RunsPage], three: list[Path]
) -> None:
    page = open_page()
    click(page, 2)
    QTest.keyClick(page.list.table, _Key.Key_Return)
    qtbot.waitUntil(page.opened.plots.isVisible, timeout=20_000)
    form = page.opened.about
    page.opened.tabs.setCurrentWidget(form)
    form.tags.setFocus()
    QTest.keyClicks(form.tags, "talk, baseline")
    QTest.keyClick(form.tags, _Key.Key_Return)
    form.note.setFocus()
    QTest.keyClicks(form.note, "as in the talk")
    form.name.setFocus()
    about = read_about(three[0])[0]
    assert (about.tags, about.note) == (("talk", "baseline"), "as in the talk")


def test_space_ticks_runs_into_the_comparison(
    qtbot: QtBot, desk: RunDesk, open_page: Callable[[], RunsPage], three: list[Path]
) -> None:
    page = open_page()
    assert not page.compare.isVisible()
    click(page, 2)
    QTest.keyClick(page.list.table, _Key.Key_Space)
    click(page, 1)
    QTest.keyClick(page.list.table, _Key.Key_Space)
    assert page.compare.isVisible() and list(page.list.model.ticked) == [three[0], three[1]]
    qtbot.waitUntil(lambda: len(page.compare.plots.stack.ghosts) == 2, timeout=20_000)
    differences = page.compare.differences.words
    qtbot.waitUntil(lambda: "Learning rate 0.05 → 0.005" in differences.text(), timeout=20_000)
    table = page.compare.differences.table
    assert [table.item(0, at).text() for at in range(3)] == ["Learning rate", "0.05", "0.005"]
    styles = [ghost.style for ghost in page.compare.plots.stack.ghosts]
    assert styles[0] is not None and styles[1] is not None
    assert styles[0].light != styles[1].light and styles[0].mark != styles[1].mark
    page.compare.plots.stack.redraw()
    assert page.compare.plots.stack._x_range.range[1] == pytest.approx(15 * 1.01)


def test_the_comparison_is_made_in_parts_before_the_first_tick(
    qtbot: QtBot, open_page: Callable[[], RunsPage], three: list[Path]
) -> None:
    page = open_page()
    qtbot.waitUntil(lambda: len(page.findChildren(TrainPlots)) == 1, timeout=20_000)
    assert not page.findChildren(ComparePane)
    qtbot.waitUntil(lambda: len(page.findChildren(ComparePane)) == 1, timeout=20_000)
    assert not page.compare.isVisible() and not page.findChildren(TrainPlots)[0].isVisible()
    page.list.model.tick(three[:1], True)
    assert page.compare.isVisible() and page.findChildren(TrainPlots) == [page.compare.plots]


def test_comparing_does_not_hold_up_the_window(
    qtbot: QtBot, desk: RunDesk, open_page: Callable[[], RunsPage], three: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    may_go_on, compare = threading.Event(), run_desk.compare

    def slowly(*runs: Any) -> Comparison:
        assert may_go_on.wait(20)
        return compare(*runs)

    page = open_page()
    pane, model = page.compare, page.list.model
    monkeypatch.setattr(run_desk, "compare", slowly)
    try:
        model.tick(three[:2], True)
        assert pane.title.text() == "Comparing 2 runs…" and pane.differences.words.text() == "Comparing…"
        assert not pane.export.isEnabled()
    finally:
        may_go_on.set()
    for _again in range(2):
        qtbot.waitUntil(lambda: pane.title.text() == "2 runs compared", timeout=20_000)
        assert "Learning rate 0.05 → 0.005" in pane.differences.words.text() and pane.export.isEnabled()
        model.tick([three[1]], False)
        assert pane.title.text() == "1 run compared" and not pane.differences.is_filled
        model.tick([three[1]], True)


def test_runs_that_cannot_be_compared_say_why(
    qtbot: QtBot, open_page: Callable[[], RunsPage], three: list[Path]
) -> None:
    log = (three[1] / "events.jsonl").read_text("utf-8").replace('"momentum"', '"of_tomorrow"')
    (three[1] / "events.jsonl").write_text(log, "utf-8")
    page = open_page()
    page.list.model.tick(three[:2], True)
    qtbot.waitUntil(lambda: page.compare.title.text() == "2 runs compared", timeout=20_000)
    assert "is left out" in page.compare.differences.words.text() and page.compare.comparison is None


def test_names_of_runs_at_one_point_stand_below_each_other(
    qtbot: QtBot, open_page: Callable[[], RunsPage], three: list[Path]
) -> None:
    same = make_run(runs_folder(), "2026-11-04_12-00-00_same", SPEC.edited("optimizer.lr", 0.5), accuracies=(0.5, 0.8))
    page = open_page()
    page.list.model.tick([three[0], same], True)
    page.compare.tabs.setCurrentWidget(page.compare.scatter)
    scatter = page.compare.scatter
    first, second = scatter.name_places()
    assert not first.intersects(second)
    high = scatter.fontMetrics().height()
    assert abs(first.center().y() - second.center().y()) <= 2 * high


def test_names_of_crowded_runs_stand_near_their_dots(
    qtbot: QtBot, open_page: Callable[[], RunsPage], desk: RunDesk
) -> None:
    """As many as have no room below each other beside the one point where they are."""
    for number in range(8):
        spec = SPEC.edited("optimizer.lr", 0.1 / (number + 1))
        make_run(runs_folder(), f"2026-11-01_12-00-0{number}_same", spec, accuracies=(0.5, 0.8))
    make_run(runs_folder(), "2026-11-02_12-00-00_other", accuracies=(0.5, 0.6))
    page = open_page()
    page.list.model.tick([record.folder for record in desk.runs.records], True)
    page.compare.tabs.setCurrentWidget(page.compare.scatter)
    scatter = page.compare.scatter
    qtbot.waitUntil(lambda: scatter.height() > 100, timeout=20_000)
    places = scatter.name_places()
    assert not any(one.intersects(other) for one, other in itertools.combinations(places, 2))
    high = scatter.fontMetrics().height()
    far = [distance(place, scatter._place(dot)) for place, dot in zip(places, scatter._named(), strict=True)]
    assert max(far) <= 5 * high


def test_runs_of_one_seed_are_not_called_seeds(qtbot: QtBot, open_page: Callable[[], RunsPage], desk: RunDesk) -> None:
    for second in range(2):
        make_run(runs_folder(), f"2026-11-01_12-00-0{second}_s")
    page = open_page()
    page.list.model.tick([record.folder for record in desk.runs.records], True)
    qtbot.waitUntil(lambda: [g.title for g in page.compare.plots.stack.ghosts] == ["12:00:01, 2 runs"], timeout=20_000)


def test_repeats_are_one_band_until_they_are_wanted_apart(
    qtbot: QtBot, open_page: Callable[[], RunsPage], desk: RunDesk
) -> None:
    for seed in range(3):
        make_run(
            runs_folder(),
            f"2026-11-01_12-00-0{seed}_s",
            SPEC.edited("loop.seed", seed),
            accuracies=(0.1 + 0.4 * seed, 0.6 + seed / 10),
        )
    page = open_page()
    page.list.model.tick([record.folder for record in desk.runs.records], True)
    plots = page.compare.plots
    qtbot.waitUntil(lambda: any("3 seeds" in ghost.title for ghost in plots.stack.ghosts), timeout=20_000)
    plots.stack.redraw()
    line = next(line for line in plots.subplot("accuracy").view.item.content.lines if line.band is not None)
    assert line.band is not None and line.y[-1] == pytest.approx(0.7)
    assert (line.band[0][-1], line.band[1][-1]) == (pytest.approx(0.6), pytest.approx(0.8))
    gap = plots.subplot("gap")
    line = next(line for line in gap.view.item.content.lines if line.band is not None)
    assert line.band is not None and float(line.y.max()) == pytest.approx(0.4)
    assert gap.y_range.range[1] > float(line.band[1].max()) == pytest.approx(0.8)  # the band is not cut off
    page.compare.seeds.click()
    assert len(plots.stack.ghosts) == 3


def test_ticked_runs_are_drawn_beside_the_one_that_trains_if_wanted(
    qtbot: QtBot, desk: RunDesk, open_page: Callable[[], RunsPage], three: list[Path]
) -> None:
    page = open_page()
    page.list.model.tick(three[:2], True)
    qtbot.waitUntil(lambda: len(page.compare.plots.stack.ghosts) == 2, timeout=20_000)
    with qtbot.waitSignal(desk.beside_changed) as changed:
        page.compare.beside.click()
    assert [ghost.title for ghost in changed.args[0]] == ["lr 0.05", "lr 0.005"]
    desk._session.folder = str(three[1])  # as if it were the one that trains: not beside itself
    with qtbot.waitSignal(desk.beside_changed) as changed:
        page.compare.refresh()
    assert [ghost.title for ghost in changed.args[0]] == ["lr 0.05"] and len(page.compare.plots.stack.ghosts) == 2


@pytest.mark.parametrize("suffix", [".png", ".svg", ".pdf", ".csv", ".md"])
def test_a_comparison_is_saved_in_every_format(
    qtbot: QtBot, desk: RunDesk, open_page: Callable[[], RunsPage], three: list[Path], tmp_path: Path, suffix: str
) -> None:
    page = open_page()
    told: list[tuple[str, str]] = []
    desk.told.connect(lambda *said: told.append(said))
    page.list.model.tick(three[:2], True)
    qtbot.waitUntil(lambda: len(page.compare.plots.stack.ghosts) == 2, timeout=20_000)
    qtbot.waitUntil(lambda: page.compare.plots.stack.height() > 100, timeout=20_000)
    qtbot.waitUntil(page.compare.export.isEnabled, timeout=20_000)
    page.compare.save(tmp_path / f"all{suffix}")
    assert (tmp_path / f"all{suffix}").stat().st_size > 50
    what = "Differences" if suffix in (".csv", ".md") else "Curves"
    assert told == [(f"{what} saved in {tmp_path / f'all{suffix}'}.", "info")]
    if suffix in (".csv", ".md"):
        assert "Learning rate" in (tmp_path / f"all{suffix}").read_text("utf-8")


def test_columns_order_and_sorting_come_back(open_page: Callable[[], RunsPage], three: list[Path]) -> None:
    page = open_page()
    table = page.list.table
    header = table.horizontalHeader()
    header.moveSection(header.visualIndex(4), 1)
    table.setColumnHidden(2, True)
    page.list._on_sort("best_accuracy", True)
    words, columns, order = page.choices(), table.shown_columns, shown(page)
    again = open_page()
    again.choose(words)
    assert again.list.table.shown_columns == columns and "settings" not in columns and columns[1] == "best_accuracy"
    assert shown(again) == order


def test_ticked_runs_come_back_in_their_colours(
    qtbot: QtBot, open_page: Callable[[], RunsPage], three: list[Path]
) -> None:
    page = open_page()
    page.list.model.tick([three[2], three[0], three[1]], True)
    page.list.model.tick([three[2]], False)
    words = page.choices()
    shutil.rmtree(three[1])
    again = open_page()
    again.choose(words)
    assert again.list.model.ticked == {three[0]: 1} and again.compare.isVisible()
    again.choose({**words, "ticked": "x:a/1/-1:b/99999999:c"})  # damaged
    assert not again.list.model.ticked


def test_letters_find_a_setting_to_group_by(open_page: Callable[[], RunsPage], three: list[Path]) -> None:
    combo = open_page().list.bar.group
    combo.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClicks(combo, "Lea")
    assert combo.currentText() == "Learning rate"


def test_runs_are_copied_as_a_table(open_page: Callable[[], RunsPage], three: list[Path]) -> None:
    page = open_page()
    click(page, 1)
    page.do("copy_markdown")
    text = QGuiApplication.clipboard().text()
    assert text.startswith("| Name | Status |") and "90.0 %" in text


def test_only_visible_cells_of_two_thousand_runs_are_asked_for(
    qtbot: QtBot, desk: RunDesk, open_page: Callable[[], RunsPage], three: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What makes the page fast, whatever the machine: the work of a filter does not grow with the cells of all runs."""
    page = open_page()
    page._desk.runs.watch(False)
    some = desk.runs.records[0]
    asked: list[int] = []
    data = RunsModel.data
    monkeypatch.setattr(
        RunsModel, "data", lambda self, index, role=0: (asked.append(index.row()), data(self, index, role))[1]
    )
    desk.runs.put(tuple(replace(some, folder=some.folder.with_name(f"run{n:04}")) for n in range(2_000)))
    QApplication.processEvents()
    assert len(shown_rows := set(asked)) < 120, len(shown_rows)
    page.list.bar.text.setText("run19")
    assert page.list.model.rowCount() == 100
    QApplication.processEvents()
    assert len(set(asked)) < 240


def test_a_run_that_goes_on_keeps_its_place_and_its_tick(
    qtbot: QtBot, desk: RunDesk, open_page: Callable[[], RunsPage], three: list[Path]
) -> None:
    page = open_page()
    page.list.model.tick([three[2]], True)
    from tests.engine.shelf.made_runs import lines

    with (three[2] / "events.jsonl").open("ab") as file:
        file.write(lines(curve((0.4, 0.5))[2:]))
    desk.runs.refresh()
    qtbot.waitUntil(lambda: "50.0\xa0%" in texts(page, 0), timeout=20_000)
    assert list(page.list.model.ticked) == [three[2]]


def test_a_ticked_run_that_grows_is_read_on_not_read_again(
    qtbot: QtBot, desk: RunDesk, open_page: Callable[[], RunsPage], three: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.engine.shelf.made_runs import lines
    from workbench.bridge.runs import open_run

    page = open_page()
    page.list.model.tick([three[2]], True)
    qtbot.waitUntil(lambda: len(page.compare.plots.stack.ghosts) == 1, timeout=20_000)
    before = desk.opened.latest(desk.runs.records[0])
    monkeypatch.setattr(open_run, "opening", lambda _folder: pytest.fail("it was read whole again"))
    with (three[2] / "events.jsonl").open("ab") as file:
        file.write(lines(curve((0.4, 0.5))[2:]))
    desk.runs.refresh()
    qtbot.waitUntil(lambda: page.compare.plots.stack.ghosts[0].table.column("val_accuracy")[-1] == 0.5, timeout=20_000)
    assert desk.opened.latest(desk.runs.records[0]) is before


@pytest.mark.parametrize("large", [False, True])
def test_the_page_is_not_wider_than_a_small_screen(open_page: Callable[[], RunsPage], large: bool) -> None:
    theme().set_large(large)
    page = open_page()
    assert page.minimumSizeHint().width() <= 1000  # of 1024


def test_what_the_verdict_on_an_opened_run_advises_is_proposed_as_a_fork(
    qtbot: QtBot, open_page: Callable[[], RunsPage], desk: RunDesk
) -> None:
    make_run(runs_folder(), "2026-11-01_12-00-00_rising", accuracies=(0.5, 0.7, 0.9))
    page = open_page()
    page.open_run(desk.runs.records[0])
    button = page.opened.verdict.button
    qtbot.waitUntil(button.isVisible, timeout=20_000)
    assert button.text() == "Train for 6 epochs, in a fork…"
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    (dialog,) = page.findChildren(ForkDialog)
    setting, value = dialog.rows[0]
    assert (setting.currentData(), value.text()) == ("loop.epochs", "6") and dialog.begin.isEnabled()
    dialog.reject()
    assert button.isVisible()


def test_settings_in_a_line_have_the_rate_that_a_run_ended_with(
    open_page: Callable[[], RunsPage], desk: RunDesk
) -> None:
    lower = Edited(5, "optimizer.lr", 0.05, 0.005)
    events = [started(), evaluated(1, 0.3, is_best=True), lower, evaluated(2, 0.4, is_best=True)]
    make_run(runs_folder(), "2026-11-01_12-00-00_lower", events=events)
    page = open_page()
    assert any("Momentum 0.05 → 0.005," in text for text in texts(page, 0))


def test_the_column_of_the_parent_has_its_name(open_page: Callable[[], RunsPage], three: list[Path]) -> None:
    fork = make_run(runs_folder(), "2026-11-05_12-00-00_fork")
    log = (fork / "events.jsonl").read_text("utf-8")
    assert '"parent": ""' in log
    (fork / "events.jsonl").write_text(log.replace('"parent": ""', f'"parent": "{three[0].name}"'), "utf-8")
    page = open_page()
    assert shown_name(three[0]) in texts(page, 0)


@pytest.mark.parametrize(("key", "modifier"), [(_Key.Key_Menu, _Mod.NoModifier), (_Key.Key_F10, _Mod.ShiftModifier)])
def test_two_keys_ask_for_the_menu_of_a_run(
    qtbot: QtBot, open_page: Callable[[], RunsPage], three: list[Path], key: Qt.Key, modifier: Qt.KeyboardModifier
) -> None:
    page = open_page()
    page.list.menu_wanted.disconnect()  # which shows it, and waits for its end
    with qtbot.waitSignal(page.list.menu_wanted):
        QTest.keyClick(page.list.table, key, modifier)
