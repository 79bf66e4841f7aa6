"""Plans in the window: arranged by keys and mouse, own runs and races added, saved, opened, compared, handed out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from tests.engine.lessons.plan.scenes import bowl, edited_run, plan, run_folder, small_race, small_spec
from tests.views.lessons.conftest import concluded
from workbench.bridge.runner import State
from workbench.engine.lessons.plan.file import load, save
from workbench.engine.lessons.plan.plan import LessonPlan, Need
from workbench.engine.lessons.run_cache import StepLosses
from workbench.views.lessons.lessons_page import LessonsPage
from workbench.views.lessons.plan_bar import PLAN_ENTRIES, SCENE_ENTRIES
from workbench.views.window.main_window import MainWindow
from workbench.views.window.workspace import Workspace

Key = Qt.Key
ALT, CTRL = Qt.KeyboardModifier.AltModifier, Qt.KeyboardModifier.ControlModifier
Wait = Callable[[], None]


def titles(page: LessonsPage) -> list[str]:
    return [page.list.list.item(row).text() for row in range(page.list.list.count())]


def idle(qtbot: QtBot, page: LessonsPage) -> None:
    qtbot.waitUntil(lambda: not page.desk.plans.doing, timeout=30_000)


@pytest.fixture
def own(page: LessonsPage) -> LessonsPage:
    """The page on a plan of three scenes."""
    page.desk.plans.put(plan(), 0)
    page.list.list.setFocus()
    return page


def test_keys_arrange_the_plan_and_every_change_is_undone(own: LessonsPage) -> None:
    rows, before = own.list.list, titles(own)
    assert before == ["1  Nesterov momentum looks ahead", "2  With a change (own)", "3  Two rates (own)"]
    QTest.keyClick(rows, Key.Key_Down, ALT)
    assert titles(own) == ["1  With a change (own)", "2  Nesterov momentum looks ahead", "3  Two rates (own)"]
    assert own.desk.lesson is not None and own.desk.lesson.number == 2 and rows.currentRow() == 1
    assert own.title.text() == "Scene 2 · Nesterov momentum looks ahead · scene 12 of the lecture"
    QTest.keyClick(rows, Key.Key_Down, ALT)
    QTest.keyClick(rows, Key.Key_Down, ALT)  # it is the last one: nothing
    QTest.keyClick(rows, Key.Key_Delete)
    assert titles(own) == ["1  With a change (own)", "2  Two rates (own)"]
    QTest.keyClick(rows, Key.Key_Z, CTRL)
    assert len(titles(own)) == 3
    for _ in range(2):
        QTest.keyClick(rows, Key.Key_Z, CTRL)
    assert titles(own) == before
    own.desk.choose(1)
    QTest.keyClick(rows, Key.Key_Y, CTRL)
    assert titles(own)[0] == "1  With a change (own)" and rows.currentRow() == 1, "the scene on the stage stays"
    QTest.keyClick(rows, Key.Key_Up, ALT)
    assert titles(own) == before and own.plan_bar.button.text() == "Plan: Monday *"


def test_a_scene_is_dragged_to_another_place(own: LessonsPage) -> None:
    own.list.list.moved.emit(2, 0)  # what the drop gives
    assert titles(own) == ["1  Two rates (own)", "2  Nesterov momentum looks ahead", "3  With a change (own)"]
    assert own.desk.lesson is not None and own.desk.lesson.title == "Two rates"


def test_words_are_changed_and_empty_ones_refused(own: LessonsPage) -> None:
    QTest.keyClick(own.list.list, Key.Key_F2)
    dialog = own.plan_bar.dialog
    assert dialog is not None and dialog.isVisible() and dialog.title.text() == "Nesterov momentum looks ahead"
    dialog.title.setText(" ")
    dialog._on_ok()
    assert dialog.isVisible() and "must not be empty" in dialog.problem.text()
    dialog.title.setText("Looking ahead " * 30)
    dialog.question.setText("Why?")
    dialog._on_ok()
    assert not dialog.isVisible()
    assert own.desk.lesson is not None and len(own.desk.lesson.title) <= 200 and own.question.text() == "Why?"
    own.plan_bar.do("undo")
    assert titles(own)[0] == "1  Nesterov momentum looks ahead"


def test_the_lecture_stays_and_a_change_makes_a_plan_of_ones_own(page: LessonsPage) -> None:
    assert page.plan_bar.button.text() == "Plan: The lecture" and page.desk.plan.is_lecture
    page.list.list.setFocus()
    QTest.keyClick(page.list.list, Key.Key_Down, ALT)
    assert page.plan_bar.button.text() == "Plan: The lecture (own) *"
    assert [lesson.number for lesson in page.desk.lessons] == [1, 2]
    assert [lesson.claim for lesson in page.desk.lessons] == [8, 7]
    QTest.keyClick(page.list.list, Key.Key_Z, CTRL)
    assert page.desk.plan.is_lecture and [lesson.number for lesson in page.desk.lessons] == [7, 8]


def test_an_unsaved_plan_is_kept_when_the_program_ends(own: LessonsPage, tmp_path: Path) -> None:
    own.desk.plans.keep_unsaved(tmp_path / "home")
    file = tmp_path / "home" / "unsaved.plan"
    assert load(file).lessons == own.desk.plan.lessons and own.choices() == {"plan0": str(file)}
    own.plan_bar.do("lecture")
    file.unlink()
    own.desk.plans.keep_unsaved(tmp_path / "home")
    assert not file.exists(), "the lecture need not be kept"


def test_an_empty_plan_says_how_to_fill_it(page: LessonsPage) -> None:
    page.plan_bar.do("new")
    assert page.list.empty.isVisible() and "no scenes yet" in page.title.text()
    assert not any(page.buttons[name].isEnabled() for name in ("play", "counter", "next", "previous"))
    for key in (Key.Key_Space, Key.Key_Return, Key.Key_Right, Key.Key_3):
        QTest.keyClick(page, key)
    assert not page.desk.player.is_playing
    for entry in (*SCENE_ENTRIES, *PLAN_ENTRIES):
        if entry.name in ("up", "down", "words", "remove", "copy", "find", "play", "handout"):
            assert entry.why_not(page.desk.plans), entry.name
    page.plan_bar.do("undo")
    assert len(titles(page)) == 2 and page.stages.isVisible()


def test_a_plan_is_saved_opened_and_its_scenes_are_the_same_to_the_bit(
    qtbot: QtBot, own: LessonsPage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "monday"), ""))
    own.plan_bar.do("save")
    idle(qtbot, own)
    file = tmp_path / "monday.plan"
    assert load(file).lessons == own.desk.plan.lessons and own.plan_bar.button.text() == "Plan: Monday"
    assert own.plan_bar.recent == [file] and own.choices() == {"plan0": str(file)}
    own.plan_bar.do("lecture")
    own.plan_bar.do(f"recent:{file}")
    qtbot.waitUntil(lambda: own.desk.plan.title == "Monday", timeout=30_000)
    for number in (2, 3):
        own.play_number(number)
        conclusion = concluded(qtbot, own)
        assert conclusion.holds
        assert own.conclusion.note.text().startswith("The same as recorded, to the last bit: ")
    QTest.mouseClick(own.buttons["seed"], Qt.MouseButton.LeftButton)
    concluded(qtbot, own)
    assert own.conclusion.note.text() == "", "another seed is not what was recorded"


def test_the_first_step_that_differs_is_on_screen(qtbot: QtBot, page: LessonsPage) -> None:
    scene = edited_run()
    assert scene.record is not None
    losses = scene.record.losses[0].losses.copy()
    losses[20] = np.nextafter(losses[20], 9.0)
    page.desk.plans.put(
        LessonPlan("D").with_scenes(replace(scene, record=replace(scene.record, losses=(StepLosses("", losses),))))
    )
    page.play_number(1)
    concluded(qtbot, page)
    assert page.conclusion.note.text().startswith("Differs from the record first at step 21: loss ")


def test_missing_data_are_named_with_what_to_do(page: LessonsPage, tmp_path: Path) -> None:
    lesson = edited_run().lesson.edited("experiment.data.source", {"kind": "npz", "file": "pets.npz"})
    scene = replace(edited_run(), lesson=lesson, needs=(Need("data.source.file", "pets.npz", "ab12"),))
    page.desk.plans.put(LessonPlan("M").with_scenes(scene))
    page.play_number(1)
    assert not page.desk.player.is_playing
    assert "“pets.npz” (hash ab12)" in page.conclusion.waiting.words.text()
    np.savez(tmp_path / "found.npz", x=np.zeros((40, 6, 6), np.uint8), y=np.arange(40) % 2)
    page.desk.plans.find_data(tmp_path / "found.npz")
    found = page.desk.plan_scene
    assert found is not None and not found.trouble
    assert found.lesson.at("experiment.data.source.file") == str(tmp_path / "found.npz")


def test_a_bad_file_changes_nothing_and_says_why(qtbot: QtBot, page: LessonsPage, tmp_path: Path) -> None:
    (tmp_path / "bad.plan").write_text('{"format": "lesson plan", "version": 2}')
    with qtbot.waitSignal(page.desk.plans.told, timeout=30_000) as told:
        page.desk.plans.open(tmp_path / "bad.plan")
    assert told.args is not None and told.args[1] == "error"
    assert "bad.plan was not opened: version: This file was written by a newer version" in told.args[0]
    assert page.desk.plan.is_lecture


def test_a_scene_changed_by_hand_is_added_as_it_is(qtbot: QtBot, page: LessonsPage) -> None:
    page.desk.choose(8)
    page.desk.playground.store.edit("racers.0.lr", 0.2)
    page.desk.play()
    measured = concluded(qtbot, page).measured
    page.plan_bar.do("copy")
    assert len(page.desk.lessons) == 3 and page.desk.lesson is page.desk.lessons[-1]
    assert page.desk.lesson.at("playground.racers.0.lr") == 0.2
    page.desk.play()
    assert concluded(qtbot, page).measured == measured
    assert page.desk.plan_scene is not None and page.desk.plan_scene.record is not None


def test_all_scenes_are_played_for_the_handout(
    qtbot: QtBot, page: LessonsPage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert page.desk.plans.unrecorded == 2
    page.plan_bar.do("play")
    assert page.plan_bar.line.isVisible() and page.plan_bar.cancel.isVisible()
    idle(qtbot, page)
    assert page.desk.plans.unrecorded == 0 and page.desk.plan.is_lecture
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "class"), ""))
    page.plan_bar.do("handout")
    idle(qtbot, page)
    text = (tmp_path / "class.html").read_text("utf-8")
    assert text.count("<svg") >= 2 and "expected: " in text


# --- In the real window -----------------------------------------------------------------------------------------------


def parts(window: MainWindow) -> Workspace:
    assert window.workspace is not None
    return window.workspace


def test_runs_and_races_become_scenes_and_a_plan_is_opened_as_a_file(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    work = parts(window)
    services, plans = work.services, work.services.lessons.plans
    assert not work.actions["scene"].isEnabled()
    services.store.load(small_spec())
    QTest.keyClick(window, Key.Key_F5)
    qtbot.waitUntil(lambda: services.session.history.ended is not None, timeout=60_000)
    qtbot.waitUntil(lambda: services.runner.state is State.IDLE, timeout=60_000)
    work.actions["scene"].trigger()
    qtbot.waitUntil(lambda: any(lesson.is_own for lesson in plans.plan.lessons), timeout=30_000)
    assert "Added as scene" in work.pages.banner.message
    folder = run_folder(small_spec(optimizer__lr=0.02), tmp_path, stop=10)
    services.run_desk.scene_wanted.emit(folder, "From the shelf")
    qtbot.waitUntil(lambda: plans.plan.lessons[-1].title == "From the shelf", timeout=30_000)
    race = services.run_desk.race
    assert race.why_no_scene == "Run the race first."
    save(LessonPlan("From a file").with_scenes(bowl(), edited_run(), small_race()), tmp_path / "a.plan")
    work.files.open_file(tmp_path / "a.plan")
    qtbot.waitUntil(lambda: plans.plan.title == "From a file", timeout=30_000)
    assert work.pages.current == "lessons" and tmp_path / "a.plan" in work.recent.paths
    page = work.pages.page("lessons")
    assert isinstance(page, LessonsPage)
    page.play_number(2)
    concluded(qtbot, page)
    assert page.conclusion.note.text().startswith("The same as recorded, to the last bit")


def test_a_race_of_the_tab_becomes_a_scene(qtbot: QtBot, window: MainWindow) -> None:
    from workbench.engine.race.spec import Racer

    work = parts(window)
    race, plans = work.services.run_desk.race, work.services.lessons.plans
    work.services.store.load(small_spec())
    race.begin()
    race.add([Racer.of("High", {"optimizer.lr": 0.3})])
    race.start()
    qtbot.waitUntil(lambda: race.is_racing, timeout=30_000)
    assert race.why_no_scene == "Not while a race is on."
    qtbot.waitUntil(lambda: not race.is_racing, timeout=60_000)
    page = work.pages.page("runs")
    page.race.race_actions.do("scene")  # type: ignore[attr-defined]
    qtbot.waitUntil(lambda: any(lesson.is_own for lesson in plans.plan.lessons), timeout=30_000)
    lessons = work.pages.page("lessons")
    assert isinstance(lessons, LessonsPage)
    work.pages.show_page("lessons")
    lessons.play_number(plans.plan.lessons[-1].number)
    concluded(qtbot, lessons)
    assert lessons.conclusion.note.text().startswith("The same as recorded, to the last bit")
