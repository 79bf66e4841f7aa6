"""The page of runs as a person uses it: by mouse and by keys, with real folders of runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QFocusEvent, QGuiApplication, QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot

from tests.bridge.runs.test_run_desk import moved
from tests.engine.shelf.made_runs import curve, evaluated, make_run, started
from tests.views.runs.helpers import click
from workbench.bridge.runs import trash
from workbench.bridge.runs.run_desk import RunDesk
from workbench.engine.core.app_folders import runs_folder
from workbench.engine.core.events import Edited
from workbench.engine.shelf.about import read_about
from workbench.engine.shelf.record import RunRecord
from workbench.views.runs.fork_dialog import ForkDialog
from workbench.views.runs.runs_model import NAME, RunsModel
from workbench.views.runs.runs_page import RunsPage
from workbench.views.widgets.theme import theme


def shown_name(folder: Path) -> str:
    """What names an unnamed run of these tests on the screen."""
    return f"{folder.name[5:10]} {folder.name[11:19].replace('-', ':')} Small CNN 16–32–64, Momentum"


def shown(page: RunsPage) -> list[str]:
    return [row.name if isinstance(row, RunRecord) else row.value for row in page.list.model.rows]


def texts(page: RunsPage, row: int) -> list[str]:
    model = page.list.model
    return [str(model.index(row, column).data() or "") for column in range(model.columnCount())]


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
    QTest.keyClick(page.list.table, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert page.list.bar.text.hasFocus()
    QTest.keyClicks(page.list.bar.text, "second")
    assert shown(page) == [three[1].name] and page.list.bar.count.text() == "1 of 3 runs"
    QTest.keyClicks(page.list.bar.text, "x")
    assert page.list.notice.isVisible() and "filter" in page.list.notice.text()
    QTest.keyClick(page.list.bar.text, Qt.Key.Key_Escape)
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
    table, undo = (
        page.list.table,
        QKeyEvent(QEvent.Type.ShortcutOverride, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier),
    )
    undo.ignore()
    QApplication.sendEvent(table, undo)
    assert not undo.isAccepted()  # it undoes settings while nothing has gone
    click(page, 0)
    QTest.keyClick(table, Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: len(shown(page)) == 2, timeout=20_000)
    QApplication.sendEvent(table, undo)
    assert undo.isAccepted() and not three[2].exists()
    QTest.keyClick(table, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: len(shown(page)) == 3 and not desk.runs.is_reading, timeout=20_000)
    assert (
        three[2].exists() and told == [f"{shown_name(three[2])} put back from the trash."] and not desk.can_undo_removal
    )


def test_f2_renames_in_place(qtbot: QtBot, open_page: Callable[[], RunsPage], three: list[Path]) -> None:
    page = open_page()
    click(page, 0)
    QTest.keyClick(page.list.table, Qt.Key.Key_F2)
    editor = page.list.table.findChild(QLineEdit)
    assert editor is not None
    editor.selectAll()
    QTest.keyClicks(editor, "best so far")
    QTest.keyClick(editor, Qt.Key.Key_Return)
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
    QTest.keyClick(page.list.table, Qt.Key.Key_Delete)
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
        QTest.keyClick(page.list.table, Qt.Key.Key_Delete)
        qtbot.waitUntil(lambda gone=gone: gone.name not in shown(page), timeout=20_000)
        assert [record.folder for record in page.chosen] == [following]
        assert page.list.table.current_row in page.chosen
    assert [removal.words for removal in said] == [shown_name(three[1]), shown_name(three[0])]


def test_keys_belong_to_the_table_as_soon_as_there_are_rows_and_after_a_change_of_the_tab(
    qtbot: QtBot, desk: RunDesk, open_page: Callable[[], RunsPage], three: list[Path]
) -> None:
    page = open_page()
    assert page.list.table.hasFocus() and len(page.chosen) == 1
    for key, folder in ((Qt.Key.Key_End, three[0]), (Qt.Key.Key_Home, three[2])):
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
    QTest.keyClick(page.list.table, Qt.Key.Key_Return)
    opened = page.opened
    qtbot.waitUntil(opened.plots.isVisible, timeout=20_000)
    assert opened.title.text() == shown_name(three[0])
    assert opened.plots.read_out()["accuracy.val"] == pytest.approx(0.7)
    assert "80.0\xa0%" in opened.verdict.best.text()
    QTest.keyClick(opened, Qt.Key.Key_Escape)
    assert page.list.isVisible() and page.list.table.hasFocus()


def test_tags_and_note_are_written_when_the_field_is_left(
    qtbot: QtBot, open_page: Callable[[], RunsPage], three: list[Path]
) -> None:
    page = open_page()
    click(page, 2)
    QTest.keyClick(page.list.table, Qt.Key.Key_Return)
    qtbot.waitUntil(page.opened.plots.isVisible, timeout=20_000)
    form = page.opened.about
    page.opened.tabs.setCurrentWidget(form)
    form.tags.setFocus()
    QTest.keyClicks(form.tags, "talk, baseline")
    QTest.keyClick(form.tags, Qt.Key.Key_Return)
    form.note.setFocus()
    QTest.keyClicks(form.note, "as in the talk")
    form.name.setFocus()
    about = read_about(three[0])[0]
    assert (about.tags, about.note) == (("talk", "baseline"), "as in the talk")


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


@pytest.mark.parametrize(
    ("key", "modifier"),
    [(Qt.Key.Key_Menu, Qt.KeyboardModifier.NoModifier), (Qt.Key.Key_F10, Qt.KeyboardModifier.ShiftModifier)],
)
def test_two_keys_ask_for_the_menu_of_a_run(
    qtbot: QtBot, open_page: Callable[[], RunsPage], three: list[Path], key: Qt.Key, modifier: Qt.KeyboardModifier
) -> None:
    page = open_page()
    page.list.menu_wanted.disconnect()  # which shows it, and waits for its end
    with qtbot.waitSignal(page.list.menu_wanted):
        QTest.keyClick(page.list.table, key, modifier)
