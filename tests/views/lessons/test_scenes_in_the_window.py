"""Scenes in the real window: the number on screen is that of ``scene N --json`` to the last printed digit."""

from __future__ import annotations

import json
from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.views.lessons.conftest import concluded
from workbench.bridge.runner import State
from workbench.engine.core.step_store import COLUMNS
from workbench.engine.lessons.command import command
from workbench.engine.lessons.lesson_file import load_lessons
from workbench.views.lessons.lessons_page import LessonsPage
from workbench.views.window.main_window import MainWindow
from workbench.views.window.workspace import Workspace

Key = Qt.Key
CTRL = Qt.KeyboardModifier.ControlModifier


def parts(window: MainWindow) -> Workspace:
    assert window.workspace is not None
    return window.workspace


def open_lessons(window: MainWindow) -> LessonsPage:
    QTest.keyClick(window, Key.Key_4, CTRL)
    page = parts(window).pages.page("lessons")
    assert isinstance(page, LessonsPage) and page.isVisible()
    return page


def played(qtbot: QtBot, window: MainWindow, number: int) -> LessonsPage:
    """Type the scene's number, as a lecturer does, and wait for its conclusion."""
    page = open_lessons(window)
    for digit in str(number):
        QTest.keyClick(page, Qt.Key(Key.Key_0 + int(digit)))
    qtbot.waitUntil(lambda: page.desk.player.is_playing and page.desk.lesson.number == number, timeout=10_000)
    concluded(qtbot, page)
    return page


def said(number: int, capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    capsys.readouterr()
    code = command([str(number), "--json"])
    found: dict[str, object] = json.loads(capsys.readouterr().out)
    assert code == (0 if found["holds"] else 1)
    return found


def compare(page: LessonsPage, found: dict[str, object]) -> None:
    shown = page.conclusion
    assert shown.number.text().startswith(str(found["number"]))
    also = found["also"]
    assert isinstance(also, list)
    texts = [str(found["text"]), *(str(each["text"]) for each in also)]
    assert [words.text() for words in shown.sentences.words] == texts
    assert found["holds"], texts


@pytest.mark.parametrize("number", [6, 8, 13, 30])
def test_the_number_on_screen_is_that_of_the_headless_command(
    qtbot: QtBot, window: MainWindow, capsys: pytest.CaptureFixture[str], number: int
) -> None:
    compare(played(qtbot, window, number), said(number, capsys))


@pytest.mark.full
@pytest.mark.timeout(1800)
def test_every_scene_plays_in_the_window(qtbot: QtBot, window: MainWindow, capsys: pytest.CaptureFixture[str]) -> None:
    lessons, problems = load_lessons()
    assert not problems
    for lesson in lessons:
        compare(played(qtbot, window, lesson.number), said(lesson.number, capsys))


def test_playing_leaves_a_paused_run_as_it_is(qtbot: QtBot, window: MainWindow) -> None:
    services = parts(window).services
    services.store.edit("loop.epochs", 500)
    QTest.keyClick(window, Key.Key_F5)
    qtbot.waitUntil(lambda: services.runner.state is State.RUNNING, timeout=60_000)
    QTest.keyClick(window, Key.Key_F6)
    qtbot.waitUntil(lambda: services.runner.state is State.PAUSED, timeout=60_000)
    history = services.session.history
    steps, spec = history.steps.count, services.store.spec
    played(qtbot, window, 8)
    assert services.runner.state is State.PAUSED
    assert history.steps.count == steps and services.store.spec == spec
    QTest.keyClick(window, Key.Key_F7)
    qtbot.waitUntil(lambda: history.steps.count == steps + 1, timeout=60_000)


def test_a_scene_is_measured_while_a_run_trains(qtbot: QtBot, window: MainWindow) -> None:
    services = parts(window).services
    services.store.edit("loop.epochs", 500)
    QTest.keyClick(window, Key.Key_F5)
    qtbot.waitUntil(lambda: services.runner.state is State.RUNNING, timeout=60_000)
    steps = services.session.history.steps.count
    played(qtbot, window, 8)
    assert services.runner.state is State.RUNNING
    qtbot.waitUntil(lambda: services.session.history.steps.count > steps, timeout=60_000)


def test_a_run_is_the_same_to_the_last_bit_while_a_scene_plays(qtbot: QtBot, window: MainWindow) -> None:
    services = parts(window).services
    services.store.edit("loop.epochs", 4)

    def curves(meanwhile: Callable[[], object]) -> np.ndarray:
        QTest.keyClick(window, Key.Key_F5)
        qtbot.waitUntil(lambda: services.runner.state is State.RUNNING, timeout=60_000)
        meanwhile()
        qtbot.waitUntil(lambda: services.runner.state is State.IDLE, timeout=60_000)
        steps = services.session.history.steps
        return np.delete(steps.read(0, steps.count)[1], COLUMNS.index("seconds"), axis=1)

    alone = curves(lambda: None)
    beside = curves(lambda: played(qtbot, window, 6))  # it trains runs of its own meanwhile
    assert np.array_equal(alone, beside)


def test_in_projector_mode_the_notes_follow_in_a_window_of_their_own(qtbot: QtBot, window: MainWindow) -> None:
    page = open_lessons(window)
    QTest.keyClick(window, Key.Key_F11)
    qtbot.waitUntil(lambda: not page.list.isVisible())
    QTest.mouseClick(page.buttons["notes"], Qt.MouseButton.LeftButton)
    notes = page._notes_window
    assert notes is not None
    qtbot.waitUntil(notes.isVisible)
    assert QGuiApplication.primaryScreen().availableGeometry().contains(notes.geometry())
    first, second = page.desk.lessons[:2]
    assert f"Scene {first.number}" in notes.title.text() and second.title in notes.following.text()
    QTest.keyClick(page, Key.Key_Right)
    assert f"Scene {second.number}" in notes.title.text() and second.question == notes.question.text()
    assert second.paragraphs[0] in notes.notes.words.text()
    QTest.keyClick(notes, Key.Key_Left)
    assert page.desk.lesson is first
    QTest.keyClick(notes, Key.Key_8)
    assert page.desk.lesson is not None and page.desk.lesson.number == 8 and page.desk.player.is_playing
    QTest.mouseClick(page.buttons["notes"], Qt.MouseButton.LeftButton)
    assert not notes.isVisible()
    QTest.mouseClick(page.buttons["notes"], Qt.MouseButton.LeftButton)
    assert notes.isVisible()
    QTest.keyClick(window, Key.Key_F11)
    qtbot.waitUntil(page.list.isVisible)
    QTest.keyClick(notes, Key.Key_Escape)
    assert not notes.isVisible()


def test_space_belongs_to_a_button_that_has_the_focus(qtbot: QtBot, window: MainWindow) -> None:
    page = open_lessons(window)
    page.buttons["next"].setFocus()
    QTest.keyClick(QApplication.focusWidget(), Key.Key_Space)
    assert page.desk.lesson is page.desk.lessons[1] and not page.desk.player.is_playing
