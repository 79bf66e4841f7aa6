"""Drawing a schedule by hand: points dragged, added, removed, moved by keys; the nearest formula and its button."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QObject, QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from workbench.bridge.spec_store import SpecStore
from workbench.engine.catalog.schedules.decays import Cosine
from workbench.engine.catalog.schedules.hand_drawn import Drawn
from workbench.engine.spec.experiment import ExperimentSpec
from workbench.views.learning_rate import schedule_preview
from workbench.views.learning_rate.curve_editor import CurveEditor
from workbench.views.learning_rate.schedule_fit_line import ScheduleFitLine

POINTS = ((0.0, 1.0), (0.5, 0.5), (1.0, 0.1))


class Desk(QObject):
    """An editor and a nearest line over one store, joined as the window joins them."""

    def __init__(self, points: tuple[tuple[float, float], ...] = POINTS, **values: object) -> None:
        super().__init__()
        table = {"kind": "drawn", "points": points, **values}
        self.store = SpecStore(ExperimentSpec().edited("schedule", table).edited("optimizer.lr", 0.1))
        self.editor = CurveEditor()
        self.line = ScheduleFitLine(self.store)
        self.editor.resize(400, 200)
        self.editor.set_spec(self.store.spec)
        self.store.changed.connect(self.editor.set_spec)
        self.editor.edited.connect(self.take)

    def take(self, points: object, joins: bool) -> None:
        self.store.edit("schedule.points", points, merge=joins)

    @property
    def points(self) -> tuple[tuple[float, float], ...]:
        schedule = self.store.spec.schedule
        assert isinstance(schedule, Drawn)
        return schedule.points

    def place(self, index: int) -> QPoint:
        return self.editor.position_of(self.points[index]).toPoint()

    def drag(self, start: QPoint, *ways: QPoint) -> None:
        viewport, at = self.editor, start
        QTest.mousePress(viewport, Qt.MouseButton.LeftButton, pos=at)
        for way in ways:
            at = at + way
            QTest.mouseMove(viewport, at)
        QTest.mouseRelease(viewport, Qt.MouseButton.LeftButton, pos=at)


class NoToolTip:
    """The offscreen platform cannot raise a tooltip."""

    @staticmethod
    def showText(*args: object) -> None: ...


@pytest.fixture
def desk(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setattr(schedule_preview, "QToolTip", NoToolTip)
    made = Desk()
    qtbot.addWidget(made.editor)
    qtbot.addWidget(made.line)
    made.editor.show()
    made.line.show()
    return made


def test_a_point_is_dragged_and_one_undo_brings_it_back(desk: Desk) -> None:
    desk.drag(desk.place(1), QPoint(-20, 0), QPoint(-20, 20), QPoint(0, 10))
    (x, factor) = desk.points[1]
    assert x == pytest.approx(0.5 - 40 / 390, abs=0.02)
    assert factor < 0.4
    assert desk.points[0] == POINTS[0] and desk.points[2] == POINTS[2]
    desk.store.undo()
    assert desk.points == POINTS
    assert not desk.store.can_undo


def test_two_drags_are_two_undos(desk: Desk) -> None:
    desk.drag(desk.place(1), QPoint(-20, 0))
    first = desk.points
    desk.drag(desk.place(2), QPoint(0, 0), QPoint(0, -40), QPoint(0, -10))
    assert desk.points[2][1] > 0.2
    desk.store.undo()
    assert desk.points == first


def test_a_point_stays_between_its_neighbours_and_above_zero(desk: Desk) -> None:
    desk.drag(desk.place(1), QPoint(300, 0), QPoint(0, 300))
    assert POINTS[0][0] < desk.points[1][0] < POINTS[2][0]
    assert 0 < desk.points[1][1] < 0.01
    desk.drag(desk.place(0), QPoint(-300, -300))
    assert desk.points[0][0] == 0.0
    assert desk.points[0][1] > 1.0  # there is room above the highest point


def test_a_click_adds_a_point_there_and_a_double_click_takes_it_away(desk: Desk) -> None:
    start = desk.editor.position_of((0.25, 0.2)).toPoint()
    QTest.mouseClick(desk.editor, Qt.MouseButton.LeftButton, pos=start)
    assert len(desk.points) == 4
    assert desk.points[1] == (pytest.approx(0.25, abs=0.01), pytest.approx(0.2, abs=0.02))
    assert desk.editor.selected == 1
    QTest.mouseDClick(desk.editor, Qt.MouseButton.LeftButton, pos=desk.place(1))
    assert desk.points == POINTS


def test_adding_and_dragging_in_one_go_is_one_undo(desk: Desk) -> None:
    desk.drag(desk.editor.position_of((0.25, 0.2)).toPoint(), QPoint(0, -10), QPoint(0, -20))
    assert len(desk.points) == 4 and desk.points[1][1] > 0.25
    desk.store.undo()
    assert desk.points == POINTS


def test_keys_choose_move_add_and_remove(desk: Desk) -> None:
    keys = Qt.Key
    for key in (keys.Key_PageUp, keys.Key_PageUp, keys.Key_Right, keys.Key_Up):
        QTest.keyClick(desk.editor, key)
    assert desk.editor.selected == 1
    assert desk.points[1] == (0.51, 0.525)
    QTest.keyClick(desk.editor, keys.Key_Insert)
    assert len(desk.points) == 4 and desk.editor.selected == 2
    assert desk.points[2] == (pytest.approx(0.755), pytest.approx(0.312, abs=0.001))
    QTest.keyClick(desk.editor, keys.Key_Delete)
    assert len(desk.points) == 3
    for _ in range(5):
        QTest.keyClick(desk.editor, keys.Key_Delete)
    assert len(desk.points) == 1  # the last one stays


def test_points_stand_where_the_curve_is(desk: Desk) -> None:
    """Also behind a warm-up and in decades: the line goes through the handles."""
    for values in ({}, {"warmup": 40}, {"per": "epoch", "warmup": 3}, {"between": "log"}):
        table = {"kind": "drawn", "points": ((0.0, 1.0), (0.5, 0.02), (1.0, 1e-4)), **values}
        desk.store.edit("schedule", table)
        editor = desk.editor
        handle = editor.position_of((0.5, 0.02))
        frame = editor._frame()
        step = round(frame.step_at(handle.x()))
        assert editor.planned(step) == pytest.approx(frame.rate_at(handle.y()), rel=0.35, abs=frame.high * 0.02)
        share, factor = editor._point_at(handle)
        assert (share, factor) == (pytest.approx(0.5, abs=0.01), pytest.approx(0.02, rel=0.05))


def test_another_schedule_is_only_looked_at(desk: Desk) -> None:
    desk.store.edit("schedule", Cosine())
    QTest.mouseClick(desk.editor, Qt.MouseButton.LeftButton, pos=QPoint(100, 100))
    QTest.keyClick(desk.editor, Qt.Key.Key_Delete)
    assert desk.store.spec.schedule == Cosine()
    assert desk.line.isHidden()


def test_the_nearest_formula_is_said_and_taken_only_by_its_button(qtbot: QtBot, desk: Desk) -> None:
    cosine = Cosine(final=0.02)
    points = tuple((i / 12, cosine.multiplier(i, 12)) for i in range(13))
    desk.store.edit("schedule.points", points)
    qtbot.waitUntil(lambda: "Close to: Cosine, final share 0.0" in desk.line.words.text(), timeout=5_000)
    assert "differs by at most" in desk.line.words.text()
    assert desk.points == points
    QTest.mouseClick(desk.line.button, Qt.MouseButton.LeftButton)
    taken = desk.store.spec.schedule
    assert isinstance(taken, Cosine)
    assert taken.final == pytest.approx(0.02, abs=0.001)
    desk.store.undo()
    assert desk.points == points


def test_a_curve_like_no_formula_offers_none(qtbot: QtBot, desk: Desk) -> None:
    desk.store.edit("schedule.points", ((0.0, 0.1), (0.3, 1.0), (0.4, 0.1), (0.8, 0.9), (1.0, 0.5)))
    qtbot.waitUntil(lambda: desk.line.words.text().startswith("Nearest formula"), timeout=5_000)
    assert not desk.line.button.isEnabled()


def test_a_full_curve_takes_no_more_points(desk: Desk) -> None:
    desk.store.edit("schedule.points", tuple((i / 64, 0.5) for i in range(64)))
    QTest.mouseClick(desk.editor, Qt.MouseButton.LeftButton, pos=desk.editor.position_of((0.9922, 0.1)).toPoint())
    assert len(desk.points) == 64
    assert QPointF(desk.place(3)).x() > 0
