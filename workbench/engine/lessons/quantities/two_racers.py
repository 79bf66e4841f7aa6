"""Numbers of two optimizers on one surface, as the ratio of the second to the first."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

import numpy as np

from workbench.engine.catalog.knob import Knob
from workbench.engine.catalog.surfaces import Array
from workbench.engine.core.text import grouped, short
from workbench.engine.lessons.picture import Frame, Panel, Picture, Table, line
from workbench.engine.lessons.quantities.base import Measuring, Quantity, Stage
from workbench.engine.lessons.racing import names, raced
from workbench.engine.playground.measures import measures, swings
from workbench.engine.playground.spec import PlaygroundSpec
from workbench.engine.playground.trail import Trail

#: Balls over whose steps a variance is taken; each has noise of its own.
BALLS = 64

What = Literal["swings", "path", "overshoot"]


class SecondToFirst(Quantity):
    """A measure of the second racer's path, divided by that of the first's; NaN where the first's is 0."""

    kind: ClassVar[str] = "second_to_first"
    title: ClassVar[str] = "Second optimizer against the first"
    summary: ClassVar[str] = "A number of the second optimizer's path, divided by that of the first one's."
    order: ClassVar[int] = 11
    decimals: ClassVar[int | None] = 2
    racers: ClassVar[int] = 2

    what: Annotated[
        What,
        Knob(
            "What is compared",
            "The number of the two paths that is compared.",
            options={
                "swings": "sign changes of the steps in the steep direction",
                "path": "length of the path",
                "overshoot": "how far the ball goes past the minimum",
            },
            titles={"swings": "sign changes", "path": "path length"},
        ),
    ] = "swings"

    def measure(self, stage: Stage) -> Measuring:
        spec = stage.race
        yield Frame(0, 1, "Both roll down the valley")
        trails = raced(spec)
        first, second = (float(getattr(measures(trail), self.what)) for trail in trails[:2])
        yield Frame(1, 1, "They have rolled", Picture((_steep_panel(spec, trails),), _table(spec, trails)))
        return second / first if first else float("nan")


def _steep_panel(spec: PlaygroundSpec, trails: tuple[Trail, ...]) -> Panel:
    lines = []
    for name, trail in zip(names(spec), trails, strict=True):
        steep = trail.points[:, 0] @ trail.surface.steep_direction(*trail.points[0, 0])
        lines.append(line(name, np.arange(len(steep)), steep))
    return Panel("Place in the steep direction", "Update", "Place", tuple(lines))


def _table(spec: PlaygroundSpec, trails: tuple[Trail, ...]) -> Table:
    rows = []
    for name, trail in zip(names(spec), trails, strict=True):
        found = measures(trail)
        changes = grouped(int(swings(trail)[-1]))
        rows.append((name, changes, short(found.path, 3), grouped(found.overshoot, 2)))
    return Table(("Optimizer", "Sign changes", "Path length", "Overshoot"), tuple(rows))


class SpreadOfSteps(Quantity):
    """The variance of the second racer's steps, divided by that of the first's, at noisy gradients."""

    kind: ClassVar[str] = "spread_of_steps"
    title: ClassVar[str] = "Variance of the steps, second against first"
    summary: ClassVar[str] = (
        "How much the steps of the second optimizer vary with the noise of the gradients, as a variance, divided by "
        "that of the first; over many balls with noise of their own, after the first third of the race."
    )
    order: ClassVar[int] = 12
    racers: ClassVar[int] = 2

    def measure(self, stage: Stage) -> Measuring:
        spec = stage.race
        yield Frame(0, 1, "Balls roll down a noisy slope")
        trails = raced(spec, np.repeat([spec.start()], BALLS, axis=0))
        first, second = (_variance(trail) for trail in trails[:2])
        yield Frame(1, 1, "They have rolled", Picture((_steps_panel(spec, trails),)))
        return second / first if first else float("nan")


def _variance(trail: Trail) -> float:
    late: Array = trail.steps[trail.updates // 3 :, :, 0]
    return float(late.var())


def _steps_panel(spec: PlaygroundSpec, trails: tuple[Trail, ...]) -> Panel:
    updates = np.arange(1, spec.updates + 1)
    lines = (line(name, updates, t.steps[:, 0, 0]) for name, t in zip(names(spec), trails, strict=True))
    return Panel("Steps of one ball, horizontal", "Update", "Step", tuple(lines))


class LookAheadDifference(Quantity):
    """The largest distance of the second racer's points from those of the look-ahead form of Nesterov momentum.

    ``v' = rho*v − lr*g(y + rho*v), y' = y + v'``, seen at ``y' + rho*v'`` (Sutskever et al. 2013).
    """

    kind: ClassVar[str] = "look_ahead_difference"
    title: ClassVar[str] = "Distance from the look-ahead form"
    summary: ClassVar[str] = (
        "How far the optimizer's points are from those of the form that takes the gradient where the velocity leads; "
        "0 but for rounding if both are the same rule."
    )
    order: ClassVar[int] = 13
    racers: ClassVar[int] = 2

    def measure(self, stage: Stage) -> Measuring:
        yield Frame(0, 1, "The look-ahead form runs from the same start")
        trail = raced(stage.race)[1]
        points = _look_ahead(trail, float(getattr(trail.optimizer, "momentum", 0.0)))
        away = np.linalg.norm(points - trail.points[:, 0], axis=1)
        panel = Panel(
            "Distance from the look-ahead form", "Update", "Distance", (line("", np.arange(len(away)), away),)
        )
        yield Frame(1, 1, "Both have run", Picture((panel,)))
        return float(away.max())


def _look_ahead(trail: Trail, rho: float) -> Array:
    """Points (T + 1, 2) of the look-ahead form from the trail's start, at the trail's rates."""
    place, velocity = trail.points[0, 0].copy(), np.zeros(2)
    points = [place.copy()]
    for rate in trail.rates:
        ahead = place + rho * velocity
        velocity = rho * velocity - rate * np.stack(trail.surface.gradient(ahead[0], ahead[1]))
        place = place + velocity
        points.append(place + rho * velocity)
    return np.array(points)
