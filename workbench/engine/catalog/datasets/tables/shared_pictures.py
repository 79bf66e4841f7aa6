"""Pictures that the tables of several parts name: each may be of one part alone, and of which is asked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

from workbench.engine.catalog.datasets.tables.reading import TableReading
from workbench.engine.catalog.datasets.tables.repeats import Rule, with_rows
from workbench.engine.catalog.datasets.understanding import Doubt, Fact, Reading
from workbench.engine.core.text import counted, grouped, paths_text
from workbench.engine.pictures.class_folders import natural

_NAMED: Final = 4
_PARTS: Final = {"train": "training", "validation": "validation", "test": "test"}


def without_shared(tables: Mapping[str, TableReading], rule: Rule, alone: Reading) -> dict[str, TableReading]:
    """``tables`` by their parts, with each picture in one of them by ``rule``; what is said of it is with the first.

    With ``auto`` the first table that names a picture keeps it, with a doubt, of which ``alone`` is a reading.
    """
    counts = Counter(file for each in tables.values() for file in set(each.files))
    shared = {file for file, count in counts.items() if count > 1}
    if not shared:
        return dict(tables)
    found = _kept(tables, shared, "leave_out" if rule == "leave_out" else "first")
    text = f"{_sentence(tables, shared)}: one picture for two parts."
    first, *others = found.values()
    if rule == "auto":
        doubt = Doubt("parts", text, tuple(_readings(tables, shared, alone)))
        first = replace(first, doubts=(*first.doubts, doubt))
    else:
        used = "they are left out" if rule == "leave_out" else f"they are for {_PARTS['train']}"
        out = ((counted(len(shared), "picture"), "named for two parts"),) if rule == "leave_out" else ()
        fact = Fact("files", f"{text[:-1]}; {used}.")
        first = replace(first, facts=(*first.facts, fact), left_out=(*first.left_out, *out))
    return dict(zip(found, (first, *others), strict=True))


def _kept(tables: Mapping[str, TableReading], shared: set[Path], rule: Rule) -> dict[str, TableReading]:
    """``tables`` without those of the ``shared`` pictures that ``rule`` takes from each."""
    taken: set[Path] = set(shared) if rule == "leave_out" else set()
    found = {}
    for part, each in tables.items():
        kept = with_rows(each, [row for row, file in enumerate(each.files) if file not in taken])
        found[part] = replace(kept, passed=(*each.passed, *taken.intersection(each.files)))
        taken |= shared.intersection(each.files)
    return found


def _readings(tables: Mapping[str, TableReading], shared: set[Path], alone: Reading) -> list[Reading]:
    """The ways out that leave each of ``tables`` with all of its classes."""
    labels = {
        "leave_out": f"Leave {counted(len(shared), 'picture')} out of all parts",
        "first": f"They are for {_PARTS['train']}, and not for the other parts",
    }
    rules: tuple[Rule, ...] = ("first", "leave_out")
    usable = [rule for rule in rules if _has_all(tables, _kept(tables, shared, rule))]
    return [*(Reading(labels[rule], (("repeated", rule),)) for rule in usable), alone]


def _has_all(before: Mapping[str, TableReading], after: Mapping[str, TableReading]) -> bool:
    return all(set(after[part].labels) == set(each.labels) for part, each in before.items())


def _sentence(tables: Mapping[str, TableReading], shared: set[Path]) -> str:
    names = " and ".join(each.table.name for each in tables.values() if shared.intersection(each.files))
    files: list[str] = sorted((file.name for file in shared), key=natural)
    what = "the same picture" if len(shared) == 1 else f"the same {grouped(len(shared))} pictures"
    return f"{names} name {what} ({paths_text(files, _NAMED)})"
