"""Least squares on random ReLU features, in closed form: the smallest problem that shows double descent."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor

from workbench.engine.core.randomness import mixed
from workbench.engine.lessons.quantities.double_descent import MOST
from workbench.engine.playground.racer import one_thread

#: Inputs of an example, examples that are held back, and the standard deviation of the noise of its targets.
INPUTS, TESTED, NOISE = 20, 1000, 0.5


@dataclass(frozen=True)
class Problem:
    """``examples`` to learn from and a penalty ``l2`` on the squared weights; ``draw`` is the stream of all numbers."""

    examples: int
    l2: float
    seed: int
    draw: int


@lru_cache(maxsize=4096)
def errors(problem: Problem, width: int) -> tuple[float, float]:
    """Mean squared error on the training examples and on those held back, of the best network with ``width`` units.

    The hidden weights stay as they were drawn; those of the output are the solution of least squares, with ``l2`` = 0
    the one of least norm. A wider network has the units of a narrower one, and more.
    """
    x, y, tested, wanted, hidden = _drawn(problem.examples, problem.seed, problem.draw)
    with one_thread():
        train, test = _features(x, hidden[:, :width]), _features(tested, hidden[:, :width])
        weights = _solved(train, y, problem.l2)
        return float((train @ weights - y).square().mean()), float((test @ weights - wanted).square().mean())


def _features(x: Tensor, hidden: Tensor) -> Tensor:
    return torch.relu(x @ hidden).div(hidden.shape[1] ** 0.5)


def _solved(features: Tensor, y: Tensor, l2: float) -> Tensor:
    """The minimum (W, 1) of the mean squared error plus ``l2`` times the squared norm of the weights."""
    if not l2:
        least: Tensor = torch.linalg.lstsq(features, y, driver="gels").solution
        return least
    penalty = l2 * len(y) * torch.eye(len(y), dtype=y.dtype)
    return features.T.matmul(torch.linalg.solve(features @ features.T + penalty, y))


@lru_cache(maxsize=32)
def _drawn(examples: int, seed: int, draw: int) -> tuple[Tensor, ...]:
    """Float64: inputs (N, D) and noisy targets (N, 1) to learn from, inputs (T, D) and exact targets (T, 1) that are
    held back, and hidden weights (D, MOST).
    """
    numbers = np.random.Generator(np.random.PCG64(mixed("random features", seed, draw)))
    truth = numbers.standard_normal((INPUTS, 1)) / np.sqrt(INPUTS)
    hidden = numbers.standard_normal((INPUTS, MOST)) / np.sqrt(INPUTS)
    tested = numbers.standard_normal((TESTED, INPUTS))
    x = numbers.standard_normal((examples, INPUTS))
    y = x @ truth + NOISE * numbers.standard_normal((examples, 1))
    return tuple(map(torch.from_numpy, (x, y, tested, tested @ truth, hidden)))
