"""What a lesson shows while it measures, as plain data: panels of curves, a table, and how far it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

Style = Literal["solid", "dashed", "dots", "drawn"]


@dataclass(frozen=True, eq=False)
class Line:
    """One curve: ``x`` and ``y`` (N,), NaN where it has a gap. Dashed lines are for comparison: theory, a limit;
    a drawn one is what somebody expected.
    """

    name: str
    x: npt.NDArray[np.float64]
    y: npt.NDArray[np.float64]
    style: Style = "solid"


@dataclass(frozen=True, eq=False)
class Panel:
    """Curves over one pair of axes. ``is_measured``: the vertical axis is the measured quantity itself, so that the
    lesson's band belongs into it.
    """

    title: str
    x_label: str
    y_label: str
    lines: tuple[Line, ...]
    log_x: bool = False
    log_y: bool = False
    is_measured: bool = False


@dataclass(frozen=True, eq=False)
class Ground:
    """Heights over a part of a plane, and a path on it, drawn as the playground draws a surface.

    ``heights`` (n, m) are at ``ys`` (n,) and ``xs`` (m,), both rising; NaN where there is none yet. ``path`` is (K, 2).
    ``words`` say what is seen.
    """

    title: str
    words: str
    xs: npt.NDArray[np.float64]
    ys: npt.NDArray[np.float64]
    heights: npt.NDArray[np.float64]
    path: npt.NDArray[np.float64]


@dataclass(frozen=True)
class Table:
    """A small table of ready texts, as wide as ``head``."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, eq=False)
class Picture:
    """Panels, one below the other, a table, and heights with a path; each may be missing."""

    panels: tuple[Panel, ...] = ()
    table: Table | None = None
    ground: Ground | None = None


@dataclass(frozen=True, eq=False)
class Frame:
    """How far a lesson is: ``done`` of ``total`` (0 of 0 where it cannot be counted), and what there is to see so far;
    ``picture`` is None where nothing new is to be seen.
    """

    done: int
    total: int
    words: str
    picture: Picture | None = None


def line(name: str, x: npt.ArrayLike, y: npt.ArrayLike, style: Style = "solid") -> Line:
    """A ``Line`` of any sequences of numbers."""
    return Line(name, np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64), style)
