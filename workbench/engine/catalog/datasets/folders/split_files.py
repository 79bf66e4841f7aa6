"""Files beside class folders that give their split: flags by number, a table of file names and parts, single lists."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Final

from workbench.engine.catalog.datasets.folders.choices import LISTS, PARTS, parts_text
from workbench.engine.catalog.datasets.folders.levels import Group
from workbench.engine.catalog.datasets.folders.lists_of_names import names_doubt
from workbench.engine.catalog.datasets.folders.part_lists import DEPTH, PartLists, applied, found_one, index_of, listed
from workbench.engine.catalog.datasets.folders.parts import MOST_READINGS
from workbench.engine.catalog.datasets.tables.grid import read_rows
from workbench.engine.catalog.datasets.tables.parts import WORDS
from workbench.engine.catalog.datasets.tables.places import has_picture_suffix
from workbench.engine.catalog.datasets.understanding import Doubt, Reading
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.text import counted, grouped, paths_text
from workbench.engine.pictures.folder_tree import Folder
from workbench.engine.pictures.part_names import parts_of, plain_word, words_of

#: Kinds of files that give a split, and those that are read.
_SPLITS: Final = frozenset({".txt", ".csv", ".tsv", ".json", ".jsonl", ".mat", ".npy", ".npz", ".pkl", ".yaml"})
_READ: Final = (*LISTS, ".csv", ".tsv")
#: The file of CUB-200-2011, and what it says of a picture: 1 if it is for training. In others 1 may as well be test.
_FLAGGED: Final = "train_test_split.txt"
_FLAGS: Final = {"0": "test", "1": "train"}
#: The file beside it that numbers the pictures.
_NUMBERED: Final = "images.txt"
_NOT_USED: Final = Reading("Do not use it: the settings hold a share back", (("parts", "none"),))
_Index = Mapping[str, Sequence[Path]]


def found_split(root: Folder, groups: Sequence[Group]) -> PartLists | Doubt | None:
    """How a file in ``root`` divides ``groups``, a doubt if it cannot be read so; None without one or with parts."""
    files = [file for group in groups for file in group.files]
    if not files or any(group.part for group in groups):
        return None
    index: Callable[[], _Index] = cache(lambda: index_of(root, files))
    reasons = []
    for name in _split_files(root):
        try:
            part_of = _assigned(root, name, index())
            if 2 * len(part_of) < len(files):
                raise WorkbenchError(f"It names {grouped(len(part_of))} of {counted(len(files), 'picture')}.")
            found = applied(groups, part_of, (name,), f"not named in {name}")
            return replace(found, read=(name, Path(name).with_name(_NUMBERED).as_posix()))
        except WorkbenchError as error:
            reasons.append(error.message)
    return _unread(root, reasons) if reasons else _single_lists(root, groups, index) or names_doubt(root, groups, index)


# --- One file for all parts ---------------------------------------------------------------------------------------


def _split_files(root: Folder) -> list[str]:
    """The files that are called as a split is: ``train_test_split.txt``, ``split.csv``."""
    folders = (folder for folder in root.walk() if len(Path(folder.relative).parts) < DEPTH)
    return [folder.below(name) for folder in folders for name in folder.others if _is_split(name)]


def _is_split(name: str) -> bool:
    words = set(words_of(Path(name).stem))
    return Path(name).suffix.lower() in _SPLITS and (bool(words & {"split", "splits"}) or {"train", "test"} <= words)


def _unread(root: Folder, reasons: Sequence[str]) -> Doubt:
    text = (
        f"{paths_text(_split_files(root), 3)} may give the data's own split and is not read. {reasons[0]} To use it, "
        f"write train.txt and test.txt with the path of one picture in each line into {root.path}, and open it again."
    )
    return Doubt("parts", text, (_NOT_USED,))


def _assigned(root: Folder, name: str, index: _Index) -> dict[Path, str]:
    """The part of each picture that the file ``name`` gives one. Raises WorkbenchError where it cannot be told."""
    if not name.lower().endswith(_READ):
        raise WorkbenchError("Files of its kind are not read for a split.")
    meanings = (WORDS, _FLAGS) if Path(name).name == _FLAGGED else (WORDS,)
    column, known, rows = _part_column(read_rows(root.path / name)[0], meanings)
    numbered = _numbered(root.path / name, index) if known is _FLAGS else {}
    assigned: dict[Path, str] = {}
    for row in rows:
        part = known[plain_word(row[column])]
        file = _picture(name, row, column, index, numbered)
        if assigned.setdefault(file, part) != part:
            raise WorkbenchError(f"{file.name} is for {assigned[file]} and for {part}.")
    if len(set(assigned.values())) < 2:
        raise WorkbenchError(f"All of its pictures are for {paths_text(sorted(set(assigned.values())))}.")
    return assigned


def _part_column(
    rows: Sequence[tuple[str, ...]], meanings: Sequence[Mapping[str, str]]
) -> tuple[int, Mapping[str, str], Sequence[tuple[str, ...]]]:
    """The column of the parts, what its values mean, and the rows without a header. Raises WorkbenchError."""
    width = min(map(len, rows))
    for known in meanings:
        for below in (rows, rows[1:]):
            for column in range(width if width > 1 else 0):
                values = {plain_word(row[column]) for row in below}
                if len(values) > 1 and values <= known.keys() and "train" in {known[value] for value in values}:
                    return column, known, below
    raise WorkbenchError("No column of it says train, validation or test for each picture.")


def _numbered(file: Path, index: _Index) -> dict[str, Path]:
    """The pictures by their numbers in ``images.txt`` beside ``file``. Raises WorkbenchError."""
    numbers = file.with_name(_NUMBERED)
    if not numbers.is_file():
        raise WorkbenchError(
            f"It numbers the pictures, and there is no {_NUMBERED} beside it that says which is which."
        )
    rows, _ = read_rows(numbers)
    if any(len(row) != 2 for row in rows):
        raise WorkbenchError(f"{_NUMBERED} beside it must have the number and the path of one picture in each line.")
    return {number: found_one(_NUMBERED, path, index) for number, path in rows}


def _picture(name: str, row: Sequence[str], column: int, index: _Index, numbered: Mapping[str, Path]) -> Path:
    """The picture that ``row`` of the file ``name`` is about. Raises WorkbenchError."""
    cells = [cell for place, cell in enumerate(row) if place != column]
    if numbered:
        if cells[0] not in numbered:
            raise WorkbenchError(f"{_NUMBERED} has no picture {cells[0]}.")
        return numbered[cells[0]]
    errors = []
    for cell in sorted(cells, key=lambda each: not has_picture_suffix(each)):  # a number may be the name of another
        try:
            return found_one(name, cell, index)
        except WorkbenchError as error:
            errors.append(error)
    raise errors[0]


# --- Lists that are no pair of train and test ---------------------------------------------------------------------


def _single_lists(root: Folder, groups: Sequence[Group], index: Callable[[], _Index]) -> Doubt | None:
    """A doubt where several splits are there (``train1.txt``, ``test1.txt``, ``train2.txt``, …) or one list alone."""
    for folder in root.walk():
        if len(Path(folder.relative).parts) > DEPTH:
            continue
        found = _by_number(folder)
        splits = {number: lists for number, lists in found.items() if "train" in lists and len(lists) > 1}
        if len(splits) > 1:
            usable = [lists for lists in splits.values() if _fits(root, groups, lists, index())]
            return _several(folder, usable, len(splits))
        if not splits and len(found) == 1 and _fits(root, groups, lists := next(iter(found.values())), index()):
            return _alone(lists)
    return None


def _by_number(folder: Folder) -> dict[str, dict[str, str]]:
    """The lists in ``folder`` for each part, by the number at the end of their names."""
    stems = {Path(name).stem: name for name in folder.others if name.lower().endswith(LISTS)}
    found: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for stem, part in parts_of(list(stems)).items():
        digits = re.search(r"\d*\Z", stem)
        found[digits[0] if digits else ""].setdefault(part, folder.below(stems[stem]))
    return dict(sorted(found.items(), key=lambda each: (len(each[0]), each[0])))


def _fits(root: Folder, groups: Sequence[Group], lists: Mapping[str, str], index: _Index) -> bool:
    """Whether ``lists`` name pictures that are there, and training has at least two classes with them."""
    try:
        part_of = {file: part for part, name in lists.items() for file in listed(root, name, index)}
    except WorkbenchError:
        return False
    rest = "" if "train" in lists else "train"
    trained = {g.name for g in groups if any(part_of.get(file, rest) == "train" for file in g.files)}
    return len(trained) > 1 and bool(part_of)


def _several(folder: Folder, splits: Sequence[Mapping[str, str]], count: int) -> Doubt:
    readings = [Reading(f"Use {paths_text(_in_order(lists))}", (_named(lists),)) for lists in splits]
    where = folder.relative or folder.name
    text = f"{where} holds {grouped(count)} splits as lists of pictures, and it is not said which of them is meant."
    return Doubt("parts", text, (*readings[: MOST_READINGS - 1], _NOT_USED))


def _alone(lists: Mapping[str, str]) -> Doubt:
    shown = paths_text(list(lists.values()))
    others = "the other pictures are left out" if "train" in lists else "the other pictures train"
    missing = "another part" if "train" in lists else "the pictures to train on"
    text = f"{shown} may give a part of the split, and there is no list of {missing}."
    return Doubt("parts", text, (Reading(f"Use {shown}; {others}", (_named(lists),)), _NOT_USED))


def _in_order(lists: Mapping[str, str]) -> list[str]:
    return [lists[part] for part in PARTS if part in lists]


def _named(lists: Mapping[str, str]) -> tuple[str, str]:
    return "parts", parts_text([(part, [lists[part]]) for part in PARTS if part in lists])
