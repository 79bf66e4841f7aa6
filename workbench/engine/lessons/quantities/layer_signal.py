"""What the initial weights make of the signal: spread and saturation of the activations, layer by layer."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np

from workbench.engine.core.text import percent, short
from workbench.engine.lessons.picture import Line, Panel, Picture, line
from workbench.engine.lessons.quantities.of_runs import OfRun

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from workbench.engine.catalog.surfaces import Array
    from workbench.engine.core.observed import LayerStat
    from workbench.engine.lessons.real_runs import RealRun
    from workbench.engine.report.layer_stats import LayerNumbers


class SpreadThroughLayers(OfRun):
    """The standard deviation of the activations of the last hidden layer ÷ that of the first, in the first step."""

    kind: ClassVar[str] = "spread_through_layers"
    title: ClassVar[str] = "Spread of the last hidden layer's activations ÷ the first's"
    summary: ClassVar[str] = (
        "The standard deviation of the activations of the last hidden layer in the first step, divided by that of the "
        "first hidden layer."
    )
    order: ClassVar[int] = 44

    def number(self, runs: Sequence[RealRun]) -> float:
        found = hidden(runs[self.run])
        return found[-1].std / found[0].std

    def draw(self, runs: Sequence[RealRun]) -> Picture:
        from workbench.engine.lessons.run_panels import BEST, run_table

        panel = _by_layer("Activations in the first step", _lines(runs, lambda each: each.std), log_y=True)
        spread = "Spread, first layer", lambda run: short(hidden(run)[0].std, 2)
        last = "Last layer", lambda run: short(hidden(run)[-1].std, 2)
        return Picture((panel, _loss(runs)), run_table(runs, (spread, last, BEST)))


class Saturated(OfRun):
    """The share of a run's hidden tanh units whose activation is beyond ±0.99 in the first step."""

    kind: ClassVar[str] = "saturated"
    title: ClassVar[str] = "Units beyond ±0.99"
    summary: ClassVar[str] = "The share of the hidden activations that are beyond ±0.99 in the first step."
    order: ClassVar[int] = 45
    unit: ClassVar[str] = "%"
    decimals: ClassVar[int | None] = 1

    def number(self, runs: Sequence[RealRun]) -> float:
        return 100 * _share(runs[self.run])

    def draw(self, runs: Sequence[RealRun]) -> Picture:
        return _saturations(runs)


class TanhSlope(OfRun):
    """The mean slope 1 − tanh² of a run's hidden units in the first step."""

    kind: ClassVar[str] = "tanh_slope"
    title: ClassVar[str] = "Mean slope of tanh"
    summary: ClassVar[str] = (
        "The mean of 1 − tanh² over the hidden activations in the first step: what a gradient is multiplied by on its "
        "way back through a unit."
    )
    order: ClassVar[int] = 46
    decimals: ClassVar[int | None] = 2

    def number(self, runs: Sequence[RealRun]) -> float:
        return _slope(runs[self.run])

    def draw(self, runs: Sequence[RealRun]) -> Picture:
        return _saturations(runs)


def hidden(run: RealRun) -> list[LayerNumbers]:
    """The statistics in the first step of the layers that an activation follows."""
    from workbench.engine.report.layer_stats import numbers

    return [numbers(stat) for stat in _layers(run) if stat.activation]


def _layers(run: RealRun) -> Sequence[LayerStat]:
    return run.layers.get(0, ())


def _share(run: RealRun) -> float:
    shares = [each.saturated for each in hidden(run) if each.saturated is not None]
    return float(np.mean(shares)) if shares else float("nan")


def _slope(run: RealRun) -> float:
    slopes = [1 - _values(stat.values) ** 2 for stat in _layers(run) if stat.activation == "Tanh"]
    return float(np.mean(np.concatenate(slopes))) if slopes else float("nan")


def _values(raw: bytes) -> Array:
    return np.frombuffer(raw, np.float32).astype(np.float64)


def _saturations(runs: Sequence[RealRun]) -> Picture:
    from workbench.engine.lessons.run_panels import BEST, run_table

    lines = _lines(runs, lambda each: 100 * (each.saturated or 0.0))
    share = "Beyond ±0.99", lambda run: percent(_share(run))
    slope = "Slope", lambda run: short(_slope(run), 2)
    panel = _by_layer("Units beyond ±0.99, per cent", lines)
    return Picture((panel, _loss(runs)), run_table(runs, (share, slope, BEST)))


def _lines(runs: Sequence[RealRun], of: Callable[[LayerNumbers], float]) -> tuple[Line, ...]:
    """A line for each run, over its hidden layers."""
    found = [(run.name, [of(each) for each in hidden(run)]) for run in runs]
    return tuple(line(name, range(1, len(values) + 1), values) for name, values in found)


def _by_layer(title: str, lines: tuple[Line, ...], log_y: bool = False) -> Panel:
    label = "Standard deviation" if log_y else "Per cent"
    return Panel(title, "Hidden layer", label, lines, log_y=log_y)


def _loss(runs: Sequence[RealRun]) -> Panel:
    from workbench.engine.lessons.run_panels import guessing_loss, loss_panel

    guessing = guessing_loss(runs[0])
    return loss_panel(runs, guessing, "Guessing", most=3 * guessing)
