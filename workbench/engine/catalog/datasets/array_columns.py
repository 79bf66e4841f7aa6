"""Arrays with one value for each picture, read as the columns of a table: the part of a picture, or its group."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from workbench.engine.catalog.datasets.array_archive import ArrayArchive
from workbench.engine.catalog.datasets.array_pair import Heads, Pair
from workbench.engine.catalog.datasets.array_values import ArrayHead, refuse
from workbench.engine.catalog.datasets.tables.excluded import marked_words
from workbench.engine.catalog.datasets.tables.grid import Grid
from workbench.engine.catalog.datasets.tables.groups import (
    Groups,
    chosen_groups,
    found_groups,
    in_parts,
    is_group_column,
    may_be_group_column,
    maybe_groups,
)
from workbench.engine.catalog.datasets.tables.parts import (
    LEFT_OUT,
    NOT_USED,
    OtherRows,
    Parts,
    chosen_parts,
    found_parts,
    is_part_column,
    no_parts,
)
from workbench.engine.catalog.datasets.understanding import Doubt, Reading
from workbench.engine.core.text import counted, paths_text

_PARTS: Final = ("train", "validation", "test")
_AUTO: Final = "auto"
_NONE: Final = "none"
#: The value of pictures that no array of a part's rows names.
_IN_NONE: Final = "in none of them"
#: Names of arrays that say which rows are a part: their numbers, or a yes or no for each.
_ROWS: Final = re.compile(r"(^|_)(id|ids|idx|idxs|ind|inds|index|indexes|indices|mask|rows?|split|is)(_|$)", re.I)
#: Names of arrays that are other labels or what was predicted, or number and weigh examples.
_NO_GROUPS: Final = re.compile(
    r"label|target|class|weight|pred|prob|score|logit|diagnos|(^|_)(y|idx|index|indices)(_|$)", re.I
)
Values = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the settings name: an array, "auto" or "none" for part and group; see ``tables.columns.Choice``."""

    part: str = _AUTO
    group: str = _AUTO
    validation: str = _AUTO
    test: str = _AUTO
    other_rows: OtherRows = "auto"


@dataclass(frozen=True)
class ArrayColumns:
    """The columns of ``grid``, one row for each example of some pairs; ``arrays`` are those behind each column.

    ``indexed`` is the column that arrays of rows give (``train_idx``, ``test_idx``), None without; ``twice`` is the
    number of examples that are in arrays of two parts.
    """

    grid: Grid
    arrays: tuple[tuple[str, ...], ...]
    chosen: Chosen
    indexed: int | None = None
    twice: int = 0

    @cached_property
    def parts(self) -> Parts:
        """Which examples train, validate and test. Raises WorkbenchError."""
        columns = [c for c in self._all if c == self.indexed or is_part_column(self.grid, c)]
        given = self.chosen
        if given.part == _NONE:
            return no_parts(self.grid, columns)
        if given.part != _AUTO:
            column = self._named(given.part, "part_column")
            return chosen_parts(self.grid, column, given.validation, given.test, given.other_rows)
        if self.indexed is not None and self.twice:
            return self._overlapping(self.indexed)
        return found_parts(self.grid, columns) if columns else Parts(())

    def _overlapping(self, column: int) -> Parts:
        """A doubt where arrays of rows name the same examples for two parts."""
        values = self.grid.values(column)
        rest = "leave_out" if "train" in values else "train"
        settings = (("part_column", self.grid.setting(column)), *((("other_rows", rest),) * (_IN_NONE in values)))
        count = counted(self.twice, "example")
        text = f"{self.grid.name(column)} name {count} for two parts: they train and are measured on, or nearly so."
        held = Reading(f"Such {count} are held back and do not train", settings)
        return Parts((), doubts=(Doubt("parts", text, (held, NOT_USED)),))

    @cached_property
    def groups(self) -> Groups:
        """The group of each example; empty without. Raises WorkbenchError."""
        if self.chosen.group == _NONE:
            return Groups()
        if self.chosen.group != _AUTO:
            given = chosen_groups(self.grid, self._named(self.chosen.group, "group_column"))
            return in_parts(self.grid, given, self.parts.parts)
        columns = [c for c in self._all if c != self.parts.column and is_group_column(self.grid, c)]
        return in_parts(self.grid, found_groups(self.grid, columns), self.parts.parts) if columns else self._maybe()

    @property
    def used(self) -> set[str]:
        """The names of the arrays from which the parts and groups are."""
        columns = (self.parts.column, self.groups.column)
        return {name for column in columns if column is not None for name in self.arrays[column]}

    @property
    def doubts(self) -> tuple[Doubt, ...]:
        """What is said of arrays that seem to mark pictures which are not to be used."""
        taken = (self.parts.column, self.groups.column, self.indexed)
        columns = [c for c in self._all if c not in taken and not is_part_column(self.grid, c)]
        words = marked_words(self.grid, columns)
        how = "To leave them out, save the file without them."
        return (Doubt("columns", f"{words} {how}"),) if words else ()

    def _maybe(self) -> Groups:
        found = [c for c in self._all if self._may_be_group(c)]
        is_asked = found and self.parts.column is None and not self.parts.doubts
        return Groups(doubts=(maybe_groups(self.grid, found),)) if is_asked else Groups()

    def _may_be_group(self, column: int) -> bool:
        values = self.grid.values(column)
        asked = column == self.indexed or is_part_column(self.grid, column)
        repeat = 2 < len(set(values)) <= len(values) // 2 or may_be_group_column(self.grid, column)
        return repeat and not (asked or _NO_GROUPS.search(self.grid.key(column)))

    @property
    def _all(self) -> range:
        return range(len(self.arrays))

    def _named(self, given: str, field: str) -> int:
        head = self.grid.head or ()
        if given not in head:
            there = paths_text([repr(name) for name in head], 8) or "none"
            refuse(self.grid.file, f"has no array {given!r} with a value for each picture; there is {there}", field)
        return head.index(given)


def columns_beside(archive: ArrayArchive, pairs: Sequence[Pair], chosen: Chosen) -> ArrayColumns:
    """The arrays with a value for each example of all ``pairs``, one after the other. Raises WorkbenchError."""
    labels = {pair.labels.name for pair in pairs}
    found = [[a for a in archive.arrays if a.name not in labels and _is_column(a, pair)] for pair in pairs]
    named = [{(a.stem if len(pairs) > 1 else a.name): a for a in arrays} for arrays in found]
    heads = {name: [each[name] for each in named] for name in named[0] if all(name in each for each in named)}
    columns = {name: [v for head in arrays for v in _texts(archive, head)] for name, arrays in heads.items()}
    arrays = [tuple(head.name for head in each) for each in heads.values()]
    rows = _parts_of_rows(archive, pairs[0], labels) if len(pairs) == 1 else {}
    if rows:
        columns[paths_text(list(rows), 3)] = _by_rows(pairs[0].count, rows)
        arrays.append(tuple(rows))
    cells = tuple(zip(*columns.values(), strict=True))
    grid = Grid(archive.file, tuple(columns), cells)
    return ArrayColumns(grid, tuple(arrays), chosen, len(arrays) - 1 if rows else None, _twice(rows.values()))


def _is_column(array: ArrayHead, pair: Pair) -> bool:
    of_part = array.part == pair.pictures.part
    return of_part and array.is_labels and array.shape[0] == pair.pictures.shape[0] and array.dtype.kind != "f"


def _texts(archive: ArrayArchive, head: ArrayHead) -> list[str]:
    values = archive.read(head).reshape(-1).tolist()
    return [each.decode("utf-8", "replace") if isinstance(each, bytes) else str(each) for each in values]


def _parts_of_rows(archive: ArrayArchive, pair: Pair, labels: set[str]) -> dict[str, tuple[str, Values]]:
    """By the names of arrays that number the rows of a part: the part, and the numbers from 0."""
    found: dict[str, tuple[str, Values]] = {}
    for array in archive.arrays:
        is_one = array.part and array.name not in labels and array.is_labels and array.dtype.kind in "uib"
        if is_one and _ROWS.search(array.stem) and 0 < array.shape[0] <= pair.count:
            rows = _rows(archive.read(array).reshape(-1), pair.count)
            if rows is not None:
                found[array.name] = (array.part, rows)
    return found


def _twice(rows: Iterable[tuple[str, Values]]) -> int:
    """The number of rows that are in arrays of two parts or more."""
    parts_of = Counter(row for row, _ in {(row, part) for part, numbers in rows for row in numbers.tolist()})
    return sum(count > 1 for count in parts_of.values())


def _rows(values: Values, count: int) -> Values | None:
    """The numbers of rows that ``values`` mean, by a 1 for each or by itself; None if they cannot be such."""
    if len(values) == count and values.max() <= 1 and values.min() >= 0:
        return np.flatnonzero(values)
    is_numbers = values.dtype.kind != "b" and values.min() >= 0 and values.max() < count
    return values if is_numbers and len(np.unique(values)) == len(values) else None


def _by_rows(count: int, rows: Mapping[str, tuple[str, Values]]) -> list[str]:
    """The part of each row; of one that is in arrays of several the last of training, validation and test."""
    values = np.full(count, _IN_NONE, object)
    for part, numbers in sorted(rows.values(), key=lambda each: _PARTS.index(each[0])):
        values[numbers] = part
    return [str(value) for value in values]


def parted(pairs: Heads, columns: ArrayColumns) -> tuple[Heads, dict[str, str]]:
    """``pairs`` whose trained pair is divided by the column of the parts, and what is left out: name and reason."""
    known = columns.parts.parts
    if not any(known):
        return pairs, {}
    trained = next(part for part in pairs if part != "test")
    every = np.array(known)
    divided: dict[str, Pair] = {part: pairs[trained].only(every == part) for part in _PARTS if part in known}
    left = {reason: count for reason, count in _left_out(known, "test" in pairs) if count}
    others = {part: pair for part, pair in pairs.items() if part == "test"}
    return {**divided, **others}, {counted(count, "picture"): reason for reason, count in left.items()}


def _left_out(known: Sequence[str], has_test: bool) -> Iterator[tuple[str, int]]:
    yield "their part is none of training, validation and test", known.count(LEFT_OUT)
    if has_test:
        yield "their part is test, which has arrays of its own", known.count("test")


def numbers_of(groups: Groups, kept: Values) -> tuple[npt.NDArray[np.int64] | None, tuple[str, ...]]:
    """The index of the group of each of the ``kept`` rows, int64, and the names of the groups; None without groups."""
    if not groups.values:
        return None, ()
    names, numbers = np.unique(np.array(groups.values)[kept], return_inverse=True)
    return numbers.astype(np.int64), tuple(names.tolist())
