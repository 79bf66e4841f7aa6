"""Points of a random search and of a grid."""

from __future__ import annotations

import numpy as np
import pytest

from workbench.engine.core.search_space import grid_points, log_uniform, random_point, values_of_each


def test_a_random_point_is_a_function_of_seed_and_number() -> None:
    assert np.array_equal(random_point(3, 7, 2), random_point(3, 7, 2))
    assert np.array_equal(random_point(3, 7, 4)[:2], random_point(3, 7, 2))
    assert not np.array_equal(random_point(3, 7, 2), random_point(3, 8, 2))
    assert not np.array_equal(random_point(3, 7, 2), random_point(4, 7, 2))


def test_the_points_of_a_seed_are_the_same_in_every_version() -> None:
    """A search that goes on, and a scene that is measured again, try what they tried before."""
    assert random_point(3, 7, 2).tolist() == [0.23950079990785778, 0.04961463698798141]


def test_random_points_fill_the_cube_evenly() -> None:
    points = np.stack([random_point(0, number, 2) for number in range(2000)])
    assert points.min() >= 0 and points.max() < 1
    counts = np.histogram2d(*points.T, bins=4, range=[[0, 1], [0, 1]])[0]
    assert counts.min() > 80 and counts.max() < 170  # 125 are expected, with a standard deviation of 11


def test_a_grid_has_the_middles_of_cells() -> None:
    assert grid_points(9, 2)[:4].tolist() == [[1 / 6, 1 / 6], [1 / 6, 1 / 2], [1 / 6, 5 / 6], [1 / 2, 1 / 6]]
    assert grid_points(4, 1).ravel().tolist() == [0.125, 0.375, 0.625, 0.875]
    assert grid_points(1, 3).tolist() == [[0.5, 0.5, 0.5]]


@pytest.mark.parametrize(
    ("budget", "settings", "values"), [(9, 2, 3), (8, 2, 2), (27, 3, 3), (26, 3, 2), (1, 5, 1), (64, 3, 4)]
)
def test_a_grid_stays_within_its_budget(budget: int, settings: int, values: int) -> None:
    assert values_of_each(budget, settings) == values
    assert grid_points(budget, settings).shape == (values**settings, settings)


def test_log_uniform_gives_each_factor_the_same_weight() -> None:
    assert log_uniform([0, 0.5, 1], 1e-4, 1.0) == pytest.approx([1e-4, 1e-2, 1.0])
