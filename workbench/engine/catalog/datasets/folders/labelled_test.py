"""A test folder without class folders whose pictures a table gives classes: ``GT-final_test.csv`` of GTSRB."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from workbench.engine.catalog.datasets.folders.choices import names_text
from workbench.engine.catalog.datasets.folders.file_names import BY_NAMES
from workbench.engine.catalog.datasets.folders.levels import Group, Levels
from workbench.engine.catalog.datasets.folders.parts import Parts
from workbench.engine.catalog.datasets.folders.tables_beside import tables_in
from workbench.engine.catalog.datasets.tables.columns import Choice
from workbench.engine.catalog.datasets.tables.reading import read_table
from workbench.engine.catalog.datasets.understanding import Fact, Reading
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.text import counted
from workbench.engine.pictures.folder_scans import FolderScans
from workbench.engine.pictures.folder_tree import Folder
from workbench.engine.pictures.part_names import words_of


@dataclass(frozen=True, slots=True)
class Labelled:
    """The parts and levels of a folder; ``read``: the path in it of the table that gives the test its classes."""

    parts: Parts
    levels: Levels
    read: str = ""
    facts: tuple[Fact, ...] = ()


def labelled_test(tree: Folder, parts: Parts, levels: Levels, scans: FolderScans) -> Labelled:
    """With the pictures of a test folder, if a table below ``tree`` names each of them with classes of training."""
    if len(parts.loose) != 1 or levels.level in BY_NAMES:
        return Labelled(parts, levels)
    folder = parts.loose[0]
    files = tuple(folder.files())
    for table in tables_in(tree):
        classes = _classes(table, files, [group.name for group in levels.groups if group.files], scans)
        if len(set(classes.values())) > 1:
            groups = tuple(_groups(folder, classes))
            kept = tuple(each for each in parts.left_out if each.name != folder.relative)
            text = (
                f"{table.name} gives the classes of {counted(len(files), 'picture')} in {folder.name}, for a last test."
            )
            leave = Reading(f"Leave out {folder.name}", (("left_out", names_text([folder.relative])),))
            found = replace(parts, left_out=kept), replace(levels, groups=(*levels.groups, *groups))
            return Labelled(*found, table.relative_to(tree.path).as_posix(), (Fact("parts", text, (leave,)),))
    return Labelled(parts, levels)


def _classes(table: Path, files: Sequence[Path], trained: Sequence[str], scans: FolderScans) -> dict[Path, str]:
    """The class of training of each of ``files`` by ``table``, nothing if it does not give all of them one.

    A form that is to be filled in (Kaggle's ``sample_submission.csv``) gives none.
    """
    names = {_number(name): name for name in trained}
    if {"sample", "submission"} & set(words_of(table.stem)) or len(names) < len(set(trained)):
        return {}
    for base in dict.fromkeys((table.parent, *(file.parent for file in files[:1]))):
        try:
            reading = read_table(table, base, Choice(part="none"), scans)
        except WorkbenchError:
            continue
        said = dict(zip(reading.files, map(_number, reading.labels), strict=True))
        if not reading.doubts and all(said.get(file) in names for file in files):
            return {file: names[said[file]] for file in files}
    return {}


def _number(name: str) -> str:
    """``name`` as classes are compared: a number without zeros before it."""
    return (name.lstrip("0") or "0") if name.isdecimal() else name.casefold()


def _groups(folder: Folder, classes: Mapping[Path, str]) -> Iterator[Group]:
    for name in dict.fromkeys(classes.values()):
        yield Group("test", name, folder, tuple(file for file, each in classes.items() if each == name))
