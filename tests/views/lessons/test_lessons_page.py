"""The page as a lecturer uses it: by mouse, and by the keyboard alone."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from tests.views.lessons.conftest import SADDLE, Opener, concluded
from workbench.engine.core.progress import finished
from workbench.engine.lessons.lesson import Lesson
from workbench.engine.lessons.lesson_file import FOLDER
from workbench.engine.lessons.picture import Picture, Table
from workbench.engine.lessons.play import play
from workbench.views.lessons.lessons_page import LessonsPage

Key = Qt.Key
LEFT = Qt.MouseButton.LeftButton


def chosen(page: LessonsPage) -> Lesson:
    assert page.desk.lesson is not None
    return page.desk.lesson


def press(key: Key) -> None:
    """Press a key where the focus is."""
    focus = QApplication.focusWidget()
    assert focus is not None
    QTest.keyClick(focus, key)


def click(page: LessonsPage, name: str) -> None:
    QTest.mouseClick(page.buttons[name], LEFT)


def field(page: LessonsPage, path: str) -> QLineEdit:
    """The number field of one of the scene's controls."""
    row = next(row for row in page.playground.controls.rows if row.ref.path == path)
    found = row.findChild(QLineEdit)
    assert found is not None
    return found


def typed(widget: QWidget, text: str) -> None:
    widget.setFocus()
    assert isinstance(widget, QLineEdit)
    widget.selectAll()
    QTest.keyClicks(widget, text)
    QTest.keyClick(widget, Key.Key_Return)


def test_a_digit_plays_a_scene_and_its_number_is_that_of_the_engine(qtbot: QtBot, page: LessonsPage) -> None:
    press(Key.Key_8)
    assert chosen(page).number == 8 and page.question.text() == chosen(page).question
    assert page.desk.playground.cursor.is_playing
    conclusion = concluded(qtbot, page)
    expected = finished(play(chosen(page), 0))
    assert conclusion.measured == expected.measured
    assert page.conclusion.number.text() == f"{expected.main.number} updates"
    assert [words.text() for words in page.conclusion.sentences.words] == [
        finding.text for finding in (expected.main, *expected.also)
    ]
    assert page.playground.picture.panels[0].panel.title == "Height above the lowest point"
    assert page.playground.picture.table.isVisible()


@pytest.mark.parametrize("height", [420, 680])
def test_no_sentence_is_cut_off_on_a_low_page(qtbot: QtBot, page: LessonsPage, height: int) -> None:
    """Where there is no room for all of them they scroll, and the stage keeps its room."""
    press(Key.Key_8)
    concluded(qtbot, page)
    for words in page.conclusion.sentences.words:
        words.setText(f"{words.text()} " * 8)  # more than two fifths of either page
    page.resize(700, height)
    area = page.conclusion.words_area

    def is_whole() -> bool:
        return all(words.height() >= words.heightForWidth(words.width()) for words in page.conclusion.sentences.words)

    qtbot.waitUntil(lambda: area.height() <= max(0.4 * page.height(), 140) and is_whole())
    qtbot.waitUntil(lambda: area.verticalScrollBar().maximum() > 0)
    assert page.stages.height() >= page.stages.minimumSizeHint().height()


@pytest.mark.parametrize("key", [Key.Key_Return, Key.Key_Space])
def test_enter_and_space_on_the_list_play_it(qtbot: QtBot, page: LessonsPage, key: Key) -> None:
    page.list.list.setFocus()
    press(Key.Key_Down)
    assert chosen(page).number == 8 and not page.desk.player.is_playing
    press(key)
    assert concluded(qtbot, page).claim == 8


def test_arrows_and_page_keys_choose_the_neighbours(page: LessonsPage) -> None:
    first, second = page.desk.lessons[:2]
    page.playground.landscape.setFocus()
    for key, number in ((Key.Key_Right, second), (Key.Key_Left, first), (Key.Key_Left, first)):
        press(key)
        assert chosen(page) is number
    press(Key.Key_PageDown)
    assert chosen(page) is second and page.list.list.currentRow() == 1
    assert page.conclusion.number.text() == "–"
    press(Key.Key_PageUp)
    assert chosen(page) is first
    assert not page.buttons["previous"].isEnabled() and page.buttons["next"].isEnabled()


def test_space_plays_the_scene_then_pauses_and_goes_on(qtbot: QtBot, page: LessonsPage) -> None:
    page.desk.choose(8)
    page.playground.landscape.setFocus()
    cursor = page.desk.playground.cursor
    press(Key.Key_Space)
    concluded(qtbot, page)
    qtbot.waitUntil(lambda: cursor.at > 3, timeout=10_000)
    for is_playing in (False, True):
        press(Key.Key_Space)
        assert cursor.is_playing == is_playing and page.desk.player.conclusion is not None


def test_the_counter_example_leaves_the_band_and_that_is_said_to_be_right(qtbot: QtBot, page: LessonsPage) -> None:
    page.desk.choose(8)
    click(page, "counter")
    assert page.desk.playground.spec.racers[0].kind == "adam"
    conclusion = concluded(qtbot, page)
    assert not conclusion.holds
    assert "leaves the band, as it must" in page.conclusion.sentences.words[0].text()
    assert page.conclusion.sentences.words[1].text().startswith("Does not hold: ")
    assert "counter-example: Adam instead" in page.title.text()
    click(page, "restart")
    assert page.desk.playground.spec.racers[0].kind == "sgd"
    assert page.desk.player.conclusion is None and page.conclusion.number.text() == "–"


def test_another_seed_moves_the_start_and_measures_anew(qtbot: QtBot, page: LessonsPage) -> None:
    page.desk.choose(8)
    start = page.desk.playground.spec.start()
    click(page, "seed")
    assert page.desk.playground.spec.start() != start
    assert concluded(qtbot, page).measured == finished(play(chosen(page), 1)).measured
    assert "seed 1" in page.title.text()


def test_only_the_named_controls_are_shown_and_changes_go_with_a_restart(qtbot: QtBot, page: LessonsPage) -> None:
    page.desk.choose(8)
    rows = page.playground.controls.rows
    assert sorted(f"playground.{row.ref.path}" for row in rows) == sorted(chosen(page).controls)
    before = page.desk.playground.spec
    typed(field(page, "racers.0.lr"), "0.2")
    assert page.desk.playground.spec.at("racers.0.lr") == 0.2
    page.undo_store.undo()
    assert page.desk.playground.spec == before
    typed(field(page, "racers.0.lr"), "0.3")
    click(page, "restart")
    assert page.desk.playground.spec == before and not page.undo_store.can_undo
    assert field(page, "racers.0.lr").text() == "0.1"


def test_play_measures_what_was_changed_by_hand(qtbot: QtBot, page: LessonsPage) -> None:
    page.desk.choose(8)
    click(page, "seed")
    before = concluded(qtbot, page)
    typed(field(page, "racers.0.lr"), "0.2")
    assert "was changed by hand since" in page.conclusion.note.text()
    shown = page.desk.playground.spec
    click(page, "play")
    conclusion = concluded(qtbot, page)
    assert conclusion.measured < 0.6 * before.measured  # twice the rate is out in half of the updates
    assert "as it was changed by hand" in page.conclusion.note.text()
    assert page.desk.playground.spec == shown
    measured = page.desk.shown().stage(1).playground
    assert measured is not None and measured.start() == pytest.approx(shown.start())
    page.playground.landscape.setFocus()
    press(Key.Key_8)
    assert page.desk.playground.spec.at("racers.0.lr") == 0.1 and page.conclusion.note.text() == ""
    concluded(qtbot, page)


def test_a_quick_scene_is_measured_anew_while_a_control_is_dragged(
    qtbot: QtBot, open_page: Opener, tmp_path: Path
) -> None:
    shutil.copy(FOLDER / "32-double-descent.toml", tmp_path)
    page = open_page(tmp_path)
    settings = page.desk.settings
    assert settings is not None
    settings.edit("quantity.width", 40)
    assert not page.desk.player.is_playing, "nothing was asked to be measured yet"
    page.desk.restart()
    page.desk.play()
    at_peak = concluded(qtbot, page)
    for width in (150, 300):
        settings.edit("quantity.width", width)
        assert page.desk.player.conclusion is at_peak and page.curves.picture.panels, "the last one stays until then"
    changed = concluded(qtbot, page)
    expected = finished(page.desk.shown().quantity.measure(page.desk.shown().stage(0)))
    assert changed.measured == expected < 0.1 * at_peak.measured
    assert "as it was changed by hand" in page.conclusion.note.text()
    settings.edit("quantity.width", 100)
    assert concluded(qtbot, page).measured == at_peak.measured and page.conclusion.note.text() == ""


def test_digits_in_a_number_field_are_its_own(page: LessonsPage) -> None:
    page.desk.choose(7)
    edit = field(page, "racers.0.lr")
    edit.setFocus()
    edit.selectAll()
    QTest.keyClicks(edit, "0.08")
    assert edit.text() == "0.08" and chosen(page).number == 7 and not page.desk.player.is_playing


def test_cancel_and_leaving_the_page_give_the_measurement_up(qtbot: QtBot, page: LessonsPage) -> None:
    page.desk.choose(7)
    page.desk.play()
    QTest.mouseClick(page.conclusion.waiting.button, LEFT)
    assert not page.desk.player.is_playing
    page.desk.play()
    page.hide()
    assert not page.desk.player.is_playing and not page.desk.playground.cursor.is_playing
    page.show()
    assert page.desk.player.conclusion is None


def test_on_stage_the_list_is_gone_and_keys_still_choose(qtbot: QtBot, page: LessonsPage) -> None:
    page.set_on_stage(True)
    assert not page.list.isVisible() and not page.buttons["restart"].isVisible()
    for part in (page.question, page.stages, page.conclusion, page.buttons["counter"], page.buttons["notes"]):
        assert part.isVisible()
    press(Key.Key_8)
    assert concluded(qtbot, page).claim == 8
    press(Key.Key_Left)
    assert chosen(page).number == 7
    page.set_on_stage(False)
    assert page.list.isVisible() and page.buttons["restart"].isVisible()


def test_the_bowl_is_dragged_on_the_stage(page: LessonsPage) -> None:
    page.desk.choose(7)
    handle = page.playground.landscape.bowl.turn
    middle = handle.rect().center()
    QTest.mousePress(handle, LEFT, pos=middle)
    QTest.mouseMove(handle, middle + QPoint(-10, -60))
    QTest.mouseRelease(handle, LEFT, pos=middle)
    assert abs(page.desk.playground.spec.at("surface.tilt")) > 1
    assert page.desk.is_changed


def test_a_wrong_file_has_a_sentence_and_the_others_play(qtbot: QtBot, open_page: Opener, tmp_path: Path) -> None:
    (tmp_path / "08-saddle.toml").write_text(SADDLE, "utf-8")
    (tmp_path / "09-surface.toml").write_text(SADDLE.replace('"saddle" }', '"sadle" }'), "utf-8")
    (tmp_path / "10-newer.toml").write_text(SADDLE.replace("version = 1", "version = 2"), "utf-8")
    (tmp_path / "11-not-toml.toml").write_text("question to the class", "utf-8")
    page = open_page(tmp_path)
    said = page.list.problems.text().splitlines()
    assert len(said) == 3 and page.list.problems.isVisible()
    for line, words in zip(
        said, ("09-surface.toml: playground.surface", "newer version", "not a readable"), strict=True
    ):
        assert words in line
    QTest.keyClick(page, Key.Key_8)
    assert concluded(qtbot, page).claim == 8


def test_a_folder_without_lessons_is_said(open_page: Opener, tmp_path: Path) -> None:
    page = open_page(tmp_path)
    assert page.title.text() == "There are no lessons."
    assert not page.buttons["play"].isEnabled()
    QTest.keyClick(page, Key.Key_Space)
    assert not page.desk.player.is_playing


def test_a_number_without_a_scene_is_said(page: LessonsPage) -> None:
    press(Key.Key_9)
    assert page.title.text() == "There is no scene 9."
    assert chosen(page).number == 7


def test_on_a_small_stage_a_scene_that_measures_a_table_shows_its_table(page: LessonsPage) -> None:
    page.resize(1000, 420)
    stage = page.playground
    assert stage.tabs.isTabVisible(stage.tabs.indexOf(stage.picture)) and stage.tabs.count() == 4
    page.desk.player.picture = Picture(table=Table(("Optimizer", "Updates"), (("Adam", "12"),)))
    page.desk.player.changed.emit()
    assert stage.picture.table.isVisible() and not stage.tabs.isTabVisible(stage.tabs.indexOf(stage.picture))
    page.desk.choose(8)
    assert stage.tabs.isTabVisible(stage.tabs.indexOf(stage.picture))


def test_on_a_small_stage_a_wide_table_scrolls_and_does_not_widen_the_page(page: LessonsPage) -> None:
    page.resize(1000, 420)
    before = page.minimumSizeHint().width()
    heads = ("Updates at condition number", *(f"{10**power}" for power in range(20)))
    page.desk.player.picture = Picture(table=Table(heads, (heads,)))
    page.desk.player.changed.emit()
    QApplication.processEvents()
    table = page.playground.picture.table
    assert table.isVisible() and table.width() > page.playground.tabs.width()
    assert page.minimumSizeHint().width() == before and page.width() == 1000
