"""The names of classes whose folders are numbered, in a file beside them: ``classes.txt``, ``cat_to_name.json``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from workbench.engine.catalog.datasets.folders.levels import Group
from workbench.engine.catalog.datasets.tables.names_beside import names_in, open_count, shown
from workbench.engine.catalog.datasets.understanding import Fact, Reading
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.pictures.class_folders import natural
from workbench.engine.pictures.folder_tree import Folder

_NUMBERED: Final = re.compile(r"([^\W\d_]*[-_ ]?)(\d+)")


def number_names(tree: Folder, classes: Sequence[str]) -> tuple[Path, dict[str, str]] | None:
    """The file in ``tree``, above the class folders, that has a name for each of the numbered ``classes``, and these by
    the names of the folders; None without."""
    numbers = _numbers(classes)
    if not numbers:
        return None
    read = names_in(_files(tree), frozenset(numbers.values()), are_all=True)
    if read is None or not all(any(map(str.isalpha, name)) for name in read[1].values()):
        return None
    return read[0], {name: read[1][number] for name, number in numbers.items()}


def _numbers(classes: Sequence[str]) -> dict[str, int]:
    """The number of each of ``classes`` by its name; nothing where they are not called by different numbers alone."""
    found = [_NUMBERED.fullmatch(name) for name in classes]
    stems = {match[1] for match in found if match is not None}
    numbers = {name: int(match[2]) for name, match in zip(classes, found, strict=True) if match is not None}
    if len(classes) < 2 or None in found or len(stems) > 1 or len(set(numbers.values())) < len(classes):
        return {}
    return numbers


def called(
    tree: Folder, classes: Sequence[str], groups: Sequence[Group], from_file: bool
) -> tuple[tuple[str, ...], tuple[Group, ...], Fact | None, str]:
    """``classes`` and ``groups`` by the names in such a file if they are meant to be ``from_file``, else as they are;
    what is said of it, and the name of the file where it is read. Raises WorkbenchError if it is meant and not there.
    """
    found = number_names(tree, classes)
    if found is None and from_file:
        text = f"{tree.path} holds no file (classes.txt) with one name for each of its numbered class folders."
        raise WorkbenchError(text, "data.source.class_names")
    if found is None:
        numbers = _numbers(classes)
        said = open_count(_files(tree), frozenset(numbers.values())) if numbers else ""
        fact = Fact("classes", f"The classes are called by their numbers. {said}") if said else None
        return tuple(classes), tuple(groups), fact, ""
    file, names = found
    said = shown({int(re.findall(r"\d+", folder)[-1]): name for folder, name in names.items()})
    if not from_file:
        text = f"The classes are called by their numbers. {file.name} has their names ({said})."
        use = Reading("Call the classes by these names", (("class_names", "from_file"),))
        return tuple(classes), tuple(groups), Fact("classes", text, (use,)), ""
    renamed = tuple(replace(group, name=names.get(group.name, group.name)) for group in groups)
    fact = Fact("classes", f"{file.name} gives the names of the classes ({said}).")
    return tuple(sorted(names.values(), key=natural)), renamed, fact, file.relative_to(tree.path).as_posix()


def _files(tree: Folder) -> Iterator[Path]:
    """The files in ``tree`` that are no pictures, down to the folder that holds several others."""
    yield from (tree.path / name for name in tree.others)
    if len(tree.filled) == 1:
        yield from _files(tree.filled[0])
