"""The plan of the learning rate as a picture and in words."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QWidget

from tests.views.previews import SPEC, shown
from workbench.engine.report.data_summary import data_summary
from workbench.views.learning_rate import schedule_preview
from workbench.views.learning_rate.schedule_preview import SchedulePreview, rate_text

pytestmark = pytest.mark.usefixtures("light")


def schedule(kind: dict[str, Any], epochs: int = 40, lr: float = 0.1) -> SchedulePreview:
    widget = SchedulePreview()
    widget.set_spec(SPEC.edited("schedule", kind).edited("loop.epochs", epochs).edited("optimizer.lr", lr))
    return widget


def test_the_plan_is_the_rate_that_training_will_use(qtbot):
    widget = shown(qtbot, schedule({"kind": "step", "every": 2, "gamma": 0.5}, epochs=6))
    widget.set_data(data_summary(SPEC))
    assert widget.steps_per_epoch == 23
    assert widget.total_steps == 6 * 23
    assert [widget.planned(step) for step in (0, 45, 46, 92, 137)] == [0.1, 0.1, 0.05, 0.025, 0.025]
    assert widget.words_at(46) == "Epoch 3 of 6, step 47: 0.05"


@pytest.mark.parametrize(
    ("kind", "log"),
    [
        ({"kind": "constant"}, False),
        ({"kind": "cosine"}, False),
        ({"kind": "cosine", "per": "step"}, False),
        ({"kind": "step", "every": 10}, True),
        ({"kind": "exponential", "a": 0.2}, True),
        ({"kind": "step", "gamma": 0.5, "every": 20}, False),
    ],
)
def test_decades_where_the_rate_falls_far(qtbot, kind, log):
    assert shown(qtbot, schedule(kind)).is_log is log


def test_a_real_rate_far_below_the_plan_turns_to_decades(qtbot):
    widget = shown(qtbot, schedule({"kind": "constant"}))
    widget.set_real(range(100), [0.1] * 50 + [1e-5] * 50)
    widget.set_real([0, 1], [math.nan, math.inf])
    assert not widget.is_log
    steps = np.arange(4000)
    widget.set_real(steps, np.where(steps < 1000, 0.1, 1e-5))
    assert widget.is_log
    assert "0.1 planned, 1e-5 used" in widget.words_at(2000)
    widget.set_real([], [])
    assert "used" not in widget.words_at(2000)


@pytest.mark.parametrize("per", ["epoch", "step"])
@pytest.mark.parametrize(
    ("epochs", "lr"), [(1, 1e-9), (1, 1e7), (1_000_000, 0.1)], ids=["smallest", "largest", "longest"]
)
@pytest.mark.parametrize("kind", ["constant", "step", "exponential", "one_over_t", "cosine"])
def test_every_plan_can_be_drawn(qtbot, kind, epochs, lr, per):
    widget = shown(qtbot, schedule({"kind": kind, "per": per}, epochs, lr))
    widget.set_real([0, 10, 20], [lr, 0.0, lr])
    assert not widget.grab().isNull()


class NoToolTip:
    """The offscreen platform warns of every tooltip that is shown."""

    words: str = ""

    @classmethod
    def showText(cls, place: QPoint, words: str, widget: QWidget) -> None:
        cls.words = words


def test_the_mouse_shows_a_value_and_takes_it_away(qtbot, monkeypatch):
    monkeypatch.setattr(schedule_preview, "QToolTip", NoToolTip)
    widget = shown(qtbot, schedule({"kind": "cosine"}))
    before = widget.grab().toImage()
    place = QPointF(widget.width() / 2, widget.height() / 2)
    none = Qt.MouseButton.NoButton
    move = QMouseEvent(QEvent.Type.MouseMove, place, place, none, none, Qt.KeyboardModifier.NoModifier)
    widget.mouseMoveEvent(move)
    assert NoToolTip.words.startswith("<p>Epoch 2")
    assert widget.grab().toImage() != before
    widget.leaveEvent(QEvent(QEvent.Type.Leave))
    assert widget.grab().toImage() == before


def test_the_plan_is_in_words_too(qtbot):
    widget = shown(qtbot, schedule({"kind": "step", "every": 10}))
    assert widget.accessibleDescription() == "The rate starts at 0.1 and ends at 0.0001 after 40 epochs."


def test_rates_are_short():
    assert [rate_text(r) for r in (0.05, 1.0, 1e-6, 1.256e-6, 1e7, 0.0)] == ["0.05", "1", "1e-6", "1.26e-6", "1e7", "0"]
