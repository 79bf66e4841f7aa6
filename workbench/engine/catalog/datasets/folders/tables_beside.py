"""A table beside class folders that names the same pictures: whether it gives them the classes of their folders."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from workbench.engine.catalog.datasets.folders.choices import Level
from workbench.engine.catalog.datasets.folders.levels import Group
from workbench.engine.catalog.datasets.tables.columns import Choice, Columns
from workbench.engine.catalog.datasets.tables.grid import read_rows
from workbench.engine.catalog.datasets.tables.groups import may_be_group_column
from workbench.engine.catalog.datasets.tables.labels import Labels, says_class
from workbench.engine.catalog.datasets.tables.path_column import path_column
from workbench.engine.catalog.datasets.tables.places import found_files
from workbench.engine.catalog.datasets.tables.reading import read_table
from workbench.engine.catalog.datasets.tables.values import say_the_same
from workbench.engine.catalog.datasets.understanding import SOURCE, Doubt, Reading
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.text import counted, paths_text
from workbench.engine.pictures.folder_scans import FolderScans
from workbench.engine.pictures.folder_tree import Folder
from workbench.engine.pictures.part_names import says_nothing

#: Tables are looked for in folders so deep below the data's; larger ones hold pixels or measurements.
_DEPTH: Final = 2
MAX_BYTES: Final = 20_000_000


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
    """The tables in ``tree``, by their names."""
    for folder in tree.walk():
        if len(Path(folder.relative).parts) <= _DEPTH:
            files = [folder.path / name for name in folder.others if name.lower().endswith((".csv", ".tsv"))]
            yield from (file for file in files if os.path.getsize(file) <= MAX_BYTES)


def _are_numbered(names: set[str]) -> bool:
    """Whether names differ in their numbers only, and are more than these: ``images_part_1``, ``images_part_2``."""
    stems = {re.sub(r"\d+", "", name).strip(" _-.").casefold() for name in names}
    return len(names) > 1 and len(stems) == 1 and len(stems.pop()) > 1


def _differing(table: Path, names: Mapping[Path, str], are_numbered: bool, scans: FolderScans) -> str:
    """The columns of ``table`` that may be the class, if it names most of the pictures and no column agrees."""
    rows, _ = read_rows(table)
    paths = path_column(table, rows, "auto", table.parent, scans)
    grid, beside = paths.grid, [column for column in range(paths.grid.width) if column != paths.column]
    named = grid.values(paths.column)
    files = found_files(table, named, [frozenset[str]()] * len(named), table.parent, scans).files
    known = [row for row, file in enumerate(files) if file in names]
    if 2 * len(known) < len(names):
        return ""
    folders = [names[files[row]] for row in known]
    for column in beside:
        values = grid.values(column)
        if not may_be_group_column(grid, column) and say_the_same([values[row] for row in known], folders):
            return ""
    labels = Columns(grid, paths.column, Choice()).labels
    is_class = are_numbered or any(says_class(grid, column) for column in labels.columns)
    return paths_text(_names(labels, grid.names(labels.columns)), 4) if is_class else ""


def _names(labels: Labels, chosen: str) -> Sequence[str]:
    """The columns in a sentence: those that are asked about, or the one that is sure."""
    asked = [str(value) for doubt in labels.doubts for each in doubt.readings for _, value in each.settings]
    return [f"“{name}”" for name in asked] or [chosen]
