"""How rare minima are among critical points: the share of random symmetric matrices with positive eigenvalues only."""

from __future__ import annotations

import numpy as np

from workbench.engine.core.randomness import mixed

#: The shares in 1 to 4 dimensions as the lecture has them.
KNOWN = (0.500, 0.146, 0.025, 0.0026)
MOST_DIMENSIONS = 10


def share_of_minima(dimensions: int, draws: int = 20_000, seed: int = 0) -> float:
    """The share of ``draws`` random matrices of the Gaussian orthogonal ensemble that are positive definite.

    Off the diagonal the entries have half the variance of those on it.
    """
    numbers = np.random.Generator(np.random.PCG64(mixed("random matrices", seed, dimensions)))
    square = numbers.standard_normal((draws, dimensions, dimensions))
    lowest = np.linalg.eigvalsh(square + square.transpose(0, 2, 1))[:, 0]
    return float(np.mean(lowest > 0))
