"""The average of two networks: of their weights, or of their predictions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar, Final, Literal

import numpy as np

from workbench.engine.catalog.knob import Knob
from workbench.engine.catalog.models.mlp import MLP
from workbench.engine.catalog.surfaces import Array
from workbench.engine.core.text import grouped, percent
from workbench.engine.lessons.picture import Frame, Panel, Picture, Table, line
from workbench.engine.lessons.quantities.base import Measuring, Quantity, Stage

if TYPE_CHECKING:
    from torch import Tensor

    from workbench.engine.lessons.pairs import Way
    from workbench.engine.lessons.still_run import StillRun
    from workbench.engine.spec.experiment import ExperimentSpec

Pair = Literal["starts", "matched", "forks", "predictions"]
#: Interpolation coefficients between two networks, both ends included; the middle one is the average.
PLACES: Final = np.linspace(0, 1, 21)
MIDDLE: Final = len(PLACES) // 2
#: Offsets of the seed for the second initialization, and for the second order of batches.
OTHER_START, OTHER_ORDER = 1000, 2000
_NAMES: Final[dict[Pair, str]] = {
    "starts": "Different starts",
    "matched": "The same, units matched",
    "forks": "Forks of one run",
    "predictions": "Predictions averaged",
}


class LostByAveraging(Quantity):
    """Points of validation accuracy that the average of two networks loses against the mean of the two; NaN without an
    MLP.
    """

    kind: ClassVar[str] = "lost_by_averaging"
    title: ClassVar[str] = "Accuracy lost by averaging"
    summary: ClassVar[str] = (
        "The mean validation accuracy of two networks less that of their average, in points: of their weights, as they "
        "are or with the hidden units of one renumbered to fit the other's, or of their predictions."
    )
    order: ClassVar[int] = 33
    unit: ClassVar[str] = "points"
    decimals: ClassVar[int | None] = 1
    needs: ClassVar[Literal["playground", "experiment", "curves"]] = "experiment"

    pair: Annotated[
        Pair,
        Knob(
            "Average",
            "Which two networks are averaged, and what of them.",
            options={
                "starts": "the weights of two that began with different ones",
                "matched": "of the same two, the hidden units of one renumbered to fit the other's",
                "forks": "the weights of two that began as one run and then saw batches in different orders",
                "predictions": "the predictions of two that began with different weights",
            },
        ),
    ] = "starts"
    steps: Annotated[int, Knob("Steps", "Training steps of each network.", low=100, high=5000, scale="log")] = 900
    fork_at: Annotated[
        int,
        Knob("Fork at step", "The step from which the forks see different orders of batches.", low=0, high=5000),
    ] = 300

    def measure(self, stage: Stage) -> Measuring:
        if not isinstance(stage.run.model, MLP):
            return float("nan")
        from workbench.engine.lessons.pairs import matched, trained
        from workbench.engine.lessons.still_run import StillRun

        first, second, third = self._ways(stage)
        yield Frame(0, 4, f"Training a network, {grouped(self.steps)} steps")
        one = trained(first)
        yield Frame(1, 4, "Training a second network with other initial weights")
        other, run = trained(second), StillRun(stage.run)
        found = _lines(run, one, {"starts": other, "matched": matched(run, one, other)})
        found["predictions"] = _together(run, one, other, found["starts"])
        yield Frame(2, 4, "Training a fork of the first one", _picture(found))
        found |= _lines(run, one, {"forks": trained(third)})
        yield Frame(4, 4, "All interpolations are measured", _picture(found))
        return _lost(found[self.pair])

    def _ways(self, stage: Stage) -> tuple[Way, Way, Way]:
        """One network, another with other initial weights, and a fork of the first."""
        from workbench.engine.lessons.pairs import Way

        def way(start: int, order: int) -> Way:
            spec: ExperimentSpec = stage.run.edited("loop.seed", stage.seed + start)
            return Way(spec, self.steps, self.fork_at, stage.seed + order)

        return way(0, 0), way(OTHER_START, OTHER_START), way(0, OTHER_ORDER)


@dataclass(frozen=True, eq=False)
class _Walk:
    """Accuracy at both ends and in the middle, and at all ``PLACES`` where weights were interpolated."""

    ends: tuple[float, float]
    middle: float
    all: Array | None = None


def _lines(run: StillRun, one: Tensor, others: dict[Pair, Tensor]) -> dict[Pair, _Walk]:
    from workbench.engine.lessons.pairs import along

    found: dict[Pair, _Walk] = {}
    for pair, other in others.items():
        accuracy = along(run, one, other, PLACES)
        found[pair] = _Walk((float(accuracy[0]), float(accuracy[-1])), float(accuracy[MIDDLE]), accuracy)
    return found


def _together(run: StillRun, one: Tensor, other: Tensor, walk: _Walk) -> _Walk:
    from workbench.engine.lessons.pairs import together

    return _Walk(walk.ends, together(run, one, other))


def _lost(walk: _Walk) -> float:
    return 100 * (float(np.mean(walk.ends)) - walk.middle)


def _picture(found: dict[Pair, _Walk]) -> Picture:
    walked = [line(_NAMES[pair], PLACES, 100 * walk.all) for pair, walk in found.items() if walk.all is not None]
    middle = line(_NAMES["predictions"], [0.5], [100 * found["predictions"].middle], "dots")
    title = "Validation accuracy on the straight line between two networks, %"
    axis = "From the weights of one (0) to those of the other (1)"
    panel = Panel(title, axis, "Validation accuracy", (*walked, middle))
    rows = tuple((_NAMES[pair], percent(walk.middle), grouped(_lost(walk), 1)) for pair, walk in found.items())
    return Picture((panel,), Table(("Average", "Accuracy", "Lost"), rows))
