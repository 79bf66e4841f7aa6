"""Numbers as people type them, in every country (QT19), and a wheel that does no harm."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QEvent, QLocale, QPoint, QPointF, Qt
from PySide6.QtGui import QHelpEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolTip, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from workbench.engine.catalog.knob import Knob
from workbench.engine.core.text import editable
from workbench.views.widgets import number_field
from workbench.views.widgets.knob_slider import KnobSlider
from workbench.views.widgets.number_field import NumberField
from workbench.views.widgets.number_parser import number_from, sizes_from, sizes_text
from workbench.views.widgets.slider_scale import TICKS, scale_for
from workbench.views.widgets.theme import theme

RATE = Knob("Learning rate", "Help.", low=1e-9, high=1e7, scale="log")
SHARE = Knob("Share", "Help.", low=0.0, high=1.0)
EPOCHS = Knob("Epochs", "Help.", low=1, high=1_000_000, scale="log")
FREE = Knob("Free", "Help.")
COUNTRIES = [
    QLocale(QLocale.Language.German, QLocale.Country.Germany),
    QLocale(QLocale.Language.French, QLocale.Country.France),
    QLocale(QLocale.Language.English, QLocale.Country.UnitedStates),
    QLocale.c(),
]


@pytest.fixture(params=COUNTRIES, ids=lambda locale: locale.name())
def country(request: pytest.FixtureRequest) -> Iterator[QLocale]:
    before = QLocale()
    QLocale.setDefault(request.param)
    yield request.param
    QLocale.setDefault(before)


class Bench(QWidget):
    """A field beside another widget that can take the focus, and what the field said."""

    def __init__(self, knob: Knob, default: float, integer: bool = False) -> None:
        super().__init__()
        scale = scale_for(knob, default, integer)
        self.field = NumberField(knob, scale, self)
        self.slider = KnobSlider(scale, self)
        self.said: list[tuple[Any, bool]] = []
        self.refused: list[str] = []
        layout = QVBoxLayout(self)
        layout.addWidget(self.field)
        layout.addWidget(self.slider)
        self.field.show_value(default)
        self.slider.show_value(default)
        self.field.submitted.connect(self._on_submitted)
        self.slider.submitted.connect(self._on_submitted)
        self.field.refused.connect(self.refused.append)

    def _on_submitted(self, value: Any, merge: bool) -> None:
        self.said.append((value, merge))
        self.slider.show_value(value)

    def type(self, text: str) -> None:
        """As a person does: into the field, everything marked, keys, Enter."""
        self.field.setFocus()
        self.field.selectAll()
        QTest.keyClicks(self.field, text)
        QTest.keyClick(self.field, Qt.Key.Key_Return)


def bench(qtbot: QtBot, knob: Knob = RATE, default: float = 0.05, integer: bool = False) -> Bench:
    made = Bench(knob, default, integer)
    qtbot.addWidget(made)
    made.resize(300, 100)
    made.show()
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    return made


@pytest.mark.parametrize("text", ["0.001", "0,001", "1e-3", "1E-3", ".001", "0.0010", " 0.001 ", "1,0e-3"])
def test_every_country_types_a_thousandth(qtbot: QtBot, country: QLocale, text: str) -> None:
    made = bench(qtbot)
    made.type(text)
    assert made.said == [(0.001, False)]
    assert not made.refused


@pytest.mark.parametrize(
    "text", ["nan", "inf", "-inf", "1e999", "abc", "", "1e", "0x10", "1,2,3", "1_0", "--1", "0", "1e8"]
)
def test_what_is_no_allowed_number_stays_and_is_refused_in_words(qtbot: QtBot, country: QLocale, text: str) -> None:
    made = bench(qtbot)
    made.field.setFocus()
    made.field.selectAll()
    QTest.keyClick(made.field, Qt.Key.Key_Delete)
    QTest.keyClicks(made.field, text)
    QTest.keyClick(made.field, Qt.Key.Key_Return)
    made.slider.setFocus()
    assert made.said == []
    assert len(made.refused) == 1
    assert made.field.text() == text
    assert "from 1e-9 to 10\u202f000\u202f000" in made.refused[0]


def test_typing_is_taken_over_after_a_pause_and_not_before(qtbot: QtBot) -> None:
    made = bench(qtbot)
    made.field.setFocus()
    made.field.selectAll()
    QTest.keyClicks(made.field, "0.2")
    assert made.said == []
    qtbot.waitUntil(lambda: made.said == [(0.2, False)])
    QTest.keyClicks(made.field, "5")
    qtbot.waitUntil(lambda: made.said == [(0.2, False), (0.25, True)])


def test_a_patient_field_waits_for_enter_or_leaving(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(number_field, "PAUSE_MS", 20)
    made = bench(qtbot)
    made.field.patient = True
    made.field.setFocus()
    made.field.selectAll()
    QTest.keyClicks(made.field, "0.2")
    qtbot.wait(4 * number_field.PAUSE_MS)
    assert made.said == []
    made.slider.setFocus()
    assert made.said == [(0.2, False)]


def test_what_is_being_typed_is_not_overwritten(qtbot: QtBot) -> None:
    made = bench(qtbot)
    made.field.setFocus()
    made.field.selectAll()
    QTest.keyClicks(made.field, "0.2")
    made.field.show_value(0.9)
    assert made.field.text() == "0.2"


def test_the_way_of_writing_stays_until_the_field_is_left(qtbot: QtBot) -> None:
    made = bench(qtbot)
    made.type("0,20")
    made.field.show_value(0.2)
    assert made.field.text() == "0,20"
    made.slider.setFocus()
    assert made.field.text() == "0.2"


def test_a_thousand_is_never_taken_for_one(qtbot: QtBot, country: QLocale) -> None:
    made = bench(qtbot)
    made.type("1,000")
    assert made.said == []
    assert "write 1000 or 1.000" in made.refused[0]
    whole = bench(qtbot, EPOCHS, 15, integer=True)
    whole.type("1.000")
    assert whole.said == []
    whole.type("65 536")
    whole.type("1,000")
    assert [value for value, _ in whole.said] == [65536, 1000]


@pytest.mark.parametrize(("text", "value"), [("20", 20), ("2e3", 2000), ("20.0", 20), ("1,000,000", 1_000_000)])
def test_whole_numbers(qtbot: QtBot, country: QLocale, text: str, value: int) -> None:
    made = bench(qtbot, EPOCHS, 15, integer=True)
    made.type(text)
    assert made.said == [(value, False)]
    assert type(made.said[0][0]) is int


def test_a_whole_number_is_not_rounded(qtbot: QtBot) -> None:
    made = bench(qtbot, EPOCHS, 15, integer=True)
    made.type("1.5")
    assert made.said == []
    assert "must be a whole number" in made.refused[0]


def test_arrow_keys_step_in_decades_where_the_knob_does(qtbot: QtBot) -> None:
    made = bench(qtbot, RATE, 0.05)
    made.field.setFocus()
    for key in (Qt.Key.Key_Up, Qt.Key.Key_Up, Qt.Key.Key_Down):
        QTest.keyClick(made.field, key)
    assert [value for value, _ in made.said] == [0.1, 0.2, 0.1]
    assert [merge for _, merge in made.said] == [False, True, True]
    share = bench(qtbot, SHARE, 0.5)
    share.field.setFocus()
    QTest.keyClick(share.field, Qt.Key.Key_Up)
    QTest.keyClick(share.field, Qt.Key.Key_PageDown)
    assert [value for value, _ in share.said] == [0.51, 0.48]


def _turn(widget: QWidget) -> QWheelEvent:
    at = QPointF(widget.rect().center())
    event = QWheelEvent(
        at,
        QPointF(widget.mapToGlobal(at.toPoint())),
        QPoint(),
        QPoint(0, 120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(widget, event)
    return event


def test_the_wheel_changes_nothing_without_the_focus(qtbot: QtBot) -> None:
    made = bench(qtbot)
    made.slider.setFocus()
    assert not _turn(made.field).isAccepted()
    made.field.setFocus()
    assert not _turn(made.slider).isAccepted()
    assert made.said == []
    assert _turn(made.field).isAccepted()
    assert made.said == [(0.1, False)]


def test_a_drag_is_one_gesture(qtbot: QtBot) -> None:
    made = bench(qtbot)
    slider = made.slider
    start = QPoint(slider.width() // 4, slider.height() // 2)
    for _ in range(2):
        QTest.mousePress(slider, Qt.MouseButton.LeftButton, pos=start)
        for step in (20, 40, 60):
            QTest.mouseMove(slider, start + QPoint(step, 0))
        QTest.mouseRelease(slider, Qt.MouseButton.LeftButton, pos=start + QPoint(60, 0))
        assert not made.said[0][1]
        assert all(merge for _, merge in made.said[1:])
        assert len(made.said) >= 3
        made.said.clear()


def test_a_press_takes_the_slider_there(qtbot: QtBot) -> None:
    made = bench(qtbot, SHARE, 0.1)
    QTest.mouseClick(made.slider, Qt.MouseButton.LeftButton, pos=QPoint(made.slider.width() // 2, 5))
    assert made.said[0][0] == pytest.approx(0.5, abs=0.02)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_text_gives_the_very_number_back(value: float) -> None:
    assert number_from(editable(value), FREE, integer=False) == value


@given(st.text(max_size=80))
def test_any_text_is_a_finite_number_within_limits_or_refused(text: str) -> None:
    for integer in (False, True):
        with contextlib.suppress(ValueError):
            value = number_from(text, SHARE, integer)
            assert math.isfinite(value)
            assert 0.0 <= value <= 1.0


@given(st.lists(st.integers(1, 10_000), max_size=5))
def test_sizes_come_back(sizes: list[int]) -> None:
    assert sizes_from(sizes_text(tuple(sizes)), Knob("S", "H.", low=1, high=10_000)) == tuple(sizes)


@pytest.mark.parametrize("text", ["1.5", "a, b", "-3", "0", "99999", "1;x"])
def test_wrong_sizes_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="must be"):
        sizes_from(text, Knob("S", "H.", low=1, high=10_000))


@pytest.mark.parametrize(
    ("knob", "default", "integer"),
    [
        (RATE, 0.05, False),
        (SHARE, 0.5, False),
        (EPOCHS, 15, True),
        (Knob("W", "H.", low=0, high=100, scale="log"), 0.0, False),
        (Knob("T", "H.", low=1, high=256), None, True),
        (Knob("P", "H.", low=1, high=1000, scale="log"), None, True),
    ],
)
def test_a_scale_walks_upwards_within_the_limits(knob: Knob, default: float | None, integer: bool) -> None:
    scale = scale_for(knob, default, integer)
    values = [scale.value_at(tick) for tick in range(TICKS + 1)]
    assert values == sorted(values)
    assert all(knob.check(value) == value for value in values)
    for value in values[:: TICKS // 20]:
        assert scale.value_at(scale.tick_of(value)) == pytest.approx(value, rel=0.06, abs=1e-6)
        assert scale.stepped(value, 1) >= value >= scale.stepped(value, -1)
        assert knob.check(scale.stepped(value, 9)) is not None


@pytest.mark.parametrize("is_large", [False, True], ids=["usual", "large"])
def test_numbers_of_six_digits_have_room_in_every_size_of_letters(qtbot: QtBot, is_large: bool) -> None:
    theme().set_large(is_large)
    made = bench(qtbot)
    for value in (0.000138688, 0.00138688, 1.38688e-5, 0.0290067):
        made.field.show_value(value)
        assert not made.field.is_cut, made.field.text()


def test_a_longer_number_is_elided_in_the_middle_and_whole_in_the_tooltip_and_under_the_cursor(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A number without its exponent would be another number."""
    shown: list[str] = []
    monkeypatch.setattr(QToolTip, "showText", lambda _at, text, *_: shown.append(text))
    made = bench(qtbot)
    made.slider.setFocus()
    made.field.show_value(1.2345678901234e-5)
    assert made.field.is_cut
    cut = made.field.grab().toImage()
    for other in (9.2345678901234e-5, 1.2345678901234e-7):
        made.field.show_value(other)
        assert made.field.grab().toImage() != cut, "its first digit and its exponent are drawn"
    hint = QHelpEvent(QEvent.Type.ToolTip, QPoint(3, 3), QPoint(3, 3))
    QApplication.sendEvent(made.field, hint)
    assert "1.2345678901234e-7" in shown[0] and "1e-9" in shown[0]
    elided = made.field.grab().toImage()
    made.field.setFocus()
    made.field.deselect()
    assert made.field.text() == "1.2345678901234e-7" and made.field.grab().toImage() != elided
