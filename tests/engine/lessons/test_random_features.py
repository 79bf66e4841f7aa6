"""Random features: the fit is that of least squares of least norm."""

from __future__ import annotations

import numpy as np
import pytest

from workbench.engine.lessons.quantities.double_descent import DoubleDescent, widths
from workbench.engine.lessons.random_features import Problem, _drawn, errors


def _by_numpy(width: int, l2: float) -> tuple[float, float]:
    x, y, tested, wanted, hidden = (part.numpy() for part in _drawn(60, 1, 2))
    train, test = (np.maximum(part @ hidden[:, :width], 0) / np.sqrt(width) for part in (x, tested))
    if l2:
        weights = np.linalg.solve(train.T @ train + 60 * l2 * np.eye(width), train.T @ y)
    else:
        weights = np.linalg.pinv(train) @ y
    return float(np.square(train @ weights - y).mean()), float(np.square(test @ weights - wanted).mean())


@pytest.mark.parametrize("width", [30, 58, 63, 300])
@pytest.mark.parametrize("l2", [0.0, 0.02])
def test_the_errors_are_those_of_the_pseudoinverse(width: int, l2: float) -> None:
    assert errors(Problem(60, l2, 1, 2), width) == pytest.approx(_by_numpy(width, l2), rel=1e-6, abs=1e-12)


@pytest.mark.parametrize("examples", [50, 100, 137, 400])
def test_the_curve_goes_through_the_threshold(examples: int) -> None:
    found = widths(examples)
    assert examples in found and found[0] == 20 and found[-1] == 2000
    assert list(found) == sorted(set(found))


def test_numbers_have_no_exponent() -> None:
    assert [DoubleDescent().text(value) for value in (0.21149, 34.88, 1553.7)] == ["0.211", "34.9", "1\u202f550"]
