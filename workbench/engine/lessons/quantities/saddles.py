"""How long a saddle point holds a ball, and how far it still is from the lowest point at the end."""

from __future__ import annotations

from typing import Annotated, ClassVar

import numpy as np

from workbench.engine.catalog.knob import Knob
from workbench.engine.catalog.surfaces import Array
from workbench.engine.core.text import grouped
from workbench.engine.lessons.picture import Frame, Panel, Picture, Table, line
from workbench.engine.lessons.quantities.base import Measuring, Quantity, Stage
from workbench.engine.lessons.racing import names, raced
from workbench.engine.playground.spec import PlaygroundSpec

Racer = Annotated[int, Knob("Optimizer", "The place of the optimizer that is measured, from 0.", low=0, high=11)]


class SaddleTime(Quantity):
    """Updates until a ball is below half the height of the saddle in the middle of its surface; all if it is not."""

    kind: ClassVar[str] = "saddle_time"
    title: ClassVar[str] = "Updates for which the saddle holds it"
    summary: ClassVar[str] = (
        "For how many updates the ball's height above the lowest point is at least half of the saddle's; all of the "
        "race if it does not get away."
    )
    order: ClassVar[int] = 8
    unit: ClassVar[str] = "updates"

    racer: Racer = 0

    def measure(self, stage: Stage) -> Measuring:
        spec = stage.race
        yield Frame(0, 1, "Balls roll towards the saddle")
        heights = above_the_lowest(spec)
        half = float(spec.surface.value(np.array(0.0), np.array(0.0)) - spec.surface.lowest()) / 2
        times = [_first_below(own, half) for own in heights]
        yield Frame(1, 1, "They have rolled", _picture(spec, heights, times))
        return float(times[self.racer])


class HeightLeft(Quantity):
    """The height above the lowest point at the end of the race, as a share of that at the start."""

    kind: ClassVar[str] = "height_left"
    title: ClassVar[str] = "Height that is left at the end"
    summary: ClassVar[str] = (
        "The height above the lowest point at the end of the race, as a share of that at the start: 0 has arrived, 1 "
        "has not moved."
    )
    order: ClassVar[int] = 9

    racer: Racer = 0

    def measure(self, stage: Stage) -> Measuring:
        yield Frame(0, 1, "Balls roll down")
        heights = above_the_lowest(stage.race)
        yield Frame(1, 1, "They have rolled", Picture((height_panel(stage.race, heights),)))
        return float(heights[self.racer][-1] / heights[self.racer][0])


def above_the_lowest(spec: PlaygroundSpec) -> tuple[Array, ...]:
    """For each racer the height above the lowest point before and after each update, shape (T + 1,)."""
    lowest = spec.surface.lowest()
    return tuple(trail.heights[:, 0] - lowest for trail in raced(spec))


def height_panel(spec: PlaygroundSpec, heights: tuple[Array, ...]) -> Panel:
    """The heights against the updates."""
    lines = tuple(line(name, np.arange(len(own)), own) for name, own in zip(names(spec), heights, strict=True))
    return Panel("Height above the lowest point", "Update", "Height", lines)


def _first_below(heights: Array, height: float) -> int:
    below = np.flatnonzero(heights < height)
    return int(below[0]) if len(below) else len(heights) - 1


def _picture(spec: PlaygroundSpec, heights: tuple[Array, ...], times: list[int]) -> Picture:
    rows = tuple(
        (name, grouped(time) if time < spec.updates else f"more than {grouped(spec.updates)}")
        for name, time in zip(names(spec), times, strict=True)
    )
    return Picture((height_panel(spec, heights),), Table(("Optimizer", "Updates to leave the saddle"), rows))
