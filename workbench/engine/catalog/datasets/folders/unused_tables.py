"""A table beside class folders that is not used: whether it says groups of the same pictures, or has a row for each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from workbench.engine.catalog.datasets.folders.choices import Level
from workbench.engine.catalog.datasets.folders.levels import Group
from workbench.engine.catalog.datasets.folders.rows_of_folders import columns_of_folders
from workbench.engine.catalog.datasets.folders.tables_beside import tables_in
from workbench.engine.catalog.datasets.tables.columns import Choice
from workbench.engine.catalog.datasets.tables.excluded import marked_words
from workbench.engine.catalog.datasets.tables.grid import Grid, read_rows
from workbench.engine.catalog.datasets.tables.groups import is_group_column
from workbench.engine.catalog.datasets.tables.groups_beside import files_of, group_columns
from workbench.engine.catalog.datasets.tables.labels import is_named_class
from workbench.engine.catalog.datasets.tables.parts import is_part_column
from workbench.engine.catalog.datasets.tables.path_column import path_column
from workbench.engine.catalog.datasets.tables.reading import read_table
from workbench.engine.catalog.datasets.tables.values import say_the_same
from workbench.engine.catalog.datasets.understanding import SOURCE, Doubt, Reading
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.text import grouped
from workbench.engine.pictures.folder_scans import FolderScans
from workbench.engine.pictures.folder_tree import Folder

#: As many rows as there are pictures may be chance where these are fewer.
_FEWEST: Final = 8


def unused_tables(tree: Folder, groups: Sequence[Group], level: Level, scans: FolderScans) -> Iterator[Doubt]:
    """The doubt on the first table below ``tree`` that says more of the pictures in ``groups`` than their folders do.

    ``level`` is that of the classes; choosing it says that the folders are all that is meant.
    """
    names = {file: group.name for group in groups for file in group.files}
    are_parted = any(group.part for group in groups)
    for table in tables_in(tree):
        with suppress(WorkbenchError):  # it is no table of pictures
            if doubt := _doubt(tree, table, names, level, scans, are_parted):
                yield doubt
                return


def _doubt(
    tree: Folder, table: Path, names: Mapping[Path, str], level: Level, scans: FolderScans, are_parted: bool
) -> Doubt | None:
    where = table.relative_to(tree.path).as_posix()
    folders = Reading("The folders are all that is meant", (("classes", level),))
    rows, _ = read_rows(table)
    if columns := columns_of_folders(Grid(table, rows[0], tuple(rows[1:])), set(names.values())):
        text = (
            f"{where} has a row for each of the folders ({columns}), so these may be patients or other groups, and the "
            "classes be in it. To learn them, write a table with the file, the class and the group of each picture and "
            "open that."
        )
        return Doubt("classes", text, (folders,))
    try:
        paths = path_column(table, rows, "auto", table.parent, scans)
    except WorkbenchError:
        columns = _columns_of_rows(Grid(table, rows[0], tuple(rows[1:])), names)
        if not columns:
            return None
        text = (
            f"{where} has a row for each of the {grouped(len(names))} pictures and does not name them: its columns "
            f"({columns}) are not used. To use them, write a column with the files of the pictures and open that table."
        )
        return Doubt("classes", text, (folders,))
    columns = group_columns(paths.grid, paths.column, names, scans)
    if not columns:
        beside = [column for column in range(paths.grid.width) if column != paths.column]
        others = [each for each in beside if not (are_parted and is_part_column(paths.grid, each))]
        words = marked_words(paths.grid, others)
        named = sum(file in names for file in files_of(paths.grid, paths.column, scans)) if words else 0
        text = f"{where} names these pictures and is not used: {words}"
        return Doubt("files", text, (folders,)) if words and 2 * named >= len(names) else None
    text = f"{where} names these pictures and may say which of them belong together ({columns}), which is not used."
    opened = Reading(f"Open {where}, with its groups", ((SOURCE, {"kind": "csv", "file": str(table)}),))
    return Doubt("files", text, (opened, folders) if _has_groups(table, names, scans) else (folders,))


def _columns_of_rows(grid: Grid, names: Mapping[Path, str]) -> str:
    """The columns of a table of as many rows as there are pictures that may say their class or group."""
    if len(grid.rows) != len(names) or len(names) < _FEWEST:
        return ""
    sizes = sorted(Counter(names.values()).values())
    columns = [
        column
        for column in range(grid.width)
        if (is_named_class(grid, column) and sorted(Counter(grid.values(column)).values()) != sizes)
        or is_group_column(grid, column)
    ]
    return grid.names(columns) if columns else ""


def _has_groups(table: Path, names: Mapping[Path, str], scans: FolderScans) -> bool:
    """Whether ``table`` can be opened by itself, with groups, and has the classes of the folders."""
    try:
        found = read_table(table, table.parent, Choice(), scans).trained()
    except WorkbenchError:
        return False
    classes = [names.get(file, "") for file in found.files]
    return found.groups is not None and say_the_same(classes, [str(label) for label in found.labels])
