"""Charts as SVG: what is drawn is where the numbers are, and nothing that a name holds becomes markup."""

from __future__ import annotations

import math
import re
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.engine.report.svg.chart import Band, Chart, Mark, curve
from workbench.engine.report.svg.colours import DARK, LIGHT
from workbench.engine.report.svg.drawing import chart_svg
from workbench.engine.report.svg.paint import PAGE_COLOURS, fixed, of_page, series_colour
from workbench.engine.report.svg.points import pieces, thinned

SVG = "{http://www.w3.org/2000/svg}"
NASTY = "<script>alert('x')</script> & \"q\" ]]>"


def drawn(chart: Chart, **size: int) -> ElementTree.Element:
    return ElementTree.fromstring(chart_svg(chart, of_page, **size))


def chart_of(*curves, **more) -> Chart:
    return Chart("Title", "Step", "Value", curves, **more)


def path_of(found: ElementTree.Element, colour: str) -> list[list[tuple[float, float]]]:
    """The pieces of the curve with this colour; the legend's sample is left out."""
    texts = [each.get("d", "") for each in found.iter(f"{SVG}path") if f"var(--{colour})" in each.get("style", "")]
    (path,) = [text for text in texts if "L" in text]
    return [[tuple(map(float, point.split())) for point in piece.split("L")] for piece in path.split("M")[1:]]


def test_a_curve_is_where_its_numbers_are() -> None:
    found = drawn(chart_of(curve("a", [0, 50, 100], [1.0, 3.0, 2.0], "train")))
    ((a, b, c),) = path_of(found, "train")
    assert (a[0], c[0]) == (64, 706) and b[0] == pytest.approx((64 + 706) / 2)
    assert a[1] > c[1] > b[1]  # downwards
    assert c[1] == pytest.approx((a[1] + b[1]) / 2, abs=0.02)


def test_an_axis_of_powers_places_equal_ratios_at_equal_distances_and_has_no_zero() -> None:
    found = drawn(chart_of(curve("a", [1, 2, 3, 4], [1e-3, 0.0, 1e-1, 1e1], "val"), y_scale="log"))
    ((b, c),) = path_of(found, "val")
    single = list(found.iter(f"{SVG}circle"))
    assert len(single) == 3  # so few points show each; that before the gap stands alone
    highs = sorted(float(each.get("cy", "")) for each in single)
    assert highs[1] - highs[0] == pytest.approx(highs[2] - highs[1], abs=0.02)
    assert (b[1], c[1]) == (highs[1], highs[0])


def test_a_gap_is_not_bridged() -> None:
    y = [1.0, 2.0, math.nan, 3.0, math.inf, 4.0, 5.0]
    found = path_of(drawn(chart_of(curve("a", range(7), y, "train"))), "train")
    assert [len(piece) for piece in found] == [2, 2]


def test_names_are_text_and_never_markup() -> None:
    chart = Chart(
        NASTY, NASTY, NASTY, (curve(NASTY, [0, 1], [0, 1], "train"),), (Mark(0.5, NASTY, NASTY),), Band(0, 1, NASTY)
    )
    found = drawn(chart)
    assert not list(found.iter(f"{SVG}script")) and found.get("aria-label") == NASTY
    assert sum(each.text == NASTY for each in found.iter(f"{SVG}text")) >= 4


def test_a_mark_stands_at_its_step_and_one_outside_is_left_out() -> None:
    chart = chart_of(curve("a", [0, 10], [0, 1], "train"), marks=(Mark(5, "1", "lr 0.1"), Mark(11, "2", "later")))
    (line,) = [each for each in drawn(chart).iter(f"{SVG}path") if each.find(f"{SVG}title") is not None]
    assert line.get("d", "").startswith("M385 ")
    assert line.find(f"{SVG}title").text == "lr 0.1"  # type: ignore[union-attr]


def test_a_band_widens_the_axis_to_be_seen_and_an_open_end_reaches_the_edge() -> None:
    chart = chart_of(curve("a", [0, 1], [1.0, 2.0], "train"), band=Band(None, 9.0, "expected"))
    (rect,) = drawn(chart).iter(f"{SVG}rect")
    assert float(rect.get("y", "")) + float(rect.get("height", "")) == pytest.approx(281 - 40)
    line = path_of(drawn(chart), "train")[0]
    assert float(rect.get("y", "")) < line[1][1]


def test_nothing_and_constants_are_drawn_too() -> None:
    for curves in ((), (curve("", [], [], "train"),), (curve("a", [3, 3], [0, 0], "train"),)):
        assert drawn(chart_of(*curves)).tag == f"{SVG}svg"
        assert drawn(chart_of(*curves, y_scale="log")).tag == f"{SVG}svg"


@given(st.lists(st.floats(allow_nan=True, allow_infinity=True, width=32), max_size=60), st.booleans())
def test_any_numbers_give_a_drawing_without_nan(values: list[float], is_log: bool) -> None:
    text = chart_svg(
        chart_of(curve("a", range(len(values)), values, "train"), y_scale="log" if is_log else "linear"), of_page
    )
    ElementTree.fromstring(text)
    assert not re.search(r"\b(nan|inf)\b", " ".join(re.findall(r'(?:d|cx|cy|x|y)="([^"]*)"', text)))


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=3000), st.integers(10, 200))
def test_a_thinned_curve_keeps_its_ends_and_extremes(values: list[float], most: int) -> None:
    x, y = np.arange(len(values), dtype=float), np.array(values)
    xs, ys = thinned(x, y, most)
    assert len(xs) <= max(most + 4, len(values) if len(values) <= most else 0)
    assert (xs[0], xs[-1], ys.min(), ys.max()) == (x[0], x[-1], y.min(), y.max())
    assert np.array_equal(y[xs.astype(int)], ys)


def test_a_gap_longer_than_a_block_survives_thinning() -> None:
    y = np.ones(10_000)
    y[4_000:5_000] = np.nan
    assert len(pieces(*thinned(np.arange(10_000.0), y, 200))) == 2


def test_a_long_curve_takes_little_room() -> None:
    draw = np.random.default_rng(0)
    assert len(chart_svg(chart_of(curve("a", np.arange(10**5), draw.random(10**5), "train")), of_page)) < 40_000


def test_colours_are_those_of_the_page_or_fixed() -> None:
    chart = chart_of(curve("a", [0, 1], [0, 1], series_colour(1)), curve("b", [0, 1], [0, 1], "running"))
    assert "var(--series-1)" in chart_svg(chart, of_page)
    names = set(re.findall(r"var\((--[\w-]+)\)", chart_svg(chart, of_page)))
    light, dark = re.findall(r":root \{([^}]*)\}", PAGE_COLOURS)
    assert all(f"{name}:" in light and f"{name}:" in dark for name in names)
    for colours in (LIGHT, DARK):
        text = chart_svg(chart, fixed(colours))
        assert "var(" not in text and colours.train in text
