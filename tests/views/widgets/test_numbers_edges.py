"""Numbers at the ends of their scales, and numbers as people read them."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.views.widgets.test_number_field import Bench
from workbench.engine.catalog.knob import Knob
from workbench.engine.core.text import abbreviated, duration
from workbench.views.widgets.number_parser import number_from, numbers_from, numbers_text, sizes_from
from workbench.views.widgets.slider_scale import TICKS, scale_for

STRENGTH = Knob("Strength", "Help.", low=0.0, high=100.0, scale="log")
UNITS = Knob("Units", "Help.", low=1, high=16_384, scale="log")
SHARE = Knob("Share", "Help.", low=0.0, high=1.0)
UP, DOWN = Qt.Key.Key_Up, Qt.Key.Key_Down


def opened(qtbot: QtBot, *arguments: Any) -> Bench:
    bench = Bench(*arguments)
    qtbot.addWidget(bench)
    with qtbot.waitExposed(bench):
        bench.show()
    bench.activateWindow()
    return bench


def test_only_zero_is_at_the_very_left_of_a_scale_with_zero() -> None:
    scale = scale_for(STRENGTH, 1e-3, False)
    assert scale.zero and scale.low == pytest.approx(1e-6)
    assert [scale.tick_of(value) for value in (0.0, 1e-12, scale.low, scale.high, 1e9)] == [0, 1, 1, TICKS, TICKS]
    assert scale.value_at(0) == 0.0 and scale.value_at(1) > 0.0
    without = scale_for(UNITS, 64, True)
    assert not without.zero and without.tick_of(1) == 0


def test_a_step_down_from_the_lowest_value_is_zero_and_up_again_the_lowest() -> None:
    scale = scale_for(STRENGTH, 1e-3, False)
    assert scale.stepped(2 * scale.low, -1) == pytest.approx(scale.low)
    assert scale.stepped(scale.low, -1) == 0.0 == scale.stepped(0.0, -1)
    assert scale.stepped(0.0, 1) == pytest.approx(scale.low)


def test_whole_numbers_on_a_logarithmic_scale_are_doubled_and_halved() -> None:
    scale = scale_for(UNITS, 64, True)
    assert [scale.stepped(64, steps) for steps in (1, 2, 3, -1, -2)] == [128, 256, 512, 32, 16]
    assert [scale.stepped(value, 1) for value in (1, 3, 100)] == [2, 6, 200]
    assert (scale.stepped(1, -1), scale.stepped(16_384, 1)) == (1, 16_384)


@pytest.mark.parametrize(("key", "value"), [(UP, 1.0), (DOWN, 0.0)])
def test_a_slider_at_its_end_says_nothing_more(qtbot: QtBot, key: Qt.Key, value: float) -> None:
    bench = opened(qtbot, SHARE, value)
    bench.slider.setFocus()
    QTest.keyClick(bench.slider, key)
    assert bench.said == []
    QTest.keyClick(bench.slider, DOWN if key == UP else UP)
    assert len(bench.said) == 1


def test_a_field_that_can_only_be_read_is_not_stepped(qtbot: QtBot) -> None:
    bench = opened(qtbot, SHARE, 0.5)
    bench.field.setFocus()
    bench.field.setReadOnly(True)
    QTest.keyClick(bench.field, UP)
    assert bench.field.text() == "0.5" and bench.said == []
    bench.field.setReadOnly(False)
    QTest.keyClick(bench.field, UP)
    assert bench.said == [(0.51, False)]


@pytest.mark.parametrize(
    ("text", "shown"),
    [("a" * 20, "a" * 20), ("a" * 21, "a" * 19 + "…"), ("hello", "hello")],
)
def test_long_wrong_text_is_repeated_in_20_characters(text: str, shown: str) -> None:
    for read in (lambda: number_from(text, SHARE, False), lambda: sizes_from(text, UNITS)):
        with pytest.raises(ValueError, match=f"not “{shown}”"):
            read()


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, "0"),
        (999.6, "1\u202f000"),
        (9999, "9\u202f999"),
        (1437, "1\u202f437"),
        (10_000, "10\u202fk"),
        (42_499, "42\u202fk"),
        (999_499, "999\u202fk"),
        (1e6, "1.0\u202fM"),
        (1_250_001, "1.3\u202fM"),
    ],
)
def test_counts_in_words(number: float, words: str) -> None:
    assert abbreviated(number) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-1, "0:00"),
        (0.4, "0:00"),
        (12, "0:12"),
        (59.6, "1:00"),
        (61, "1:01"),
        (3599, "59:59"),
        (3600, "1:00:00"),
        (3723, "1:02:03"),
        (7384, "2:03:04"),
        (360_000, "100:00:00"),
    ],
)
def test_durations_in_words(seconds: float, words: str) -> None:
    assert duration(seconds) == words


def test_a_list_of_numbers_is_read_and_written_alike() -> None:
    knob = Knob("Rates", "Several.", low=1e-4, high=1.0)
    assert numbers_from("0.1, 5e-2 .3", knob) == (0.1, 0.05, 0.3)
    assert numbers_from(numbers_text((0.1, 1e-3)), knob) == (0.1, 1e-3)
    assert numbers_from(" ", knob) == ()
    with pytest.raises(ValueError, match=r"must be numbers separated by commas, like .*, not “x”"):
        numbers_from("0.1, x", knob)
    with pytest.raises(ValueError, match=r"from 0\.0001 to 1"):
        numbers_from("0.1, 2", knob)
