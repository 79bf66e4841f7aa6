"""From evaluations to lines on a plot, and from values to words."""

from __future__ import annotations

import math
from dataclasses import dataclass

from workbench.engine.core.text import grouped, percent, scientific
from workbench.views.plots.axis_ticks import Scale
from workbench.views.plots.colours import PlotColours
from workbench.views.plots.epoch_table import EpochTable, XMode
from workbench.views.plots.frame import Frame
from workbench.views.plots.line import Line
from workbench.views.plots.series import EpochSeries

#: The longest words that stand at a ★.
BEFORE_TRAINING = "before training"


@dataclass(slots=True)
class Ghost:
    """A run kept for comparison."""

    title: str
    table: EpochTable
    shown: bool = True


def measured_lines(series: list[EpochSeries], table: EpochTable, mode: XMode, colours: PlotColours) -> dict[str, Line]:
    """The lines of the run, by name; ★ where its validation was best."""
    x, best = table.x(mode), table.best
    epoch = 0.0 if best is None else float(table.column("epoch")[best])
    text = "" if best is None else f"epoch {grouped(epoch)}" if epoch else BEFORE_TRAINING
    return {
        each.name: Line(
            x,
            table.column(each.column),
            getattr(colours, each.colour),
            each.style,
            star=best if each.star else None,
            star_text=text,
        )
        for each in series
    }


def ghost_lines(series: list[EpochSeries], ghost: Ghost, mode: XMode, colours: PlotColours) -> list[Line]:
    """The same of a run before, in grey."""
    x = ghost.table.x(mode)
    return [Line(x, ghost.table.column(each.column), colours.ghost, each.style, ghost=True) for each in series]


def new_strip(frame: Frame, before: list[Line], now: list[Line], around: float) -> tuple[float, float]:
    """From which pixel to which lines differ that have only grown; ``around`` is the width of ★'s words, which
    stand beside it at the plot's edges."""
    old, new = ([line for line in lines if not line.ghost] for lines in (before, now))
    if len(old) != len(new) or not all(len(line.x) for line in old):
        return 0.0, frame.width
    places = [float(line.x[-1]) for line in (*old, *new)]
    for one, other in zip(old, new, strict=True):
        if one.star != other.star:
            places += [float(line.x[line.star]) for line in (one, other) if line.star is not None]
    pixels = frame.x(places)
    return max(0.0, float(pixels.min()) - around), min(frame.width, float(pixels.max()) + around)


def value_text(value: float, scale: Scale) -> str:
    """A value as short as it can be read: three digits, shares as per cent."""
    if scale == "share" and math.isfinite(value):
        return percent(value)
    if math.isfinite(value) and value != 0 and not 1e-3 <= abs(value) < 1e4:
        return scientific(value)
    digits = 3 if abs(value) < 1 else 2 if abs(value) < 100 else 0
    return grouped(value, digits)
