"""Names of classes that differ only in upper and lower case, in what stands between their words, in how their letters
are encoded, or as copies do."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from workbench.engine.catalog.datasets.folders.choices import NameRule, names_text
from workbench.engine.catalog.datasets.folders.copies import copy_doubt, without_copies
from workbench.engine.catalog.datasets.folders.levels import Group
from workbench.engine.catalog.datasets.understanding import Doubt, Fact, Reading
from workbench.engine.core.text import paths_text


@dataclass(frozen=True, slots=True)
class Named:
    """The groups under the names of their classes."""

    groups: tuple[Group, ...]
    facts: tuple[Fact, ...] = ()
    doubts: tuple[Doubt, ...] = ()


def named(groups: Sequence[Group], rule: NameRule) -> Named:
    """``groups`` with one name for each class, by ``rule``; a name that training lacks is that of a class it has."""
    composed = tuple(replace(group, name=unicodedata.normalize("NFC", group.name)) for group in groups)
    facts = tuple(_encoded(groups, composed))
    if rule == "exact":
        return Named(composed, facts)
    doubt = copy_doubt(composed)
    if doubt is not None and rule == "auto":
        return Named(composed, facts, (doubt,))
    composed = without_copies(composed)
    spelled = _spellings(composed)
    differ = {name: names for name, names in spelled.items() if len(names) > 1 and _concerns(composed, names)}
    merged = tuple(_merged(group, differ) for group in composed)
    if rule == "ignore_case" or not differ:
        return Named(merged, facts)
    if len({group.name for group in merged if group.part in ("", "train")}) < 2:
        return Named(composed, facts)  # they are all there is, so they are different classes
    asked, is_merged = _doubt(composed, differ)
    return Named(merged if is_merged else composed, facts, (asked,))


def _encoded(groups: Sequence[Group], composed: Sequence[Group]) -> list[Fact]:
    """What is to be said if names were encoded in two ways."""
    raw: dict[str, set[str]] = {}
    for group, same in zip(groups, composed, strict=True):
        raw.setdefault(same.name, set()).add(group.name)
    twice = [name for name, names in raw.items() if len(names) > 1]
    if not twice:
        return []
    text = "Folders whose names differ only in how their letters are encoded (composed or decomposed) are one class"
    return [Fact("classes", f"{text}: {paths_text(twice)}.")]


def _key(name: str) -> str:
    """What spellings of a name have in common: ``no tumor`` of ``No_Tumor`` and ``no-tumor``."""
    return re.sub(r"[\s_-]+", " ", name.casefold())


def _spellings(groups: Sequence[Group]) -> dict[str, Counter[str]]:
    found: dict[str, Counter[str]] = {}
    for group in groups:
        found.setdefault(_key(group.name), Counter())[group.name] += len(group.files)
    return found


def _concerns(groups: Sequence[Group], names: Counter[str]) -> bool:
    """Whether one of ``names`` is missing in training, or they are in the same folder."""
    by_part: dict[str, set[str]] = {}
    for group in groups:
        if group.name in names:
            by_part.setdefault(group.part, set()).add(group.name)
    return len(set().union(*by_part.values())) > 1


def _merged(group: Group, differ: dict[str, Counter[str]]) -> Group:
    names = differ.get(_key(group.name))
    return group if names is None else replace(group, name=max(names, key=lambda name: (names[name], name)))


def _doubt(groups: Sequence[Group], differ: dict[str, Counter[str]]) -> tuple[Doubt, bool]:
    """The question, and whether its first reading takes the names as one class."""
    pairs = paths_text([" and ".join(map(repr, names)) for names in differ.values()])
    are_cases = all(len({name.casefold() for name in names}) == 1 for names in differ.values())
    what = "upper and lower case" if are_cases else "how they are written"
    text = f"Names of classes differ only in {what}: {pairs}."
    trained = {group.name for group in groups if group.part in ("", "train")}
    strange = [
        group.folder.relative
        for group in groups
        if _key(group.name) in differ and group.name not in trained and group.files
    ]
    one = Reading("They are one class", (("class_names", "ignore_case"),))
    if strange:
        label = f"Leave out {paths_text(strange, 3)}"
        return Doubt("classes", text, (one, Reading(label, (("left_out", names_text(strange)),)))), True
    two = Reading("They are different classes", (("class_names", "exact"),))
    return Doubt("classes", text, (two, one)), False
