"""Labels of arrays as numbers of classes, and what the classes are called."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt

from workbench.engine.catalog.datasets.array_archive import ArrayArchive
from workbench.engine.catalog.datasets.array_pair import Heads
from workbench.engine.catalog.datasets.array_values import ArrayHead, refuse
from workbench.engine.catalog.datasets.folders.choices import NameRule
from workbench.engine.catalog.datasets.tables.odd_classes import with_commas
from workbench.engine.catalog.datasets.tables.same_names import how_they_differ, with_one_spelling
from workbench.engine.catalog.datasets.understanding import Doubt, Fact, Reading
from workbench.engine.core.text import counted, grouped, paths_text
from workbench.engine.pictures.class_folders import natural

#: What to do about numbers that no label has: leave them out, or keep an output for each.
Gaps = Literal["auto", "leave_out", "keep"]
Numbers = npt.NDArray[np.int64]
#: Class names of more bytes than these are no names.
MAX_NAMES: Final = 50_000_000
_NAMES: Final = re.compile(r"class|names|categor", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Numbered:
    """Of each part its labels, int64 (N,), each the index of its name in ``classes``."""

    parts: Mapping[str, Numbers]
    classes: tuple[str, ...]
    notes: tuple[str, ...] = ()
    facts: tuple[Fact, ...] = ()
    doubts: tuple[Doubt, ...] = ()


def numbered(
    archive: ArrayArchive, pairs: Heads, trained: Sequence[str], gaps: Gaps, spelling: NameRule = "auto"
) -> Numbered:
    """The classes are those of the parts ``trained``, without validation. Raises WorkbenchError."""
    values = {part: pair.taken(_flat(archive, pair.labels)) for part, pair in pairs.items()}
    learned = [part for part in trained if part != "validation"]
    if len({values[part].dtype.kind in "US" for part in values}) > 1:
        said = [f"{'texts' if each.dtype.kind in 'US' else 'numbers'} in {part}" for part, each in values.items()]
        refuse(archive.file, f"has labels of different kinds: {paths_text(said, 4)}")
    known = np.concatenate([values[part] for part in learned])
    if known.dtype.kind in "US":
        return _by_text(archive.file, values, learned, spelling)
    for each in values.values():
        _refuse_odd(archive.file, each)
    whole = {part: each.astype(np.int64) for part, each in values.items()}
    return _by_number(archive, whole, np.unique(known.astype(np.int64)), gaps)


def _flat(archive: ArrayArchive, head: ArrayHead) -> npt.NDArray[Any]:
    """(N,), of a column for each class the number of the column with the 1."""
    values = archive.read(head)
    if head.is_labels:
        return values.reshape(-1)
    if not np.isin(values, (0, 1)).all():
        text = f"has shares or quantities in {head.name!r}; labels are whole numbers, or one 1 in each row"
        refuse(archive.file, f"{text} (regression is not supported)")
    marked = (values != 0).sum(1)
    if (marked != 1).any():
        row = int(np.argmax(marked != 1))
        what = "no class" if marked[row] == 0 else f"{grouped(int(marked[row]))} classes"
        text = (
            f"marks {what} at example {grouped(row + 1)} of {head.name!r}; several labels per picture are not supported"
        )
        refuse(archive.file, f"{text}: each row must have exactly one 1")
    return np.asarray(values.argmax(1), np.int64)


def _by_text(file: Path, values: Mapping[str, npt.NDArray[Any]], learned: Sequence[str], rule: NameRule) -> Numbered:
    texts = {part: [_text(value) for value in each] for part, each in values.items()}
    plain, differ = with_one_spelling([text for each in texts.values() for text in each])
    are_alike = bool(differ) and len({*plain}) > 1
    if are_alike and rule != "exact":
        ends = np.cumsum([len(each) for each in texts.values()]).tolist()
        texts = {p: list(plain[end - len(each) : end]) for (p, each), end in zip(texts.items(), ends, strict=True)}
    known = [text for part in learned for text in texts[part]]
    names = sorted(set(known), key=natural)
    number = {name: index for index, name in enumerate(names)}
    parts: dict[str, Numbers] = {}
    for part, each in texts.items():
        strange = next((text for text in each if text not in number), None)
        if strange is not None:
            refuse(file, f"has the class {strange!r} in {part} but not in train")
        parts[part] = np.array([number[text] for text in each], np.int64)
    _refuse_few(file, len(names), len(known))
    facts, doubts = _about_spelling(file, differ, rule) if are_alike else ((), ())
    return Numbered(parts, tuple(names), facts=facts, doubts=(*doubts, *_of_commas(names)))


def _of_commas(names: Sequence[str]) -> tuple[Doubt, ...]:
    """A note on labels that may be no classes (``3,7``)."""
    why = with_commas(names)
    return (Doubt("columns", f"The array of labels {why}."),) if why else ()


def _about_spelling(
    file: Path, differ: Mapping[str, Sequence[str]], rule: NameRule
) -> tuple[tuple[Fact, ...], tuple[Doubt, ...]]:
    """What is said or asked of names that are written in several ways, by ``rule``."""
    one = Reading("They are one class", (("class_names", "ignore_case"),))
    two = Reading("They are different classes", (("class_names", "exact"),))
    pairs = paths_text([" and ".join(map(repr, sorted(names))) for names in differ.values()], 5)
    text = f"Names of classes in {file.name} differ only in {how_they_differ(differ)}: {pairs}"
    if rule == "auto":
        return (), (Doubt("classes", f"{text}.", (one, two)),)
    are, other = ("different classes", one) if rule == "exact" else ("one class", two)
    return (Fact("classes", f"{text}; they are {are}.", (other,)),), ()


def _refuse_odd(file: Path, values: npt.NDArray[Any]) -> None:
    if values.dtype.kind == "f" and not (np.isfinite(values).all() and (values == np.rint(values)).all()):
        refuse(file, "has labels that are no whole numbers: a quantity and not classes (regression is not supported)")
    low, high = int(values.min()), int(values.max())
    for label in (low, high):
        if abs(label) > 65_535:
            refuse(file, f"has the label {grouped(label)}, which numbers no class; labels count from 0")


def _by_number(archive: ArrayArchive, parts: Mapping[str, Numbers], known: Numbers, gaps: Gaps) -> Numbered:
    file, high = archive.file, int(known.max())
    if known.min() < 0:
        return _by_value(file, parts, known)
    names, notes = _class_names(archive, high + 1)
    for part, each in parts.items():
        strange = np.setdiff1d(each, known)
        if not (names and strange.max(initial=-1) < len(names) and strange.min(initial=0) >= 0):
            _refuse_strange(file, strange, part, known)
    if names:
        return Numbered(parts, names, (*notes, *_from_0(known, names)), doubts=_without_pictures(known, names))
    total = sum(len(each) for each in parts.values())
    _refuse_few(file, len(known), total)
    unread = _unread_names(archive, {high + 1, len(known)})
    missing = high + 1 - len(known)
    if not missing or gaps == "keep":
        return Numbered(parts, tuple(map(str, range(high + 1))), notes, doubts=unread)
    found = {part: np.searchsorted(known, each).astype(np.int64) for part, each in parts.items()}
    classes = tuple(map(str, known.tolist()))
    facts, doubts = _about_gaps(known, gaps)
    return Numbered(found, classes, notes, facts, (*doubts, *unread))


def _unread_names(archive: ArrayArchive, counts: Collection[int]) -> tuple[Doubt, ...]:
    """A doubt on names of as many classes as one of ``counts`` that are Python objects, so that they are not read."""
    for head in archive.objects:
        if len(head.shape) == 1 and head.shape[0] in counts and _NAMES.search(head.name):
            text = (
                f"The names of the classes are Python objects in {head.name!r}, which are never loaded: the classes "
                f"are called by their numbers. To use the names, save them as texts: {head.name}.astype(str)."
            )
            return (Doubt("columns", text),)
    return ()


def _without_pictures(known: Numbers, names: Sequence[str]) -> tuple[Doubt, ...]:
    """A doubt on names above the lowest label that no label to train on has; ``_from_0`` speaks of those below it."""
    empty = [names[k] for k in np.setdiff1d(np.arange(int(known.min()), len(names)), known).tolist()]
    if not empty:
        return ()
    text = (
        f"{counted(len(empty), 'class has', 'classes have')} a name and no picture to train on: "
        f"{paths_text([repr(name) for name in empty], 8)}. The network gets an output for each, which learns only "
        "never to be the answer. If the labels or the names are of another set, save those that belong together."
    )
    return (Doubt("columns", text),)


def _from_0(known: Numbers, names: Sequence[str]) -> tuple[str, ...]:
    """A sentence if no label is 0, so that the ``names`` may be meant to begin with that of 1."""
    low = int(known.min())
    if not low:
        return ()
    text = f"No label is 0, and the names count from 0: {names[0]!r} has no picture, and label {low} is {names[low]!r}."
    return (f"{text} If the labels count from 1, subtract 1 from them.",)


def _by_value(file: Path, parts: Mapping[str, Numbers], known: Numbers) -> Numbered:
    """A class for each label that occurs, some of them below 0, in the order of the numbers."""
    for part, each in parts.items():
        _refuse_strange(file, np.setdiff1d(each, known), part, known)
    _refuse_few(file, len(known), sum(map(len, parts.values())))
    found = {part: np.searchsorted(known, each).astype(np.int64) for part, each in parts.items()}
    return Numbered(found, tuple(map(str, known.tolist())))


def _refuse_strange(file: Path, strange: Numbers, part: str, known: Numbers) -> None:
    if len(strange):
        text = f"has the label {int(strange[0])} in {part} but not in train (there are {_shown(known)})"
        is_shifted = len(strange) == 1 and int(strange[0]) in (int(known.min()) - 1, int(known.max()) + 1)
        refuse(file, f"{text}; one of them may count from 0 and the other from 1" if is_shifted else text)


def _about_gaps(known: Numbers, gaps: Gaps) -> tuple[tuple[Fact, ...], tuple[Doubt, ...]]:
    """Labels from 1 on are sure; other gaps are asked about."""
    high, count = int(known.max()), len(known)
    named = Reading(f"{grouped(count)} classes, called by their labels: {_shown(known)}", (("gaps", "leave_out"),))
    every = f"{grouped(high + 1)} classes, 0 to {high}; {grouped(high + 1 - count)} of them without a picture"
    keep = Reading(every, (("gaps", "keep"),))
    from_one = int(known.min()) == 1 and count == high
    text = f"The labels are {_shown(known)}: {grouped(count)} different ones, the highest {grouped(high)}."
    if from_one or gaps == "leave_out":
        return (Fact("classes", text, (keep,)),), ()
    return (), (Doubt("classes", text, (named, keep)),)


def _shown(numbers: Numbers) -> str:
    return paths_text([str(number) for number in numbers.tolist()], 8)


def _refuse_few(file: Path, count: int, examples: int) -> None:
    if count < 2:
        refuse(file, "holds only one class; learning needs at least two")
    if count > max(20, examples // 3):
        text = f"has {grouped(count)} different labels for {grouped(examples)} pictures: a quantity and not classes"
        refuse(file, f"{text} (regression is not supported)", "label_array")


def _class_names(archive: ArrayArchive, at_least: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The texts that name the classes, if an array of them is there; and a sentence if it cannot be used."""
    texts = [a for a in archive.arrays if a.dtype.kind in "US" and len(a.shape) == 1 and a.shape[0] >= at_least]
    named = [a for a in texts if _NAMES.search(a.name)] or [a for a in texts if a.shape[0] == at_least]
    for array in named:
        is_small = array.shape[0] <= 65_536 and array.shape[0] * array.dtype.itemsize <= MAX_NAMES
        if is_small and not re.search(r"file|path", array.name, re.IGNORECASE):
            names = tuple(_text(name) for name in archive.read(array))
            if len(set(names)) == len(names) and all(name.strip() for name in names):
                return names, ()
            why = "the same name twice" if len(set(names)) < len(names) else "an empty name"
            return (), (f"{archive.file} has {why} in {array.name!r}, so the classes are called by their numbers.",)
    return (), _too_few_names(archive, at_least)


def _too_few_names(archive: ArrayArchive, at_least: int) -> tuple[str, ...]:
    """A sentence if the labels count from 1 and there is a name for each: which is meant by 1 is not known."""
    texts = (a for a in archive.arrays if a.dtype.kind in "US" and a.shape == (at_least - 1,) and _NAMES.search(a.name))
    said = f"names {grouped(at_least - 1)} classes, and the labels go up to {grouped(at_least - 1)}"
    why = "the classes are called by their numbers. Let the labels count from 0 to use the names"
    return tuple(f"{archive.file} {said}: {array.name!r} is not used, {why}." for array in texts)[:1]


def _text(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
