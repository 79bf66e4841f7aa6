"""The points that a search for hyperparameters tries, as functions: of a seed and the trial's number, or of the budget.

All are in the unit cube; ``log_uniform`` and its like make values of settings of them.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from workbench.engine.core.randomness import mixed

Points = npt.NDArray[np.float64]


def random_point(seed: int, number: int, settings: int) -> Points:
    """The trial ``number`` (from 0) of a random search: shape (settings,), float64 in [0, 1).

    A function of ``seed`` and ``number`` alone: a longer search begins with the points of a shorter one, and a point
    with fewer settings is the beginning of that with more.
    """
    return np.random.Generator(np.random.PCG64(mixed("search", seed, number))).random(settings)


def grid_points(budget: int, settings: int) -> Points:
    """The largest grid with as many values of each setting that needs at most ``budget`` trials.

    Shape (values ** settings, settings), float64: the middles of equal cells of [0, 1], the last setting changes
    fastest. There is always at least one point.
    """
    middles = (np.arange(values_of_each(budget, settings)) + 0.5) / values_of_each(budget, settings)
    return np.stack(np.meshgrid(*[middles] * settings, indexing="ij"), axis=-1).reshape(-1, settings)


def values_of_each(budget: int, settings: int) -> int:
    """How many values of each setting a grid of at most ``budget`` trials has; at least 1."""
    values = 1
    while (values + 1) ** settings <= budget:
        values += 1
    return values


def log_uniform(share: npt.ArrayLike, low: float, high: float) -> Points:
    """Values from ``low`` to ``high`` (both above 0) of shares from 0 to 1, so that each factor has the same weight."""
    found: Points = np.exp(np.log(low) + np.asarray(share, dtype=np.float64) * np.log(high / low))
    return found
