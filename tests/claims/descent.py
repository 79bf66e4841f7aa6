"""Walking down analytic surfaces with the catalog's own optimizers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from workbench.engine.catalog.optimizers import Optimizer

Floats = npt.NDArray[np.float64]
#: From points (n, dimensions) to gradients of the same shape.
Gradient = Callable[[Floats], Floats]


class Points(nn.Module):
    """n independent points (n, dimensions) in float64; what acts coordinate by coordinate keeps them independent."""

    def __init__(self, start: Floats) -> None:
        super().__init__()
        self.x = nn.Parameter(torch.tensor(np.atleast_2d(start), dtype=torch.float64))


def walk(
    spec: Optimizer, gradient: Gradient, start: Floats, updates: int, rate: Callable[[int], float] | None = None
) -> Floats:
    """The path (updates + 1, n, dimensions). ``rate(k)`` replaces the rate of the 0-based update ``k``."""
    points = Points(start)
    optimizer = spec.build(points)
    path = [points.x.detach().numpy().copy()]
    for k in range(updates):
        points.x.grad = torch.from_numpy(np.ascontiguousarray(gradient(path[-1])))
        if rate is not None:
            for group in optimizer.param_groups:
                group["lr"] = rate(k)
        optimizer.step()
        path.append(points.x.detach().numpy().copy())
    return np.array(path)


def quadratic(hessian: Floats) -> tuple[Callable[[Floats], Floats], Gradient]:
    """f(x) = x^T H x / 2 over the last axis, and its gradient."""
    return lambda x: 0.5 * np.einsum("...i,ij,...j", x, hessian, x), lambda x: x @ hessian


def turned(condition: float, degrees: float) -> Floats:
    """R(θ) diag(1, condition) R(θ)^T."""
    turn = rotation(degrees)
    return np.asarray(turn @ np.diag([1.0, condition]) @ turn.T)


def rotation(degrees: float) -> Floats:
    """R(θ)."""
    angle = np.deg2rad(degrees)
    return np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])


def starts(count: int = 64) -> Floats:
    """uniform(0.3, 1.5) × random sign in each coordinate, ``count`` points (count, 2)."""
    rng = np.random.default_rng(1)
    return np.array([rng.uniform(0.3, 1.5, 2) * rng.choice([-1.0, 1.0], 2) for _ in range(count)])


def updates_to(values: Floats, share: float = 1e-4, missing: float = np.inf) -> Floats:
    """The first update after which each column of ``values`` (updates + 1, n) is below ``share`` of its start."""
    below = values < share * values[0]
    below[0] = False
    return np.where(below.any(axis=0), below.argmax(axis=0), missing)


def replaced(spec: Optimizer, **values: Any) -> Optimizer:
    """The same optimizer with other settings."""
    return spec.model_validate(dict(spec) | values)
