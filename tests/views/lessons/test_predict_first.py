"""Predict first, as a class does: counts by keys, a curve by mouse or keyboard, then the run and the comparison."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.views.lessons.conftest import SADDLE, Opener, concluded
from tests.views.lessons.test_scenes_in_the_window import open_lessons, parts
from workbench.engine.core.text import plain
from workbench.engine.lessons.lesson_file import FOLDER
from workbench.views.lessons.lessons_page import LessonsPage
from workbench.views.lessons.sketch_plot import SketchPlot
from workbench.views.widgets.theme import theme
from workbench.views.window.main_window import MainWindow

Key = Qt.Key
LEFT = Qt.MouseButton.LeftButton
_FILE = (FOLDER / "08-saddle.toml").read_text("utf-8")
#: The scene of the saddle with what can be predicted of it, and one without.
WITH = SADDLE + "\n[predict]" + _FILE.split("[predict]")[1].replace("[0.0, 400.0]", "[0.0, 200.0]")


@pytest.fixture
def page(open_page: Opener, tmp_path: Path) -> LessonsPage:
    (tmp_path / "08-saddle.toml").write_text(WITH, "utf-8")
    (tmp_path / "09-plain.toml").write_text(SADDLE.replace("number = 8", "number = 9"), "utf-8")
    page = open_page(tmp_path)
    QTest.mouseClick(page.buttons["predict"], LEFT)
    return page


def press(*keys: Key) -> None:
    for key in keys:
        focus = QApplication.focusWidget()
        assert focus is not None
        QTest.keyClick(focus, key)


def votes(page: LessonsPage) -> list[int]:
    shown = [row.count.value() for row in page.predict.vote.rows]
    assert tuple(shown) == page.desk.predictions.prediction.votes
    return shown


def at(plot: SketchPlot, x: float, y: float) -> QPoint:
    area = plot.area()
    return QPoint(round(area.left() + x * area.width()), round(area.bottom() - y * area.height()))


def draw(plot: SketchPlot, *places: tuple[float, float]) -> None:
    QTest.mousePress(plot, LEFT, pos=at(plot, *places[0]))
    for place in places[1:]:
        QTest.mouseMove(plot, at(plot, *place))
    QTest.mouseRelease(plot, LEFT, pos=at(plot, *places[-1]))


def test_a_scene_waits_digits_vote_and_enter_reveals(qtbot: QtBot, page: LessonsPage) -> None:
    page.list.list.setFocus()
    press(Key.Key_3, Key.Key_3, Key.Key_1, Key.Key_9)
    assert votes(page) == [1, 0, 2, 0], "a key without an answer is none of a scene's number"
    assert page.desk.lesson is not None and page.desk.lesson.number == 8 and not page.desk.player.is_playing
    assert not page.buttons["counter"].isEnabled() and not page.buttons["seed"].isEnabled()
    page.playground.landscape.setFocus()
    press(Key.Key_Backspace)
    assert votes(page) == [0, 0, 2, 0]
    press(Key.Key_3, Key.Key_Return)
    concluded(qtbot, page)
    outcome = page.desk.predictions.outcome
    assert outcome is not None and outcome.right == 2
    rows = page.predict.vote.rows
    assert [row.sign.isVisible() for row in rows] == [False, False, True, False]
    assert plain(rows[2].bar.text) == "3 votes, 100 %" and "right answer" in rows[2].bar.accessibleDescription()
    assert not rows[0].count.isVisible()
    assert plain(page.predict.said.text()) == "3 votes of 3 for the right answer (100 %)."
    assert page.buttons["counter"].isEnabled()


def test_counts_are_typed_and_enter_goes_from_one_to_the_next(page: LessonsPage) -> None:
    page.predict.vote.rows[0].count.setFocus(Qt.FocusReason.TabFocusReason)
    for count in ("12", "7", "0", "31"):
        focus = QApplication.focusWidget()
        assert focus is not None
        QTest.keyClicks(focus, count)
        press(Key.Key_Return)
    assert votes(page) == [12, 7, 0, 31] and not page.desk.player.is_playing
    assert page.predict.reveal.hasFocus()
    press(Key.Key_Space)
    assert page.desk.player.is_playing


def test_a_curve_is_drawn_by_mouse_and_is_over_the_measured_one(qtbot: QtBot, page: LessonsPage) -> None:
    sketch = page.playground.sketch
    assert sketch.isVisible() and sketch.panel.title == "Draw the height of the ball of SGD"
    draw(sketch, (0.0, 0.9), (0.1, 0.05), (1.0, 0.0))
    draw(sketch, (0.5, 0.5), (0.75, 0.5))
    drawn = dict(page.desk.predictions.prediction.curve)
    assert drawn[0.6] == pytest.approx(0.5, abs=0.02) and drawn[0.9] == pytest.approx(0.01, abs=0.02)
    press(Key.Key_Backspace)  # a stroke is one step back
    assert dict(page.desk.predictions.prediction.curve)[0.6] == pytest.approx(0.02, abs=0.02)
    QTest.mouseClick(page.predict.reveal, LEFT)
    concluded(qtbot, page)
    assert not sketch.isVisible()
    panel = page.playground.picture.panels[0].panel
    assert [line.name for line in panel.lines][-1] == "Predicted" and panel.lines[-1].style == "drawn"
    assert "Predicted" in page.playground.picture.as_csv()
    outcome = page.desk.predictions.outcome
    assert outcome is not None and outcome.agreement is not None and outcome.agreement.distance < 0.15
    assert "of the plot's height away" in page.predict.said.text()


def test_a_curve_is_drawn_by_keyboard_alone(page: LessonsPage) -> None:
    sketch = page.playground.sketch
    sketch.setFocus()
    press(Key.Key_Up, *[Key.Key_Right] * 10, Key.Key_Down, Key.Key_Down)
    assert np.array(page.desk.predictions.prediction.curve) == pytest.approx(np.array([[0.0, 0.525], [0.5, 0.475]]))
    assert page.desk.lesson is not None and page.desk.lesson.number == 8, "the arrows belong to the plot"
    press(Key.Key_Delete)
    assert len(page.desk.predictions.prediction.curve) == 1


def test_votes_stay_when_other_scenes_and_the_same_one_are_played(qtbot: QtBot, page: LessonsPage) -> None:
    press(Key.Key_3, Key.Key_Return)
    concluded(qtbot, page)
    press(Key.Key_9)
    concluded(qtbot, page)
    assert not page._predict_area.isVisible(), "nothing is asked about this one, and it plays at once"
    press(Key.Key_8)
    concluded(qtbot, page)
    assert votes(page) == [0, 0, 1, 0] and page.desk.predictions.outcome is not None
    QTest.mouseClick(page.buttons["counter"], LEFT)
    concluded(qtbot, page)
    outcome = page.desk.predictions.outcome
    assert outcome is not None and outcome.right == 2, "the vote was about the scene, not about its counter-example"
    QTest.mouseClick(page.predict.again, LEFT)
    assert page.desk.predictions.is_holding and votes(page) == [0, 0, 1, 0] and page.desk.player.conclusion is None
    QTest.mouseClick(page.predict.clear, LEFT)
    assert votes(page) == [0, 0, 0, 0]
    press(Key.Key_Backspace)
    assert votes(page) == [0, 0, 1, 0]


def test_a_prediction_is_skipped_and_the_mode_is_left(qtbot: QtBot, page: LessonsPage) -> None:
    press(Key.Key_3)
    QTest.mouseClick(page.predict.skip, LEFT)
    concluded(qtbot, page)
    assert not page._predict_area.isVisible() and page.desk.predictions.prediction.is_empty
    QTest.mouseClick(page.buttons["predict"], LEFT)
    QTest.mouseClick(page.buttons["predict"], LEFT)
    assert page.desk.predictions.is_holding and page.desk.player.conclusion is None
    QTest.mouseClick(page.buttons["predict"], LEFT)
    press(Key.Key_8)
    concluded(qtbot, page)


def test_enter_on_the_list_holds_a_scene_and_then_plays_it(qtbot: QtBot, page: LessonsPage) -> None:
    page.desk.choose(9)
    page.list.list.setFocus()
    press(Key.Key_Up)
    assert page.desk.predictions.is_holding
    press(Key.Key_Return)
    assert concluded(qtbot, page).claim == 8


def test_undo_of_the_window_acts_on_the_votes_while_a_scene_waits(qtbot: QtBot, window: MainWindow) -> None:
    page = open_lessons(window)
    undo = parts(window).actions["undo"]
    page.desk.choose(8)
    assert not undo.isEnabled()
    QTest.mouseClick(page.buttons["predict"], LEFT)
    page.desk.predictions.vote(1)
    assert undo.isEnabled()
    undo.trigger()
    assert page.desk.predictions.prediction.votes == (0, 0, 0, 0) and not undo.isEnabled()
    parts(window).actions["redo"].trigger()
    assert page.desk.predictions.prediction.votes == (0, 1, 0, 0)


def test_the_conclusion_is_there_when_there_is_something_to_conclude(qtbot: QtBot, page: LessonsPage) -> None:
    assert page.desk.predictions.is_holding and not page.conclusion.isVisible()
    press(Key.Key_Return)
    assert page.conclusion.isVisible()
    concluded(qtbot, page)
    assert page.conclusion.isVisible()


def test_it_is_there_on_the_projector(qtbot: QtBot, page: LessonsPage) -> None:
    page.set_on_stage(True)
    press(Key.Key_1)
    assert votes(page) == [1, 0, 0, 0] and page.predict.isVisible() and page.buttons["predict"].isVisible()


def test_a_page_that_is_narrow_for_large_letters_has_predictions_in_place_of_the_list(
    open_page: Opener,
) -> None:
    theme().set_large(True)
    page = open_page(FOLDER)
    assert page.minimumSizeHint().width() <= 45 * page.fontMetrics().height(), (
        "1130 of 1280 pixels: the rail is beside it"
    )
    assert page.minimumSizeHint().height() <= 20 * page.fontMetrics().height(), "500 of 720: bars and a message are too"
    narrow = page.minimumSizeHint().width() + 40
    page.resize(narrow, page.height())
    assert page.left.isVisible() and not page.predict.isVisible() and page.width() == narrow
    page.list.list.setFocus()
    page.buttons["predict"].click()
    assert page.predict.isVisible() and not page.left.isVisible() and page.width() == narrow
    focus = QApplication.focusWidget()
    assert focus is not None and page.stages.isAncestorOf(focus)
    page.resize(1600, page.height())
    assert page.left.isVisible() and page.predict.isVisible()
    page.set_on_stage(True)
    assert not page.left.isVisible()
