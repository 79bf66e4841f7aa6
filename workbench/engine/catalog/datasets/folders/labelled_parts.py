"""Folders for validation or test without class folders whose pictures a table gives classes, or their own names:
``GT-final_test.csv`` of GTSRB, ``val_annotations.txt`` of Tiny ImageNet, ``test/cat.1.jpg`` beside ``train/cat``."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from workbench.engine.catalog.datasets.folders.boxed_classes import boxed_classes
from workbench.engine.catalog.datasets.folders.choices import LISTS, names_text
from workbench.engine.catalog.datasets.folders.file_names import BY_NAMES
from workbench.engine.catalog.datasets.folders.levels import Group, Levels
from workbench.engine.catalog.datasets.folders.named_pictures import classes_in_names
from workbench.engine.catalog.datasets.folders.parts import Parts
from workbench.engine.catalog.datasets.folders.tables_beside import MAX_BYTES, tables_in
from workbench.engine.catalog.datasets.tables.columns import Choice
from workbench.engine.catalog.datasets.tables.grid import read_rows
from workbench.engine.catalog.datasets.tables.reading import read_table
from workbench.engine.catalog.datasets.understanding import Doubt, Fact, Reading
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.text import counted
from workbench.engine.pictures.folder_scans import FolderScans
from workbench.engine.pictures.folder_tree import Folder
from workbench.engine.pictures.part_names import parts_of, words_of

_FOR: Final = {"validation": "for validation", "test": "for a last test"}


@dataclass(frozen=True, slots=True)
class Labelled:
    """The parts and levels of a folder; ``read``: the paths in it of the tables that give parts their classes."""

    parts: Parts
    levels: Levels
    read: tuple[str, ...] = ()
    facts: tuple[Fact, ...] = ()


def labelled_parts(tree: Folder, parts: Parts, levels: Levels, scans: FolderScans) -> Labelled:
    """With the pictures of folders for validation and test, if a table below ``tree`` names each of them with classes
    of training, or each one's own name says one of these."""
    found = Labelled(parts, levels)
    if levels.level in BY_NAMES:
        return found
    names = [group.name for group in levels.groups if group.files]
    for part in _FOR:
        loose = [folder for each, folder in parts.loose if each == part]
        if len(loose) == 1:
            found = _with_part(found, tree, part, loose[0], names, scans)
    return found


def loose_doubt(parts: Parts) -> tuple[Doubt, ...]:
    """A doubt on a folder for validation whose pictures nothing gives classes; empty without."""
    left_out = {each.name for each in parts.left_out}
    for part, folder in parts.loose:
        if part == "validation" and folder.relative in left_out and folder.total:
            text = f"{folder.name} is called as the validation part, and its {counted(folder.total, 'picture')} lie in "
            text += "no class folders: make one for each class in it, or leave it out."
            leave = Reading(
                f"Leave out {folder.name}: the settings hold a share back",
                (("left_out", names_text([folder.relative])),),
            )
            return (Doubt("parts", text, (leave,)),)
    return ()


def _with_part(
    found: Labelled, tree: Folder, part: str, folder: Folder, names: Sequence[str], scans: FolderScans
) -> Labelled:
    files = tuple(folder.files())
    for table in _tables(tree, part, folder):
        classes = _classes(table, files, names, scans)
        if len(set(classes.values())) > 1:
            found = replace(found, read=(*found.read, table.relative_to(tree.path).as_posix()))
            return _labelled(found, part, folder, classes, f"{table.name} gives the classes")
    classes = classes_in_names(files, sorted(set(names)))
    return _labelled(found, part, folder, classes, "The names say the class") if classes else found


def _labelled(found: Labelled, part: str, folder: Folder, classes: Mapping[Path, str], says: str) -> Labelled:
    """``found`` with the pictures of ``folder``, which have these ``classes``; ``says`` what gives them."""
    kept = tuple(each for each in found.parts.left_out if each.name != folder.relative)
    text = f"{says} of {counted(len(classes), 'picture')} in {folder.name}, {_FOR[part]}."
    leave = Reading(f"Leave out {folder.name}", (("left_out", names_text([folder.relative])),))
    groups = (*found.levels.groups, *_groups(part, folder, classes))
    return Labelled(
        replace(found.parts, left_out=kept),
        replace(found.levels, groups=groups),
        found.read,
        (*found.facts, Fact("parts", text, (leave,))),
    )


def _tables(tree: Folder, part: str, folder: Folder) -> Iterator[Path]:
    """The tables in ``tree`` whose names do not say another part; texts only in ``folder`` and in those above it."""
    texts = (
        each.path / name
        for each in tree.walk()
        if _is_in_line(each, folder)
        for name in each.others
        if name.lower().endswith(LISTS) and os.path.getsize(each.path / name) <= MAX_BYTES
    )
    for table in (*tables_in(tree), *texts):
        said = parts_of(words_of(table.relative_to(tree.path).with_suffix("").as_posix())).values()
        if not said or part in said:
            yield table


def _is_in_line(one: Folder, other: Folder) -> bool:
    """Whether one of two folders holds the other, or they are the same."""
    return one.path.is_relative_to(other.path) or other.path.is_relative_to(one.path)


def _classes(table: Path, files: Sequence[Path], trained: Sequence[str], scans: FolderScans) -> dict[Path, str]:
    """The class of training of each of ``files`` by ``table``, nothing if it does not give all of them one.

    A form that is to be filled in (Kaggle's ``sample_submission.csv``) gives none.
    """
    names = {_number(name): name for name in trained}
    if {"sample", "submission"} & set(words_of(table.stem)) or len(names) < len(set(trained)):
        return {}
    for base in dict.fromkeys((table.parent, *(file.parent for file in files[:1]))):
        try:
            reading = read_table(table, base, Choice(label=_class_column(table, names), part="none"), scans)
        except WorkbenchError:
            continue
        said = dict(zip(reading.files, map(_number, reading.labels), strict=True))
        if not reading.doubts and all(said.get(file) in names for file in files):
            return {file: names[said[file]] for file in files}
    with suppress(WorkbenchError):
        return boxed_classes(table, files, trained)
    return {}


def _class_column(table: Path, names: Mapping[str, str]) -> str:
    """The number from 1 of the only column with words that are all names of classes, else ``auto``."""
    body = read_rows(table)[0][1:]
    width = min(map(len, body), default=0)
    of_words = [c for c in range(width) if not any(row[c].isdecimal() for row in body)]
    columns = [c for c in of_words if all(_number(row[c]) in names for row in body)]
    return str(columns[0] + 1) if len(columns) == 1 else "auto"


def _number(name: str) -> str:
    """``name`` as classes are compared: a number without zeros before it."""
    return (name.lstrip("0") or "0") if name.isdecimal() else name.casefold()


def _groups(part: str, folder: Folder, classes: Mapping[Path, str]) -> Iterator[Group]:
    for name in dict.fromkeys(classes.values()):
        yield Group(part, name, folder, tuple(file for file, each in classes.items() if each == name))
