"""A table with one row for each patient: its names are those of folders, or beginnings of the names of pictures."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from workbench.engine.catalog.datasets.tables.candidates import same
from workbench.engine.catalog.datasets.tables.grid import Grid
from workbench.engine.catalog.datasets.tables.places import pictures_below
from workbench.engine.core.text import paths_text
from workbench.engine.pictures.folder_scans import FolderScans

#: Fewer rows may be called as folders by chance.
_FEWEST: Final = 3
_MARK: Final = re.compile(r"[\W_]+")


def column_of_groups(grid: Grid, base: Path, scans: FolderScans) -> int | None:
    """The column whose values, another in each row, mostly name folders of pictures below ``base`` or begin the names
    of pictures there; None without one."""
    columns = [column for column in range(grid.width) if _are_different(grid.values(column))]
    if len(grid.rows) < _FEWEST or not columns:
        return None
    names = set(_names(base, scans))
    return next((c for c in columns if 2 * sum(same(each) in names for each in grid.values(c)) > len(grid.rows)), None)


def groups_words(grid: Grid, column: int) -> str:
    """A sentence without a stop, after the name of the table, on the ``column`` that names folders or beginnings of
    names, and the columns that may be the class."""
    key, others = grid.name(column), [c for c in range(grid.width) if c != column and _recur(grid.values(c))]
    may_be = f" ({paths_text([grid.name(c) for c in others], 3)} may be that)" if others else ""
    what = "names the folders of the pictures, or the beginnings of their names"
    way = "write a table with one row for each picture (file, class, patient or group)"
    return f"has one row for each {key}, which {what}: to learn a class from it{may_be}, {way} and open that"


def _are_different(values: Sequence[str]) -> bool:
    return all(values) and len(set(values)) == len(values)


def _recur(values: Sequence[str]) -> bool:
    """Whether there are a few values of several rows each."""
    return 1 < len(set(values)) <= len(values) // 2


def _names(base: Path, scans: FolderScans) -> Iterator[str]:
    """The names of the folders with pictures below ``base``, and the beginnings of the names of pictures."""
    for path in pictures_below(base, scans):
        yield from map(same, path.parent.parts)
        yield from (same(path.stem[: mark.start()]) for mark in _MARK.finditer(path.stem))
