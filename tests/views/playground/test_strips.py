"""The curves below the picture: nothing that can be seen is left out, however they are drawn."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytestqt.qtbot import QtBot

from workbench.bridge.playground.requests import Laid
from workbench.engine.catalog.optimizers.adam import Adam
from workbench.engine.catalog.optimizers.sgd import SGD
from workbench.engine.playground.race import Race
from workbench.engine.playground.spec import PlaygroundSpec
from workbench.engine.playground.strips import STRIPS
from workbench.views.playground.line import thinned
from workbench.views.playground.strip_view import StripView

_NUMBERS = st.lists(st.floats(-1e9, 1e9) | st.just(float("nan")), max_size=80)


@cache
def raced(updates: int) -> Laid:
    spec = PlaygroundSpec(racers=(SGD(lr=0.02), Adam(lr=0.02)), updates=3000)
    race = Race(spec)
    race.advance(updates)
    return Laid(spec, race.trails(), updates)


@given(_NUMBERS, st.integers(0, 20))
def test_a_thinned_curve_keeps_the_highest_and_the_lowest_point_of_every_pixel(
    numbers: list[float], pixels: int
) -> None:
    values = np.array(numbers)
    line = thinned(values, pixels)
    every = max(1, -(-len(values) // max(1, pixels)))
    for first in range(0, len(values), every):
        part, shown = values[first : first + every], line.y[(line.x >= first) & (line.x < first + every)]
        known = part[~np.isnan(part)]
        assert np.isnan(shown).all() if not len(known) else shown[~np.isnan(shown)].min() == known.min()
        assert not len(known) or np.nanmax(shown) == known.max()


@given(_NUMBERS, st.integers(1, 20))
def test_a_thinned_curve_goes_to_the_right_and_stays_small(numbers: list[float], pixels: int) -> None:
    line = thinned(np.array(numbers), pixels)
    assert len(line.x) == len(line.y) <= 2 * pixels + -(-len(numbers) // pixels)
    assert (np.diff(line.x) > 0).all()


def test_a_falling_curve_falls_in_every_pixel() -> None:
    assert (np.diff(thinned(-np.arange(1000.0), 50).y) <= 0).all()


@pytest.mark.parametrize("strip", STRIPS, ids=lambda each: each.name)
def test_a_strip_drawn_in_pieces_is_the_strip_drawn_at_once(qtbot: QtBot, strip: object) -> None:
    shorter, paths = raced(900), raced(3000)
    views = [StripView(strip) for _ in range(2)]  # type: ignore[arg-type]
    for view in views:
        qtbot.addWidget(view)
        view.resize(400, 200)
        view.show()  # a hidden one is resized, and drawn at once, at every picture
    at_once, in_pieces = views
    at_once.show_paths(paths, 3000, 1)
    whole = at_once.grab().toImage()
    assert in_pieces.grab().toImage() != whole
    in_pieces.show_paths(shorter, 3000, 1)
    in_pieces._renew()  # the first piece; then longer paths come
    in_pieces.show_paths(paths, 3000, 1)
    qtbot.waitUntil(lambda: in_pieces.grab().toImage() == whole)
