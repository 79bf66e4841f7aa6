"""The min/max pyramid and the smoothing against brute force."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.views.plots.min_max_pyramid import Pyramid, joined, line_spans
from workbench.views.plots.smoothing import Smoother

numbers = st.one_of(
    st.floats(-1e6, 1e6, width=32), st.sampled_from([float("nan"), float("inf"), float("-inf"), 0.0, 1e300, -1e300])
)
series = st.lists(numbers, min_size=1, max_size=300)


def brute(values: np.ndarray, start: int, stop: int) -> tuple[float, float]:
    finite = values[start:stop][np.isfinite(values[start:stop])].clip(-3.4028235e38, 3.4028235e38)
    return (float(finite.min()), float(finite.max())) if len(finite) else (np.inf, -np.inf)


def in_pieces(pyramid: Pyramid, values: np.ndarray, cuts: list[int]) -> None:
    at = 0
    for cut in [*cuts, len(values)]:
        pyramid.append(values[at : at + cut])
        at += cut


@given(series, st.lists(st.integers(0, 40), max_size=10), st.integers(1, 30), st.floats(0, 1), st.floats(0, 1))
def test_exact_at_base_one(values, cuts, columns, a, b):
    values = np.array(values)
    pyramid = Pyramid(base=1)
    in_pieces(pyramid, values, cuts)
    low, high = sorted((a * len(values), b * len(values)))
    edges = np.linspace(low, high, columns + 1)
    if (high - low) / columns >= 8:
        return  # upper levels: see the next test
    spans = pyramid.query(edges)
    for k in range(columns):
        start, stop = int(np.ceil(edges[k])), int(np.ceil(edges[k + 1]))
        wanted = brute(values, start, stop)
        assert (spans.low[0, k], spans.high[0, k]) == pytest.approx(wanted, rel=1e-6)
        assert spans.skipped[0, k] == np.count_nonzero(~np.isfinite(values[start:stop]))


@given(series, st.lists(st.integers(0, 90), max_size=6), st.integers(1, 12), st.sampled_from([1, 8]))
def test_never_misses_a_point_and_reaches_at_most_one_block_too_far(values, cuts, columns, base):
    values = np.array(values * 5)
    pyramid = Pyramid(base=base, limit=64)
    in_pieces(pyramid, values, cuts)
    edges = np.linspace(0, len(values), columns + 1)
    spans = pyramid.query(edges)
    slack = max(pyramid.base, int(len(values) / columns))
    for k in range(columns):
        start, stop = int(np.ceil(edges[k])), int(np.ceil(edges[k + 1]))
        inner, outer = brute(values, start, stop), brute(values, max(0, start - slack), stop + slack)
        # equal up to float32, in which the pyramid keeps its blocks
        assert outer[0] <= inner[0] and spans.low[0, k] <= np.float32(inner[0])
        assert spans.low[0, k] >= np.float32(outer[0])
        assert np.float32(inner[1]) <= spans.high[0, k] <= np.float32(outer[1])


def test_several_curves_share_an_index():
    values = np.random.default_rng(0).normal(size=(3, 5000))
    pyramid = Pyramid(3)
    for piece in np.array_split(values, 37, axis=1):
        pyramid.append(piece)
    spans = pyramid.between(0, 5000, 4)
    for curve in range(3):
        assert spans.low[curve].min() == pytest.approx(values[curve].min(), rel=1e-6)
        assert spans.high[curve].max() == pytest.approx(values[curve].max(), rel=1e-6)


def test_memory_is_bounded_and_nothing_is_lost_at_the_extremes():
    pyramid = Pyramid(limit=256)
    rng = np.random.default_rng(1)
    lowest, highest, sizes = np.inf, -np.inf, []
    for _ in range(60):
        piece = rng.normal(size=1000)
        lowest, highest = min(lowest, piece.min()), max(highest, piece.max())
        pyramid.append(piece)
        sizes.append(pyramid.nbytes)
    assert pyramid.count == 60_000 and pyramid.base > 8
    assert max(sizes) < 20_000
    spans = pyramid.between(0, 60_000, 10)
    assert (spans.low.min(), spans.high.max()) == pytest.approx((lowest, highest), rel=1e-6)


def test_what_is_not_finite_is_counted_and_kept_out():
    pyramid = Pyramid(base=1)
    pyramid.append(np.array([1.0, np.nan, 3.0, np.inf, -np.inf, 2.0]))
    spans = pyramid.between(0, 6, 2)
    assert spans.low[0].tolist() == [1.0, 2.0] and spans.high[0].tolist() == [3.0, 2.0]
    assert spans.skipped[0].tolist() == [1, 2] and pyramid.skipped.tolist() == [3]


def test_empty_and_outside():
    pyramid = Pyramid()
    assert np.isinf(pyramid.between(0, 100, 5).low).all()
    pyramid.append(np.arange(10.0))
    spans = pyramid.between(20, 40, 3)
    assert (spans.low > spans.high).all()
    assert (pyramid.between(-50, -10, 3).low == np.inf).all()


@given(st.lists(st.floats(-100, 100), min_size=2, max_size=40), st.integers(1, 60))
def test_line_spans_are_the_polyline(values, columns):
    ys = np.array(values)
    index = np.arange(len(ys)) + 0.5
    edges = np.linspace(0, len(ys), columns + 1)
    spans = line_spans(index, ys[None], edges)
    x = np.concatenate([np.linspace(0.5, len(ys) - 0.5, 2001), index])
    y = np.interp(x, index, ys)
    for k in range(columns):
        inside = y[(x >= edges[k]) & (x <= edges[k + 1])]
        if len(inside) and edges[k] >= 0.5 and edges[k + 1] <= len(ys) - 0.5:
            assert spans.low[0, k] <= inside.min() + 1e-3 and spans.high[0, k] >= inside.max() - 1e-3
            assert spans.low[0, k] >= ys.min() - 1e-3 and spans.high[0, k] <= ys.max() + 1e-3


def test_a_nan_leaves_a_gap_in_a_line():
    spans = line_spans(np.arange(5) + 0.5, np.array([[1.0, 2.0, np.nan, 2.0, 1.0]]), np.arange(6.0))
    assert spans.low[0, 2] > spans.high[0, 2] and spans.skipped[0].tolist() == [0, 0, 1, 0, 0]


def test_columns_join():
    spans = joined(line_spans(np.array([0.5, 1.5]), np.array([[0.0, 9.0]]), np.array([0.4, 0.6, 1.4, 1.6])))
    assert spans.low[0, 1] <= spans.high[0, 0] and spans.high[0, 1] >= spans.low[0, 2]


# --- Smoothing


def slow_smoothing(values: np.ndarray, weight: float) -> np.ndarray:
    top = bottom = 0.0
    smooth = []
    for value in values:
        top, bottom = top * weight, bottom * weight
        if np.isfinite(value):
            top, bottom = top + value, bottom + 1.0
        smooth.append(top / bottom if np.isfinite(value) else np.nan)
    return np.array(smooth)


@given(
    st.lists(st.one_of(st.floats(-1e3, 1e3), st.just(float("nan"))), min_size=1, max_size=400),
    st.sampled_from([0.0, 0.5, 0.9, 0.99]),
    st.integers(1, 90),
)
def test_smoothing_is_the_weighted_mean_whatever_the_pieces(values, weight, piece):
    values = np.array(values)
    smoother = Smoother(weight)
    parts = [smoother.extend(values[None, k : k + piece]) for k in range(0, len(values), piece)]
    np.testing.assert_allclose(np.concatenate(parts, axis=1)[0], slow_smoothing(values, weight), rtol=1e-6, atol=1e-7)


def test_smoothing_starts_at_the_first_value_and_hides_no_nan():
    smooth = Smoother(0.99).extend(np.array([[5.0, 5.0, np.nan, 5.0]]))[0]
    assert smooth[0] == pytest.approx(5.0) and np.isnan(smooth[2]) and smooth[3] == pytest.approx(5.0)


@pytest.mark.parametrize("weight", [-0.1, 1.0, float("nan")])
def test_a_wrong_weight_is_refused(weight):
    with pytest.raises(ValueError, match="smoothing weight"):
        Smoother(weight)
