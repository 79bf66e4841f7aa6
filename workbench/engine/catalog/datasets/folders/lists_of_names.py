"""Texts beside class folders that list names of their pictures, and may give a split: ``holdout_filenames.txt``."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from workbench.engine.catalog.datasets.folders.choices import LISTED, PARTS, parts_text
from workbench.engine.catalog.datasets.folders.levels import Group
from workbench.engine.catalog.datasets.folders.part_lists import DEPTH, found_one, without_head
from workbench.engine.catalog.datasets.tables.grid import read_rows
from workbench.engine.catalog.datasets.understanding import Doubt, Reading
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.text import counted, grouped, paths_text
from workbench.engine.pictures.folder_tree import Folder
from workbench.engine.pictures.part_names import part_said

#: A folder with more texts holds one for each picture; larger ones are no lists.
_MOST_TEXTS: Final = 50
_MOST_BYTES: Final = 20_000_000
#: At least so many names must be those of pictures, and this share of them.
_FEWEST: Final = 2
_SHARE: Final = 0.9
#: A list without the word of a part that names more than this share is one of all pictures.
_ALL: Final = 0.9
_FOR: Final = {"train": "training", "validation": "validation", "test": "the test"}


@dataclass(frozen=True, slots=True)
class _List:
    """``why``: the first of its names that is not that of one picture, in a sentence; empty if all are.
    ``is_of_paths``: the names have folders, as those of tables of parts, which are opened unasked."""

    name: str
    files: frozenset[Path]
    why: str
    is_of_paths: bool

    @property
    def part(self) -> str:
        """The part that its name says; empty if none."""
        return part_said(Path(self.name).stem)


def names_doubt(
    root: Folder, groups: Sequence[Group], index: Callable[[], Mapping[str, Sequence[Path]]]
) -> Doubt | None:
    """The question whether lists of names in ``root`` give the split of ``groups``; None without such lists."""
    classes = {file: group.name for group in groups for file in group.files}
    if len(set(classes.values())) < 2:
        return None
    lists = [each for name in _texts(root) if (each := _read(root, name, index())) and _may_divide(each, classes)]
    is_split = len({each.part for each in lists if each.is_of_paths} - {""}) > 1
    if not lists or is_split:
        return None
    shown = paths_text([f"{each.name} ({grouped(len(each.files))})" for each in lists], 4)
    text = f"{shown} {'list' if len(lists) > 1 else 'lists'} some of the {counted(len(classes), 'picture')} by name"
    label = f"Do not use {'them' if len(lists) > 1 else 'it'}: the settings hold a share back"
    unused = Reading(label, (("parts", "none"),))
    if broken := next((each for each in lists if each.why), None):
        text = f"{text}, may give the data's own split and {'are' if len(lists) > 1 else 'is'} not read. {broken.why}"
        return Doubt("parts", text, (unused,))
    return Doubt("parts", f"{text}, and may give the data's own split.", (*_readings(lists), unused))


def _readings(lists: Sequence[_List]) -> Iterator[Reading]:
    """The uses of ``lists``: all of which the names say the parts, or else of each alone."""
    said: dict[str, str] = {part: each.name for part in PARTS for each in lists if each.part == part}
    if said:
        others = "the others are left out" if "train" in said else "the others train"
        words = ", ".join(f"{name} for {_FOR[part]}" for part, name in said.items())
        yield Reading(f"Use {words}; {others}", (("parts", _setting(said)),))
        return
    for each in lists[:2]:
        yield Reading(f"Use {each.name} for the test; the others train", (("parts", _setting({"test": each.name})),))
        yield Reading(f"Train on those in {each.name} alone", (("parts", _setting({"train": each.name})),))


def _setting(lists: Mapping[str, str]) -> str:
    return parts_text([(part, [lists[part]]) for part in PARTS if part in lists])


def _texts(root: Folder) -> Iterator[str]:
    """The texts in ``root`` that may be lists."""
    for folder in root.walk():
        names = [name for name in folder.others if name.lower().endswith(LISTED)]
        if len(Path(folder.relative).parts) <= DEPTH and len(names) <= _MOST_TEXTS:
            yield from (folder.below(each) for each in names if os.path.getsize(folder.path / each) <= _MOST_BYTES)


def _read(root: Folder, name: str, index: Mapping[str, Sequence[Path]]) -> _List | None:
    """The list ``name``; None if it does not hold one name in each line, nearly all of them of pictures."""
    rows: list[tuple[str, ...]] = []
    with suppress(WorkbenchError):
        rows = without_head(read_rows(root.path / name)[0], index)
    if len(rows) < _FEWEST or any(len(row) != 1 for row in rows):
        return None
    files, why = set(), ""
    for (each,) in rows:
        try:
            files.add(found_one(name, each, index))
        except WorkbenchError as error:
            why = why or error.message
    is_of_paths = any("/" in each or "\\" in each for (each,) in rows)
    return _List(name, frozenset(files), why, is_of_paths) if len(files) >= _SHARE * len(rows) else None


def _may_divide(each: _List, classes: Mapping[Path, str]) -> bool:
    """Whether a list may be that of a part: its name says one, or it names some pictures of several classes."""
    if len(each.files) == len(classes):
        return False
    is_of_several = len({classes[file] for file in each.files}) > 1
    return bool(each.part) or (is_of_several and len(each.files) <= _ALL * len(classes))
