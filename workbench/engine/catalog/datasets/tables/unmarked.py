"""Rows without a 1 in any of the columns that are a class each: a class of their own, or left out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from workbench.engine.catalog.datasets.tables.grid import Grid
from workbench.engine.catalog.datasets.tables.labels import Labels
from workbench.engine.catalog.datasets.understanding import Doubt, Fact, Reading
from workbench.engine.core.text import counted, grouped, paths_text

#: What their class is called; the second where a column has the name of the first.
_NAMES: Final = ("none", "none of them")
_NUMBERED: Final = 4


def with_none(grid: Grid, labels: Labels) -> Labels:
    """``labels`` with a class for the rows that have something other than a 1 in each of their several columns."""
    if len(labels.columns) < 2:
        return labels
    rows, name = set(_unmarked(grid, labels)), none_name(grid, labels.columns)
    values = tuple(name if row in rows else value for row, value in enumerate(labels.values))
    text = f"{counted(len(rows), 'row')} without a 1 in these columns are of the class “{name}”."
    return replace(labels, values=values, facts=(*labels.facts, Fact("classes", text))) if rows else labels


def none_name(grid: Grid, columns: Sequence[int]) -> str:
    """The name of the class of rows that none of ``columns`` marks."""
    used = {grid.head[column].casefold() for column in columns} if grid.head else set[str]()
    return next(name for name in _NAMES if name not in used or name == _NAMES[-1])


def unmarked_doubt(grid: Grid, columns: Sequence[int], rows: Sequence[int]) -> Doubt:
    """A doubt on ``rows`` that have no 1 in ``columns``: what becomes of them."""
    name, cell = none_name(grid, columns), grid.rows[rows[0]][columns[0]] or "0"
    numbers = paths_text([grouped(row + 1) for row in rows], _NUMBERED)
    of = f"{counted(len(rows), 'row')} of {grouped(len(grid.rows))}"
    text = (
        f"{grid.file.name} has a {cell} in every class column in {of} ({numbers}): such pictures are a class of their "
        "own, or they are left out."
    )
    own = Reading(f"{counted(len(rows), 'row')} are a class of their own, “{name}”", (("without_class", "class"),))
    leave = Reading(f"Leave out {counted(len(rows), 'row')} without a class", (("without_class", "leave_out"),))
    return Doubt("classes", text, (own, leave))


def _unmarked(grid: Grid, labels: Labels) -> Iterator[int]:
    """The rows without a class that have no empty cell in the columns of the classes."""
    cells = zip(*(grid.values(column) for column in labels.columns), strict=True)
    return (row for row, each in enumerate(cells) if all(each) and not labels.values[row])
