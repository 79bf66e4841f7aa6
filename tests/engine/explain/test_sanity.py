"""The number beside two maps, the sentence on it, and the colours of maps."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import rankdata, spearmanr

from workbench.engine.explain.colours import coloured, drawn_map, limit_of
from workbench.engine.explain.pictures import blended
from workbench.engine.explain.sanity import rank_correlation, ranks, verdict

_FEW_VALUES = arrays(np.float64, 12, elements=st.sampled_from([-2.0, -0.0, 0.0, 0.5, 3.0]))
_ANY = arrays(np.float64, 12, elements=st.floats(-1e6, 1e6))


@given(_FEW_VALUES | _ANY, _FEW_VALUES | _ANY)
def test_it_is_spearmans_correlation_with_shared_ranks(one: np.ndarray, other: np.ndarray) -> None:
    assert np.array_equal(ranks(one), rankdata(one) - 1)
    found = rank_correlation(one.reshape(3, 4), other.reshape(3, 4))
    if np.ptp(one) == 0 or np.ptp(other) == 0:
        assert found is None
    else:
        assert found == pytest.approx(spearmanr(one, other).statistic, abs=1e-12)


def test_the_sentence_says_what_a_map_is_worth() -> None:
    some, flat, lost = np.arange(64.0).reshape(8, 8), np.ones((8, 8)), np.full((8, 8), np.nan)
    assert "hardly changes" in verdict(0.9, some, some) and "0.9" in verdict(0.9, some, some)
    assert "hardly changes" in verdict(-0.9, some, some)  # upside down is no other map
    assert "Part of the map" in verdict(0.5, some, some)
    assert "changes with the weights" in verdict(0.1, some, some)
    assert "With 4 places it says little" in verdict(0.1, some[:2, :2], some)
    assert "this method finds nothing" in verdict(None, flat, some)
    assert "one value everywhere, so" in verdict(None, some, flat)
    assert "no numbers any more" in verdict(None, some, lost)


def test_zero_is_in_the_middle_of_signed_colours_and_the_limit_at_their_end() -> None:
    values = np.array([-2.0, 0.0, 1.0, 2.0, 9.0])
    assert coloured(values, True, 2.0)[[0, 1, 3, 4]].tolist() == [
        [5, 48, 97],
        [247, 247, 247],
        [103, 0, 31],
        [103, 0, 31],
    ]
    assert coloured(values, False, 2.0)[[0, 1, 3]].tolist() == [[68, 1, 84], [68, 1, 84], [253, 231, 37]]
    assert limit_of(values[:4]) == 2.0 and limit_of(np.zeros(3)) == 1.0


def test_lightness_alone_tells_the_amounts_apart() -> None:
    colours = coloured(np.linspace(0, 1, 50), False, 1.0) / 255.0
    assert (np.diff(colours @ [0.2126, 0.7152, 0.0722]) > 0).all()


def test_a_map_lies_over_the_gray_picture() -> None:
    seen = np.zeros((4, 4, 3), np.uint8)
    seen[:2] = [30, 60, 90]
    values = np.array([[0.0, np.nan], [-1.0, 1.0]])
    assert drawn_map(values, True)[0, 1].tolist() == [128, 128, 128]
    colours = drawn_map(values, True)
    assert blended(seen, colours, 1.0, False)[3, 0].tolist() == [5, 48, 97]
    assert blended(seen, colours, 0.0, False)[0, 0].tolist() == [60, 60, 60]
    assert blended(seen, colours, 0.5, False)[0, 0].tolist() == [154, 154, 154]
