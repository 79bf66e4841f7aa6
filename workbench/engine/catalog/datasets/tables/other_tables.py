"""Other tables beside the one that is read, which give about as many pictures a class: each is one click away."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Final

from workbench.engine.catalog.datasets.copy_names import originals
from workbench.engine.catalog.datasets.tables.columns import Choice
from workbench.engine.catalog.datasets.tables.reading import TableReading, read_table
from workbench.engine.catalog.datasets.understanding import Doubt, Fact, Reading
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.text import counted, grouped, paths_text
from workbench.engine.pictures.folder_scans import FolderScans

_SUFFIXES: Final = (".csv", ".tsv")
#: Of more tables, and of larger ones, none is tried.
_TRIED: Final = 6
_MAX_BYTES: Final = 5_000_000
#: What is chosen of the columns of one table says nothing of another.
_AUTO: Final = tuple(
    (name, "auto")
    for name in ("path_column", "class_column", "part_column", "group_column", "validation_table", "test_table")
)


def others_fact(found: TableReading, read: Collection[Path], scans: FolderScans) -> tuple[Fact, ...]:
    """A fact on the tables beside ``found`` that can be opened and are not ``read`` with it, with a way to open each;
    none without such.
    """
    table = found.table
    files = (table.parent / item.name for item in scans.items(table.parent) if item.is_file and not item.is_hidden)
    beside = [each for each in files if each.suffix.lower() in _SUFFIXES and each not in (table, *read)]
    if len(beside) > _TRIED:
        return ()
    counts = {each: _count(each, scans) for each in beside}
    others = [each for each in beside if 2 * counts[each] >= len(found.files)]
    if not others:
        return ()
    readings = (
        Reading(f"Open {each.name}: {counted(counts[each], 'picture')}", (("file", str(each)), *_AUTO))
        for each in others
    )
    text = f"Other tables beside {table.name} are not read: {paths_text([each.name for each in others])}."
    return (Fact("files", text, tuple(readings)),)


def copy_doubt(found: TableReading, scans: FolderScans) -> tuple[Doubt, ...]:
    """The question which of two tables is right, where one beside ``found`` is called as its copy and gives the same
    pictures other classes; none without such.
    """
    table, labels = found.table, dict(zip(found.files, found.labels, strict=True))
    items = [item for item in scans.items(table.parent) if item.is_file and not item.is_hidden]
    for copy in (table.parent / item.name for item in items if is_copy(table.parent / item.name, table)):
        theirs = _labels(copy, scans)
        both = [file for file in theirs if file in labels]
        others = sum(theirs[file] != labels[file] for file in both)
        if others:
            text = (
                f"{copy.name} is called as the copy of {table.name} and gives {grouped(others)} of "
                f"{counted(len(both), 'picture')} another class: {table.name} is read unless the copy is opened."
            )
            opened = Reading(f"Open {copy.name}", (("file", str(copy)), *_AUTO))
            stay = Reading(f"Use {table.name} as it is", (("class_column", found.class_column),))
            return (Doubt("classes", text, (stay, opened)) if found.class_column else Doubt("files", text, (opened,)),)
    return ()


def is_copy(table: Path, original: Path) -> bool:
    """Whether ``table`` is called as the copy of ``original``: ``labels (1).csv`` of ``labels.csv``."""
    is_alike = table.suffix.lower() == original.suffix.lower() and table.parent == original.parent
    return is_alike and original.stem.casefold() in originals(table.stem)


def _labels(table: Path, scans: FolderScans) -> dict[Path, str]:
    try:
        if table.stat().st_size > _MAX_BYTES:
            return {}
        found = read_table(table, table.parent, Choice(), scans)
    except (WorkbenchError, OSError):
        return {}
    return dict(zip(found.files, found.labels, strict=True))


def _count(table: Path, scans: FolderScans) -> int:
    """The number of pictures that ``table`` gives classes for training, and whose files are there; 0 if none."""
    try:
        if table.stat().st_size > _MAX_BYTES:
            return 0
        found = read_table(table, table.parent, Choice(), scans).trained()
    except (WorkbenchError, OSError):
        return 0
    return len(found.files) if all(file.is_file() for file in found.files[:_TRIED]) else 0
