"""The parts of the page by themselves: typed numbers, the bar of a band, names of curves, the place of the notes."""

from __future__ import annotations

import math

import numpy as np
import pytest
from PySide6.QtCore import QRect
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from workbench.engine.lessons.lesson import Band
from workbench.engine.lessons.picture import Panel, Picture, Table, line
from workbench.views.lessons.band_bar import shown_range
from workbench.views.lessons.curves import Curves, _Named, spread, thinned
from workbench.views.lessons.notes_window import place_for_notes
from workbench.views.lessons.picture_view import PictureView
from workbench.views.lessons.scene_number import SceneNumber


class Screen:
    """A screen, as far as a place for a window matters."""

    def __init__(self, left: int) -> None:
        self._area = QRect(left, 0, 1920, 1080)

    def availableGeometry(self) -> QRect:
        return self._area


def typed(number: SceneNumber, digits: str) -> list[int]:
    found: list[int] = []
    number.chosen.connect(found.append)
    for digit in digits:
        number.press(int(digit))
    return found


@pytest.mark.parametrize(
    ("digits", "found"), [("7", [7]), ("12", [12]), ("07", [7]), ("3", [3]), ("1", []), ("0", []), ("29", [29])]
)
def test_digits_are_complete_as_soon_as_no_longer_number_begins_so(digits: str, found: list[int]) -> None:
    number = SceneNumber()
    number.numbers = (1, 7, 12, 16, 29)
    assert typed(number, digits) == found


def test_a_number_that_could_go_on_is_complete_after_a_while(qtbot: QtBot) -> None:
    number = SceneNumber()
    number.numbers = (1, 12)
    number._timer.setInterval(10)
    with qtbot.waitSignal(number.chosen) as chosen:
        number.press(1)
    assert chosen.args == [1]


def test_the_notes_are_on_the_other_screen_if_there_is_one() -> None:
    here, there = Screen(0), Screen(1920)
    assert there.availableGeometry().contains(place_for_notes([here, there], here))
    assert here.availableGeometry().contains(place_for_notes([here, there], there))
    alone = place_for_notes([here], here)
    assert here.availableGeometry().contains(alone) and alone.width() < 1920 / 2


@pytest.mark.parametrize(
    ("band", "value", "inside"),
    [
        (Band(low=0.95, high=1.05), 1.0, True),
        (Band(low=0.95, high=1.05), 1.2, True),
        (Band(low=0.95, high=1.05), 40.0, False),
        (Band(low=90.0), 120.0, True),
        (Band(high=0.0), -0.5, True),
        (Band(low=1.0, high=1.0), math.nan, False),
    ],
)
def test_the_bar_has_the_whole_band_and_the_number_if_it_is_near(band: Band, value: float, inside: bool) -> None:
    low, top = shown_range(band, value)
    assert low < top
    assert all(low < end < top for end in (band.low, band.high) if end is not None)
    assert (low <= value <= top) == inside


def test_names_do_not_overlap_and_stay_in_their_area() -> None:
    named = [_Named(name, QColor(), at, 20.0) for name, at in (("a", 10.0), ("b", 12.0), ("c", 95.0))]
    tops = spread(named, 0.0, 100.0)
    assert tops == [0.0, 20.0, 80.0]


def test_a_long_curve_keeps_its_peaks() -> None:
    x = np.arange(10_000.0)
    y = np.zeros(10_000)
    y[1234], y[8765] = 5.0, -3.0
    thin_x, thin_y = thinned(x, y, 100)
    assert len(thin_x) <= 200
    assert thin_y.max() == 5.0 and thin_y.min() == -3.0
    assert thin_x[thin_y.argmax()] == 1234


def curves(qtbot: QtBot, panel: Panel, band: Band | None = None) -> Curves:
    view = Curves(panel, band)
    qtbot.addWidget(view)
    view.resize(500, 300)
    view.show()
    return view


def test_a_logarithmic_panel_has_its_powers_as_range(qtbot: QtBot) -> None:
    view = curves(qtbot, Panel("P", "x", "y", (line("a", [1, 10, 100], [1e-3, 1, 1e3]),), log_x=True, log_y=True))
    assert view.x_range == (0.0, 2.0)
    assert view.y_range[0] < -3 < 3 < view.y_range[1]
    assert float(view.ys(np.array(0.0))) == pytest.approx(view.area().center().y(), abs=1)


def test_the_band_is_drawn_where_the_axis_is_the_measured_number(qtbot: QtBot) -> None:
    def ground(is_measured: bool) -> QColor:
        panel = Panel("P", "x", "y", (line("", [0, 1], [0.0, 4.0]),), is_measured=is_measured)
        view = curves(qtbot, panel, Band(low=2.0, high=3.0))
        at = view.area().left() + 4, float(view.ys(np.array(2.5)))
        return view.grab().toImage().pixelColor(*map(round, at))

    assert ground(True) != ground(False)


def test_panels_come_and_go_with_the_picture_and_the_table_has_its_texts(qtbot: QtBot) -> None:
    view = PictureView("Nothing yet.")
    qtbot.addWidget(view)
    view.show()
    one = Panel("One", "x", "y", (line("a", [0, 1], [0, 1]),))
    two = Panel("Two", "x", "y", (line("b", [0, 1], [1, 0]),))
    view.show_picture(Picture((one, two), Table(("Rule", "Updates"), (("SGD", "12"),))), None)
    assert [panel.title for panel in view.panels] == ["One", "Two"]
    assert [cell.text() for cell in view.table._cells] == ["Rule", "Updates", "SGD", "12"]
    view.show_picture(Picture((two,)), None)
    assert [panel.title for panel in view.panels] == ["Two"] and not view.table.isVisible()
    view.show_picture(None, None)
    assert not view.panels and view._empty.isVisible()
