"""The queue as a person uses it: buttons, keys, dialogs, with real cards and, where they train, real runs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QFocusEvent, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QLineEdit, QPushButton
from pytestqt.qtbot import QtBot

from tests.engine.helpers import small_spec
from tests.engine.shelf.made_runs import SPEC, curve, make_run, started
from tests.views.runs.conftest import show_active
from workbench.bridge.runs.run_desk import RunDesk
from workbench.engine.core.app_folders import runs_folder
from workbench.engine.shelf.cards import Card
from workbench.engine.shelf.queue import Queue
from workbench.engine.shelf.queue_report import HEADS, QueueReport, Worked
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.engine.spec.toml import save
from workbench.views.runs.card_dialog import CardDialog
from workbench.views.runs.queue_report_dialog import QueueReportDialog
from workbench.views.runs.queue_table import BEST, CARD, SETTINGS, STATE, WORDS
from workbench.views.runs.queue_view import QueueView
from workbench.views.runs.values_dialog import ValuesDialog

_Key = Qt.Key
_ALT = Qt.KeyboardModifier.AltModifier
_CTRL = Qt.KeyboardModifier.ControlModifier
LONG = 60_000
QUICK = small_spec(loop__epochs=1)


@pytest.fixture
def form_settings() -> ExperimentSpec:
    return QUICK


@pytest.fixture
def view(qtbot: QtBot, desk: RunDesk) -> Iterator[QueueView]:
    view = QueueView(desk)
    show_active(qtbot, view)
    yield view
    desk.worker.switch(False)
    desk._session.stop()
    qtbot.waitUntil(lambda: not desk._session.is_active and desk._tasks.current is None, timeout=LONG)
    view.hide()
    view.deleteLater()


@pytest.fixture
def abc(desk: RunDesk, view: QueueView) -> QueueView:
    """Three cards, a to c; the first one is chosen."""
    for name in "abc":
        desk.queue.add_spec(QUICK.edited("title", name))
    choose(view, 0)
    return view


def choose(view: QueueView, *rows: int) -> None:
    """Click rows, with Ctrl from the second on."""
    table = view.table
    for at, row in enumerate(rows):
        item = table.topLevelItem(row)
        assert item is not None
        modifier = _CTRL if at else Qt.KeyboardModifier.NoModifier
        QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, modifier, table.visualItemRect(item).center())


def cells(view: QueueView, column: int) -> list[str]:
    items = (view.table.topLevelItem(row) for row in range(view.table.topLevelItemCount()))
    return [item.text(column) for item in items if item is not None]


def press(button: QPushButton) -> None:
    assert button.isEnabled()
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def names(view: QueueView) -> str:
    return "".join(cells(view, CARD))


def test_an_empty_queue_says_what_it_is_for_and_takes_the_current_settings(desk: RunDesk, view: QueueView) -> None:
    assert view.stack.currentIndex() == 0 and not view.bar.switch.isEnabled() and view.title == "&Queue"
    desk._session.store.edit("optimizer.lr", 0.123)
    press(view.first)
    desk._session.store.edit("optimizer.lr", 0.5)
    item = view.table.topLevelItem(0)
    assert view.stack.currentIndex() == 1 and item is not None and "Adam 0.123" in item.toolTip(SETTINGS)
    assert desk.queue.cards[0].spec.optimizer.lr == 0.123 and view.title == "&Queue (1)"
    assert cells(view, STATE) == ["Waiting"] and not desk.worker.is_on


def test_wrong_text_in_the_form_adds_no_card(desk: RunDesk, view: QueueView) -> None:
    said: list[str] = []
    desk.told.connect(lambda words, kind: said.append(words))
    desk._session.store.set_input_error("optimizer.lr", "must be a number")
    press(view.first)
    assert not desk.queue.cards and "Learning rate: must be a number" in said[0]


def test_the_order_is_changed_by_keys_and_buttons(abc: QueueView) -> None:
    QTest.keyClick(abc.table, _Key.Key_Down, _ALT)
    assert names(abc) == "bac" and abc.table.chosen == [1]
    press(abc.bar.buttons["down"])
    assert names(abc) == "bca"
    QTest.keyClick(abc.table, _Key.Key_Up, _ALT)
    QTest.keyClick(abc.table, _Key.Key_Up, _ALT)
    assert names(abc) == "abc" and [card.title for card in Queue().cards] == ["a", "b", "c"]


def test_cards_are_removed_and_brought_back(desk: RunDesk, abc: QueueView) -> None:
    told: list[tuple[str, str]] = []
    desk.queue.told.connect(lambda words, kind: told.append((words, kind)))
    choose(abc, 0, 2)
    QTest.keyClick(abc.table, _Key.Key_Delete)
    assert names(abc) == "b" and told == [("2 cards removed; what was trained is kept.", "undo")]
    QTest.keyClick(abc.table, _Key.Key_Z, _CTRL)
    assert names(abc) == "abc"
    desk.queue.skip([1, 3], True)
    press(abc.bar.buttons["clear_over"])
    assert names(abc) == "b"
    press(abc.bar.buttons["undo"])
    assert names(abc) == "abc" and cells(abc, STATE) == ["Left out", "Waiting", "Left out"]


def test_the_first_removal_of_a_new_start_can_be_undone(qtbot: QtBot, desk: RunDesk, abc: QueueView) -> None:
    desk.queue.remove([1, 2, 3])
    later = QueueView(RunDesk(desk._session, desk._tasks))
    assert later.bar.buttons["undo"].isEnabled()
    later.do("undo")
    assert names(later) == "abc"
    qtbot.addWidget(later)


def test_a_card_is_duplicated_and_named(qtbot: QtBot, abc: QueueView) -> None:
    QTest.keyClick(abc.table, _Key.Key_D, _CTRL)
    assert names(abc) == "aabc"
    choose(abc, 0)
    QTest.keyClick(abc.table, _Key.Key_F2)
    field = abc.table.findChild(QLineEdit)
    assert field is not None
    field.selectAll()
    QTest.keyClicks(field, "first")
    QTest.keyClick(field, _Key.Key_Return)
    qtbot.waitUntil(lambda: [card.title for card in Queue().cards] == ["first", "a", "b", "c"], timeout=20_000)
    QTest.keyClick(abc.table, _Key.Key_Z, _CTRL)
    assert names(abc) == "aabc"


def test_a_card_is_edited_by_the_words_of_its_settings(desk: RunDesk, abc: QueueView) -> None:
    press(abc.bar.buttons["edit"])
    (dialog,) = abc.findChildren(CardDialog)
    setting, value = dialog.settings.rows[0]
    setting.setEditText("optimizer, learning rate")  # typed, it opens a list, which this platform cannot show
    value.selectAll()
    QTest.keyClicks(value, "-1")
    QTest.mouseClick(dialog.accepting, Qt.MouseButton.LeftButton)
    assert "Learning rate" in dialog.trouble.text() and desk.queue.cards[0].title == "a"
    value.selectAll()
    QTest.keyClicks(value, "0.25")
    QTest.mouseClick(dialog.accepting, Qt.MouseButton.LeftButton)
    card = desk.queue.cards[0]
    assert card.spec.optimizer.lr == 0.25 and card.title == "Learning rate 0.25"
    assert desk._session.store.spec == QUICK  # the form stays
    number = desk.queue.cards[0].number
    desk.queue.edit_typed(number, "Learning rate 0.25", [("loop.epochs", "7")])
    assert desk.queue.cards[0].title == "Learning rate 0.25, Epochs 7"
    desk.queue.edit_typed(number, "Learning rate 0.25, Epochs 7", [("optimizer.lr", "0.5")])
    assert desk.queue.cards[0].title == "Epochs 7, Learning rate 0.5"
    for _change in range(3):
        abc.do("undo")
    assert desk.queue.cards[0].spec.optimizer.lr == QUICK.optimizer.lr and desk.queue.cards[0].title == "a"


def test_values_of_one_setting_become_cards(desk: RunDesk, view: QueueView) -> None:
    view.do("add_values")
    (dialog,) = view.findChildren(ValuesDialog)
    assert not dialog.add_button.isEnabled()
    QTest.keyClicks(dialog.values, "0.1, 0.03, 0")
    assert not dialog.add_button.isEnabled() and "Learning rate: must be from" in dialog.preview.text()
    QTest.keyClicks(dialog.values, ".01")
    assert dialog.add_button.text() == "&Add 3 cards" and "Learning rate 0.03" in dialog.preview.text()
    QTest.keyClicks(dialog.values, ", 0.003, 0.001")
    assert dialog.preview.text().endswith("Learning rate 0.001")  # none of five is left out
    dialog.values.setText("0.1, 0.03, 0.01")
    QTest.mouseClick(dialog.add_button, Qt.MouseButton.LeftButton)
    assert cells(view, CARD) == ["Learning rate 0.1", "Learning rate 0.03", "Learning rate 0.01"]
    assert [line.partition(",")[0] for line in cells(view, SETTINGS)] == [
        "Optimizer Adam 0.1",
        "Optimizer Adam 0.03",
        "Optimizer Adam 0.01",
    ]  # what tells them from each other comes first


def test_a_setting_that_is_none_is_refused(desk: RunDesk, view: QueueView) -> None:
    view.do("add_values")
    (dialog,) = view.findChildren(ValuesDialog)
    dialog.setting.setEditText("no such thing")
    QTest.keyClicks(dialog.values, "1")
    assert not dialog.add_button.isEnabled() and "No setting has this name" in dialog.preview.text()
    dialog.reject()
    assert not desk.queue.cards


def test_a_part_of_a_settings_name_is_enough_if_it_means_one_alone(desk: RunDesk, view: QueueView) -> None:
    view.do("add_values")
    (dialog,) = view.findChildren(ValuesDialog)
    for typed, meant in (("epochs", "loop.epochs"), ("a", None)):
        dialog.setting.setEditText(typed)  # typed, its list would grab the keyboard, which this platform cannot
        QApplication.sendEvent(dialog.setting, QFocusEvent(QEvent.Type.FocusOut))  # as Tab does
        assert (dialog.setting.choice.path if dialog.setting.choice else None) == meant
    dialog.reject()


def test_files_are_added(desk: RunDesk, view: QueueView, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save(QUICK, tmp_path / "good.toml")
    (tmp_path / "bad.toml").write_text("x")
    files = [str(tmp_path / name) for name in ("bad.toml", "good.toml")]
    monkeypatch.setattr(QFileDialog, "getOpenFileNames", lambda *_: (files, ""))
    told: list[str] = []
    desk.queue.told.connect(lambda words, kind: told.append(words))
    view.do("add_files")
    assert len(cells(view, CARD)) == 1 and "bad.toml" in told[0]


def test_it_is_switched_on_trains_links_to_the_runs_and_reports(qtbot: QtBot, desk: RunDesk, view: QueueView) -> None:
    desk.queue.add_values(small_spec(loop__epochs=1), "optimizer.lr", "0.1, 0.01")
    seen: list[str] = []
    desk.worker.changed.connect(lambda: seen.extend(cells(view, STATE)))
    press(view.bar.switch)
    assert view.bar.switch.text() == "Switch &off" and view.title.endswith("on")
    qtbot.waitUntil(lambda: desk.worker.report is not None, timeout=LONG)
    assert "Running" in seen and cells(view, STATE) == ["Finished", "Finished"]
    qtbot.waitUntil(lambda: all(text.endswith("%") for text in cells(view, BEST)), timeout=LONG)
    assert all("Finished" in words for words in cells(view, WORDS)) and view.bar.switch.text() == "Switch &on"
    choose(view, 1)
    with qtbot.waitSignal(view.run_wanted) as wanted:
        QTest.keyClick(view.table, _Key.Key_Return)
    assert str(wanted.args[0].folder) == desk.queue.cards[1].run
    assert "2 cards: 2 finished." in view.report.text()
    press(view.show_report)
    (dialog,) = view.findChildren(QueueReportDialog)
    assert dialog.table.topLevelItemCount() == 2 and Path(dialog._path).is_file()
    QTest.mouseClick(dialog.copy, Qt.MouseButton.LeftButton)
    assert Path(dialog._path).read_text(encoding="utf-8") == QGuiApplication.clipboard().text()
    dialog.reject()


def test_the_report_shows_the_whole_reason_of_a_failed_card(qtbot: QtBot, view: QueueView) -> None:
    words = "The loss was not a number at step 1 204, and was so again after each of three steps back. " * 3
    worked = (Worked(Card(1, "a", "", "failed", words=words), None), Worked(Card(2, "b", "", "done"), None))
    dialog = QueueReportDialog(QueueReport(worked, datetime(2026, 11, 1), datetime(2026, 11, 2), ""), "", view)
    dialog.show()
    failed, done = (dialog.table.topLevelItem(at) for at in range(2))
    assert failed is not None and done is not None
    place = len(HEADS) - 1
    assert failed.text(place) == words
    lines = dialog.fontMetrics().horizontalAdvance(words) / dialog.table.columnWidth(place)
    high, usual = (dialog.table.visualItemRect(item).height() for item in (failed, done))
    assert lines > 2 and high >= lines * dialog.fontMetrics().height() > usual
    assert not dialog.table.horizontalScrollBar().maximum()
    dialog.reject()


def test_the_card_that_trains_stays_and_can_be_stopped_to_go_on_later(
    qtbot: QtBot, desk: RunDesk, view: QueueView
) -> None:
    desk.queue.add_spec(small_spec(loop__epochs=10_000))
    assert not view.bar.stop_now.isVisible()
    press(view.bar.switch)
    qtbot.waitUntil(lambda: desk._session.history.steps.count > 0, timeout=LONG)
    choose(view, 0)
    assert not view.bar.buttons["remove"].isEnabled() and not view.bar.buttons["edit"].isEnabled()
    QTest.keyClick(view.table, _Key.Key_Delete)
    assert cells(view, STATE) == ["Running"]
    press(view.bar.stop_now)
    qtbot.waitUntil(lambda: cells(view, STATE) == ["Waiting, goes on"], timeout=LONG)
    assert not desk.worker.is_on and not view.bar.stop_now.isVisible()


def test_a_card_that_was_interrupted_goes_on_or_is_trained_anew(qtbot: QtBot, desk: RunDesk, abc: QueueView) -> None:
    folder = make_run(runs_folder(), spec=SPEC, events=[started(), *curve((0.5,))])
    desk.queue.change(lambda queue: queue.started(1, folder))
    desk.worker.start()
    assert cells(abc, STATE)[0] == "Interrupted" and abc.bar.switch.isEnabled()
    assert abc.bar.words.text() == "Off: 2 cards wait, 1 card was interrupted."
    way = "It begins again at step 0."  # nothing of it was kept
    assert cells(abc, WORDS)[0] == f"The program ended while it was trained. {way}"
    abc.do("again")
    assert cells(abc, STATE)[0] == "Waiting, goes on"
    abc.do("anew")
    assert cells(abc, STATE)[0] == "Waiting" and not desk.queue.cards[0].run
    abc.do("skip")
    assert cells(abc, STATE)[0] == "Left out"


def test_the_time_to_stop_and_what_follows_a_failure_are_kept(desk: RunDesk, view: QueueView) -> None:
    bar = view.bar
    assert not bar.time.isEnabled() and bar.goes_on.isChecked()
    bar.stops.click()
    assert desk.queue.stop_at is not None and desk.queue.stop_at > datetime.now() and bar.time.isEnabled()
    bar.time.setFocus()
    QTest.keyClick(bar.time, _Key.Key_Up)
    bar.goes_on.setFocus()
    assert Queue().stop_at is not None and Queue().stop_at.hour == 8  # type: ignore[union-attr]
    bar.goes_on.click()
    assert Queue().goes_on is False
    bar.stops.click()
    assert Queue().stop_at is None


def test_settings_of_a_card_are_taken_over_into_the_form(qtbot: QtBot, desk: RunDesk, abc: QueueView) -> None:
    with qtbot.waitSignal(desk.train_wanted):
        abc.do("use")
    assert desk._session.store.spec.title == "a" and desk._session.store.can_undo


def test_what_can_be_pressed_has_a_name_and_says_what_it_does(abc: QueueView) -> None:
    for button in abc.findChildren(QPushButton):
        if button.isVisible():
            assert button.toolTip() and (button.text() or button.accessibleName())
