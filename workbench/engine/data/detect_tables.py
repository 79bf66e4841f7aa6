"""Which files of a folder are tables that give pictures their classes or parts."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from workbench.engine.catalog.datasets.folders.layout import Layout
from workbench.engine.catalog.datasets.table import PictureTable
from workbench.engine.catalog.datasets.tables.json_rows import is_of_other_shape
from workbench.engine.catalog.datasets.tables.other_tables import is_copy
from workbench.engine.catalog.datasets.tables.part_tables import splits_beside, tables_of_parts
from workbench.engine.catalog.datasets.tables.parts import WORDS
from workbench.engine.catalog.datasets.tables.table_files import MAX_JSON, may_be_table
from workbench.engine.catalog.datasets.tables.values import say_the_same
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.text import paths_text
from workbench.engine.data.detect_layouts import is_of_anything, unwrapped_folder
from workbench.engine.pictures.folder_scans import FolderScans
from workbench.engine.pictures.part_names import part_said, parts_of, plain_word, words_of
from workbench.engine.pictures.picture_kinds import SUFFIXES

#: Tables of a split are looked for in folders so deep below the data's.
_DEPTH: Final = 2
#: Of more folders only the first are looked into.
_LOOKED_INTO: Final = 30


def is_json_of_pictures(file: Path) -> bool:
    """Whether a .json file holds pictures and classes in another shape than a table's, which it is then refused for."""
    if file.suffix.lower() != ".json" or file.stat().st_size > MAX_JSON:
        return False
    return is_of_other_shape(file.read_text("utf-8", "replace"))


def tables_of_classes(files: Sequence[Path], scans: FolderScans) -> list[Path]:
    """The tables among ``files`` that give pictures their classes, the one with the most pictures first.

    Those of a split are one, which is that for training.
    """
    found: list[tuple[bool, int, Path]] = []
    for file in files:
        if may_be_table(file):
            try:
                alone = PictureTable(file=str(file), validation_table="none", test_table="none")
                read = alone.found(False, scans)
                are_parts = all(plain_word(name) in WORDS for name in read.classes)  # of another table's pictures
                found.append((are_parts, -len(read.files), file))
            except WorkbenchError:
                continue
    tables = _originals_first([file for *_, file in sorted(found, key=lambda each: each[:2])])
    parted = [table for table in tables if tables_of_parts(table, scans)]
    others = {other for table in parted for other in tables_of_parts(table, scans).values()}
    parted = [*splits_beside(parted[0], scans), *parted] if parted else []
    return [*dict.fromkeys(parted), *(table for table in tables if table not in parted and table not in others)]


def _originals_first(tables: Sequence[Path]) -> list[Path]:
    """``tables`` with those behind that are called as the copy of another."""
    return sorted(tables, key=lambda table: any(is_copy(table, other) for other in tables))


def training_table(file: Path, scans: FolderScans) -> Path | None:
    """The table for training with which ``file`` is read for another part; None if it is not one of a split's."""
    beside = [file.parent / item.name for item in scans.items(file.parent) if item.is_file and item.name != file.name]
    folders = [item.name for item in scans.items(file.parent.parent) if item.is_folder and not item.is_hidden]
    parts = parts_of(folders)
    others = [file.parent.parent / name / file.name for name in folders if parts.get(name) == "train"]
    candidates = [each for each in (*beside, *others) if each != file and may_be_training(each)]
    return next((each for each in candidates if file in tables_of_parts(each, scans).values()), None)


def may_be_training(table: Path) -> bool:
    """Whether its name or that of its folder says that it is for training."""
    is_named = "train" in (*parts_of(words_of(table.stem)).values(), *parts_of([table.parent.name]).values())
    return is_named and table.is_file() and may_be_table(table)


def tables_below(folder: Path, scans: FolderScans) -> list[PictureTable]:
    """The tables in the folders of ``folder`` whose pictures are below it, the one with the most pictures first.

    Of the folders of a split only that for training is looked into, and into those in it: ``train/labels/labels.csv``.
    """
    visible = [item for item in scans.items(folder) if not item.is_hidden and item.is_folder][:_LOOKED_INTO]
    parts = parts_of([item.name for item in visible])
    trains = [folder / item.name for item in visible if parts.get(item.name) == "train"]
    inside = [place / item.name for place in trains for item in scans.items(place) if item.is_folder]
    for places in (trains, inside[:_LOOKED_INTO], [folder / item.name for item in visible if item.name not in parts]):
        found = [table for place in places for table in _tables_in(place, folder, scans)]
        if found:
            return sorted(found, key=lambda table: -len(table.found(False, scans).files))
    return []


def table_above(folder: Path, scans: FolderScans) -> Path | None:
    """The table in one of the folders above ``folder`` that gives most of its pictures their classes (``gt.txt``)."""
    pictures = {folder / item.name for item in scans.items(folder) if item.suffix in SUFFIXES and not item.is_hidden}
    for above in folder.parents[:_DEPTH]:
        if not pictures or is_of_anything(above):
            break
        files = [above / item.name for item in scans.items(above) if item.is_file and not item.is_hidden]
        for table in tables_of_classes(files, scans):
            named = pictures.intersection(PictureTable(file=str(table)).found(False, scans).files)
            if 2 * len(named) > len(pictures):
                return table
    return None


def other_tables_words(table: PictureTable, scans: FolderScans) -> str:
    """A sentence on the files beside ``table`` that look like tables and are not read; empty if there are none."""
    file = Path(table.file)
    read = {file, *tables_of_parts(file, scans).values()}
    beside = [file.parent / item.name for item in scans.items(file.parent) if item.is_file and not item.is_hidden]
    others = [each.name for each in beside if each not in read and may_be_table(each)]
    return f"Other tables beside {file.name} are not read: {paths_text(others)}." if others else ""


def not_named_words(layout: Layout, table: Path, scans: FolderScans) -> str:
    """A sentence on the folders of which ``table`` names no picture; empty without any."""
    try:
        named = set(PictureTable(file=str(table)).found(False, scans).files)
    except WorkbenchError:
        return ""
    folders = [group.folder.relative for group in layout.groups if group.files and named.isdisjoint(group.files)]
    return f" Pictures in {paths_text(folders, 3)} are not named in it and not used." if folders else ""


def _tables_in(place: Path, folder: Path, scans: FolderScans) -> Iterator[PictureTable]:
    files = [place / item.name for item in scans.items(place) if item.is_file]
    beside = tables_of_classes(files, scans)
    yield from (PictureTable(file=str(file)) for file in beside)
    for file in files:
        if not beside and may_be_table(file):
            table = PictureTable(file=str(file), picture_folder=str(folder))
            with suppress(WorkbenchError):
                table.found(False, scans)
                yield table


def table_of_split(layout: Layout, scans: FolderScans) -> PictureTable | None:
    """The table for training beside class folders, if it and its others name their pictures and the same classes."""
    if any(group.part for group in layout.groups):
        return None
    tables = list(_of_splits(layout, scans))
    if not tables:  # as most often: the pictures need not be gone through
        return None
    names = {file: group.name for group in layout.groups for file in group.files}
    above = Path(os.path.commonpath([file.parent.parent for file in names])) if names else layout.root
    for table in tables:
        for folder in ("", str(layout.root), str(above)):
            found = PictureTable(file=str(table), picture_folder=folder)
            if _agrees(found, names, scans):
                return found
    return None


def _of_splits(layout: Layout, scans: FolderScans) -> Iterator[Path]:
    top = unwrapped_folder(layout.root, scans)
    for folder in layout.folders:
        if folder == layout.root or (folder.is_relative_to(top) and len(folder.relative_to(top).parts) <= _DEPTH):
            others = (item for item in scans.items(folder) if item.is_file and item.suffix not in SUFFIXES)
            yield from (file for item in others if _is_of_split(file := folder / item.name, scans))


def _is_of_split(file: Path, scans: FolderScans) -> bool:
    may_be = file.suffix.lower() == ".txt" or may_be_table(file)
    return may_be and part_said(file.stem) == "train" and bool(tables_of_parts(file, scans))


def _agrees(table: PictureTable, names: dict[Path, str], scans: FolderScans) -> bool:
    """Whether ``table`` names most of the pictures, and two of them are of one class where their folders are."""
    try:
        found = [table.found(False, scans)]
    except WorkbenchError:
        return False
    with suppress(WorkbenchError):
        found.append(table.found(True, scans))
    has_parts = len(found) > 1 or (found[0].validation is not None and bool(found[0].validation.any()))
    known = [
        (names[file], str(label))
        for each in found
        for file, label in zip(each.files, each.labels.tolist(), strict=True)
        if file in names
    ]
    is_most = 2 * len(known) >= max(len(names), sum(len(each.files) for each in found))
    return has_parts and is_most and say_the_same([name for name, _ in known], [label for _, label in known])
