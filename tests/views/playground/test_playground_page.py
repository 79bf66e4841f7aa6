"""The page as a lecturer uses it: dragged, clicked, played, by mouse and by keys."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from tests.views.playground.conftest import raced
from tests.views.playground.page_parts import LEFT, Key, picture
from workbench.engine.catalog.schedules import Schedule
from workbench.engine.catalog.surfaces.bowl import Bowl
from workbench.engine.catalog.surfaces.saddles import Saddle
from workbench.engine.catalog.variant import members_of
from workbench.engine.help.pages import load_pages
from workbench.engine.help.places import Place
from workbench.engine.playground.spec import PlaygroundSpec
from workbench.views.playground.handle import Handle
from workbench.views.playground.playground_page import PlaygroundPage
from workbench.views.widgets.help_place import help_of
from workbench.views.widgets.theme import theme


def drag(widget: QWidget, begin: QPoint, end: QPoint, steps: int = 5) -> None:
    """Press, move in steps and release, in coordinates of ``widget`` at the press; it may move along."""
    top = widget.window()
    start, stop = widget.mapTo(top, begin), widget.mapTo(top, end)
    QTest.mousePress(widget, LEFT, pos=begin)
    for step in range(1, steps + 1):
        at = start + (stop - start) * step / steps
        QTest.mouseMove(widget, widget.mapFrom(top, at))
    QTest.mouseRelease(widget, LEFT, pos=widget.mapFrom(top, stop))


def drag_handle(page: PlaygroundPage, handle: Handle, to: tuple[float, float]) -> None:
    """Drag the middle of a handle to a point of the surface."""
    target = page.landscape.frame.pixel(*to).toPoint()
    drag(handle, handle.rect().center(), handle.mapFrom(page.landscape, target))


def second_points(page: PlaygroundPage) -> np.ndarray:
    paths = page.desk.paths
    assert paths is not None
    return np.stack([trail.points[1, 0] for trail in paths.trails])


def test_at_first_the_whole_paths_of_five_racers_are_seen_on_a_narrow_bowl(page: PlaygroundPage) -> None:
    assert len(page.desk.spec.racers) == 5
    assert page.desk.spec.surface == Bowl(condition=50.0)
    assert page.desk.cursor.at == page.desk.cursor.end
    assert page.landscape.start.isVisible()
    assert page.landscape.bowl.turn.isVisible()


def test_dragging_the_start_bends_the_paths_and_is_undone_at_once(qtbot: QtBot, page: PlaygroundPage) -> None:
    before, points = page.desk.spec, second_points(page)
    drag_handle(page, page.landscape.start, (-1.0, 0.8))
    x, y = page.desk.spec.start()
    assert (x, y) == (pytest.approx(-1.0, abs=0.02), pytest.approx(0.8, abs=0.02))
    raced(qtbot, page)
    assert not np.allclose(second_points(page), points)
    page.undo_store.undo()
    assert page.desk.spec == before


def test_a_click_on_the_ground_sets_the_start(page: PlaygroundPage) -> None:
    QTest.mouseClick(page.landscape, LEFT, pos=page.landscape.frame.pixel(0.5, -1.2).toPoint())
    x, y = page.desk.spec.start()
    assert (x, y) == (pytest.approx(0.5, abs=0.02), pytest.approx(-1.2, abs=0.02))


def test_dragging_the_flat_axis_turns_the_bowl(qtbot: QtBot, page: PlaygroundPage) -> None:
    drag_handle(page, page.landscape.bowl.turn, (1.2, 1.2))
    assert page.desk.spec.surface.tilt == pytest.approx(45.0, abs=1.0)  # type: ignore[attr-defined]
    page.undo_store.undo()
    assert page.desk.spec.surface == Bowl(condition=50.0)


def test_dragging_the_steep_axis_sets_the_condition_number(page: PlaygroundPage) -> None:
    drag_handle(page, page.landscape.bowl.squeeze, (0.0, 0.9))
    surface = page.desk.spec.surface
    assert isinstance(surface, Bowl)
    assert surface.condition == pytest.approx(4.0, rel=0.05)  # its contour is half as high as it is wide
    drag_handle(page, page.landscape.bowl.squeeze, (0.0, 0.0))
    assert page.desk.spec.surface == Bowl(condition=1000.0)


def test_handles_move_by_keys_and_shift_makes_larger_steps(page: PlaygroundPage) -> None:
    x, y = page.desk.spec.start()
    QTest.keyClick(page.landscape.start, Key.Key_Right)
    QTest.keyClick(page.landscape.start, Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    assert page.desk.spec.start() == (pytest.approx(x + 0.02, abs=1e-3), pytest.approx(y - 0.2, abs=1e-3))
    QTest.keyClick(page.landscape.bowl.turn, Key.Key_Up)
    QTest.keyClick(page.landscape.bowl.turn, Key.Key_Up, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClick(page.landscape.bowl.squeeze, Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    assert page.desk.spec.surface == Bowl(condition=100.0, tilt=16.0)


def test_space_and_arrows_play_where_the_picture_has_the_focus_only(page: PlaygroundPage) -> None:
    cursor = page.desk.cursor
    page.landscape.setFocus()
    QTest.keyClick(page.landscape, Key.Key_Home)
    assert cursor.at == 0
    QTest.keyClick(page.landscape, Key.Key_Right)
    QTest.keyClick(page.landscape, Key.Key_Right)
    QTest.keyClick(page.landscape, Key.Key_Left)
    assert cursor.at == 1
    QTest.keyClick(page.landscape, Key.Key_Space)
    assert cursor.is_playing
    QTest.keyClick(page.landscape, Key.Key_Space)
    assert not cursor.is_playing
    button = page.settings.surface.buttons["saddle"]
    button.setFocus()
    QTest.keyClick(button, Key.Key_Space)
    assert not cursor.is_playing
    assert isinstance(page.desk.spec.surface, Saddle)


def test_the_bar_plays_steps_back_scrubs_and_says_where_it_is(qtbot: QtBot, page: PlaygroundPage) -> None:
    bar, cursor = page.transport, page.desk.cursor
    QTest.mouseClick(bar.restart, LEFT)
    QTest.mouseClick(bar.step, LEFT)
    QTest.mouseClick(bar.step, LEFT)
    QTest.mouseClick(bar.back, LEFT)
    assert cursor.at == 1
    assert bar.count.text() == "1 of 60"
    bar.scrubber.setFocus()
    QTest.keyClick(bar.scrubber, Key.Key_End)
    assert cursor.at == 60
    QTest.mouseClick(bar.play, LEFT)
    assert cursor.is_playing
    assert bar.play.accessibleName() == "Pause"
    qtbot.waitUntil(lambda: cursor.at > 1, timeout=10_000)
    QTest.mouseClick(bar.play, LEFT)
    assert not cursor.is_playing


def test_back_and_forth_shows_the_same_picture_as_going_there_at_once(page: PlaygroundPage) -> None:
    cursor = page.desk.cursor
    cursor.go(20)
    at_once = picture(page)
    cursor.go(5)
    for at in range(6, 21):
        cursor.go(at)
        picture(page)  # drawn piece by piece
    pieces = picture(page)
    cursor.go(50)
    assert picture(page) != at_once
    assert _differing(pieces, at_once) < 0.002  # lines that lie over each other at the joints


def _differing(a: QImage, b: QImage) -> float:
    """The share of pixels whose colour differs clearly."""

    def numbers(image: QImage) -> np.ndarray:
        data = np.frombuffer(image.convertToFormat(QImage.Format.Format_RGB32).constBits(), dtype=np.uint8)
        return data.reshape(image.height(), image.width(), 4)[..., :3].astype(int)

    return float((np.abs(numbers(a) - numbers(b)).max(axis=2) > 60).mean())


def test_the_fastest_speed_is_said_as_a_plain_number(page: PlaygroundPage) -> None:
    page.desk.cursor.set_speed(100.0)
    assert page.transport.speed_words.text() == "100×"


def test_hills_are_raised_dug_moved_by_keys_and_removed(qtbot: QtBot, page: PlaygroundPage) -> None:
    QTest.mouseClick(page.settings.surface.buttons["sculpted"], LEFT)
    surface = page.landscape.sculptor.surface
    assert surface is not None
    first = len(surface.bumps)

    def bumps() -> Any:
        found = page.landscape.sculptor.surface
        return found.bumps if found is not None else ()

    ground = page.landscape.frame.pixel(-1.5, 1.5).toPoint()
    drag(page.landscape, ground, ground - QPoint(0, 60))
    assert len(bumps()) == first + 1
    height = bumps()[-1][2]
    assert height > 0
    hill = page.landscape.sculptor.hills[-1]
    drag(hill, hill.rect().center(), hill.rect().center() + QPoint(0, 120))
    assert bumps()[-1][2] < 0
    page.undo_store.undo()
    assert bumps()[-1][2] == height
    QTest.keyClick(page.landscape.sculptor.hills[-1], Key.Key_Up)
    assert bumps()[-1][2] == pytest.approx(height + 0.05)
    QTest.keyClick(page.landscape.sculptor.hills[-1], Key.Key_Delete)
    assert len(bumps()) == first
    page.undo_store.undo()
    assert len(bumps()) == first + 1
    raced(qtbot, page)


def test_the_wheel_zooms_about_the_mouse_and_zero_shows_all(qtbot: QtBot, page: PlaygroundPage) -> None:
    view = page.landscape
    whole = view.frame
    QTest.keyClick(view, Key.Key_Plus)
    assert view.frame.unit < whole.unit
    assert view.frame.x == pytest.approx(whole.x)
    QTest.keyClick(view, Key.Key_0)
    assert view.frame == whole
    about = QPointF(100, 80)
    near = whole.zoomed(2.0, about, Bowl.view)
    assert near.point(about) == (pytest.approx(whole.point(about)[0]), pytest.approx(whole.point(about)[1]))


def test_strips_are_chosen_and_come_back_in_the_next_window(page: PlaygroundPage) -> None:
    actions = {action.data(): action for action in page.strips.menu.actions()}
    actions["rate"].trigger()
    actions["swings"].trigger()
    assert page.strips.names == ("loss", "swings")
    words = page.choices()
    other = PlaygroundPage(page.desk)
    other.choose(words | {"speed": "5.0"})
    assert other.strips.names == ("loss", "swings")
    assert page.desk.cursor.speed == 5.0
    other.choose({"strips": "", "tab": "x", "speed": "fast"})
    assert other.strips.names == ()
    other.deleteLater()


@pytest.mark.parametrize("large", [False, True])
def test_nothing_is_wider_than_a_small_screen_and_numbers_are_a_tab_there(
    qtbot: QtBot, page: PlaygroundPage, large: bool
) -> None:
    theme().set_large(large)
    page.resize(940, 620)
    QApplication.processEvents()
    assert page.minimumSizeHint().width() <= 940
    assert page.left.indexOf(page.numbers) == 1
    theme().set_large(False)
    page.resize(1250, 680)
    QApplication.processEvents()
    assert page.splitter.indexOf(page.numbers) == 2


def test_every_control_has_a_name_for_screen_readers(page: PlaygroundPage) -> None:
    controls = [w for w in page.findChildren(QWidget) if w.focusPolicy() != Qt.FocusPolicy.NoFocus and w.isVisible()]
    nameless = [
        w
        for w in controls
        if not w.accessibleName() and not getattr(w, "text", lambda: "")() and not w.parentWidget().accessibleName()
    ]
    assert not [w for w in nameless if type(w).__module__.startswith("workbench")]


def test_the_parallelogram_of_nesterov_closes_and_leads_to_the_next_look_ahead_point(page: PlaygroundPage) -> None:
    from workbench.engine.catalog.optimizers.sgd import Momentum, Nesterov
    from workbench.engine.playground.race import Race
    from workbench.views.playground.arrows import arrows_of

    for optimizer in (
        Momentum(lr=0.02),
        Nesterov(lr=0.02),
        Momentum(lr=0.02, form="inside"),
        Nesterov(lr=0.02, form="inside"),
    ):
        race = Race(PlaygroundSpec(racers=(optimizer,), updates=30))
        race.advance(30)
        trail = race.trails()[0]
        shown, later = arrows_of(trail, 10), arrows_of(trail, 11)
        assert shown is not None and later is not None
        momentum, gradient, step = (arrow.end - arrow.begin for arrow in shown.arrows)
        assert momentum + gradient == pytest.approx(step)
        after = shown.arrows[2].end
        if isinstance(optimizer, Nesterov):
            assert after == pytest.approx(later.arrows[0].begin)  # the next step begins where this one ends
            assert shown.arrows[0].end == pytest.approx(trail.points[10, 0])  # the ball is where the gradient is taken
        else:
            assert after == pytest.approx(trail.points[11, 0])


def test_an_arrow_is_magnified_by_a_round_number(page: PlaygroundPage) -> None:
    from workbench.views.playground.arrows import arrows_of

    assert page.desk.paths is not None
    found = arrows_of(page.desk.paths.trails[0], 20)
    assert found is not None
    factor = found.factor(page.landscape.frame.unit)
    mantissa = factor / 10 ** math.floor(math.log10(factor))
    assert round(mantissa, 6) in (1, 2, 5)


def test_the_words_of_a_schedule_speak_of_updates(page: PlaygroundPage) -> None:
    for kind in members_of(Schedule):  # type: ignore[type-abstract]
        page.desk.store.choose("schedule", kind)
        rows = list(page.settings.schedule.rows())
        assert rows
        if not members_of(Schedule)[kind].remembers:  # that one is refused, because it follows measurements
            assert not any("epoch" in row.setting.knob.help or "epoch" in row.label.toolTip() for row in rows), kind
    page.desk.store.choose("schedule", "step")
    every = page.settings.schedule.row("schedule.every")
    assert every.setting.knob.help.startswith("The number of updates between two drops.")


def test_a_right_click_on_the_picture_opens_its_menu_and_a_right_drag_moves_the_map(
    page: PlaygroundPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[QPoint] = []
    monkeypatch.setattr(page.landscape.picture_menu, "open_at", opened.append)
    right, middle = Qt.MouseButton.RightButton, page.landscape.rect().center()
    before = page.landscape.frame
    QTest.mousePress(page.landscape, right, pos=middle)
    QTest.mouseMove(page.landscape, middle + QPoint(40, 0))
    QTest.mouseRelease(page.landscape, right, pos=middle + QPoint(40, 0))
    assert not opened and page.landscape.frame.x < before.x
    QTest.mouseClick(page.landscape, right, pos=middle)
    assert opened == [middle]


def test_the_help_of_each_part_is_a_heading_that_the_page_of_help_has(page: PlaygroundPage) -> None:
    found = next(each for each in load_pages() if each.name == "playground")
    for part, heading in (
        (page.transport.play, "Play"),
        (page.numbers.table, "What you see"),
        (page.rates.begin, "Fair rates"),
        (page.minima.slider, "More"),
    ):
        assert help_of(part) == Place("playground", (heading,))
        assert f"## {heading}\n" in found.text
    assert help_of(page.landscape) == Place("playground")
