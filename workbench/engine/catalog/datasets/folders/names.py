"""Names of classes that differ only in upper and lower case, in what stands between their words or at their ends, in
how their letters are encoded, or as copies do."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from workbench.engine.catalog.datasets.folders.choices import FolderNames
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


def named(groups: Sequence[Group], rule: FolderNames) -> Named:
    """``groups`` with one name for each class, by ``rule``; a name that training lacks is that of a class it has."""
    composed = tuple(replace(group, name=unicodedata.normalize("NFC", group.name)) for group in groups)
    facts = tuple(_encoded(groups, composed))
    if rule == "exact":
        return Named(composed, facts)
    doubt = copy_doubt(composed)
    if doubt is not None and rule in ("auto", "from_file"):
        return Named(composed, facts, (doubt,))
    composed = without_copies(composed)
    spelled = _spellings(composed)
    differ = {key: names for key, names in spelled.items() if len(names) > 1}
    if rule == "ignore_case":
        return Named(tuple(_merged(group, differ) for group in composed), facts)
    trained = {group.name for group in composed if group.part in ("", "train")}
    # Where training tells spellings apart (the letters A and a), another part may as well.
    are_apart = any(len(trained & names.keys()) > 1 for names in differ.values())
    sure = {} if are_apart else {key: names for key, names in differ.items() if trained & names.keys()}
    composed = tuple(_merged(group, sure, trained) for group in composed)
    facts += tuple(_joined(sure))
    open_ = {key: names for key, names in differ.items() if key not in sure and trained & names.keys()}
    if not open_ or len({_merged(group, open_).name for group in composed if group.part in ("", "train")}) < 2:
        return Named(composed, facts)  # or they are all there is, so they are different classes
    return Named(composed, facts, (_doubt(open_),))


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
    return re.sub(r"[\s_-]+", " ", name.casefold()).strip()


def _spellings(groups: Sequence[Group]) -> dict[str, Counter[str]]:
    found: dict[str, Counter[str]] = {}
    for group in groups:
        found.setdefault(_key(group.name), Counter())[group.name] += len(group.files)
    return found


def _merged(group: Group, differ: Mapping[str, Counter[str]], first: Collection[str] = ()) -> Group:
    """``group`` under the spelling of most pictures, or under the one that is in ``first``."""
    names = differ.get(_key(group.name))
    if names is None:
        return group
    return replace(group, name=max(names, key=lambda name: (name in first, names[name], name)).strip())


def _joined(differ: Mapping[str, Counter[str]]) -> Iterator[Fact]:
    """What is to be said of names that training spells in one way and another part otherwise."""
    if differ:
        yield Fact("classes", f"Folders whose names differ only in {_what(differ)} are one class: {_pairs(differ)}.")


def _doubt(differ: Mapping[str, Counter[str]]) -> Doubt:
    text = f"Names of classes differ only in {_what(differ)}: {_pairs(differ)}."
    one = Reading("They are one class", (("class_names", "ignore_case"),))
    two = Reading("They are different classes", (("class_names", "exact"),))
    return Doubt("classes", text, (two, one))


def _pairs(differ: Mapping[str, Counter[str]]) -> str:
    return paths_text([" and ".join(map(repr, names)) for names in differ.values()])


def _what(differ: Mapping[str, Counter[str]]) -> str:
    """In what the names of each class differ."""
    if all(len({name.casefold() for name in names}) == 1 for names in differ.values()):
        return "upper and lower case"
    if all(len({name.strip() for name in names}) == 1 for names in differ.values()):
        return "spaces at their ends"
    return "how they are written"
