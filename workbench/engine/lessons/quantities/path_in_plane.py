"""The path of a run through the space of its weights, seen in a plane of two directions."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from workbench.engine.catalog.knob import Knob
from workbench.engine.core.text import grouped, percent
from workbench.engine.lessons.picture import Frame, Ground, Picture, Table
from workbench.engine.lessons.quantities.base import Measuring, Quantity, Stage

if TYPE_CHECKING:
    from workbench.engine.experiments.run_path.loss_around import LossGrid
    from workbench.engine.experiments.run_path.plane import Plane
    from workbench.engine.experiments.run_path.weight_path import WeightPath
    from workbench.engine.training.run_context import RunContext


class VarianceInPlane(Quantity):
    """The share of the variance of the weights along a run that lies in a plane of two directions, in per cent."""

    kind: ClassVar[str] = "variance_in_plane"
    title: ClassVar[str] = "Variance of the path in the plane"
    summary: ClassVar[str] = (
        "How much of the variance of all weights along the run is in a plane of two directions: its own main ones, or "
        "two at random."
    )
    order: ClassVar[int] = 120
    unit: ClassVar[str] = "%"
    decimals: ClassVar[int | None] = 1
    needs: ClassVar[Literal["playground", "experiment", "curves"]] = "experiment"

    directions: Annotated[
        Literal["main", "random"],
        Knob(
            "Directions",
            "The two directions of the plane: along which the weights vary most, or two drawn at random.",
            options={"main": "the principal components of the path", "random": "drawn at random"},
        ),
    ] = "main"

    def measure(self, stage: Stage) -> Measuring:
        from workbench.engine.experiments.run_path.loss_around import SIDES, LossMeter, measured_grid
        from workbench.engine.experiments.run_path.plane import main_plane, random_plane
        from workbench.engine.experiments.run_path.weight_path import Retraced
        from workbench.engine.lessons.real_runs import RealRun, trained

        watched = _Watched()
        run = RealRun(stage.runs[0], look=watched.look)
        yield from trained([run], lambda _: Picture(), stage.trained.data)
        stage.trained.runs[run.spec, "path"] = run
        path = watched.path
        assert path is not None, "a run is looked at before its first step"
        path.end(run.steps.count)
        plane = main_plane(path.rows) if self.directions == "main" else random_plane(path.rows, stage.seed)
        meter = LossMeter(Retraced(run.spec, copy.deepcopy(run.network), run.context.data, path, None))
        grid: LossGrid | None = None
        for side in SIDES[:2]:
            measuring = measured_grid(meter, plane, side, grid)
            try:
                while True:
                    progress = next(measuring)
                    yield Frame(progress.done, progress.total, progress.words)
            except StopIteration as end:
                grid = end.value
            assert grid is not None
            yield Frame(0, 0, "The loss is measured", _picture(plane, grid, path, meter.words))
        return 100.0 * sum(plane.shares)


class _Watched:
    """Keeps the states of a run at which it is looked."""

    path: WeightPath | None = None

    def look(self, context: RunContext) -> Mapping[str, float]:
        from workbench.engine.experiments.run_path.weight_path import WeightPath

        self.path = self.path or WeightPath(context.network.module)
        self.path.look(context.state.progress.step)
        return {}


def _picture(plane: Plane, grid: LossGrid, path: WeightPath, words: str) -> Picture:
    first, second = plane.shares
    rows = (
        ("First direction", percent(first)),
        ("Second direction", percent(second)),
        ("All others", percent(max(0.0, 1 - first - second))),
        ("Parameters", grouped(path.size)),
        ("States of the run", grouped(len(path.steps))),
    )
    table = Table(("Share of the variance", ""), rows)
    ground = Ground("Loss around the path of the weights", words, grid.xs, grid.ys, grid.heights, plane.places)
    return Picture((), table, ground)
