"""The last point, clicks far from every point, and formulas for curves that count epochs."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.views.learning_rate.test_curve_editor import POINTS, Desk, desk
from workbench.engine.report.schedule_fit import nearest
from workbench.views.learning_rate.schedule_fit_line import SNAPS

__all__ = ["desk"]


def test_the_last_point_cannot_be_taken_away(desk: Desk) -> None:
    for _ in range(2):
        QTest.mouseDClick(desk.editor, Qt.MouseButton.LeftButton, pos=desk.place(0))
    assert len(desk.points) == 1
    desk.editor.setFocus()
    for key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
        QTest.keyClick(desk.editor, key)
        assert len(desk.points) == 1
    QTest.mouseDClick(desk.editor, Qt.MouseButton.LeftButton, pos=desk.place(0))
    assert len(desk.points) == 1


def test_a_point_pushed_along_by_keys_stops_at_its_neighbours(desk: Desk) -> None:
    desk.editor.selected = 1
    for key, at in ((Qt.Key.Key_Right, POINTS[2][0] - 0.001), (Qt.Key.Key_Left, POINTS[0][0] + 0.001)):
        for _ in range(120):
            QTest.keyClick(desk.editor, key)
        assert desk.points[1][0] == pytest.approx(at, abs=2e-4)
        assert desk.points[0] == POINTS[0] and desk.points[2] == POINTS[2]


def test_a_click_far_from_every_point_moves_none(desk: Desk) -> None:
    far = desk.place(1) + QPoint(40, -40)
    QTest.mouseClick(desk.editor, Qt.MouseButton.LeftButton, pos=far)
    assert len(desk.points) == len(POINTS) + 1 and set(POINTS) < set(desk.points)
    desk.store.undo()
    desk.drag(desk.place(1) + QPoint(3, 3), QPoint(-20, 0))
    assert len(desk.points) == len(POINTS) and desk.points != POINTS, "close to a point it takes that one"


@pytest.mark.parametrize(("per", "units"), [("epoch", 15), ("step", 15 * 30)])
def test_the_formula_is_looked_for_over_the_units_of_the_schedule(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, per: str, units: int
) -> None:
    made = Desk(per=per, warmup=2)
    qtbot.addWidget(made.editor)
    qtbot.addWidget(made.line)
    made.line.set_steps_per_epoch(30)
    made.line.show()
    qtbot.waitUntil(lambda: made.line.found is not None, timeout=5_000)
    schedule = made.store.spec.schedule
    wanted = nearest(schedule, units - 2)
    assert made.line.found == wanted
    assert made.line.button.isEnabled() == (wanted.off <= SNAPS)
    assert wanted != nearest(schedule, 15 * 30 * 30), "another length would be another formula"
