"""Rows that a column marks as not meant to be used: ``exclude``, ``keep``, ``quality`` with “bad” in it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from workbench.engine.catalog.datasets.folders.choices import BETWEEN, names_text
from workbench.engine.catalog.datasets.tables.grid import Grid, column_of, words
from workbench.engine.catalog.datasets.tables.table_error import refuse
from workbench.engine.catalog.datasets.understanding import Doubt, Reading
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.text import counted, grouped, paths_text
from workbench.engine.pictures.class_folders import natural
from workbench.engine.pictures.part_names import plain_word

YES: Final = frozenset({"1", "1.0", "true", "yes", "y", "t", "x", "ja", "j", "wahr", "oui", "si", "vrai"})
NO: Final = frozenset({"0", "0.0", "false", "no", "n", "f", "", "nein", "falsch", "non", "faux"})
#: Names of columns that say it plainly, and others that may be about the pictures as well: yes means not to be used.
_AWAY: Final = words(
    "exclude excluded exclusion ignore ignored skip skipped discard discarded drop dropped unusable unused ausschluss "
    "ausschliessen ausgeschlossen ignorieren exclure exclu ignorer excluir ignorar"
)
_FLAWED: Final = words(
    "bad poor remove removed delete deleted reject rejected outlier artifact artefact corrupt corrupted damaged broken "
    "invalid blurry blurred blur duplicate duplicated dup noisy wrong mislabeled mislabelled unsure uncertain flagged"
)
#: The same for columns in which yes means to be used.
_USED: Final = words(
    "use used usable keep kept include included inclusion verwenden verwendet benutzen behalten nutzbar brauchbar "
    "utiliser garder usar"
)
_FINE: Final = words(
    "confidence valid ok okay good accept accepted approved clean verified reviewed checked confirmed passed"
)
_NEGATED: Final = words("not no non un dont")
#: Values that say so by themselves, whatever the column is called.
_SAID: Final = _AWAY | words(
    "bad poor reject rejected remove removed delete deleted invalid outlier corrupt corrupted blurry blurred nok "
    "mislabeled mislabelled"
)
#: A column of more values than these is no mark.
_MOST_VALUES: Final = 10
_USE_ALL: Final = Reading("Use all rows", (("left_out", "none"),))


@dataclass(frozen=True, slots=True)
class _Mark:
    """``values`` in ``column`` seem to mean that a row is not to be used; ``is_plain``: the column's name says so."""

    column: int
    values: tuple[str, ...]
    is_plain: bool


def excluded_rows(grid: Grid, given: str, is_first: bool) -> Mapping[str, Sequence[int]]:
    """The numbers of the rows that the setting ``given`` leaves out (``exclude: 1; quality: bad | poor``), each once,
    by the reason. A column that is missing is an error only in the table that is opened, the first.

    Raises WorkbenchError for a setting that is not understood.
    """
    found: dict[str, list[int]] = {}
    known: set[int] = set()
    for clause in _clauses(given):
        column, values = _clause(grid, clause, is_first)
        cells = grid.values(column) if column is not None else []
        rows = [row for row, cell in enumerate(cells) if cell in values and row not in known]
        known.update(rows)
        if column is not None and rows:
            found[f"{grid.name(column)} is {paths_text(list(map(_shown, sorted(values))), 4)}"] = rows
    return found


def excluding_columns(grid: Grid, given: str) -> set[int]:
    """The columns that ``given`` names. Raises nothing: that of a wrong setting is raised where it is used."""
    with suppress(WorkbenchError):
        return {column for each in _clauses(given) if (column := _clause(grid, each, False)[0]) is not None}
    return set()


def _clauses(given: str) -> list[str]:
    return [] if given.strip().lower() in ("", "auto", "none") else [each for each in given.split(";") if each.strip()]


def _clause(grid: Grid, clause: str, is_first: bool) -> tuple[int | None, frozenset[str]]:
    """The column and the values in it that a part of the setting names; no column where another table has none such."""
    name, colon, text = clause.rpartition(":")
    if not colon:
        how = "write auto, none, or a column and its values, as in exclude: 1; quality: bad | poor"
        refuse(grid.file, f"cannot be read with the rows {clause.strip()!r} left out: {how}", "left_out")
    values = frozenset(value.strip() for value in text.split(BETWEEN))
    try:
        column = column_of(name, grid.head or (), grid.width, grid.file, "left_out")
    except WorkbenchError:
        if is_first:
            raise
        return None, values
    there = sorted(set(grid.values(column)), key=natural)
    if is_first and values.isdisjoint(there):
        has = paths_text(list(map(_shown, there)), 6)
        refuse(grid.file, f"has no row to leave out by {clause.strip()!r}: {grid.name(column)} has {has}", "left_out")
    return column, values


def excluded_doubt(grid: Grid, columns: Sequence[int], labels: Sequence[str]) -> Doubt | None:
    """The question whether rows are to be left out that one of ``columns`` marks so; ``labels`` are those of the rows,
    of which two kinds must be left."""
    marks = [mark for mark in _marks(grid, columns) if _leaves_classes(grid, [mark], labels)]
    if not marks:
        return None
    text = _words(grid, marks)
    together = [marks] if len(marks) > 1 and _leaves_classes(grid, marks, labels) else []
    readings = [_reading(grid, each) for each in (*together, *([mark] for mark in marks))]
    is_plain = any(mark.is_plain for mark in marks)
    return Doubt("parts" if is_plain else "columns", text, (*readings, _USE_ALL))


def marked_words(grid: Grid, columns: Sequence[int]) -> str:
    """The sentence on those of ``columns`` that seem to mark pictures as not to be used; empty without such."""
    marks = list(_marks(grid, columns))
    return _words(grid, marks) if marks else ""


def _marks(grid: Grid, columns: Sequence[int]) -> Iterator[_Mark]:
    return filter(None, (_mark(grid, column) for column in columns))


def _words(grid: Grid, marks: Sequence[_Mark]) -> str:
    said = [f"{grid.name(mark.column)} ({_counts(grid, mark.column)})" for mark in marks]
    are = "marks" if len(marks) == 1 else "mark"
    return f"{paths_text(said, 4)} perhaps {are} pictures that are not to be used; all of them would be trained on."


def _mark(grid: Grid, column: int) -> _Mark | None:
    values = set(grid.values(column))
    if not 1 < len(values) <= _MOST_VALUES:
        return None
    said = set(grid.key(column).split("_"))
    folded = {value: plain_word(value) for value in values}
    if set(folded.values()) <= YES | NO and not said.isdisjoint(_AWAY | _FLAWED | _USED | _FINE):
        means_away = said.isdisjoint(_USED | _FINE) != (not said.isdisjoint(_NEGATED))
        away = tuple(sorted(value for value in values if (folded[value] in YES) == means_away))
        return _Mark(column, away, not said.isdisjoint(_AWAY | _USED)) if len(away) < len(values) and away else None
    bad = tuple(sorted((value for value in values if _says_away(folded[value])), key=natural))
    return _Mark(column, bad, not said.isdisjoint(_AWAY | _USED)) if bad and len(bad) < len(values) else None


def _says_away(value: str) -> bool:
    said = set(value.replace("_", " ").replace("-", " ").split())
    is_away = not said.isdisjoint(_SAID)
    is_denied = not said.isdisjoint(_NEGATED)
    return is_away != (is_denied and not said.isdisjoint(_USED | _FINE | _SAID))


def _leaves_classes(grid: Grid, marks: Sequence[_Mark], labels: Sequence[str]) -> bool:
    out = {row for mark in marks for row, value in enumerate(grid.values(mark.column)) if value in mark.values}
    return len({label for row, label in enumerate(labels) if label and row not in out}) > 1


def _reading(grid: Grid, marks: Collection[_Mark]) -> Reading:
    rows = {row for mark in marks for row, value in enumerate(grid.values(mark.column)) if value in mark.values}
    said = [f"{grid.name(mark.column)} is {paths_text(list(map(_shown, mark.values)), 4)}" for mark in marks]
    setting = "; ".join(f"{_setting(grid, mark.column)}: {names_text(mark.values)}" for mark in marks)
    return Reading(f"Leave out {counted(len(rows), 'row')} where {' or '.join(said)}", (("left_out", setting),))


def _setting(grid: Grid, column: int) -> str:
    """The name of the column, or its number where the name has a mark of the setting in it."""
    name = grid.setting(column)
    return str(column + 1) if set(name) & {";", ":", BETWEEN} else name


def _counts(grid: Grid, column: int) -> str:
    return ", ".join(_counted(grid, column))


def _counted(grid: Grid, column: int) -> Iterator[str]:
    values = grid.values(column)
    for value in sorted(set(values), key=natural):
        yield f"{_shown(value)}: {grouped(values.count(value))}"


def _shown(value: str) -> str:
    return repr(value) if value else "empty"
