"""Classes of a table that differ only in case, in spaces around them, or as ``01`` and ``1``: one, or asked about."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final

from workbench.engine.catalog.datasets.folders.choices import NameRule
from workbench.engine.catalog.datasets.understanding import Doubt, Fact, Reading
from workbench.engine.core.text import counted, grouped, paths_text
from workbench.engine.pictures.class_folders import natural

if TYPE_CHECKING:
    from workbench.engine.catalog.datasets.tables.reading import TableReading

_WHOLE: Final = re.compile(r"0*(\d+?)(?:\.0*)?\Z")


def with_spelling(reading: TableReading, rule: NameRule) -> TableReading:
    """``reading`` with one name for each class by ``rule``; with a doubt where that is ``auto`` and names are alike."""
    counts = Counter(reading.labels)
    alike: dict[str, list[str]] = {}
    for name in counts:
        alike.setdefault(_plain(name), []).append(name)
    differ = {key: names for key, names in alike.items() if len(names) > 1}
    if not differ or len(alike) < 2:
        return reading
    best = {name: _best(key, names, counts) for key, names in alike.items() for name in names}
    merged, all_names = (counted(len(each), "class", "classes") for each in (alike, counts))
    one = Reading(f"They are one class: {merged}", (("class_names", "ignore_case"),))
    two = Reading(f"They are different classes: {all_names}", (("class_names", "exact"),))
    pairs = paths_text([" and ".join(map(repr, sorted(names))) for names in differ.values()], 5)
    text = f"Names of classes in {reading.table.name} differ only in {_what(differ)}: {pairs}"
    if rule == "exact":
        return replace(reading, facts=(*reading.facts, Fact("classes", f"{text}; they are different classes.", (one,))))
    facts = tuple(map(partial(_counted, names=sorted(set(best.values()), key=natural)), reading.facts))
    labels = tuple(best[name] for name in reading.labels)
    if rule == "auto":
        return replace(reading, labels=labels, doubts=(*reading.doubts, Doubt("classes", f"{text}.", (one, two))))
    return replace(reading, labels=labels, facts=(*facts, Fact("classes", f"{text}; they are one class.", (two,))))


def _what(differ: Mapping[str, Sequence[str]]) -> str:
    """How the names of a class differ."""
    return "how they are written" if any(map(_WHOLE.match, differ)) else "upper and lower case"


def _plain(name: str) -> str:
    """``name`` in lower case without spaces around it; a whole number as its digits: ``1`` for ``01`` and ``1.0``."""
    plain = unicodedata.normalize("NFKC", name).casefold().strip()
    number = _WHOLE.match(plain)
    return number[1] if number else plain


def _best(key: str, names: Sequence[str], counts: Mapping[str, int]) -> str:
    """The name of the class: that with the most pictures, of a number its digits."""
    is_number = len(names) > 1 and _WHOLE.match(key) is not None
    return key if is_number else max(names, key=lambda each: (counts[each], each))


def _counted(fact: Fact, names: Sequence[str]) -> Fact:
    """``fact`` with the number of classes that there are, where it tells the column of the classes."""
    if not fact.sentence.startswith("The class is "):
        return fact
    column = fact.sentence.rpartition(" (")[0]
    return replace(fact, sentence=f"{column} ({grouped(len(names))}: {paths_text(names, 3)}).")
