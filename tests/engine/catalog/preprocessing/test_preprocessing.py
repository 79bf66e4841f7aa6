"""Preprocessing against NumPy."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from workbench.engine.catalog.preprocessing import Preprocessing
from workbench.engine.catalog.preprocessing.members import NoPreprocessing, Normalize, ZeroCentre

PICTURES = (
    np.random.default_rng(0).random((50, 3, 5, 7)).astype(np.float32)
    * np.array([1.0, 0.5, 0.1], np.float32)[:, None, None]
)
POINTS = np.random.default_rng(1).normal([5.0, -300.0], [0.01, 40.0], (50, 2)).astype(np.float32)


def applied(spec: Preprocessing, data: np.ndarray) -> np.ndarray:
    """``data`` standardized by its own statistics, which are taken from chunks of unequal size."""
    chunks = [torch.from_numpy(part) for part in np.split(data, [7, 8, 40])]
    return spec.fit(iter(chunks)).apply_(torch.from_numpy(data.copy())).numpy()


def test_none_changes_nothing() -> None:
    assert np.array_equal(applied(NoPreprocessing(), PICTURES), PICTURES)


def test_zero_centre_subtracts_the_mean_of_each_channel() -> None:
    wanted = PICTURES - PICTURES.mean((0, 2, 3), np.float64, keepdims=True)[0]
    np.testing.assert_allclose(applied(ZeroCentre(), PICTURES), wanted, atol=1e-6)


def test_zero_centre_subtracts_a_mean_picture() -> None:
    wanted = PICTURES - PICTURES.mean(0, np.float64)
    np.testing.assert_allclose(applied(ZeroCentre(mean="image"), PICTURES), wanted, atol=1e-6)


def test_normalize_gives_zero_mean_and_unit_variance_in_each_channel() -> None:
    mean, std = PICTURES.mean((0, 2, 3), np.float64), PICTURES.std((0, 2, 3), np.float64)
    wanted = (PICTURES - mean[:, None, None]) / std[:, None, None]
    np.testing.assert_allclose(applied(Normalize(), PICTURES), wanted, atol=2e-5)


@pytest.mark.parametrize("spec", [ZeroCentre(), ZeroCentre(mean="image"), Normalize()], ids=str)
def test_points_are_treated_by_coordinate(spec: Preprocessing) -> None:
    wanted = POINTS - POINTS.mean(0, np.float64)
    if isinstance(spec, Normalize):
        wanted = wanted / POINTS.std(0, np.float64)
    np.testing.assert_allclose(applied(spec, POINTS), wanted, atol=1e-2 if isinstance(spec, Normalize) else 1e-4)


@pytest.mark.parametrize("level", [0.0, 0.3, 1.0, 1000.1])
def test_a_constant_channel_is_only_centred(level: float) -> None:
    data = PICTURES.copy()
    data[:, 1] = level
    result = applied(Normalize(), data)
    assert np.isfinite(result).all()
    np.testing.assert_allclose(result[:, 1], 0.0, atol=1e-6)
    assert result[:, 0].std() == pytest.approx(1.0, rel=1e-4)


def test_statistics_broadcast_and_are_float32() -> None:
    fitted = Normalize().fit([torch.from_numpy(PICTURES)])
    assert fitted.mean.shape == fitted.inverse_std.shape == (3, 1, 1)
    assert fitted.mean.dtype == fitted.inverse_std.dtype == torch.float32


def test_nothing_to_learn_from_gives_neutral_statistics() -> None:
    fitted = Normalize().fit([])
    assert float(fitted.mean) == 0.0
    assert float(fitted.inverse_std) == 1.0
