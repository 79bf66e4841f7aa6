"""The curves of evaluations, and the text of values."""

from __future__ import annotations

import math
from dataclasses import dataclass

from workbench.engine.core.text import grouped, percent, scientific
from workbench.engine.report.evaluation_words import place_words
from workbench.engine.report.svg.axis_ticks import AxisScale
from workbench.engine.report.svg.colours import PlotColours
from workbench.views.plots.epoch_line import EpochLine
from workbench.views.plots.epoch_table import EpochTable, XMode
from workbench.views.plots.mean_table import MeanTable
from workbench.views.plots.racer_table import RacerTable
from workbench.views.plots.run_styles import RunStyle
from workbench.views.plots.series import EpochSeries
from workbench.views.plots.viewport import Floats, Viewport


@dataclass(slots=True)
class Ghost:
    """A run kept for comparison: in grey, or in a ``style`` of its own. A MeanTable has a band about its mean."""

    title: str
    table: EpochTable | MeanTable | RacerTable
    shown: bool = True
    style: RunStyle | None = None

    def colour(self, colours: PlotColours) -> str:
        """The colour of its lines."""
        return self.style.colour(colours.is_dark) if self.style is not None else colours.ghost

    def text_colour(self, colours: PlotColours) -> str:
        """The colour of text about it."""
        return self.style.colour(colours.is_dark) if self.style is not None else colours.ghost_text


def measured_lines(
    series: list[EpochSeries], table: EpochTable, mode: XMode, colours: PlotColours
) -> dict[str, EpochLine]:
    """The run's curves by name; ★ at the best validation, the start hollow."""
    x, best = table.x(mode), table.best
    text = "" if best is None else place_words(table.history.evaluations[best])
    return {
        each.name: EpochLine(
            x,
            table.column(each.column),
            getattr(colours, each.colour),
            each.style,
            star=best if each.star else None,
            star_text=text,
            hollow=table.has_start,
        )
        for each in series
    }


def ghost_lines(series: list[EpochSeries], ghost: Ghost, mode: XMode, colours: PlotColours) -> list[EpochLine]:
    """The curves of another run."""
    x, colour = ghost.table.x(mode), ghost.colour(colours)
    mark = ghost.style.mark if ghost.style is not None else None
    return [
        EpochLine(
            x,
            ghost.table.column(each.column),
            colour,
            each.style,
            ghost=True,
            mark=mark,
            band=_band(ghost.table, each.column),
        )
        for each in series
    ]


def ghost_values(ghost: Ghost, column: str, log: bool) -> tuple[Floats, ...]:
    """What an axis is to show of a column of another run: its curve, and the limits of its band; a logarithmic axis
    does not follow a band, which may reach below 0."""
    if isinstance(ghost.table, RacerTable):
        return (ghost.table.in_range(column),)
    band = None if log else _band(ghost.table, column)
    return (ghost.table.column(column), *(band or ()))


def _band(table: EpochTable | MeanTable | RacerTable, column: str) -> tuple[Floats, Floats] | None:
    if not isinstance(table, MeanTable):
        return None
    found = table.band(column)
    return table.at_steps(found, found.low), table.at_steps(found, found.high)


def new_strip(viewport: Viewport, before: list[EpochLine], now: list[EpochLine], around: float) -> tuple[float, float]:
    """The pixels between which lines that have only grown differ.

    ``around`` is the width of the ★ label, which is beside the ★ at the plot's edges.
    """
    old, new = ([line for line in lines if not line.ghost] for lines in (before, now))
    if not old and not new:
        return 0.0, 0.0
    if len(old) != len(new) or not all(len(line.x) for line in old):
        return 0.0, viewport.width
    places = [float(line.x[-1]) for line in (*old, *new)]
    for one, other in zip(old, new, strict=True):
        if one.star != other.star:
            places += [float(line.x[line.star]) for line in (one, other) if line.star is not None]
    pixels = viewport.x(places)
    return max(0.0, float(pixels.min()) - around), min(viewport.width, float(pixels.max()) + around)


def value_text(value: float, scale: AxisScale) -> str:
    """A value with three digits; fractions as a percentage."""
    if scale == "share" and math.isfinite(value):
        return percent(value)
    if math.isfinite(value) and value != 0 and not 1e-3 <= abs(value) < 1e4:
        return scientific(value)
    digits = 3 if abs(value) < 1 else 2 if abs(value) < 100 else 0
    return grouped(value, digits)
