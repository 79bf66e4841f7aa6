"""A table beside class folders that names the same pictures: whether it gives them the classes of their folders."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from workbench.engine.catalog.datasets.folders.choices import LISTS, Level
from workbench.engine.catalog.datasets.folders.levels import Group
from workbench.engine.catalog.datasets.tables.columns import Choice, Columns
from workbench.engine.catalog.datasets.tables.grid import Grid, read_rows
from workbench.engine.catalog.datasets.tables.groups import may_be_group_column
from workbench.engine.catalog.datasets.tables.json_rows import SUFFIXES as JSON
from workbench.engine.catalog.datasets.tables.labels import Labels, says_class
from workbench.engine.catalog.datasets.tables.part_tables import tables_of_parts
from workbench.engine.catalog.datasets.tables.parts import WORDS
from workbench.engine.catalog.datasets.tables.path_column import PathColumn, path_column
from workbench.engine.catalog.datasets.tables.places import found_files
from workbench.engine.catalog.datasets.tables.reading import read_table
from workbench.engine.catalog.datasets.tables.table_files import may_be_table
from workbench.engine.catalog.datasets.tables.values import is_quantity, say_the_same
from workbench.engine.catalog.datasets.understanding import SOURCE, Doubt, Reading
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.text import counted, paths_text
from workbench.engine.pictures.folder_scans import FolderScans
from workbench.engine.pictures.folder_tree import Folder
from workbench.engine.pictures.part_names import plain_word, says_nothing, words_of

#: Tables are looked for in folders so deep below the data's; larger ones hold pixels or measurements.
_DEPTH: Final = 2
MAX_BYTES: Final = 20_000_000
_TABLES: Final = (".csv", ".tsv")
#: What a table says of fewer pictures may be chance.
_FEWEST: Final = 4
#: A folder with more texts or JSON holds one for each picture.
_MOST_LISTS: Final = 50
#: Words in names of lists whose numbers divide the pictures and are no classes.
_OF_PARTS: Final = frozenset({"split", "splits", "partition", "partitions", "fold", "folds", "subset", "subsets"})


@dataclass(frozen=True, slots=True)
class OtherClasses:
    """``table`` names the pictures in the class folders, and its ``columns`` that may be the class say another one.

    ``is_sure``: the folders are no classes (numbered parts of one heap, ``Dataset`` and ``Examples``), so that the
    classes are those of the table. ``opened`` are the readings that open it.
    """

    table: Path
    columns: str
    is_sure: bool
    opened: tuple[Reading, ...] = ()

    def doubt(self, classes: Sequence[str], level: Level) -> Doubt:
        """Whether the folders, with ``classes`` at ``level``, are meant nevertheless."""
        folders = paths_text(classes, 4)
        text = (
            f"{self.table} names these pictures, and its classes ({self.columns}) are not those of the folders "
            f"({folders}): open that table to learn its classes."
        )
        read = Reading(f"The classes are the folders: {folders}", (("classes", level),))
        return Doubt("classes", text, (*self.opened, read))


def other_classes(tree: Folder, groups: Sequence[Group], scans: FolderScans) -> OtherClasses | None:
    """The first table below ``tree`` that says other classes than the folders of ``groups``, None without one."""
    names = {file: group.name for group in groups for file in group.files}
    named = {group.name for group in groups if group.files}
    are_numbered = _are_numbered(named) or all(map(says_nothing, named))
    for table in tables_in(tree):
        try:
            columns = _differing(table, names, are_numbered, scans)
        except WorkbenchError:  # it is no table of pictures and classes
            continue
        if columns:
            return OtherClasses(table, columns, are_numbered, tuple(_opened(tree, table, scans)))
    return None


def _opened(tree: Folder, table: Path, scans: FolderScans) -> Iterator[Reading]:
    """The ways to open ``table`` in place of the folders: one for each column that may be its class."""
    try:
        found = read_table(table, table.parent, Choice(), scans)
        found.trained()
    except WorkbenchError:
        return
    where, source = table.relative_to(tree.path).as_posix(), {"kind": "csv", "file": str(table)}
    asked = [each for doubt in found.doubts if doubt.is_refused for each in doubt.readings]
    for each in asked:
        yield Reading(f"Open {where}: {each.label}", ((SOURCE, {**source, **dict(each.settings)}),))
    if not asked:
        yield Reading(f"Open {where}, with its classes", ((SOURCE, source),))


def contradictions(tree: Folder, groups: Sequence[Group], scans: FolderScans) -> Iterator[str]:
    """A sentence on each table below ``tree`` that mostly says the classes of the folders, and of some pictures not."""
    names = {file: group.name for group in groups for file in group.files}
    for table in tables_in(tree):
        try:
            reading = read_table(table, table.parent, Choice(), scans)
        except WorkbenchError:
            continue
        said = [(f, label) for f, label in zip(reading.files, reading.labels, strict=True) if f in names]
        odd = [(f, label) for f, label in said if label.casefold() != names[f].casefold()]
        if odd and 2 * len(odd) < len(said):
            where = table.relative_to(tree.path).as_posix()
            what = counted(len(odd), "picture")
            listed = paths_text([f"{f.name} ({label} in the table, {names[f]} by its folder)" for f, label in odd], 3)
            yield f"{where} gives {what} another class than their folders do, which are used: {listed}."


def tables_in(tree: Folder) -> Iterator[Path]:
    """The tables in ``tree`` by their names, then the lists and the JSON that begin as tables do."""
    folders = [folder for folder in tree.walk() if len(Path(folder.relative).parts) <= _DEPTH]
    tables = (folder.path / name for folder in folders for name in folder.others if name.lower().endswith(_TABLES))
    lists = (each for folder in folders for each in _lists_in(folder))
    yield from (file for file in (*tables, *lists) if os.path.getsize(file) <= MAX_BYTES)


def _lists_in(folder: Folder) -> Iterable[Path]:
    """The lists and the JSON in ``folder`` that begin as tables do; none of a folder with a text for each picture."""
    files = [folder.path / name for name in folder.others if name.lower().endswith((*LISTS, *JSON))]
    return filter(may_be_table, files) if len(files) <= _MOST_LISTS else ()


def _are_numbered(names: set[str]) -> bool:
    """Whether names differ in their numbers only, and are more than these: ``images_part_1``, ``images_part_2``."""
    stems = {re.sub(r"\d+", "", name).strip(" _-.").casefold() for name in names}
    return len(names) > 1 and len(stems) == 1 and len(stems.pop()) > 1


def _differing(table: Path, names: Mapping[Path, str], are_numbered: bool, scans: FolderScans) -> str:
    """The columns of ``table`` that may be the class, if it names most of the pictures, together with the tables of the
    other parts where it is that for training, and no column agrees; of fewer pictures, those that are called the class
    and mostly say another."""
    paths, files = _whole(table, scans)
    grid, beside = paths.grid, [column for column in range(paths.grid.width) if column != paths.column]
    known = [row for row, file in enumerate(files) if file in names]
    folders = [names[files[row]] for row in known]
    is_most = 2 * len(known) >= len(names)
    if not is_most and len(known) < _FEWEST:
        return ""
    for column in beside:
        values = grid.values(column)
        if not may_be_group_column(grid, column) and say_the_same([values[row] for row in known], folders):
            return ""
    labels = Columns(grid, paths.column, Choice()).labels
    if not is_most:
        said = [labels.values[row].casefold() for row in known]
        is_other = 2 * sum(map(str.__eq__, said, map(str.casefold, folders))) < len(known)
        return grid.names(labels.columns) if is_other and all(says_class(grid, c) for c in labels.columns) else ""
    is_class = are_numbered or any(says_class(grid, column) for column in labels.columns) or _is_only(grid, beside)
    return paths_text(_names(labels, grid.names(labels.columns)), 4) if is_class else ""


def _whole(table: Path, scans: FolderScans) -> tuple[PathColumn, Sequence[Path]]:
    """The rows of ``table`` and of those for the other parts that are written in the same way, with their files.

    Raises WorkbenchError.
    """
    paths, files = _read(table, scans)
    grid = paths.grid
    for other in tables_of_parts(table, scans).values():
        with suppress(WorkbenchError):
            more, its = _read(other, scans)
            if (more.column, more.grid.head, more.grid.width) == (paths.column, grid.head, grid.width):
                grid, files = replace(grid, rows=(*grid.rows, *more.grid.rows)), (*files, *its)
    return replace(paths, grid=grid), files


def _read(table: Path, scans: FolderScans) -> tuple[PathColumn, tuple[Path, ...]]:
    rows, _ = read_rows(table)
    paths = path_column(table, rows, "auto", table.parent, scans)
    named = paths.grid.values(paths.column)
    return paths, found_files(table, named, [frozenset[str]()] * len(named), table.parent, scans).files


def _is_only(grid: Grid, beside: Sequence[int]) -> bool:
    """Whether a table without a header has a path and one word in each row, several rows have the same, and no part."""
    if grid.head is not None or len(beside) != 1 or _OF_PARTS & set(words_of(grid.file.stem)):
        return False
    words = set(grid.values(beside[0]))
    are_parts = all(plain_word(word) in WORDS for word in words)
    return 1 < len(words) <= len(grid.rows) // 2 and not are_parts and not is_quantity(grid.values(beside[0]))


def _names(labels: Labels, chosen: str) -> Sequence[str]:
    """The columns in a sentence: those that are asked about, or the one that is sure."""
    asked = [str(value) for doubt in labels.doubts for each in doubt.readings for _, value in each.settings]
    return [f"“{name}”" for name in asked] or [chosen]
