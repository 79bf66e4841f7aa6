"""Rows of a table that name the same picture: each picture is used once, and what contradicts is asked about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from workbench.engine.catalog.datasets.tables.table_error import refuse
from workbench.engine.catalog.datasets.understanding import Doubt, Fact, Reading
from workbench.engine.core.text import counted, grouped, paths_text
from workbench.engine.pictures.class_folders import natural

if TYPE_CHECKING:
    from workbench.engine.catalog.datasets.tables.reading import TableReading

#: What becomes of a picture whose rows contradict each other.
Rule = Literal["auto", "leave_out", "first"]
#: Where more than one in this many pictures has several classes, the table is one of several labels a picture.
_MOST: Final = 10
#: Maximum number that a sentence names; ``left_out`` names all.
_NAMED: Final = 30

_Rows = Mapping[Path, Sequence[int]]


def without_repeats(reading: TableReading, have_boxes: bool, rule: Rule) -> TableReading:
    """Each picture once; one with several classes or parts by ``rule``, with a doubt if that is ``auto``.

    Raises WorkbenchError where the rows are boxes in a picture, or where many pictures have several classes.
    """
    rows_of: dict[Path, list[int]] = {}
    for row, file in enumerate(reading.files):
        rows_of.setdefault(file, []).append(row)
    several = {file: rows for file, rows in rows_of.items() if len(rows) > 1}
    if not several:
        return reading
    if have_boxes:
        text = f"names {next(iter(several))} more than once, each time with a place in it (boxes): that is for finding"
        refuse(reading.table, f"{text} objects, which is not supported; give each picture one row and one class")
    odd = {file: rows for file, rows in several.items() if len(_said(reading, rows)) > 1}
    if rule == "auto" and len(odd) * _MOST > len(rows_of):
        _refuse(reading, odd)
    is_left_out = rule != "first"
    kept = [rows[0] for file, rows in rows_of.items() if not (is_left_out and file in odd)]
    found = _same(with_rows(reading, kept), {file: rows for file, rows in several.items() if file not in odd})
    return _contradicting(found, reading, odd, rule, len(rows_of)) if odd else found


def _said(reading: TableReading, rows: Sequence[int]) -> list[str]:
    """The different things that ``rows`` say of their picture: classes, or parts where the class is the same."""
    labels = {reading.labels[row] for row in rows}
    return sorted(labels if len(labels) > 1 else {reading.parts[row] for row in rows}, key=natural)


def _refuse(reading: TableReading, odd: _Rows) -> None:
    file, rows = next(iter(odd.items()))
    labels = " and ".join(map(repr, _said(reading, rows)))
    what = f"names {file} more than once, as {labels}" if len(odd) == 1 else _sentence(reading, odd)
    way = "leave one of the rows"
    rules = _rules_with_classes(reading, odd)
    if rules:
        way = f"{way}, or choose for “Pictures named twice” which counts"
    if rules == ("first",):
        why = "without all of these no two classes are left"
        way = f'{way}, the first of them (data.source.repeated = "first"): {why}'
    refuse(reading.table, f"{what}; {way} (several labels per picture are not supported)", "repeated")


def _rules_with_classes(reading: TableReading, odd: _Rows) -> tuple[Rule, ...]:
    """The rules for the pictures ``odd`` after which two classes are left."""
    others = {row for rows in odd.values() for row in rows}
    without = {label for row, label in enumerate(reading.labels) if row not in others}
    first = without | {reading.labels[rows[0]] for rows in odd.values()}
    both: tuple[tuple[Rule, set[str]], ...] = (("leave_out", without), ("first", first))
    return tuple(rule for rule, labels in both if len(labels) > 1)


def _sentence(reading: TableReading, odd: _Rows) -> str:
    named = [f"{file.name} ({' and '.join(_said(reading, rows))})" for file, rows in odd.items()]
    what = "classes" if any(len({reading.labels[row] for row in rows}) > 1 for rows in odd.values()) else "parts"
    listed = paths_text(named, _NAMED)
    return f"names {counted(len(odd), 'picture')} more than once with different {what}: {listed}"


def with_rows(reading: TableReading, kept: Sequence[int]) -> TableReading:
    """``reading`` with the rows of these numbers alone."""
    return replace(
        reading,
        files=tuple(reading.files[row] for row in kept),
        labels=tuple(reading.labels[row] for row in kept),
        parts=tuple(reading.parts[row] for row in kept),
        groups=tuple(reading.groups[row] for row in kept) if reading.groups else (),
    )


def _same(reading: TableReading, several: _Rows) -> TableReading:
    """``reading`` with the words on rows that only say again what others said."""
    count = sum(len(rows) - 1 for rows in several.values())
    if not count:
        return reading
    of_table = f"{counted(count, 'row')} of {reading.table.name}"
    text = f"{of_table} {'repeats' if count == 1 else 'repeat'} a picture with the same class; each is used once."
    left_out = (*reading.left_out, (counted(count, "row"), "a picture repeated with the same class"))
    return replace(
        reading, notes=(*reading.notes, text), left_out=left_out, facts=(*reading.facts, Fact("files", text))
    )


def _contradicting(found: TableReading, reading: TableReading, odd: _Rows, rule: Rule, total: int) -> TableReading:
    """``found`` with the words on the pictures whose rows contradict each other, and the question what to do."""
    sentence = f"{reading.table.name} {_sentence(reading, odd)}"
    them = "it" if len(odd) == 1 else f"these {grouped(len(odd))} pictures"
    leave = Reading(f"Leave out {them}: {counted(total - len(odd), 'picture')} stay", (("repeated", "leave_out"),))
    first = Reading(f"Keep the first row of each: {counted(total, 'picture')} stay", (("repeated", "first"),))
    found = replace(found, passed=(*found.passed, *odd))
    out = {_short(file, reading.table): f"named as {' and '.join(_said(reading, rows))}" for file, rows in odd.items()}
    if rule == "auto":
        rules = _rules_with_classes(reading, odd)  # with one class left there is nothing to learn
        ways = tuple(each for each in (leave, first) if each.settings[0][1] in rules)
        doubts = (*found.doubts, Doubt("classes", f"{sentence}.", ways))
        return replace(found, left_out=(*found.left_out, *out.items()), doubts=doubts)
    is_first = rule == "first"
    used = f"the first row of {'it' if len(odd) == 1 else 'each'} is used"
    text = f"{sentence}; {used if is_first else 'left out'}."
    fact = Fact("files", text, (leave if is_first else first,))
    left_out = found.left_out if is_first else (*found.left_out, *out.items())
    return replace(found, notes=(*found.notes, text), left_out=left_out, facts=(*found.facts, fact))


def _short(file: Path, table: Path) -> str:
    """``file`` relative to the table where it is below it."""
    return file.relative_to(table.parent).as_posix() if file.is_relative_to(table.parent) else str(file)
