"""Descent with the gradient of all examples, its sharpness beside it: the edge of stability."""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import torch
from torch import Tensor, nn

from workbench.engine.core.randomness import generator
from workbench.engine.diagnostics.sharpness import largest_eigenvalue
from workbench.engine.playground.racer import one_thread

#: Power steps at each look at the sharpness, which go on from the direction of the last; more at the first look.
POWER_STEPS, FIRST_POWER_STEPS = 5, 50
#: Steps between two pictures.
_CHUNK = 200


@dataclass
class Descent:
    """What was measured so far: at ``steps`` the ``losses``, the ``sharpness`` and the ``limits`` 2 ÷ rate."""

    steps: list[int] = field(default_factory=list)
    losses: list[float] = field(default_factory=list)
    sharpness: list[float] = field(default_factory=list)
    limits: list[float] = field(default_factory=list)

    def add(self, after: int, loss: float, sharpness: float, limit: float) -> None:
        """Add what was measured ``after`` further steps."""
        self.steps.append(self.steps[-1] + after if self.steps else 0)
        self.losses.append(loss)
        self.sharpness.append(sharpness)
        self.limits.append(limit)

    def ratio(self, looks: int) -> float:
        """Sharpness ÷ (2 ÷ rate), the mean of the last ``looks``; NaN if one of them is no number."""
        return float(np.mean(np.array(self.sharpness[-looks:]) / np.array(self.limits[-looks:])))


def descend(
    loss_of: Callable[[], Tensor],
    optimizer: torch.optim.Optimizer,
    phases: Sequence[tuple[float, int]],
    every: int,
) -> Generator[Descent, None, Descent]:
    """Step ``optimizer`` on ``loss_of`` through ``phases`` (rate, steps), looking at the sharpness ``every`` steps.

    Yields what there is after each chunk of steps, and ends early where the loss is no number.
    """
    found, direction = Descent(), None
    parameters = [p for group in optimizer.param_groups for p in group["params"]]
    for rate, steps in phases:
        for group in optimizer.param_groups:
            group["lr"] = rate
        for begin in range(0, steps, _CHUNK):
            with one_thread():
                for step in range(begin, min(begin + _CHUNK, steps)):
                    if step % every == 0:
                        looks = FIRST_POWER_STEPS if direction is None else POWER_STEPS
                        sharpness, direction = largest_eigenvalue(loss_of, parameters, looks, direction)
                        found.add(every, float(loss_of().detach()), sharpness, 2 / rate)
                    if not _step(loss_of, optimizer):
                        return found
            yield found
    return found


def _step(loss_of: Callable[[], Tensor], optimizer: torch.optim.Optimizer) -> bool:
    """One step; False, without it, where the loss is no number."""
    optimizer.zero_grad()
    loss = loss_of()
    if not math.isfinite(loss.item()):
        return False
    loss.backward()
    optimizer.step()
    return True


class Toy(nn.Module):
    """A tanh network 1–50–50–1 in float64 on 20 points of a Chebyshev polynomial; its weights follow the seed."""

    def __init__(self, seed: int, degree: int = 4, points: int = 20, width: int = 50) -> None:
        super().__init__()
        sizes = (1, width, width, 1)
        layers = [nn.Linear(a, b, dtype=torch.float64) for a, b in pairwise(sizes)]
        for number, layer in enumerate(layers):
            draw = generator("cpu", "toy", seed, number)
            nn.init.xavier_normal_(layer.weight, generator=draw)
            nn.init.zeros_(layer.bias)
        self.layers = nn.Sequential(layers[0], nn.Tanh(), layers[1], nn.Tanh(), layers[2])
        x = np.linspace(-1, 1, points)
        self.x = torch.from_numpy(x)[:, None]
        self.y = torch.from_numpy(np.polynomial.chebyshev.chebval(x, [0] * degree + [1]))[:, None]

    def loss(self) -> Tensor:
        """The mean squared error."""
        found: Tensor = (self.layers(self.x) - self.y).square().mean()
        return found
