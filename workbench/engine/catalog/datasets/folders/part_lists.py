"""Text files that list the pictures of each part: ``annotations/trainval.txt`` and ``test.txt`` beside ``images``."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Final

from workbench.engine.catalog.datasets.folders.choices import LISTS, Choices, names_text, parts_text
from workbench.engine.catalog.datasets.folders.levels import Group
from workbench.engine.catalog.datasets.tables.grid import read_rows
from workbench.engine.catalog.datasets.understanding import Doubt, Fact, Reading
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.text import counted, grouped, paths_text
from workbench.engine.pictures.class_folders import natural
from workbench.engine.pictures.folder_tree import Folder, LeftOut
from workbench.engine.pictures.part_names import parts_of

#: Lists are looked for in folders so deep below the data's.
DEPTH: Final = 2
#: Number of parts of a path that are compared, the name included.
_PARTS: Final = 3
_FOR: Final = {"train": "for training", "validation": "for validation", "test": "for a last test"}
_NOT_USED: Final = Reading("Do not use them: the settings hold a share back", (("parts", "none"),))


@dataclass(frozen=True, slots=True)
class PartLists:
    """``read``: the files that give the parts of pictures. ``facts`` say what is made of them."""

    read: Sequence[str]
    groups: tuple[Group, ...]
    left_out: tuple[LeftOut, ...] = ()
    facts: tuple[Fact, ...] = ()


def divided(root: Folder, groups: Sequence[Group], choices: Choices) -> PartLists | None:
    """``groups``, which are of no part, divided by the lists that the settings name or that lie in ``root``.

    None without lists. Lists that are found are used only if every picture they name is there, once; else it is said
    that they are not. Raises WorkbenchError where the settings name lists that cannot be used so.
    """
    if choices.has_parts:
        lists = choices.part_folders()
        return _divided(root, groups, lists)
    lists = _found(root)
    if not lists or choices.no_parts:
        return None
    try:
        return _divided(root, groups, lists)
    except WorkbenchError as error:
        said = f"{_shown(lists)} seem to give a split that is not used: {error.message}"
        return PartLists((), tuple(groups), facts=(Fact("parts", said),))


def _shown(lists: Mapping[str, Sequence[str]]) -> str:
    return paths_text([name for names in lists.values() for name in names], 4)


def _found(root: Folder) -> dict[str, tuple[str, ...]]:
    """The lists in the first folder that has one for training and one of another part."""
    for folder in root.walk():
        files = [name for name in folder.others if name.lower().endswith(LISTS)]
        meant = parts_of([Path(name).stem for name in files])
        parts: defaultdict[str, list[str]] = defaultdict(list)
        for name in files:
            if Path(name).stem in meant:
                parts[meant[Path(name).stem]].append(name)
        if len(Path(folder.relative).parts) <= DEPTH and "train" in parts and len(parts) > 1:
            # Of train and trainval beside val the first is meant; without val the second, which is the larger.
            lasting = "validation" not in parts
            chosen = {p: sorted(names, key=len, reverse=lasting and p == "train")[0] for p, names in parts.items()}
            return {part: (folder.below(chosen[part]),) for part in _FOR if part in chosen}
    return {}


def _divided(root: Folder, groups: Sequence[Group], lists: Mapping[str, Sequence[str]]) -> PartLists:
    """Raises WorkbenchError. Without a list for training, pictures in none of the lists train."""
    files = [file for group in groups for file in group.files]
    index = index_of(root, files)
    part_of: dict[Path, str] = {}
    for part, names in lists.items():
        for name in names:
            for file in listed(root, name, index):
                if part_of.setdefault(file, part) != part:
                    text = f"{file.name} is listed for {part_of[file]} and for {part}"
                    raise WorkbenchError(f"{text}; one picture must be of one part.", "data.source.parts")
    if "train" not in lists:
        part_of = {**dict.fromkeys(files, "train"), **part_of}
    names = tuple(name for each in lists.values() for name in each)
    return applied(groups, part_of, names, f"in none of {parts_text(tuple(lists.items()))}")


def applied(groups: Sequence[Group], part_of: Mapping[Path, str], names: Sequence[str], rest: str) -> PartLists:
    """``groups`` by the part of each picture, which the files ``names`` give; the others are left out for ``rest``.

    Raises WorkbenchError if none trains.
    """
    counts = Counter(part_of.values())
    if not counts["train"]:
        raise WorkbenchError("The lists name no picture to train on.", "data.source.parts")
    said = ", ".join(f"{grouped(counts[part])} {words}" for part, words in _FOR.items() if counts[part])
    give = "gives" if len(names) == 1 else "give"
    fact = Fact("parts", f"{paths_text(list(names), 4)} {give} the split: {said}.", (_NOT_USED,))
    left = sum(file not in part_of for group in groups for file in group.files)
    out = (LeftOut(counted(left, "picture"), rest, True),) if left else ()
    return PartLists(tuple(names), tuple(_by_part(groups, part_of)), out, (fact,))


def unlisted(groups: Sequence[Group], lists: PartLists) -> Iterator[Doubt]:
    """A doubt where ``lists`` name no picture of a class of ``groups``, and some of others."""
    known = {group.name for group in lists.groups}
    gone = [group for group in groups if group.files and group.name not in known]
    names = sorted({group.name for group in gone}, key=natural)
    if names:
        said = f"the class{'es' if len(names) > 1 else ''} {paths_text([repr(name) for name in names], 3)}"
        count = counted(sum(len(group.files) for group in gone), "picture")
        out = sorted({group.folder.relative for group in gone}, key=natural)
        leave = Reading(f"Leave out {paths_text(out, 3)}", (("left_out", names_text(out)),))
        text = f"{paths_text(list(lists.read), 4)} give the split and name none of the {count} of {said}."
        yield Doubt("classes", text, (_NOT_USED, leave))


def _by_part(groups: Sequence[Group], part_of: Mapping[Path, str]) -> Iterator[Group]:
    for group in groups:
        for part in _FOR:
            files = tuple(file for file in group.files if part_of.get(file) == part)
            if files:
                yield replace(group, part=part, files=files)


def index_of(root: Folder, files: Sequence[Path]) -> dict[str, list[Path]]:
    """The files by the ends of their paths, with and without suffix."""
    index: defaultdict[str, list[Path]] = defaultdict(list)
    for file in files:
        for path in {key for parts in range(1, _PARTS + 1) for key in _ends(file.relative_to(root.path), parts)}:
            index[path].append(file)
    return index


def _ends(path: Path, parts: int) -> tuple[str, ...]:
    end = PurePosixPath(*path.parts[-parts:])
    return end.as_posix(), end.with_suffix("").as_posix()


def listed(root: Folder, name: str, index: Mapping[str, Sequence[Path]]) -> Iterator[Path]:
    """The pictures in the list ``name``. Raises WorkbenchError for one that is not there, or there several times."""
    rows, _ = read_rows(root.path / name)
    yield from (found_one(name, row[0], index) for row in without_head(rows, index))


def without_head(rows: Sequence[tuple[str, ...]], index: Mapping[str, Sequence[Path]]) -> list[tuple[str, ...]]:
    """``rows`` of one column without a header: a first one that names no picture before one that does."""
    is_head = len(rows) > 1 and len(rows[0]) == 1 and not _known(rows[0][0], index) and _known(rows[1][0], index)
    return list(rows[1:] if is_head else rows)


def found_one(name: str, path: str, index: Mapping[str, Sequence[Path]]) -> Path:
    """The picture that the file ``name`` calls ``path``. Raises WorkbenchError if there is none or more than one."""
    found = _known(path, index)
    if len(found) != 1:
        what = "are several pictures" if found else "is no picture"
        raise WorkbenchError(f"{name} names {path}, and there {what} of that name.", "data.source.parts")
    return found[0]


def _known(path: str, index: Mapping[str, Sequence[Path]]) -> Sequence[Path]:
    """The pictures that ``path`` may be."""
    parts = PurePosixPath(path.replace("\\", "/")).parts
    ends = [PurePosixPath(*parts[-count:]).as_posix() for count in range(min(_PARTS, len(parts)), 0, -1)]
    return next((index[end] for end in ends if end in index), [])
