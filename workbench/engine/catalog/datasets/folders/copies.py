"""Class folders that are called as the copy of another one: ``dog - Copy``, ``dog (1)``, ``Copy of dog``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from workbench.engine.catalog.datasets.copy_names import COPIES
from workbench.engine.catalog.datasets.folders.choices import names_text
from workbench.engine.catalog.datasets.folders.levels import Group
from workbench.engine.catalog.datasets.understanding import Doubt, Reading
from workbench.engine.core.text import paths_text
from workbench.engine.pictures.part_names import plain_word, words_of

#: Words for pictures that were made of others, or are more of them.
_MADE: Final = (
    "(?:aug|augmented|augmentation|augmentations|resized|cropped|edited|flipped|rotated|enhanced|processed|preprocessed"
    "|backup|bak|duplicate|duplicates|dup|extra|additional|originals?|orig|old|new|copies|v)"
)
#: What a folder of copies alone is called, and what is beside it where it is a class.
_DUPLICATES: Final = frozenset({"duplicate", "duplicates", "duplicated", "dup", "dups", "dupes"})
_UNIQUE: Final = frozenset({"unique", "uniques", "original", "originals", "single", "singles", "distinct"})
_COPIES: Final = (*COPIES, re.compile(rf"(.+?)[ _-]{_MADE}\d*\Z", re.IGNORECASE))


def without_copies(groups: Sequence[Group]) -> tuple[Group, ...]:
    """``groups`` where those that are called as copies have the name of their class."""
    known = {group.name.casefold(): group.name for group in groups}
    return tuple(replace(group, name=_original(group.name, known) or group.name) for group in groups)


def copy_doubt(groups: Sequence[Group]) -> Doubt | None:
    """The question what folders are that are called as copies of others, None without such."""
    known = {group.name.casefold(): group.name for group in groups}
    found = {group.name: original for group in groups if (original := _original(group.name, known))}
    if not found:
        return _duplicates_doubt(groups)
    folders = [group.folder.relative for group in groups if group.name in found]
    are_same = all(_files(groups, copy) <= _files(groups, original) for copy, original in found.items())
    pairs = paths_text([f"{copy!r} of {original!r}" for copy, original in found.items()], 4)
    holds = "Its files have names that are in both" if are_same else "It holds other files"
    text = f"A folder is named as the copy of another class: {pairs}. {holds}."
    leave = Reading(f"Leave out {paths_text(folders, 3)}", (("left_out", names_text(folders)),))
    one = Reading("They are one class", (("class_names", "ignore_case"),))
    own = Reading("They are different classes", (("class_names", "exact"),))
    return Doubt("classes", text, (leave, own) if are_same else (one, own, leave))


def _duplicates_doubt(groups: Sequence[Group]) -> Doubt | None:
    """The question whether a folder called ``duplicates`` is a class; None beside one called ``unique``."""
    words = {group.name: plain_word(group.name) for group in groups}
    odd = [name for name, word in words.items() if word in _DUPLICATES]
    is_judged = any(_UNIQUE & set(words_of(name)) for name in words)
    if not odd or is_judged or len(words) - len(odd) < 2:
        return None
    folders = [group.folder.relative for group in groups if group.name in odd]
    text = f"The name {odd[0]!r} says that a folder holds copies of pictures of the other classes."
    leave = Reading(f"Leave out {paths_text(folders, 3)}", (("left_out", names_text(folders)),))
    return Doubt("classes", text, (leave, Reading("It is a class", (("class_names", "exact"),))))


def _original(name: str, known: dict[str, str]) -> str:
    """The class in ``known`` of which ``name`` is called a copy; empty if there is none."""
    for pattern in _COPIES:
        found = pattern.match(name)
        if found and (original := known.get(found[1].strip().casefold())):
            return original
    return ""


def _files(groups: Sequence[Group], name: str) -> set[str]:
    return {file.name for group in groups if group.name == name for file in group.files}
