"""Which arrays are pictures and which are their labels, for each part."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from workbench.engine.catalog.datasets.array_archive import ArrayArchive
from workbench.engine.catalog.datasets.array_pair import Heads, Pair
from workbench.engine.catalog.datasets.array_values import ArrayHead, refuse
from workbench.engine.catalog.datasets.tables.groups import says_group
from workbench.engine.catalog.datasets.understanding import Doubt, Fact, Reading
from workbench.engine.core.text import grouped, paths_text

_TELLING: Final = re.compile(r"label|target|(^|_)y(_|$)|class", re.IGNORECASE)
#: Arrays that number, weigh or name examples.
_OTHER: Final = re.compile(r"(^|_)(id|ids|idx|index|indices|file|files|filenames?|paths?|weights?|groups?)(_|$)", re.I)


#: Arrays that mark places in the pictures beside them.
_MASK: Final = re.compile(r"(^|_)(masks?|segmentations?)(_|$)", re.I)
_Fitting = list[tuple[ArrayHead, list[ArrayHead]]]
#: What becomes of pictures and labels beside those to train on, of which no word says the part.
OtherArrays = Literal["auto", "leave_out"]


@dataclass(frozen=True, slots=True)
class Names:
    """The names of arrays that settings give, or "auto": of pictures and labels, and of pictures of a part."""

    pictures: str = "auto"
    labels: str = "auto"
    validation: str = "auto"
    test: str = "auto"
    others: OtherArrays = "auto"


@dataclass(frozen=True, slots=True)
class Pairs:
    """Pictures and labels by part (train, validation, test, or empty), and what had to be decided."""

    parts: dict[str, Pair]
    facts: tuple[Fact, ...]
    doubts: tuple[Doubt, ...]
    left_out: tuple[tuple[str, str], ...]


def found_pairs(archive: ArrayArchive, given: Names) -> Pairs:
    """The pairs of ``archive``, by ``given`` where it names arrays. Raises WorkbenchError."""
    all_images = [a for a in archive.arrays if a.is_pictures]
    all_targets = [a for a in archive.arrays if a.is_labels or a.is_rows]
    images = _named(archive, all_images, given.pictures, "picture_array")
    targets = _named(archive, all_targets, given.labels, "label_array")
    for array in images:
        if 0 in array.shape:
            refuse(archive.file, f"has no pictures in the array {array.name!r}")
    if given.pictures == "auto":
        images = [a for a in images if not _MASK.search(a.name)] or images
    of_part = {part: [a for a in images if a.part == part] for part in ("train", "validation", "test", "")}
    fitting = {part: [(a, _fitting(archive, a, targets)) for a in found] for part, found in of_part.items()}
    usable = {part: [(a, each) for a, each in found if each] for part, found in fitting.items()}
    parts = {part: Pair(found[0][0], _best(found[0][1])) for part, found in usable.items() if found}
    if not parts:
        _refuse_none(archive)
    beside = _beside(usable[""]) if "train" in parts else []
    if "train" in parts:
        parts.pop("", None)
    if not beside and given.pictures == "auto":
        usable[""], beside = _in_order(usable[""], parts)
    parts |= dict(_chosen(archive, beside, given))
    leading = next(part for part in ("train", "", "validation", "test") if part in parts)
    several = [array for array, _ in usable[leading]]
    doubts = [*_several_pictures(several), *_several_labels(usable[leading][0][1]), *_asked(beside, parts, given)]
    pictures, labels = parts[leading].pictures, parts[leading].labels
    facts = _fact(pictures, labels, _like(pictures, all_images), _like(labels, all_targets))
    return Pairs(parts, (facts, *parts_fact(parts)), tuple(doubts), _left_out(archive, parts))


def _beside(usable: Sequence[tuple[ArrayHead, list[ArrayHead]]]) -> list[Pair]:
    """Pairs of no known part; the labels share a word with their pictures (``X_query``, ``y_query``)."""
    return [Pair(a, _best([y for y in labels if _words(y) & _words(a)] or labels)) for a, labels in usable]


def _in_order(usable: _Fitting, parts: Heads) -> tuple[_Fitting, list[Pair]]:
    """Arrays whose names say no part: pairs are formed by equal numbers of examples, as
    ``np.savez(file, x, y, x2, y2)`` names them. The first is to train on, the others lie beside it."""
    of_labels = [{label.name for label in labels} for _, labels in usable]
    are_apart = len(set().union(*of_labels)) == sum(map(len, of_labels))
    if set(parts) != {""} or len(usable) < 2 or not are_apart:
        return usable, []
    return usable[:1], _beside(usable[1:])


def _words(array: ArrayHead) -> set[str]:
    return set(re.findall("[a-z]+", array.stem))


def _chosen(archive: ArrayArchive, beside: Sequence[Pair], given: Names) -> Iterator[tuple[str, Pair]]:
    """Those of ``beside`` for which the settings name a part."""
    known = {pair.pictures.name: pair for pair in beside}
    for part, name in (("validation", given.validation), ("test", given.test)):
        if name == "auto":
            continue
        if name not in known:
            there = paths_text(list(map(repr, known)), 8) or "none"
            text = f"has no pictures {name!r} with labels beside those to train on; there is {there}"
            refuse(archive.file, text, f"{part}_array")
        yield part, known[name]


def _asked(beside: Sequence[Pair], parts: Heads, given: Names) -> Iterator[Doubt]:
    """A doubt on pairs that are no part, where it is not chosen that they are left out."""
    taken = {pair.pictures.name for pair in parts.values()}
    left = [pair for pair in beside if pair.pictures.name not in taken]
    if not left or given.others == "leave_out":
        return
    names = paths_text([f"{p.pictures.name!r} with {p.labels.name!r} ({grouped(p.count)})" for p in left], 4)
    text = f"Beside the pictures to train on there is {names}, and no known word says which part that is."
    leave = Reading(f"Leave out {names}", _LEAVE)
    yield Doubt("parts", text, (leave, *(each for pair in left for each in _as_part(pair, parts))))


def _as_part(pair: Pair, parts: Heads) -> Iterator[Reading]:
    name = pair.pictures.name
    for part in ("validation", "test"):
        if part not in parts:
            yield Reading(f"{name!r} is for {_FOR[part]} ({grouped(pair.count)})", ((f"{part}_array", name), *_LEAVE))


_LEAVE: Final = (("other_arrays", "leave_out"),)


def _named(archive: ArrayArchive, arrays: list[ArrayHead], given: str, field: str) -> list[ArrayHead]:
    """The arrays that the settings name, of every part; all if they name none."""
    if given == "auto":
        return arrays
    stems = {array.stem for array in arrays if array.name == given}
    if not stems:
        names = paths_text([repr(array.name) for array in arrays], 8) or "none"
        refuse(archive.file, f"has no such array {given!r} to choose; there is {names}", field)
    return [array for array in arrays if array.stem in stems]


def _fitting(archive: ArrayArchive, pictures: ArrayHead, targets: Sequence[ArrayHead]) -> list[ArrayHead]:
    """The labels of as many examples, of the same part. Raises WorkbenchError if all have another number."""
    of_part = [a for a in targets if a.part == pictures.part and not _is_names(a, pictures)]
    fitting = [a for a in of_part if a.shape[0] == pictures.shape[0]]
    flat = [a for a in fitting if a.is_labels]
    if not fitting and (number := _number_last(pictures, of_part)):
        shape = " × ".join(map(str, pictures.shape))
        text = f"has the number of pictures ({grouped(number)}) as the last dimension of {pictures.name!r} ({shape})"
        refuse(archive.file, f"{text}; save it with the number first: np.moveaxis({pictures.name}, -1, 0)")
    if any(a.is_labels for a in of_part) and not fitting:
        wrong = next(a for a in of_part if a.is_labels)
        counts = f"{grouped(pictures.shape[0])} pictures and {grouped(wrong.shape[0])} labels"
        refuse(archive.file, f"has {counts} in {pictures.name!r} and {wrong.name!r}; the numbers must be equal")
    return flat or fitting


def _number_last(pictures: ArrayHead, targets: Sequence[ArrayHead]) -> int:
    """The number of pictures if it is the last dimension, as in SVHN's (height, width, channels, number); else 0."""
    count = pictures.shape[-1]
    is_picture = len(pictures.shape) == 3 or pictures.shape[2] in (1, 3, 4)
    return count if is_picture and any(a.is_labels and a.shape[0] == count for a in targets) else 0


def _is_names(array: ArrayHead, pictures: ArrayHead) -> bool:
    return array.dtype.kind in "US" and array.shape[0] != pictures.shape[0]


def _likely(labels: Sequence[ArrayHead]) -> list[ArrayHead]:
    """Those that are called as labels, else those that are called as nothing else."""
    other = [a for a in labels if not (_OTHER.search(a.name) or says_group(a.stem.replace("_", " ")))]
    telling = [a for a in other if _TELLING.search(a.name)]
    return telling or other or list(labels)


def _best(labels: Sequence[ArrayHead]) -> ArrayHead:
    """Whole numbers before texts before fractions."""
    return min(_likely(labels), key=lambda a: "uibUSf".index(a.dtype.kind))


def _several_pictures(arrays: Sequence[ArrayHead]) -> list[Doubt]:
    if len(arrays) < 2:
        return []
    readings = tuple(map(_pictures_reading, arrays))
    names = paths_text([repr(a.name) for a in arrays], 6)
    return [Doubt("classes", f"There are several arrays of pictures, {names}.", readings)]


def _several_labels(labels: Sequence[ArrayHead]) -> list[Doubt]:
    likely = _likely(labels)
    if len(likely) < 2:
        return []
    best = _best(labels)
    ordered = [best, *(a for a in likely if a is not best)]
    names = paths_text([repr(a.name) for a in ordered], 6)
    return [Doubt("classes", f"There are several arrays of labels, {names}.", tuple(map(_reading, ordered)))]


def _pictures_reading(array: ArrayHead) -> Reading:
    return Reading(f"The pictures are {array.name!r} ({_shape(array)})", (("picture_array", array.name),))


def _reading(array: ArrayHead) -> Reading:
    return Reading(f"The labels are {array.name!r} ({_shape(array)})", (("label_array", array.name),))


def _like(array: ArrayHead, arrays: Sequence[ArrayHead]) -> list[ArrayHead]:
    """The other ones of ``arrays`` that are of the same part and as many examples."""
    return [a for a in arrays if a is not array and a.part == array.part and a.shape[0] == array.shape[0]]


def _fact(pictures: ArrayHead, labels: ArrayHead, images: Sequence[ArrayHead], targets: Sequence[ArrayHead]) -> Fact:
    """What is read, with the other arrays that could be; only labels of one number an example are offered."""
    is_flat = labels.is_labels
    others = [_reading(a) for a in targets if a.is_labels or not is_flat]
    text = f"Pictures are {pictures.name!r} ({_shape(pictures)}), labels {labels.name!r} ({_shape(labels)})."
    return Fact("columns", text, (*map(_pictures_reading, images), *others))


_FOR: Final = {"train": "training", "": "training", "validation": "validation", "test": "test"}


def parts_fact(parts: Heads) -> tuple[Fact, ...]:
    """Which arrays are which part, where there is more than one."""
    said = [
        f"{_FOR[part]} from {parts[part].pictures.name!r} ({grouped(parts[part].count)})"
        for part in _FOR
        if part in parts
    ]
    return (Fact("parts", f"The arrays give the split: {', '.join(said)}."),) if len(said) > 1 else ()


def _left_out(archive: ArrayArchive, parts: Heads) -> tuple[tuple[str, str], ...]:
    used = {array.name for pair in parts.values() for array in (pair.pictures, pair.labels)}
    objects = [(f"array {a.name!r}", "Python objects, which are never loaded") for a in archive.objects]
    others = [a for a in archive.arrays if a.name not in used and a.shape and not _names_classes(a)]
    return (*objects, *((f"array {a.name!r}", "not used") for a in others))


def _names_classes(array: ArrayHead) -> bool:
    return array.dtype.kind in "US" and bool(re.search(r"class|names|categor", array.name, re.IGNORECASE))


def _shape(array: ArrayHead) -> str:
    return f"{array.dtype.name} {'×'.join(map(str, array.shape))}"


def _refuse_none(archive: ArrayArchive) -> None:
    for array in archive.objects:
        text = f"has Python objects in {array.name!r}, which are never loaded; save plain arrays instead"
        refuse(archive.file, text)
    there = paths_text([f"{a.name} {_shape(a)}" for a in archive.arrays], 6)
    text = "holds no pair of pictures (number, height, width[, channels]) and labels (number)"
    flat = next((a for a in archive.arrays if len(a.shape) == 2 and a.shape[1] > 3), None)
    hint = "" if flat is None else f"; pictures as rows of {grouped(flat.shape[1])} values must be reshaped first"
    refuse(archive.file, f"{text}; it has {there}{hint}")
