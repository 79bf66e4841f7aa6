"""Which folders are the classes: those in the data's folder or its parts, or those at a deeper level."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from workbench.engine.catalog.datasets.folders.aside_names import is_no_class, is_of_small
from workbench.engine.catalog.datasets.folders.choices import Level, names_text
from workbench.engine.catalog.datasets.folders.class_parts import offered_parts
from workbench.engine.catalog.datasets.folders.file_names import BY_NAMES, level_of_names, name_in_file, words_in_files
from workbench.engine.catalog.datasets.folders.no_class_folders import no_classes_words
from workbench.engine.catalog.datasets.folders.origin_names import say_origins
from workbench.engine.catalog.datasets.folders.other_tasks import is_of_pictures
from workbench.engine.catalog.datasets.folders.part_words import (
    SETTING,
    meanings,
    others_train,
    part_words,
    without_part,
)
from workbench.engine.catalog.datasets.folders.parts import (
    MOST_READINGS,
    Parts,
    beside,
    has_parts,
    holds_classes,
    only_reading,
    through_wrappers,
)
from workbench.engine.catalog.datasets.tables.groups import says_group
from workbench.engine.catalog.datasets.understanding import Doubt, Reading
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.text import grouped, paths_text
from workbench.engine.pictures.folder_tree import Folder, LeftOut
from workbench.engine.pictures.part_names import parts_of, said_beside

_DEPTHS: Final[dict[Level, int]] = {"folders": 1, "second_level": 2, "third_level": 3, "both_levels": 2}
#: The levels at which the folders that hold the pictures are the classes, wherever they lie.
_LEAVES: Final = ("innermost", "paths")
#: The path by whose name a file is put into a class.
_Named = Callable[[Path], Path]


@dataclass(frozen=True, slots=True)
class Group:
    """Pictures of one class in one part, where they lie; ``part`` is empty where the settings split."""

    part: str
    name: str
    folder: Folder
    files: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class Levels:
    """The groups at the level that was chosen or found, and what was said about it; ``others`` choose another level."""

    level: Level
    groups: tuple[Group, ...]
    left_out: tuple[LeftOut, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    others: tuple[Reading, ...] = ()


def find_classes(parts: Parts, level: Level, parts_in_names: bool = False) -> Levels:
    """The classes of ``parts``; ``parts_in_names``: names of files say a part beside the class.

    Raises WorkbenchError where there is no class at that level.
    """
    if parts.named:
        return Levels("folders", tuple(Group(p, name, f, tuple(f.files())) for p, name, f in parts.named))
    inner = [(part, folder, *through_wrappers(folder)) for part, folder in parts.folders]
    left_out = [each for _, _, _, beside_way in inner for each in beside_way]
    containers = [(part, folder) for part, _, folder, _ in inner]
    doubts: tuple[Doubt, ...] = ()
    if level == "auto":
        level, doubts = _automatic(parts, containers)
        parts_in_names = parts_in_names or any(SETTING in doubt.readings[0].settings for doubt in doubts)
    named = without_part if parts_in_names else _as_it_is
    groups = [group for part, folder in containers for group in _groups(part, folder, level, named)]
    if level in BY_NAMES:
        left_out += _nameless(parts.top, containers, level, named)
    else:
        left_out += _unused(containers, groups, level)
    return Levels(level, tuple(groups), tuple(left_out), doubts, tuple(_others(containers, level)))


def _others(containers: Sequence[tuple[str, Folder]], level: Level) -> Iterator[Reading]:
    """The other levels that could be those of the classes."""
    trained = [folder for part, folder in containers if part in ("", "train")]
    for other in _offered(containers):
        if other != level and _is_usable(containers, other):
            yield _level_reading(trained, other)


def _as_it_is(file: Path) -> Path:
    return file


def _groups(part: str, folder: Folder, level: Level, named: _Named) -> Iterator[Group]:
    if level in BY_NAMES:
        by_name: dict[str, list[Path]] = {}
        for file in folder.files():
            if name := name_in_file(named(file), level):
                by_name.setdefault(name, []).append(file)
        yield from (Group(part, name, folder, tuple(files)) for name, files in by_name.items())
    elif level in _LEAVES:
        for each in _leaves(folder):
            yield Group(part, _leaf_name(folder, each, level), each, tuple(each.path / name for name in each.pictures))
    else:
        yield from (Group(part, _name(each, level), each, tuple(each.files())) for each in _at(folder, _DEPTHS[level]))


def _name(folder: Folder, level: Level) -> str:
    """The name of the class whose folder is ``folder``."""
    return f"{folder.path.parent.name}/{folder.name}" if level == "both_levels" else folder.name


def _leaves(folder: Folder) -> list[Folder]:
    """The folders below that hold pictures."""
    return [each for each in folder.walk() if each.pictures and each is not folder]


def _leaf_name(container: Folder, folder: Folder, level: Level) -> str:
    """The name of the class of ``folder``, which holds pictures: its own, or its path below ``container``."""
    return folder.name if level == "innermost" else folder.path.relative_to(container.path).as_posix()


def _counted(folder: Folder, level: Level) -> Iterator[tuple[str, int]]:
    """The names of class folders at a ``level`` of folders, with the number of their pictures."""
    if level in _LEAVES:
        yield from ((_leaf_name(folder, each, level), len(each.pictures)) for each in _leaves(folder))
    else:
        yield from ((_name(each, level), each.total) for each in _at(folder, _DEPTHS[level]))


def _at(folder: Folder, depth: int) -> Iterator[Folder]:
    """The folders ``depth`` levels below; an empty one counts only at the first level."""
    if depth == 1:
        yield from folder.candidates
    else:
        yield from (below for each in folder.filled for below in _at(each, depth - 1) if below.total)


def _unused(containers: Sequence[tuple[str, Folder]], groups: Sequence[Group], level: Level) -> Iterator[LeftOut]:
    """What lies in the containers beside the classes, or above their level."""
    for _, container in containers:
        yield from beside(container, container.candidates)
    used = {group.folder.relative for group in groups}
    if _DEPTHS.get(level, 1) > 1:
        for _, container in containers:
            for folder in container.folders:
                yield from _above_level(folder, used)


def _above_level(folder: Folder, used: set[str]) -> Iterator[LeftOut]:
    if folder.relative not in used:
        for name in folder.pictures:
            yield LeftOut(folder.below(name), "above the level of the class folders", True)
        for each in folder.folders:
            yield from _above_level(each, used)


# --- The level that is found --------------------------------------------------------------------------------------


def _automatic(parts: Parts, containers: Sequence[tuple[str, Folder]]) -> tuple[Level, tuple[Doubt, ...]]:
    trained = [folder for part, folder in containers if part in ("", "train")]
    if not any(folder.candidates for folder in trained) or _is_one_heap(trained):
        return _by_file_names(parts, containers)
    nested = [inner for folder in trained for each in folder.candidates if (inner := _with_several(each)) is not None]
    usable = [level for level in _offered(containers) if _is_usable(containers, level)] if nested else []
    if usable in ([], ["folders"]):
        return "folders", ()
    return _asked(parts.top, trained, nested, usable)


def _with_several(folder: Folder) -> Folder | None:
    """``folder``, or the one behind the only folder in it, that holds several folders of pictures; None without one."""
    while holds_classes(folder) and len(folder.filled) == 1 and not folder.pictures:
        folder = folder.filled[0]
    return folder if holds_classes(folder) and len(folder.filled) > 1 else None


def _is_one_heap(trained: Sequence[Folder]) -> bool:
    """Whether the only folder is one of ``images``, and the names of these say classes."""
    only = [each for folder in trained for each in folder.candidates]
    is_heap = len(only) == 1 and is_of_pictures(only[0].name) and not only[0].folders
    return is_heap and bool(level_of_names(list(only[0].files()))[1])


def _offered(containers: Sequence[tuple[str, Folder]]) -> Iterator[Level]:
    """The levels whose classes to train on differ; of those with the same the one at which no container is left out,
    for they may have their classes at several depths (``train/part1/cat``, ``val/cat``)."""
    trained = [folder for part, folder in containers if part in ("", "train")]
    found: dict[frozenset[tuple[str, int]], tuple[Level, list[int]]] = {}
    levels: tuple[Level, ...] = ("folders", "second_level", "third_level", "both_levels", "paths", "innermost")
    for level in levels:
        classes = frozenset(each for folder in trained for each in _counted(folder, level))
        is_apart = level not in ("both_levels", "paths") or _have_equal_names(trained, level)
        used = [sum(count for _, count in _counted(folder, level)) for _, folder in containers]
        _, known = found.get(classes, (level, [0] * len(used)))
        has_more = any(used) and used != known and all(k in (0, own) for k, own in zip(known, used, strict=True))
        if classes and is_apart and (classes not in found or has_more):
            found[classes] = (level, used)
    yield from (level for level, _ in found.values())


def _have_equal_names(trained: Sequence[Folder], level: Level) -> bool:
    """Whether folders have the names of others, so that these alone join them: those one level below, or of ``paths``
    those that hold the pictures, at several depths.
    """
    own: Level = "innermost" if level == "paths" else "second_level"
    names, apart = ([name for f in trained for name, _ in _counted(f, each)] for each in (own, level))
    depths = {name.count("/") for name in apart}
    return 1 < len(set(names)) < len(set(apart)) and (level != "paths" or (len(depths) > 1 and max(depths) > 1))


def _is_usable(containers: Sequence[tuple[str, Folder]], level: Level) -> bool:
    """Whether there are classes to tell apart, and validation and test have some of them and no others."""
    trained: set[str] = set()
    other: set[str] = set()
    for part, folder in containers:
        names = {name.casefold() for name, count in _counted(folder, level) if count}
        if not names and folder.total:
            return False
        (trained if part in ("", "train") else other).update(names)
    are_parts = len(set(parts_of(sorted(trained)).values())) > 1
    return len(trained) > 1 and other <= trained and not are_parts


def _asked(
    top: Folder, trained: Sequence[Folder], nested: Sequence[Folder], usable: Sequence[Level]
) -> tuple[Level, tuple[Doubt, ...]]:
    inner = [frozenset(each.name.casefold() for each in folder.filled) for folder in nested]
    are_alike = len(set(inner)) == 1 and len(nested) > 1
    names = paths_text([folder.relative for folder in nested], 4)
    below = paths_text([each.name for each in nested[0].filled], 4)
    if are_alike:
        text = f"{names} hold folders of the same names ({below}): either level may be that of the classes."
    else:
        hold = "holds" if len(nested) == 1 else "hold"
        text = f"{names} {hold} folders with pictures ({below}): either level may be that of the classes."
    order = sorted(usable, key=lambda level: level == "folders") if are_alike else list(usable)
    order.sort(key=lambda level: _say_no_class(trained, level))  # what is advised comes first
    are_whole = are_alike and list(nested) == list(top.filled)
    of_parts, are_said = offered_parts(top, nested) if are_whole else ((), False)
    levels = [_level_reading(trained, level) for level in order][: MOST_READINGS - len(of_parts)]
    readings = [*of_parts, *levels] if are_said else [*levels, *of_parts]
    alone = [folder for folder in nested if folder in trained[0].filled and not has_parts(folder)]
    alone = alone if len(trained[0].filled) > 1 else []
    alone = alone if len(trained) == 1 else []
    alone = [folder for folder in alone if not _say_none([each.name for each in folder.filled])]
    alone = sorted(alone, key=lambda folder: -folder.total) if of_parts else alone
    if are_alike and (small := sorted({each.name for each in nested[0].filled if is_of_small(each.name)})):
        readings.insert(0, Reading(f"Leave out {paths_text(small)}", (("left_out", names_text(small)),)))
    else:
        readings += [only_reading(folder, trained[0].candidates) for folder in alone]
    if len(alone) == 1 and len(trained[0].filled) > 2:
        leave = Reading(f"Leave out {alone[0].name}", (("left_out", alone[0].relative),))
        readings.insert(0 if is_no_class(alone[0].name) else len(readings), leave)
    if len(readings) == 1 and len(readings[0].settings) == 1:
        return order[0], ()  # there is nothing to choose
    return order[0], (Doubt("classes", text, tuple(readings[:MOST_READINGS])),)


def _say_no_class(trained: Sequence[Folder], level: Level) -> bool:
    """Whether the names at ``level`` say whose pictures they are, or when and with what they were made; of names of
    several folders (``cat/2019``) the last counts."""
    return _say_none(sorted({name.rpartition("/")[2] for folder in trained for name, _ in _counted(folder, level)}))


def _say_none(names: Sequence[str]) -> bool:
    return say_origins(names) or all(says_group(name) and _NUMBERED.search(name) for name in names)


def _level_reading(trained: Sequence[Folder], level: Level) -> Reading:
    found = [each for folder in trained for each in _counted(folder, level)]
    names = sorted({name for name, _ in found})
    settings: tuple[tuple[str, Any], ...] = (("classes", level),)
    if any(not count for _, count in found):
        settings += (("skip_empty", True),)
    words = _WORDS[level]
    return Reading(f"The classes are {words}: {grouped(len(names))} ({paths_text(names, 3)})", settings)


#: A number, or a letter that counts: ``patient_7``, ``Site A``.
_NUMBERED: Final = re.compile(r"\d|(?<![^\W_])[A-Z]\Z")
_WORDS: Final[dict[Level, str]] = {
    "folders": "the upper folders",
    "second_level": "the folders one level below",
    "third_level": "the folders two levels below",
    "both_levels": "both levels together",
    "paths": "all levels together",
    "innermost": "the folders that hold the pictures",
}


# --- Names of files -----------------------------------------------------------------------------------------------


_SAY: Final[dict[Level, str]] = {
    "file_names": "begin with",
    "name_ends": "end with",
    "name_numbers": "end with the numbers",
    "name_words": "have behind the first number",
}


def by_names(names: Sequence[str], level: Level = "file_names") -> Reading:
    """The classes are ``names``, which the names of the files say at this ``level``."""
    label = f"The names say the class: {grouped(len(names))} ({paths_text(names, 3)})"
    return Reading(label, (("classes", level),))


def _by_file_names(parts: Parts, containers: Sequence[tuple[str, Folder]]) -> tuple[Level, tuple[Doubt, ...]]:
    """There are no class folders. Raises WorkbenchError if the files are not named as classes either."""
    files = [file for part, folder in containers if part in ("", "train") for file in folder.files()]
    if all(part == "" for part, _ in containers) and (both := _class_and_part_in_names(files)):
        return both
    level, names = level_of_names(files)
    if not names or _say_only_parts(names):
        raise WorkbenchError(no_classes_words(parts), "data.source.folder")
    where = paths_text([repr(folder.name) for _, folder in parts.folders])
    shown = paths_text(sorted(names), 4)
    text = f"The pictures in {where} lie in no class folders. Their names {_SAY[level]} {shown}."
    readings = [by_names(names, level)]
    if level == "name_ends" and (found := words_in_files(files, names)):
        label = f"The words behind the numbers are the class: {grouped(len(found))} ({paths_text(found, 3)})"
        readings.append(Reading(label, (("classes", "name_words"),)))
    return level, (Doubt("classes", text, tuple(readings)),)


def _class_and_part_in_names(files: Sequence[Path]) -> tuple[Level, tuple[Doubt, ...]] | None:
    """The level of the classes in the names of ``files`` beside those of parts; None where they do not say both."""
    words = part_words(files)
    known = meanings(words)  # pictures for a test often have no class
    named = [without_part(file) for file in files if known.get(words.get(file, "")) != "test"]
    level, names = level_of_names(named) if words else ("file_names", [])
    if not names:
        return None
    text = (
        f"The pictures lie in no class folders. Their names say a class ({paths_text(names, 4)}) and may say a part "
        f"({paths_text(sorted(set(words.values())))}{'; the others train' if others_train(words) else ''})."
    )
    readings = [_with_parts(by_names(names, level), " and the part", SETTING)]
    other, texts = level_of_names(files)
    if texts and not _say_only_parts(texts):
        readings.append(_with_parts(by_names(texts, other), ", and no part", ("parts", "none")))
    return level, (Doubt("classes", text, tuple(readings)),)


def _with_parts(reading: Reading, words: str, setting: tuple[str, Any]) -> Reading:
    """``reading`` of the classes in names, with ``words`` and the ``setting`` on the parts in them."""
    label = reading.label.replace("the class", f"the class{words}", 1)
    return Reading(label, (*reading.settings, setting))


def _say_only_parts(names: Sequence[str]) -> bool:
    return len(set(parts_of(names).values())) > 1 and not any(map(said_beside, names))


def _nameless(top: Folder, containers: Sequence[tuple[str, Folder]], level: Level, named: _Named) -> Iterator[LeftOut]:
    for _, folder in containers:
        for file in folder.files():
            if not name_in_file(named(file), level):
                name = file.relative_to(top.path).as_posix()
                yield LeftOut(top.below(name), "no class in its name", True)
