"""A chart as plain data: curves over a pair of axes, marked places, a band."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from workbench.engine.report.svg.axis_ticks import AxisScale

Floats = npt.NDArray[np.float64]
Style = Literal["solid", "dashed", "dotted", "dots"]
#: Maps the name of a colour, a field of ``PlotColours`` or ``series-0``, ``series-1``, …, to an SVG colour.
Paint = Callable[[str], str]


@dataclass(frozen=True, eq=False)
class Curve:
    """``x`` and ``y`` (N,); NaN and infinite values are gaps, and so are values that a log axis does not have.

    ``colour`` is a name as ``Paint`` takes it. A faint curve is drawn thin, below the others.
    """

    name: str
    x: Floats
    y: Floats
    colour: str
    style: Style = "solid"
    is_faint: bool = False


@dataclass(frozen=True)
class Mark:
    """A vertical line at ``x`` with a short ``label`` at its top and ``words`` that a reader sees below the pointer."""

    x: float
    label: str
    words: str = ""


@dataclass(frozen=True)
class Band:
    """The values from ``low`` to ``high``, either of which may be open (None), named."""

    low: float | None
    high: float | None
    name: str


@dataclass(frozen=True, eq=False)
class Chart:
    """What ``chart_svg`` draws. ``limits`` fixes the vertical axis, ``floor`` is always in its range.

    The scale ``share`` writes 0–1 as per cent.
    """

    title: str
    x_label: str
    y_label: str
    curves: tuple[Curve, ...]
    marks: tuple[Mark, ...] = ()
    band: Band | None = None
    x_scale: AxisScale = "linear"
    y_scale: AxisScale = "linear"
    limits: tuple[float, float] | None = None
    floor: float | None = None


def curve(
    name: str, x: npt.ArrayLike, y: npt.ArrayLike, colour: str, style: Style = "solid", is_faint: bool = False
) -> Curve:
    """A ``Curve`` of any sequences of numbers."""
    return Curve(name, np.asarray(x, np.float64), np.asarray(y, np.float64), colour, style, is_faint)
