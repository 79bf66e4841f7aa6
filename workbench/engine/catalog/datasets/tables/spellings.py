"""Classes of a table that differ only in case, in spaces around them, or as ``01`` and ``1``: one, or asked about."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from workbench.engine.catalog.datasets.folders.choices import NameRule
from workbench.engine.catalog.datasets.tables.same_names import best_of, how_they_differ, spelled
from workbench.engine.catalog.datasets.understanding import Doubt, Fact, Reading
from workbench.engine.core.text import counted, grouped, paths_text
from workbench.engine.pictures.class_folders import natural

if TYPE_CHECKING:
    from workbench.engine.catalog.datasets.tables.reading import TableReading


def with_spelling(reading: TableReading, rule: NameRule) -> TableReading:
    """``reading`` with one name for each class by ``rule``; with a doubt where that is ``auto`` and names are alike."""
    counts = Counter(reading.labels)
    alike = spelled(reading.labels)
    differ = {key: names for key, names in alike.items() if len(names) > 1}
    if not differ or len(alike) < 2:
        return reading
    best = {name: best_of(key, names, counts) for key, names in alike.items() for name in names}
    merged, all_names = (counted(len(each), "class", "classes") for each in (alike, counts))
    one = Reading(f"They are one class: {merged}", (("class_names", "ignore_case"),))
    two = Reading(f"They are different classes: {all_names}", (("class_names", "exact"),))
    pairs = paths_text([" and ".join(map(repr, sorted(names))) for names in differ.values()], 5)
    text = f"Names of classes in {reading.table.name} differ only in {how_they_differ(differ)}: {pairs}"
    if rule == "exact":
        return replace(reading, facts=(*reading.facts, Fact("classes", f"{text}; they are different classes.", (one,))))
    facts = tuple(map(partial(_counted, names=sorted(set(best.values()), key=natural)), reading.facts))
    labels = tuple(best[name] for name in reading.labels)
    if rule == "auto":
        return replace(reading, labels=labels, doubts=(*reading.doubts, Doubt("classes", f"{text}.", (one, two))))
    return replace(reading, labels=labels, facts=(*facts, Fact("classes", f"{text}; they are one class.", (two,))))


def _counted(fact: Fact, names: Sequence[str]) -> Fact:
    """``fact`` with the number of classes that there are, where it tells the column of the classes."""
    if not fact.sentence.startswith("The class is "):
        return fact
    column = fact.sentence.rpartition(" (")[0]
    return replace(fact, sentence=f"{column} ({grouped(len(names))}: {paths_text(names, 3)}).")
