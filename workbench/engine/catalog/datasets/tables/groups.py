"""Which column of a table says what belongs together: a patient, a film, a place."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Final

from workbench.engine.catalog.datasets.tables.grid import Grid, words
from workbench.engine.catalog.datasets.tables.same_names import with_one_spelling
from workbench.engine.catalog.datasets.understanding import Doubt, Fact, Reading
from workbench.engine.core.text import counted, grouped, paths_text

#: Words that name what belongs together.
GROUP_WORDS: Final = words(
    "patient subject participant person group film clip video session lesion case individual plot site "
    "scene mrn burst sequence seq series track study specimen patienten patientennr patientennummer pat pid proband "
    "probanden probandennr gruppe"
)
#: Words that name where, when or with what pictures were made: a few values, each with a look of its own.
MADE_WORDS: Final = words(
    "hospital center centre clinic institute institution scanner camera device machine station location place farm "
    "field orchard batch lot slide plate well trap source date day week month"
)
#: Those of the words for groups that say who or what is in the picture.
_SOMEONE: Final = words(
    "patient subject participant person individual specimen patienten patientennr patientennummer pat pid proband "
    "probanden probandennr"
)
#: The same of animals; a column of such a name may be the class as well, so each value has to have a number.
_ANIMALS: Final = words("animal tier")
_PARTS: Final = ("train", "validation", "test")
_WITHOUT: Final = Reading("Without groups", (("group_column", "none"),))
#: Words that occur with these in the names of columns that number them.
_BESIDE: Final = frozenset({"id", "ids", "no", "nr", "number", "nummer", "name", "index", "key", "uid"})


@dataclass(frozen=True, slots=True)
class Groups:
    """The group of each row; empty without. ``columns`` are all that say a group, ``column`` the one that is used."""

    values: tuple[str, ...] = ()
    column: int | None = None
    columns: tuple[int, ...] = ()
    facts: tuple[Fact, ...] = ()
    doubts: tuple[Doubt, ...] = ()


def says_group(name: str) -> bool:
    """Whether a name is that of a group: ``patient_07``, ``Film 3``."""
    return bool(set(re.findall(r"[a-z]+", name.casefold())) & GROUP_WORDS)


def is_group_column(grid: Grid, column: int) -> bool:
    """Whether the name of a column says that its rows belong together, and several of them do."""
    words, cells = set(grid.key(column).split("_")), grid.values(column)
    known = GROUP_WORDS | (_ANIMALS if all(map(has_number, filter(None, cells))) else set())
    return bool(words & known) and words <= known | _BESIDE and 1 < len(set(cells)) < len(grid.rows)


def has_number(text: str) -> bool:
    """Whether there is a digit in ``text``."""
    return any(map(str.isdigit, text))


def is_of_animals(grid: Grid, column: int) -> bool:
    """Whether only a word for animals in its name says that a column is of groups; it may be the class as well."""
    said = set(grid.key(column).split("_"))
    return bool(said & _ANIMALS) and not said & GROUP_WORDS


def may_be_group_column(grid: Grid, column: int) -> bool:
    """Whether the name of a column has a word of a group, or of where, when or with what its pictures were made, and
    its values repeat."""
    said = set(grid.key(column).split("_")) & (GROUP_WORDS | MADE_WORDS)
    return bool(said) and 1 < len(set(grid.values(column))) <= len(grid.rows) // 2


def maybe_groups(grid: Grid, columns: Sequence[int]) -> Doubt:
    """A doubt on ``columns`` whose values recur with several pictures, where nothing says what they are about."""
    text = (
        f"Not used, though there is a value for each picture: {grid.names(columns)}. If pictures with the same "
        "value are of one patient, film or place, the split puts them on both sides, and the accuracy is too high."
    )
    without = Reading("They are independent: without groups", _WITHOUT.settings)
    return Doubt("columns", text, (without, *(_kept_together(grid, column) for column in columns)))


def _kept_together(grid: Grid, column: int) -> Reading:
    name, setting = grid.name(column), grid.setting(column)
    return Reading(f"Keep pictures with the same {name} together", (("group_column", setting),))


def chosen_groups(grid: Grid, column: int) -> Groups:
    """The groups in the column that the settings name, those that are only written otherwise as one; a row without a
    value is a group of its own."""
    given = [value or f"row {row + 1}" for row, value in enumerate(grid.values(column))]
    values, differ = with_one_spelling(given)
    text = f"Pictures of one group belong together: {counted(len(set(values)), 'group')} in {grid.name(column)}."
    return Groups(values, column, (column,), (Fact("columns", text, (_WITHOUT,)), *spelled_facts(differ.values())))


def spelled_facts(spellings: Collection[Sequence[str]]) -> tuple[Fact, ...]:
    """That groups which are only written otherwise are one, by the ``spellings`` of each; nothing without such."""
    pairs = paths_text([" and ".join(map(repr, sorted(names))) for names in spellings], 5)
    text = f"Groups whose names differ only in how they are written are one group: {pairs}."
    return (Fact("columns", text, (_WITHOUT,)),) if spellings else ()


def in_parts(grid: Grid, groups: Groups, parts: Sequence[str]) -> Groups:
    """``groups`` with a fact that says so if the data's own ``parts`` (of each row) divide some of them."""
    if groups.column is None or len(set(parts)) < 2:
        return groups
    both = set(zip(groups.values, parts, strict=True))
    count = sum(each > 1 for each in Counter(value for value, part in both if part in _PARTS).values())
    if not count:
        return groups
    of = f"{grouped(count)} of {counted(len(set(groups.values)), 'group')} in {grid.name(groups.column)}"
    text = f"The data's own parts divide {of}: their pictures are in more than one part."
    return replace(groups, facts=(Fact("columns", text, (_WITHOUT,)), *groups.facts[1:]))


def found_groups(grid: Grid, columns: Sequence[int]) -> Groups:
    """The groups by the one of ``columns`` that has fewest; where there are several, the choice is a doubt.

    A column on who or what is in the picture goes before one on where or when it was made: a site may be a part of the
    body as well, and a split by few sites leaves whole ones out.
    """
    if not columns:
        return Groups()
    ordered = sorted(columns, key=lambda column: (not _is_of_someone(grid, column), len(set(grid.values(column)))))
    readings = [_reading(grid, column) for column in ordered]
    found = chosen_groups(grid, ordered[0])
    if len(columns) == 1:
        return found
    text = f"Several columns may say which pictures belong together: {grid.names(ordered)}; the first is used."
    doubt = Doubt("columns", text, (*readings, _WITHOUT))
    return Groups(found.values, found.column, tuple(columns), found.facts[1:], (doubt,))


def _is_of_someone(grid: Grid, column: int) -> bool:
    return bool(set(grid.key(column).split("_")) & (_SOMEONE | _ANIMALS))


def _reading(grid: Grid, column: int) -> Reading:
    count = grouped(len(set(grid.values(column))))
    return Reading(f"The groups are those of {grid.name(column)} ({count})", (("group_column", grid.setting(column)),))
