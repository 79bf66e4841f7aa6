"""``grid_svg``: a table of shares as a drawing, darker where more: a confusion matrix."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from typing import Final

import numpy as np
import numpy.typing as npt

from workbench.engine.core.text import for_file, grouped
from workbench.engine.report.svg.chart import Paint
from workbench.engine.report.svg.drawing import LETTER, TEXT, element, text_at

#: Maximum number of classes for which cells show numbers, and for which names are shown.
NUMBERED: Final = 12
NAMED: Final = 40
_LONGEST: Final = 16
#: Minimum opacity of a cell with mistakes, so that one mistake is visible.
_LEAST: Final = 0.18


@dataclass(frozen=True, eq=False)
class Grid:
    """``counts`` (R, C) whole numbers under names; ``shares`` (R, C) from 0 to 1 say how dark each cell is."""

    title: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    row_title: str
    column_title: str
    counts: npt.NDArray[np.int64]
    shares: npt.NDArray[np.float64]


def grid_svg(grid: Grid, paint: Paint, width: int = 560) -> str:
    """The grid at most ``width`` pixels wide and high; every cell has a tooltip with its numbers."""
    count = max(1, len(grid.columns), len(grid.rows))
    names = count <= NAMED
    left = (24 + LETTER * max(map(len, map(_shortened, grid.rows)), default=0)) if names else 24.0
    side = (width - left) / count
    top = 24.0 + TEXT + (_above(grid, side) if names else TEXT)
    parts = [
        text_at(grid.title, 0, TEXT, paint("text"), weight=600),
        text_at(f"{grid.row_title} ↓  {grid.column_title} →", 0, 20 + TEXT, paint("muted")),
        *(_cells(grid, left, top, side, paint)),
        *(_names(grid, left, top, side, paint) if names else ()),
    ]
    height = int(top + side * max(1, len(grid.rows)) + 8)
    words = f"{grid.row_title} in rows, {grid.column_title} in columns, {len(grid.rows)} × {len(grid.columns)}."
    return element(grid.title, words, parts, width, height)


def _above(grid: Grid, side: float) -> float:
    """The height of the names over the columns: in one line where they fit, else upright."""
    longest = LETTER * max(map(len, map(_shortened, grid.columns)), default=0)
    return 1.5 * TEXT if longest <= side else longest + 0.5 * TEXT


def _shortened(name: str) -> str:
    return name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…"


def _cells(grid: Grid, left: float, top: float, side: float, paint: Paint) -> Iterator[str]:
    has_numbers = len(grid.columns) <= NUMBERED
    for (row, column), count in np.ndenumerate(grid.counts):
        x, y, share = left + column * side, top + row * side, float(grid.shares[row, column])
        place = f'x="{_n(x)}" y="{_n(y)}" width="{_n(side)}" height="{_n(side)}"'
        said = f"{grid.rows[row]}, {grid.columns[column]}: {grouped(int(count))}"
        if not count and not has_numbers:
            continue
        colour = paint("train") if row == column else paint("val")
        clear = 0.85 * share if row == column or not count else max(_LEAST, 0.85 * share)
        look = f'fill-opacity="{for_file(clear, 3)}" stroke-opacity="0.6" stroke-width="0.5"'
        yield f'<rect {place} {look} style="fill:{colour};stroke:{paint("grid")}"><title>{escape(said)}</title></rect>'
        if has_numbers and count:
            words = grouped(int(count))
            dark = paint("background") if share > 0.6 else paint("text")
            yield text_at(words, x + side / 2, y + side / 2 + TEXT / 3, dark, "middle")
    edges = f'x="{_n(left)}" y="{_n(top)}" width="{_n(side * len(grid.columns))}" height="{_n(side * len(grid.rows))}"'
    yield f'<rect {edges} fill="none" style="stroke:{paint("muted")}"/>'


def _names(grid: Grid, left: float, top: float, side: float, paint: Paint) -> Iterator[str]:
    size = min(TEXT, max(7, int(side)))
    for row, name in enumerate(grid.rows):
        middle = top + (row + 0.5) * side + size / 3
        yield text_at(_shortened(name), left - 6, middle, paint("text"), "end", size=size)
    is_flat = _above(grid, side) == 1.5 * TEXT
    for column, name in enumerate(grid.columns):
        x, y = left + (column + 0.5) * side, top - 6
        if is_flat:
            yield text_at(_shortened(name), x, y, paint("text"), "middle", size=size)
            continue
        words = text_at(_shortened(name), 0, size / 3, paint("text"), size=size)
        yield f'<g transform="translate({_n(x)} {_n(y)}) rotate(-90)">{words}</g>'


def _n(value: float) -> str:
    return for_file(float(np.round(value, 2)), 7)
