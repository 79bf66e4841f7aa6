"""The sentence on the test part: an error where it measures something, else the interval."""

from __future__ import annotations

import pytest

from workbench.engine.core.events import Measured, MeasuredOnTest
from workbench.engine.report.words_on_test import wilson_interval, words_on_test


def said(accuracy: float, n: int, folds: tuple[float, ...] = ()) -> str:
    error = (accuracy * (1 - accuracy) / n) ** 0.5
    return words_on_test(MeasuredOnTest(9, Measured(0.5, accuracy, n, 0.0, error), 1, folds))


@pytest.mark.parametrize(
    ("accuracy", "n", "low", "high"),
    [(1.0, 6, 0.60967, 1.0), (0.0, 10, 0.0, 0.27754), (0.5, 20, 0.29930, 0.70070), (0.9, 100, 0.82563, 0.94477)],
)
def test_the_interval_solves_its_equation(accuracy: float, n: int, low: float, high: float) -> None:
    assert wilson_interval(accuracy, n) == pytest.approx((low, high), abs=2e-5)
    for border in wilson_interval(accuracy, n):  # Wilson: |p̂ − p| = z √(p(1 − p)/n) at both ends
        if 0 < border < 1:
            assert abs(accuracy - border) == pytest.approx(1.959964 * (border * (1 - border) / n) ** 0.5)


def test_all_right_or_few_examples_have_an_interval_and_no_error_of_nothing() -> None:
    assert said(1.0, 6) == "Test accuracy 100.0\xa0% (95 % interval 61.0\xa0% to 100.0\xa0%; 6 examples, 1st look)"
    assert "±" not in said(0.0, 400) and "95 % interval" in said(0.0, 400)
    assert "±" not in said(0.5, 20)
    assert said(0.9, 100) == "Test accuracy 90.0\xa0% ± 3.0\xa0% (100 examples, 1st look)"
    assert "95 %" not in said(0.5, 20, (0.4, 0.6)) and "±" in said(0.5, 20, (0.4, 0.6))
