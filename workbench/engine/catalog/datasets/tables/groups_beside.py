"""A table beside another that says which of its pictures belong together: patients, lesions, films."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from workbench.engine.catalog.datasets.tables.grid import Grid, read_rows
from workbench.engine.catalog.datasets.tables.groups import is_group_column
from workbench.engine.catalog.datasets.tables.path_column import path_column
from workbench.engine.catalog.datasets.tables.places import found_files
from workbench.engine.catalog.datasets.tables.reading import TableReading
from workbench.engine.catalog.datasets.tables.values import say_the_same
from workbench.engine.catalog.datasets.understanding import Doubt, Reading
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.pictures.folder_scans import FolderScans

_SUFFIXES: Final = (".csv", ".tsv")
#: Of more tables only the first are looked at, and larger ones not.
_TRIED: Final = 6
_MAX_BYTES: Final = 5_000_000
_INDEPENDENT: Final = Reading("They are independent: without groups", (("group_column", "none"),))


def groups_doubt(found: TableReading, read: Collection[Path], scans: FolderScans) -> tuple[Doubt, ...]:
    """The doubt on the first table beside ``found``, not ``read`` with it, that says groups of its pictures; none where
    ``found`` has groups itself."""
    if found.groups:
        return ()
    table, names = found.table, dict(zip(found.files, found.labels, strict=True))
    files = (table.parent / item.name for item in scans.items(table.parent) if item.is_file and not item.is_hidden)
    beside = [each for each in files if each.suffix.lower() in _SUFFIXES and each not in (table, *read)]
    for other in beside[:_TRIED]:
        with suppress(WorkbenchError, OSError):  # it is no table of pictures
            if other.stat().st_size <= _MAX_BYTES and (columns := _columns(other, names, scans)):
                text = (
                    f"{other.name} names these pictures and may say which of them belong together ({columns}), which "
                    f"is not used: the split then puts them on both sides. To use it, write it as a column into "
                    f"{table.name}."
                )
                return (Doubt("files", text, (_INDEPENDENT,)),)
    return ()


def _columns(table: Path, names: Mapping[Path, str], scans: FolderScans) -> str:
    paths = path_column(table, read_rows(table)[0], "auto", table.parent, scans)
    return group_columns(paths.grid, paths.column, names, scans)


def group_columns(grid: Grid, path: int, names: Mapping[Path, str], scans: FolderScans) -> str:
    """The columns of ``grid`` that name groups of the pictures in ``names`` which are not their classes there, if the
    table names most of them in its column ``path``."""
    columns = [column for column in range(grid.width) if column != path and is_group_column(grid, column)]
    if not columns:
        return ""
    files = files_of(grid, path, scans)
    known = [row for row, file in enumerate(files) if file in names]
    classes = [names[files[row]] for row in known]
    cells = {column: grid.values(column) for column in columns}
    other = [column for column in columns if not say_the_same([cells[column][row] for row in known], classes)]
    return grid.names(other) if other and 2 * len(known) >= len(names) else ""


def files_of(grid: Grid, path: int, scans: FolderScans) -> Sequence[Path]:
    """The file that each row of ``grid`` names in its column ``path``."""
    named = grid.values(path)
    return found_files(grid.file, named, [frozenset[str]()] * len(named), grid.file.parent, scans).files
