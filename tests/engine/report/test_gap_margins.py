"""The generalization gap just inside and just outside its margin, with both signs."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.engine.core.events import EpochEnded, Measured
from workbench.engine.report.generalization_gap import LossGap, margin, split_of

NEAR = 1e-9


def epoch(train: Measured | None, val: Measured | None, running: float | None = None) -> EpochEnded:
    return EpochEnded(3, 30, 1.0, 0.1, running, None, train, val, True, 0, 1.0)


def split(gap: float, effect: float | None = 0.0, *, of_gap: float = 0.1, of_effect: float = 0.2) -> LossGap:
    return LossGap(gap, of_gap, 0.0, effect, of_effect)


@pytest.mark.parametrize("sign", [1, -1])
def test_a_gap_begins_outside_its_margin_whatever_its_sign(sign: int) -> None:
    assert not split(sign * (0.1 - NEAR)).has_gap
    assert not split(sign * 0.1).has_gap
    assert split(sign * (0.1 + NEAR)).has_gap


@pytest.mark.parametrize("gap", [0.1, -0.1])
@pytest.mark.parametrize("effect", [0.2, -0.2, 0.0, None])
def test_neither_is_larger_while_both_are_within_their_margins(gap: float, effect: float | None) -> None:
    assert split(gap, effect).larger == "neither"


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("other", [1, -1])
def test_one_outside_its_margin_is_enough(sign: int, other: int) -> None:
    """The gap alone outside, the effect alone outside; the larger one is named even if it is the one inside."""
    assert split(sign * 0.11, other * 0.05).larger == "gap"
    assert split(sign * 0.11, None).larger == "gap"
    assert split(sign * 0.05, other * (0.2 + NEAR)).larger == "effect"
    assert split(sign * 0.11, other * 0.15).larger == "effect"
    assert split(sign * 0.25, other * 0.15, of_gap=0.3, of_effect=0.1).larger == "gap"


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("other", [1, -1])
def test_the_larger_of_two_clear_ones(sign: int, other: int) -> None:
    assert split(sign * 0.5, other * (0.5 - NEAR)).larger == "gap"
    assert split(sign * 0.5, other * 0.5).larger == "gap"
    assert split(sign * 0.5, other * (0.5 + NEAR)).larger == "effect"


@given(st.floats(-1, 1), st.floats(0, 0.5), st.one_of(st.none(), st.floats(-1, 1)), st.floats(0, 0.5))
def test_the_larger_one_by_its_definition(gap: float, of_gap: float, effect: float | None, of_effect: float) -> None:
    shown = split(gap, effect, of_gap=of_gap, of_effect=of_effect)
    size = 0.0 if effect is None else abs(effect)
    wanted = "gap" if abs(gap) >= size else "effect"
    assert shown.larger == (wanted if abs(gap) > of_gap or size > of_effect else "neither")


@given(*[st.floats(0, 3)] * 4, st.floats(0, 1), st.floats(0, 1), st.one_of(st.none(), st.floats(0, 3)))
def test_the_differences_have_their_signs(
    train: float, val: float, train_se: float, val_se: float, right: float, right_val: float, running: float | None
) -> None:
    shown = split_of(
        epoch(Measured(train, right, 50, train_se, 0.3), Measured(val, right_val, 50, val_se, 0.4), running)
    )
    assert shown is not None
    assert (shown.gap, shown.gap_accuracy) == (val - train, right - right_val)
    assert shown.effect == (None if running is None else running - train)
    assert shown.margin == pytest.approx(2 * math.sqrt(train_se**2 + val_se**2))
    assert shown.effect_margin == 2 * train_se


def test_a_margin_is_two_standard_errors_of_a_difference() -> None:
    one, other = Measured(1.0, 0.5, 9, 0.3, 9.0), Measured(2.0, 0.5, 9, 0.4, 9.0)
    assert margin(one, other) == margin(other, one) == pytest.approx(1.0)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_without_two_numbers_there_is_no_gap(value: float) -> None:
    good, bad = Measured(1.0, 0.5, 9, 0.1, 0.1), Measured(value, 0.5, 9, 0.1, 0.1)
    for train, val in ((good, bad), (bad, good), (bad, bad), (good, None), (None, good), (None, None)):
        assert split_of(epoch(train, val, 1.0)) is None
    assert split_of(epoch(good, good, 1.0)) is not None


def test_what_is_said_of_a_running_loss_below_the_measured_one() -> None:
    """Only where that is the larger of the two; a gap that is larger is named first."""
    below = split(0.06, -0.5)
    assert (
        below.words == "Running train is 0.50 below the measured train loss; the generalization gap (0.06) is smaller."
    )
    larger_gap = split(0.6, -0.5)
    assert larger_gap.words == "The generalization gap (0.60) is larger than the regularization effect (−0.50)."
    above = split(-0.06, 0.5)
    assert above.words == "The regularization effect (0.50) is larger than the generalization gap (−0.06)."
