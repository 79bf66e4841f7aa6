"""Numbers of a path against the updates: one ``Strip`` each, drawn below the picture.

A further strip is one more entry of ``STRIPS``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from workbench.engine.catalog.surfaces import Array
from workbench.engine.playground.measures import path_lengths, swings
from workbench.engine.playground.trail import Trail


@dataclass(frozen=True, slots=True)
class Strip:
    """``values(trail, ball)`` has shape (T,) or (T, 2), a column for each coordinate; None if the rule has none.

    Row k belongs to the k-th update, or with ``begins_before`` to the state before it, and there are T + 1.
    """

    name: str
    title: str
    help: str
    values: Callable[[Trail, int], Array | None]
    scale: Literal["linear", "log"] = "log"
    begins_before: bool = False


def _loss(trail: Trail, ball: int) -> Array:
    found: Array = trail.heights[:, ball] - trail.surface.lowest()
    return found


def _step_over_rate(trail: Trail, ball: int) -> Array:
    found: Array = np.abs(trail.steps[:, ball]) / trail.rates[:, None]
    return found


def _velocity_over_gradient(trail: Trail, ball: int) -> Array | None:
    if trail.velocities is None:
        return None
    with np.errstate(all="ignore"):
        found: Array = np.abs(trail.velocities[:, ball] / trail.gradients[:, ball])
    return found


def _effective_rate(trail: Trail, ball: int) -> Array | None:
    return None if trail.effective_rates is None else trail.effective_rates[:, ball]


STRIPS = (
    Strip("loss", "Height above the lowest point", "The loss that the racer has reached.", _loss, begins_before=True),
    Strip(
        "step",
        "Step ÷ learning rate",
        "How long each update is in each coordinate, in units of the learning rate. Adam's is about 1.",
        _step_over_rate,
    ),
    Strip(
        "velocity",
        "Velocity ÷ gradient",
        "How much stronger the remembered velocity is than the present gradient, in each coordinate. Along a flat "
        "direction small gradients add up: it goes to 1 / (1 − momentum).",
        _velocity_over_gradient,
    ),
    Strip(
        "rate",
        "Effective rate",
        "The factor on the gradient, or on the velocity, in each coordinate: the learning rate, divided by the root of "
        "the squared gradients where the rule has it.",
        _effective_rate,
    ),
    Strip(
        "path",
        "Path length",
        "The length of the path so far.",
        lambda trail, ball: path_lengths(trail.points[:, ball]),
        "linear",
        begins_before=True,
    ),
    Strip(
        "swings",
        "Sign changes in the steep direction",
        "How often the steps have changed their sign along the direction that is steepest at the start: the zigzag.",
        lambda trail, ball: swings(trail, ball).astype(np.float64),
        "linear",
        begins_before=True,
    ),
)
