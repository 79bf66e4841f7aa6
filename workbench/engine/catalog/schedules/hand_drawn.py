"""A curve drawn by hand: points that are dragged with the mouse, joined by lines."""

from __future__ import annotations

import bisect
import math
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, BeforeValidator

from workbench.engine.catalog.knob import Knob
from workbench.engine.catalog.pairs import as_shares, checked_pairs
from workbench.engine.catalog.schedules.base import Per, Schedule

Points = tuple[tuple[float, float], ...]


class Drawn(Schedule):
    """The factor at each share of the run, read from the line through ``points``; beyond its ends it is constant.

    No points are factor 1.
    """

    kind: ClassVar[str] = "drawn"
    title: ClassVar[str] = "Drawn by hand"
    summary: ClassVar[str] = "A curve that you draw by dragging its points."
    order: ClassVar[int] = 110

    per: Per = "step"
    points: Annotated[
        Points,
        BeforeValidator(as_shares),
        AfterValidator(checked_pairs(0.0, 1.0, "shares of the run")),
        Knob(
            "Points",
            "The curve goes through these points, each a share of the run (0 to 1) and the factor on the learning "
            "rate there. Drag them in the picture below, click beside the line to add one, double-click one to "
            "remove it.",
        ),
    ] = ((0.0, 1.0), (0.5, 0.5), (1.0, 0.05))
    between: Annotated[
        Literal["line", "log", "steps"],
        Knob(
            "Between points",
            "How the rate goes from one point to the next.",
            options={
                "line": "linearly",
                "log": "by the same share in every unit of time",
                "steps": "constant until the next point",
            },
        ),
    ] = "line"

    def multiplier(self, k: int, total: int) -> float:
        if not self.points:
            return 1.0
        x = min(1.0, k / max(1, total))
        after = bisect.bisect_right(self.points, x, key=lambda point: point[0])
        if after == 0 or after == len(self.points):
            return self.points[max(0, after - 1)][1]
        (left, first), (right, second) = self.points[after - 1], self.points[after]
        if self.between == "steps":
            return first
        share = (x - left) / (right - left)
        if self.between == "log":
            return math.exp(math.log(first) + (math.log(second) - math.log(first)) * share)
        return first + (second - first) * share

    def brief(self) -> str:
        return f"{len(self.points)} points"
