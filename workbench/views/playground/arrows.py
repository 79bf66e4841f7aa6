"""The arrows at a ball: its gradient, its velocity, its next step, and how momentum puts the step together."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from workbench.engine.catalog.optimizers.sgd import Momentum, Nesterov
from workbench.engine.playground.trail import Trail
from workbench.views.playground.frame import Array

ArrowKind = Literal["gradient", "velocity", "momentum", "lookahead", "step"]
#: What the legend says of each.
WORDS: Final[dict[ArrowKind, str]] = {
    "gradient": "− rate · gradient",
    "velocity": "− rate · velocity",
    "momentum": "Momentum part",
    "lookahead": "Gradient part",
    "step": "Step",
}
#: The longest arrow has about this many pixels.
_LONGEST: Final = 110.0


@dataclass(frozen=True, slots=True)
class Arrow:
    """An arrow from ``begin`` to ``end``, in coordinates of the surface."""

    kind: ArrowKind
    begin: Array
    end: Array


@dataclass(frozen=True, slots=True)
class Arrows:
    """The arrows of one update, true to scale. ``sides`` complete the parallelogram (pairs of points, (n, 2, 2)).

    ``origin`` stays where it is when the arrows are magnified. ``is_looking_ahead``: the gradient is taken at the point
    to which the momentum part leads.
    """

    arrows: tuple[Arrow, ...]
    sides: Array
    origin: Array
    is_looking_ahead: bool = False

    def magnified(self, factor: float) -> Arrows:
        """The same, ``factor`` times as long."""

        def moved(point: Array) -> Array:
            found: Array = self.origin + factor * (point - self.origin)
            return found

        arrows = tuple(Arrow(a.kind, moved(a.begin), moved(a.end)) for a in self.arrows)
        return Arrows(arrows, moved(self.sides), self.origin, self.is_looking_ahead)

    def factor(self, unit: float) -> float:
        """A round factor that makes the longest arrow well visible where a pixel is ``unit`` long."""
        longest = max((float(np.linalg.norm(a.end - a.begin)) for a in self.arrows), default=0.0)
        if not longest or not math.isfinite(longest):
            return 1.0
        rough = _LONGEST * unit / longest
        decade = 10.0 ** math.floor(math.log10(rough))
        return max(each for each in (1.0, 2.0, 5.0) if each * decade <= rough * 1.0001) * decade


def arrows_of(trail: Trail, at: int) -> Arrows | None:
    """The arrows of the update after ``at`` updates (of the last one at the end); None without one or a lost ball."""
    update = min(at, trail.updates - 1)
    lost = int(trail.lost[0])
    if update < 0 or 0 <= lost <= update + 1:
        return None
    point, step = trail.points[update, 0], trail.steps[update, 0]
    if isinstance(trail.optimizer, Momentum | Nesterov):
        return _parallelogram(trail, update, point)
    rate = float(trail.rates[update])
    found = [Arrow("gradient", point, point - rate * trail.gradients[update, 0])]
    if trail.velocities is not None:
        found.append(Arrow("velocity", point, point - rate * trail.velocities[update, 0]))
    found.append(Arrow("step", point, point + step))
    return Arrows(tuple(found), np.zeros((0, 2, 2)), point)


def _parallelogram(trail: Trail, update: int, ball: Array) -> Arrows:
    """Momentum part and gradient part, and the step that they make.

    Torch keeps Nesterov's look-ahead points: the ball is where the momentum part has led, and the gradient is taken
    there. The step begins before it, at the position itself.
    """
    optimizer = trail.optimizer
    assert trail.rule is not None and isinstance(optimizer, Momentum | Nesterov)
    scale = 1.0 if optimizer.form == "inside" else -float(trail.rates[update])
    momentum = scale * trail.rule.constants["rho"] * trail.memory["v"][update, 0]
    whole = scale * np.array([_velocity_after(trail, update, axis) for axis in (0, 1)])
    is_ahead = isinstance(optimizer, Nesterov)
    begin = ball - momentum if is_ahead else ball
    ahead, beside, end = begin + momentum, begin + whole - momentum, begin + whole
    first: Array = ahead if is_ahead else begin
    arrows = (
        Arrow("momentum", begin, ahead),
        Arrow("lookahead", first, first + whole - momentum),
        Arrow("step", begin, end),
    )
    sides = np.array([[begin, beside], [beside, end]]) if is_ahead else np.array([[ahead, end], [beside, end]])
    return Arrows(arrows, sides, ball, is_ahead)


def _velocity_after(trail: Trail, update: int, axis: int) -> float:
    lines = trail.lines_at(update, axis)
    return next(line.result for line in lines if line.text.startswith("v ="))
