"""A table beside folders of patients that has one row for each of them."""

from __future__ import annotations

from collections.abc import Set
from contextlib import suppress
from typing import Final

from workbench.engine.catalog.datasets.folders.tables_beside import tables_in
from workbench.engine.catalog.datasets.tables.grid import Grid, read_rows
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.pictures.folder_tree import Folder

#: As many rows as there are folders may be chance where these are fewer.
_FEWEST: Final = 3
_CLASS_WORDS: Final = frozenset({"class", "classes", "label", "labels", "category", "wnid", "synset"})


def rows_words(tree: Folder, folders: Set[str]) -> str:
    """What to do with the first table in ``tree`` that has a row for each of the ``folders``, in a sentence; empty
    without one."""
    for table in tables_in(tree):
        with suppress(WorkbenchError):
            rows, _ = read_rows(table)
            if columns := columns_of_folders(Grid(table, rows[0], tuple(rows[1:])), folders):
                where = table.relative_to(tree.path).as_posix()
                text = f"{where} has one row for each of these folders ({columns}). To learn a class from it, write a"
                return f"{text} table with one row for each picture (file, class, patient or group) and open that."
    return ""


def columns_of_folders(grid: Grid, folders: Set[str]) -> str:
    """The columns of a table with a row for each of some numbered ``folders``: its name, and words that recur."""
    names = {folder.casefold() for folder in folders}
    if len(grid.rows) != len(names) or len(names) < _FEWEST or not all(map(_is_numbered, names)):
        return ""
    columns = range(min(map(len, (grid.head or (), *grid.rows))))
    keys = [c for c in columns if {value.casefold() for value in grid.values(c)} == names and not _says_class(grid, c)]
    others = [c for c in columns if c not in keys and 1 < len(set(grid.values(c))) <= len(names) // 2]
    return grid.names([*keys, *others]) if keys and others else ""


def _is_numbered(name: str) -> bool:
    return any(map(str.isdigit, name))


def _says_class(grid: Grid, column: int) -> bool:
    return bool(_CLASS_WORDS & set(grid.key(column).split("_")))
