"""The loss at the places of a grid around a path: coarse at first, then with the places between them."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Final

import numpy as np
import torch

from workbench.engine.core.progress import Job, Loading
from workbench.engine.core.text import counted, grouped
from workbench.engine.data.split import Indices, refreshed_on
from workbench.engine.experiments.run_path.plane import Array, Floats, Plane
from workbench.engine.experiments.run_path.weight_path import Retraced, floats_of
from workbench.engine.training.evaluate import how_to_test, measure
from workbench.engine.training.weight_averaging import batch_norms, measured_anew

#: Grid points along each side: coarse first, then twice as fine each time. Each grid contains the one before.
SIDES: Final = (9, 17, 33)
#: Training examples on which the loss is measured.
EXAMPLES: Final = 512
#: Margin of the grid around the path, as a share of the path's extent.
_AROUND: Final = 0.25


@dataclass(frozen=True, eq=False)
class LossGrid:
    """``heights`` (side, side): the loss at ``ys[i]``, ``xs[j]`` of the plane, so that rows go upwards; maybe NaN."""

    xs: Array
    ys: Array
    heights: Array

    @property
    def side(self) -> int:
        """How many places there are along each side."""
        return len(self.xs)


class LossMeter:
    """Measures the mean cross-entropy of a copy of a run's network with other parameters; the network stays as it is.

    It is the loss in evaluation mode over the same ``EXAMPLES`` training examples for each place, chosen by the seed of
    the run, without augmentation and penalties. Batch norm takes its statistics from these examples anew at each
    place: those of the end of the run would not belong to other weights.
    """

    def __init__(self, retraced: Retraced) -> None:
        spec, data = retraced.spec, retraced.data
        self._network = copy.deepcopy(retraced.network).eval()
        self._parameters = floats_of(self._network)
        self._norms = batch_norms(self._network, retraced.network)
        self._examples = data.examples
        self.chosen: Indices = refreshed_on(data.split.train, spec.loop.seed)[:EXAMPLES]
        self._testing = how_to_test(spec)

    @property
    def words(self) -> str:
        """What is measured, in a sentence for the picture."""
        norm = " Batch norm takes its statistics from them at each place." if self._norms else ""
        return f"Loss of {counted(len(self.chosen), 'fixed training example')}, in evaluation mode.{norm}"

    def at(self, weights: Floats) -> float:
        """The loss with the parameters ``weights`` (P,); NaN or infinite where it is no number."""
        at = 0
        with torch.no_grad():
            for parameter in self._parameters:
                size = parameter.numel()
                part = torch.from_numpy(weights[at : at + size]).reshape(parameter.shape)
                parameter.copy_(part)
                at += size
        for _ in measured_anew(self._network, self._norms, self._examples, self.chosen):
            pass
        measuring = measure(self._network, self._examples, self.chosen, self._testing)
        try:
            while True:
                next(measuring)
        except StopIteration as end:
            return float(end.value.loss) if end.value is not None else float("nan")


def around(plane: Plane, side: int) -> LossGrid:
    """The grid for the path of ``plane``: a square around all of it, of which nothing is measured yet."""
    low, high = plane.places.min(0), plane.places.max(0)
    middle, half = (low + high) / 2, max(float((high - low).max()) / 2, 1e-12) * (1 + 2 * _AROUND)
    shares = np.linspace(-1.0, 1.0, side)
    return LossGrid(middle[0] + half * shares, middle[1] + half * shares, np.full((side, side), np.nan))


def measured_grid(meter: LossMeter, plane: Plane, side: int, known: LossGrid | None = None) -> Job[LossGrid]:
    """Measure the places of a grid; what ``known`` has, with about half as many along each side, is taken over."""
    grid = around(plane, side)
    heights = grid.heights.copy()
    is_known = np.zeros(heights.shape, dtype=np.bool_)
    if known is not None and 2 * known.side - 1 == side:
        heights[::2, ::2] = known.heights
        is_known[::2, ::2] = True
    left = np.argwhere(~is_known)
    for done, (row, column) in enumerate(left):
        yield Loading(done, len(left), f"Loss at {grouped(side)} × {grouped(side)} places")
        heights[row, column] = meter.at(plane.at(float(grid.xs[column]), float(grid.ys[row])))
    return LossGrid(grid.xs, grid.ys, heights)
