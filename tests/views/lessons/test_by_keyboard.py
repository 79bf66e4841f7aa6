"""A plan given by the keyboard alone: scenes chosen, played, countered and left by keys; the whole lecture as well."""

from __future__ import annotations

import time

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.engine.lessons.plan.scenes import bowl, edited_run, small_race
from tests.views.lessons.conftest import concluded
from workbench.engine.lessons.plan.plan import LessonPlan
from workbench.views.lessons.lessons_page import LessonsPage
from workbench.views.window.main_window import MainWindow

Key = Qt.Key


def press(window: MainWindow, key: Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    """A key where the focus is, as the system gives it."""
    QTest.keyClick(QApplication.focusWidget() or window, key, modifier)


def lessons_page(window: MainWindow) -> LessonsPage:
    press(window, Key.Key_4, Qt.KeyboardModifier.ControlModifier)
    assert window.workspace is not None
    page = window.workspace.pages.page("lessons")
    assert isinstance(page, LessonsPage) and page.isVisible()
    return page


def play_on(qtbot: QtBot, window: MainWindow, page: LessonsPage) -> list[float]:
    """Every scene from the first to the last by Enter and Right; the seconds that each took."""
    press(window, Key.Key_F11)
    qtbot.waitUntil(lambda: not page.left.isVisible())
    seconds = []
    for number, lesson in enumerate(page.desk.lessons):
        assert page.desk.lesson is lesson
        began = time.monotonic()
        press(window, Key.Key_Return)
        if not page.desk.player.is_playing:  # it waited for predictions, and the key has revealed it
            press(window, Key.Key_Return)
        assert concluded(qtbot, page).holds, lesson.title
        seconds.append(time.monotonic() - began)
        if number + 1 < len(page.desk.lessons):
            press(window, Key.Key_Right)
    press(window, Key.Key_Right)  # the last one stays
    assert page.desk.lesson is page.desk.lessons[-1]
    press(window, Key.Key_Escape)
    qtbot.waitUntil(page.left.isVisible)
    return seconds


def test_a_plan_is_given_by_keys_alone(qtbot: QtBot, window: MainWindow) -> None:
    page = lessons_page(window)
    page.desk.plans.put(LessonPlan("Keys").with_scenes(edited_run(), bowl(), small_race()), 0)
    play_on(qtbot, window, page)
    for key, number in ((Key.Key_Left, 2), (Key.Key_PageUp, 1), (Key.Key_PageDown, 2)):
        press(window, key)
        assert page.desk.lesson is page.desk.lessons[number - 1]
    press(window, Key.Key_1)
    assert concluded(qtbot, page).claim == 1 and page.desk.lesson is page.desk.lessons[0]
    press(window, Key.Key_Space)  # nothing rolls in it: it is played again
    assert concluded(qtbot, page).holds


@pytest.mark.full
@pytest.mark.timeout(5400)
def test_the_whole_lecture_is_played_twice_in_the_window(
    qtbot: QtBot, window: MainWindow, caplog: pytest.LogCaptureFixture
) -> None:
    """By keys alone, without an error or a warning; the second time the numbers are those of the first to the bit."""
    page = lessons_page(window)
    own = page.desk.plan.arranged(page.desk.plan.scenes)
    page.desk.plans.put(own, 0)
    first = play_on(qtbot, window, page)
    print("seconds of each scene:", *(f"{each.number}: {s:.1f}" for each, s in zip(own.lessons, first, strict=True)))
    print(f"whole lecture {sum(first):.0f} s, longest scene {max(first):.1f} s")
    page.desk.choose(1)
    numbers = [scene.record.numbers for scene in page.desk.plan.scenes if scene.record is not None]
    assert len(numbers) == len(own.scenes)
    for scene in page.desk.plan.scenes:
        page.play_number(scene.lesson.number)
        found = concluded(qtbot, page)
        comparison = page.desk.comparison
        assert found.holds and comparison is not None and comparison.same, (scene.lesson.title, comparison)
    assert window.workspace is not None and not window.workspace.pages.banner.message
    assert not [record for record in caplog.records if record.levelname == "ERROR"]
