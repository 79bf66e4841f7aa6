"""The parts of a split in each class folder, or in the name of each: ``cat/train``, ``cats_train``; by patterns of
folders, in which ``*`` is the class."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Final

from workbench.engine.catalog.datasets.folders.choices import PARTS, names_text, parts_text
from workbench.engine.catalog.datasets.folders.extra_parts import USE
from workbench.engine.catalog.datasets.understanding import Doubt, Reading
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.text import paths_text
from workbench.engine.pictures.class_folders import natural
from workbench.engine.pictures.folder_tree import Folder, LeftOut
from workbench.engine.pictures.part_names import part_word, parts_of, said_beside

#: The folders of each part, by their names or patterns.
Uses = Mapping[str, Sequence[str]]
#: The part, the class and the folder of pictures.
ClassPart = tuple[str, str, Folder]


@dataclass(frozen=True, slots=True)
class ClassParts:
    """``named``: the folders of the parts with their classes; none where the settings split."""

    named: tuple[ClassPart, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    doubts: tuple[Doubt, ...] = ()


# --- Found by the names of folders --------------------------------------------------------------------------------


def class_parts(top: Folder) -> ClassParts | None:
    """The parts in the class folders in ``top``, with a question where some of these say none; None without such."""
    classes = top.filled
    inner: list[str] = sorted({each.name for folder in classes for each in folder.filled}, key=natural)
    meant = parts_of(inner)
    parted = [folder for folder in classes if _holds_parts(folder)]
    if len(classes) < 2 or not parted:
        return None
    if len(parted) < len(classes):
        return _partly(top, [each for each in parted if _has(each, meant, "train")], meant)
    uses: Uses = _by_part(meant)
    extra = [name for name in inner if name not in meant]
    if all(_has(folder, meant, "train") for folder in classes):
        doubts = (_extra_doubt(top, uses, extra),) if extra else ()
    elif "train" in uses:
        return ClassParts(doubts=(_untrained_doubt(top, uses, extra),))
    else:
        doubts, uses = (_untrained_doubt(top, uses, extra),), _trained(uses, extra)
    used = {name: part for part, names in uses.items() for name in names}
    named = [(used[each.name], f.name, each) for f in classes for each in f.filled if each.name in used]
    left_out = unused(top, [folder for _, _, folder in named], "beside the parts and named as none of them")
    return ClassParts(tuple(named), tuple(left_out), doubts)


def _holds_parts(folder: Folder) -> bool:
    """Whether folders in ``folder`` mean different parts, and none of these has several folders in it."""
    meant = parts_of([each.name for each in folder.filled])
    is_deep = any(has_several(each) for each in folder.filled if each.name in meant)
    return len(set(meant.values())) > 1 and not is_deep


def _has(folder: Folder, meant: Mapping[str, str], part: str) -> bool:
    return any(meant.get(each.name) == part for each in folder.filled)


def has_several(folder: Folder) -> bool:
    """Whether there are several folders of pictures side by side at some depth of ``folder``."""
    return any(len(each.filled) > 1 for each in folder.walk())


def _by_part(meant: Mapping[str, str]) -> dict[str, list[str]]:
    return {part: names for part in PARTS if (names := [name for name, its in meant.items() if its == part])}


def _partly(top: Folder, parted: Sequence[Folder], meant: Mapping[str, str]) -> ClassParts | None:
    """Some class folders hold the parts of a split, and others do not; ``meant`` are the names of parts."""
    if not parted:
        return None
    others = [folder for folder in top.filled if folder not in parted]
    extra = sorted({each.name for folder in parted for each in folder.filled} - meant.keys(), key=natural)
    text = (
        f"{paths_text([folder.name for folder in parted], 4)} hold the parts of a split, and "
        f"{paths_text([folder.name for folder in others], 4)} do not."
    )
    readings = [Reading("Take no notice of the parts", (("parts", "none"), ("classes", "folders")))]
    if len(parted) > 1:
        names = names_text([*(folder.relative for folder in others), *_patterns(top, extra)])
        label = f"Leave out {paths_text([*(folder.name for folder in others), *extra], 3)}"
        readings.append(Reading(label, (("left_out", names),)))
    return ClassParts(doubts=(Doubt("parts", text, tuple(readings)),))


def _extra_doubt(top: Folder, uses: Uses, extra: Sequence[str]) -> Doubt:
    """The question on folders in the class folders, beside those of the parts, whose names say none."""
    are, names = len(extra) > 1, paths_text(extra, 3)
    text = (
        f"{_hold_parts(top, uses)}, and {names} beside them, whose {'names do' if are else 'name does'} not say "
        f"whether {'they are' if are else 'it is'} for training, validation or test."
    )
    leave = Reading(f"Leave out {names}", (("left_out", names_text(_patterns(top, extra))),))
    readings = [leave]
    for part in PARTS:
        if part == "train" or part not in uses:
            more = {**uses, part: [*uses.get(part, ()), *extra]}
            readings.append(Reading(f"Use {names} for {USE[part]}", (_setting(_of_patterns(top, more)),)))
    return Doubt("parts", text, (*readings, _NO_PARTS))


def _untrained_doubt(top: Folder, uses: Uses, extra: Sequence[str]) -> Doubt:
    """The question where not all class folders hold one whose name says that it is to train on."""
    text = f"{_hold_parts(top, uses)}, and not all of them one to train on"
    text = f"{text}; {paths_text(extra, 3)} may be that." if extra else f"{text}."
    guess = _trained(uses, extra) if "train" not in uses else {}
    readings = [_use_reading(_of_patterns(top, guess))] if guess else []
    return Doubt("parts", text, (*readings, _NO_PARTS))


def _trained(uses: Uses, extra: Sequence[str]) -> Uses:
    """``uses`` without training, with the ``extra`` folders for that, or else those for validation."""
    if extra:
        return {"train": extra, **uses}
    first, *rest = (names for part in PARTS if (names := uses.get(part)))
    return {"train": first, **dict(zip(("test",), rest, strict=False))}


def _hold_parts(top: Folder, uses: Uses) -> str:
    known: list[str] = sorted((name for names in uses.values() for name in names), key=natural)
    classes = paths_text([folder.name for folder in top.filled], 4)
    return f"{classes} hold folders that are named as the parts of a split ({paths_text(known, 4)})"


_NO_PARTS: Final = Reading("Take no notice of the parts", (("parts", "none"), ("classes", "folders")))


def class_and_part(top: Folder, folders: Sequence[tuple[str, Folder]]) -> ClassParts | None:
    """The classes and parts of ``folders`` (with their parts) whose names say one of each, with the question whether
    they are meant so: ``cats_train``, ``dogs_train``, ``cats_test``; None for others."""
    patterns = {folder.name: pattern for _, folder in folders if (pattern := _pattern(folder.name))}
    classes = {said_beside(folder.name) for _, folder in folders}
    if len(patterns) < len(folders) or len(classes) < 2 or any(map(has_several, (folder for _, folder in folders))):
        return None
    named = [(part, _class_of(folder, top.below(patterns[folder.name])), folder) for part, folder in folders]
    trained = {name for part, name, _ in named if part == "train"}
    if {name for _, name, _ in named} != trained:
        return None
    uses = {part: list(dict.fromkeys(patterns[f.name] for its, f in folders if its == part)) for part in PARTS}
    names, shown = sorted(trained, key=natural), paths_text([folder.name for _, folder in folders], 4)
    text = f"The names of the folders may say a class ({paths_text(names, 4)}) and a part of a split each: {shown}."
    setting = _setting({part: [top.below(each) for each in its] for part, its in uses.items()})
    use = Reading("The names of the folders say the class and the part", (setting,))
    none = Reading("Each folder is a class", (("parts", "none"), ("classes", "folders")))
    return ClassParts(tuple(named), doubts=(Doubt("parts", text, (use, none)),))


def _pattern(name: str) -> str:
    """``name`` with * for what is beside the word of a part at its beginning or end; empty without such."""
    found = [word for word in re.finditer(r"[^\W\d_]+", name) if part_word(word[0])]
    if len(found) != 1:
        return ""
    before, behind = name[: found[0].start()], name[found[0].end() :]
    if before and not behind:
        return f"*{name[len(before.rstrip(_MARKS)) :]}"
    return f"{name[: len(name) - len(behind.lstrip(_MARKS))]}*" if behind and not before else ""


_MARKS: Final = " ._-"


# --- Named by the settings ----------------------------------------------------------------------------------------


def by_patterns(root: Folder, names: Uses) -> tuple[ClassPart, ...]:
    """The folders in ``root`` that the patterns among ``names`` mean, with their classes, and those that are named
    without a pattern, whose class is the folder above.

    Empty without a pattern. Raises WorkbenchError for a pattern without a folder and for a folder that two name.
    """
    found: dict[str, ClassPart] = {}
    if not any("*" in name for each in names.values() for name in each):
        return ()
    for part, each in names.items():
        for name in each:
            meant = [folder for folder in root.walk() if folder.relative and folder.total and _fits(folder, name)]
            if not meant:
                raise WorkbenchError(
                    f"{root.path} holds no folder {name!r}, which the settings name as {part}.", "data.source.parts"
                )
            for folder in meant:
                if any(_is_in(folder, other) or _is_in(other, folder) for _, _, other in found.values()):
                    raise WorkbenchError(f"The settings name {folder.relative} for two parts.", "data.source.parts")
                found[folder.relative] = part, _class_of(folder, name), folder
    return tuple(found.values())


def _fits(folder: Folder, pattern: str) -> bool:
    return folder.relative == pattern or fnmatchcase(folder.relative, pattern.replace("[", "[[]"))


def _class_of(folder: Folder, pattern: str) -> str:
    """What the last * of ``pattern`` is in the path of ``folder``; without one the name of the folder above."""
    if "*" not in pattern:
        return folder.path.parent.name if "/" in folder.relative else folder.name
    parts = (re.escape(each).replace(r"\?", ".") for each in pattern.split("*"))
    found = re.fullmatch("(.*)".join(parts), folder.relative)
    return (found[found.re.groups].rpartition("/")[2] if found else "") or folder.name


def _is_in(inner: Folder, outer: Folder) -> bool:
    return inner.relative == outer.relative or inner.relative.startswith(f"{outer.relative}/")


def unused(
    top: Folder, used: Sequence[Folder], why: str = "beside the parts and named as none of them"
) -> Iterator[LeftOut]:
    """The folders and pictures below ``top`` that are in none of the ``used`` folders, for the reason ``why``."""
    if any(_is_in(top, folder) for folder in used):
        return
    if not any(_is_in(folder, top) for folder in used) and top.relative:
        if top.total:
            yield LeftOut(top.relative, why, True)
        return
    yield from (LeftOut(top.below(name), why, True) for name in top.pictures)
    for folder in top.filled:
        yield from unused(folder, used, why)


# --- Offered --------------------------------------------------------------------------------------------------------


def offered_parts(top: Folder, folders: Sequence[Folder]) -> tuple[tuple[Reading, ...], bool]:
    """Readings by which ``folders`` in ``top``, which hold folders of the same names, are the parts of a split, or by
    which these in them are; and whether a name says so: ``tr``, ``va``, ``te``; ``train`` beside ``calib``.

    Else two or three may be if one has more pictures than each other, to train on; those of the level at which the
    numbers of pictures differ most come first.
    """
    outer = {top.below(folder.name): folder.total for folder in folders}
    inner: defaultdict[str, int] = defaultdict(int)
    for folder in folders:
        for each in folder.filled:
            inner[top.below(f"*/{each.name}")] += each.total
    levels = [sizes for sizes in (outer, inner) if len(sizes) in _PARTED]
    for sizes in levels:
        if said := _said(list(sizes)):
            return (_use_reading(said),), True
    levels.sort(key=lambda sizes: (not _meant(sizes), min(sizes.values()) / max(sizes.values())))
    readings = tuple(_use_reading(uses) for sizes in levels for uses in _by_size(sizes))
    return readings, bool(readings) and bool(_meant(levels[0]))


#: The number of parts of a split.
_PARTED: Final = (2, 3)


def _said(paths: Sequence[str]) -> Uses:
    """The use of each of ``paths`` if their names are how the words of different parts begin; nothing if not."""
    uses = {part: [path for path in paths if _begins(path.rpartition("/")[2], part)] for part in PARTS}
    found = [path for its in uses.values() for path in its]
    is_split = uses["train"] and sorted(found) == sorted(paths) and all(len(its) < 2 for its in uses.values())
    return uses if is_split else {}


def _by_size(sizes: Mapping[str, int]) -> Iterator[Uses]:
    """The uses of folders with so many pictures, as far as their names say none: that to train on is the largest.

    Nothing if none is that.
    """
    meant = _meant(sizes)
    known = [path for path in sizes if meant.get(path) == "train"]
    open_ = known or [path for path in sizes if path not in meant]
    first, *others = sorted(open_, key=lambda path: -sizes[path]) or [""]
    rest = [path for path in sizes if path != first]
    if not first or (not known and any(sizes[path] >= sizes[first] for path in others)):
        return
    for part, other in (("test", "validation"), ("validation", "test")):
        uses = {"train": [first], part: rest[:1], other: rest[1:]}
        if all(path in uses[its] for path, its in meant.items()):
            yield uses


def _meant(paths: Iterable[str]) -> dict[str, str]:
    """The part that the last name of each of ``paths`` means, where it means one."""
    names = {path: path.rpartition("/")[2] for path in paths}
    known = parts_of(sorted(names.values()))
    return {path: known[name] for path, name in names.items() if name in known}


def _begins(name: str, part: str) -> bool:
    """Whether ``name`` is how the word of ``part`` begins: ``tr``, ``va``, ``te``."""
    return len(name) > 1 and part.startswith(name.casefold())


def _use_reading(uses: Uses) -> Reading:
    """The reading by which each part is the folders of these paths or patterns."""
    verbs = {"train": "Train on", "validation": "validate on", "test": "test on"}
    names = {part: [path.rpartition("/")[2] for path in its] for part, its in uses.items()}
    words = [f"{verbs[part]} {paths_text(names[part], 3)}" for part in PARTS if names.get(part)]
    return Reading(", ".join(words), (_setting(uses),))


def _patterns(top: Folder, names: Sequence[str]) -> list[str]:
    """The patterns of folders called ``names`` in each folder in ``top``."""
    return [top.below(f"*/{name}") for name in names]


def _of_patterns(top: Folder, uses: Uses) -> dict[str, list[str]]:
    return {part: _patterns(top, names) for part, names in uses.items()}


def _setting(uses: Uses) -> tuple[str, str]:
    return "parts", parts_text([(part, uses.get(part, ())) for part in PARTS])
