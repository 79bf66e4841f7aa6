"""What the columns of a table are beside the paths: class, part, group, and those that are not used."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final, Literal

from workbench.engine.catalog.datasets.folders.choices import IN_NAMES
from workbench.engine.catalog.datasets.tables.cells import missing_words
from workbench.engine.catalog.datasets.tables.excluded import excluded_doubt, excluded_rows, excluding_columns
from workbench.engine.catalog.datasets.tables.grid import Grid, column_of
from workbench.engine.catalog.datasets.tables.groups import (
    Groups,
    chosen_groups,
    found_groups,
    in_parts,
    is_group_column,
    is_of_animals,
    may_be_group_column,
    maybe_groups,
)
from workbench.engine.catalog.datasets.tables.labels import (
    Labels,
    chosen_columns,
    chosen_labels,
    found_labels,
    has_boxes,
    is_named_class,
)
from workbench.engine.catalog.datasets.tables.other_suffixes import Suffixes
from workbench.engine.catalog.datasets.tables.parts import (
    LEFT_OUT,
    OtherRows,
    Parts,
    chosen_parts,
    chosen_together,
    found_parts,
    is_part_column,
    no_parts,
    parts_of_paths,
)
from workbench.engine.catalog.datasets.tables.repeats import Rule
from workbench.engine.catalog.datasets.tables.unmarked import unmarked_doubt, with_none
from workbench.engine.catalog.datasets.tables.values import say_the_same
from workbench.engine.catalog.datasets.understanding import Doubt, Reading
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.text import counted, grouped, paths_text

_AUTO: Final = "auto"
_NONE: Final = "none"
#: What becomes of rows to train on that have no class, or a word such as “NaN” for it.
Unlabelled = Literal["auto", "leave_out", "class"]


#: Why rows to train on that have no class are left out.
UNLABELLED: Final = "without a class"


@dataclass(frozen=True, slots=True)
class Choice:
    """Columns as the settings give them: a name, a number from 1, "auto", and "none" for part and group.

    ``left_out``: rows that are not used, by columns and values; ``suffixes``: "any" where those in the table do not
    count; ``is_first`` is the table that is opened, and not that
    of another part.
    """

    path: str = _AUTO
    label: str = _AUTO
    part: str = _AUTO
    group: str = _AUTO
    validation: str = _AUTO
    test: str = _AUTO
    repeated: Rule = "auto"
    other_rows: OtherRows = "auto"
    without_class: Unlabelled = "auto"
    left_out: str = _AUTO
    suffixes: Suffixes = "auto"
    is_first: bool = True


@dataclass(frozen=True)
class Columns:
    """The columns of ``grid`` beside that of the paths, ``path``. Each property raises WorkbenchError."""

    grid: Grid
    path: int
    choice: Choice

    @cached_property
    def parts(self) -> Parts:
        """Which rows train, validate and test."""
        given = self.choice
        if given.part == IN_NAMES:  # the files are found behind the columns
            return no_parts(self.grid)
        if given.part == _NONE:
            columns = [column for column in self._beside(self._given_labels) if is_part_column(self.grid, column)]
            return no_parts(self.grid, columns)
        if given.part != _AUTO:
            named = self._all_named(given.part, "part_column")
            if len(named) > 1:
                return chosen_together(self.grid, named, given.other_rows)
            return chosen_parts(self.grid, named[0], given.validation, given.test, given.other_rows)
        columns = [column for column in self._beside(self._given_labels) if is_part_column(self.grid, column)]
        is_only = len(self._beside(())) == 1
        found = no_parts(self.grid) if is_only else found_parts(self.grid, columns)
        return found if any(found.parts) or found.doubts else parts_of_paths(self.grid, self.path)

    @cached_property
    def groups(self) -> Groups:
        """The group of each row."""
        if self.choice.group == _NONE:
            return Groups()
        if self.choice.group != _AUTO:
            given = chosen_groups(self.grid, self._named(self.choice.group, "group_column"))
            return in_parts(self.grid, given, self.parts.parts)
        taken = {*self.parts.columns, *self._given_labels}
        columns = [c for c in self._beside(()) if c not in taken and is_group_column(self.grid, c)]
        columns = [c for c in columns if not self._says_class_again(c)]
        found = found_groups(self.grid, columns) if len(self._beside(())) > 1 else Groups()
        return in_parts(self.grid, found, self.parts.parts)

    def _says_class_again(self, column: int) -> bool:
        """Whether another column, called as the class, says the same: ``animal`` beside ``class-name``."""
        named = [c for c in self._beside((column,)) if is_named_class(self.grid, c)]
        cells = self.grid.values(column)
        return is_of_animals(self.grid, column) and any(say_the_same(cells, self.grid.values(c)) for c in named)

    @cached_property
    def labels(self) -> Labels:
        """The class of each row; empty where it is missing, also where a word says so and that is no class."""
        if self.choice.without_class == "class":
            return with_none(self.grid, self._labels_in(self.grid))
        if not self.missing:
            return self._labels_in(self.grid)
        cleaned = self._labels_in(_without(self.grid, self.missing))
        are_enough = len(set(cleaned.values) - {""}) > 1
        return cleaned if are_enough or self.choice.without_class != _AUTO else self._labels_in(self.grid)

    @cached_property
    def missing(self) -> Mapping[int, frozenset[str]]:
        """Words that mean that there is no value, by the columns that have them."""
        found = {column: missing_words(set(self.grid.values(column))) for column in self._beside(())}
        return {column: words for column, words in found.items() if words}

    def _labels_in(self, grid: Grid) -> Labels:
        given = self._given_labels
        taken = {*self.parts.columns, *self.groups.columns}
        columns = [column for column in self._beside(()) if column not in taken]
        if len(given) > 1:
            return chosen_columns(grid, given)
        if given:
            return chosen_labels(grid, given[0], columns)
        asked = [column for column in columns if is_part_column(self.grid, column)]
        return found_labels(grid, [c for c in columns if c not in asked] or columns)

    @property
    def other_columns(self) -> list[int]:
        """The columns that say the part or the group."""
        return [*self.parts.columns, *([] if self.groups.column is None else [self.groups.column])]

    @property
    def have_boxes(self) -> bool:
        """Whether columns give a place in the picture."""
        return has_boxes(self.grid, self._beside(()))

    @property
    def unused(self) -> list[int]:
        """The columns that nothing is taken from."""
        used = {*self.labels.columns, *self.other_columns, *excluding_columns(self.grid, self.choice.left_out)}
        return [column for column in self._beside(()) if column not in used]

    @cached_property
    def excluded(self) -> Mapping[str, Sequence[int]]:
        """The numbers of the rows that the settings leave out, by the reason."""
        return excluded_rows(self.grid, self.choice.left_out, self.choice.is_first)

    @cached_property
    def _excluded(self) -> frozenset[int]:
        return frozenset(row for rows in self.excluded.values() for row in rows)

    @cached_property
    def passed(self) -> Mapping[str, Sequence[int]]:
        """The numbers of the rows that are not used, by the reason."""
        found: dict[str, list[int]] = {reason: list(rows) for reason, rows in self.excluded.items()}
        for row, (label, part) in enumerate(zip(self.labels.values, self.parts.parts, strict=True)):
            if row in self._excluded:
                continue
            if part == LEFT_OUT:
                found.setdefault("their part is none of training, validation and test", []).append(row)
            elif not label:
                found.setdefault("test rows without a class" if part == "test" else UNLABELLED, []).append(row)
        return found

    @property
    def doubts(self) -> tuple[Doubt, ...]:
        """What is asked of rows without a class, of columns that may say a group, and of rows marked as not used."""
        return (*self._of_classes(), *self._of_groups(), *self._of_excluded())

    def _of_excluded(self) -> Iterator[Doubt]:
        if self.choice.left_out == _AUTO:
            asked = self.choice.part == _AUTO  # what a column like “valid” is for is asked of the parts
            columns = [each for each in self.unused if not (asked and is_part_column(self.grid, each))]
            doubt = excluded_doubt(self.grid, columns, self.labels.values)
            yield from () if doubt is None else (doubt,)

    def _of_groups(self) -> Iterator[Doubt]:
        """A doubt on columns that may say a group, where no other does and each class is in several of them."""
        if self.choice.group != _AUTO or self.groups.columns or any(self.parts.parts) or self.parts.doubts:
            return
        found = [c for c in self.unused if may_be_group_column(self.grid, c) and self._divides_classes(c)]
        if found:
            yield maybe_groups(self.grid, found)

    def _divides_classes(self, column: int) -> bool:
        """Whether each class is with several of the values in ``column``."""
        both = set(zip(self.labels.values, self.grid.values(column), strict=True))
        return min(Counter(label for label, _ in both if label).values(), default=0) > 1

    def _of_classes(self) -> tuple[Doubt, ...]:
        """That rows have no class, or a word that may mean so, where it is not chosen what becomes of them."""
        empty, worded = self._without_class
        rows, rule = sorted([*empty, *worded]), self.choice.without_class
        if not rows or rule == "leave_out" or (rule == "class" and worded):
            return ()
        if len(self.labels.columns) > 1 and rule == _AUTO:
            return (unmarked_doubt(self.grid, self.labels.columns, rows),)
        of, file = f"{counted(len(rows), 'row')} of {grouped(len(self.grid.rows))}", self.grid.file.name
        numbers = paths_text([grouped(row + 1) for row in rows], 4)
        words = paths_text([f"“{word}”" for word in sorted(set(worded.values()))], 6)
        mean = f", where {words} may mean that there is none" if words else ""
        text = f"{file} has no class in {of} ({numbers}){mean}: write it there, or leave them out."
        leave = Reading(f"Leave out {counted(len(rows), 'row')} without a class", (("without_class", "leave_out"),))
        are = "is a class" if len(set(worded.values())) == 1 else "are classes"
        rest = f"; {counted(len(empty), 'empty row')} left out" if empty else ""
        keep = Reading(f"{words} {are} like any other{rest}", (("without_class", "class"),))
        is_enough = len(set(self.labels.values) - {"", *worded.values()}) > 1
        return (Doubt("classes", text, (leave,) * is_enough + (keep,) * bool(words)),)

    @property
    def _without_class(self) -> tuple[list[int], Mapping[int, str]]:
        """The rows to train on that are empty in the column of the classes, and those with a word that may mean so."""
        columns = self.labels.columns
        words = self.missing.get(columns[0], frozenset()) if len(columns) == 1 else frozenset[str]()
        cells = self.grid.values(columns[0])
        trained = [row for row, part in enumerate(self.parts.parts) if part not in ("test", LEFT_OUT)]
        trained = [row for row in trained if row not in self._excluded]
        empty = [row for row in trained if not self.labels.values[row] and cells[row] not in words]
        return empty, {row: cells[row] for row in trained if cells[row] in words}

    def notes(self) -> tuple[str, ...]:
        """Sentences on columns and rows that are not used, if there are any."""
        grid, said = self.grid, []
        if self.unused:
            label = grid.names(self.labels.columns)
            boxes = (
                ", which are boxes: each whole picture is learned as its class" if has_boxes(grid, self.unused) else ""
            )
            said.append(f"Of {grid.file.name} the class is {label}; not used: {grid.names(self.unused)}{boxes}.")
        for reason, rows in self.passed.items():
            said.append(f"{counted(len(rows), 'row')} of {grid.file.name} left out: {reason}.")
        return tuple(said)

    def left_out(self) -> tuple[tuple[str, str], ...]:
        """Columns and rows that are not used, and why."""
        columns = [(f"column {self.grid.name(column).removeprefix('column ')}", "not used") for column in self.unused]
        return (*columns, *((counted(len(rows), "row"), reason) for reason, rows in self.passed.items()))

    def _named(self, given: str, field: str) -> int:
        return column_of(given, self.grid.head or (), self.grid.width, self.grid.file, field)

    @cached_property
    def _given_labels(self) -> tuple[int, ...]:
        """The column of the classes that the settings name, or columns that are a class each."""
        given = self.choice.label
        return () if given == _AUTO else self._all_named(given, "class_column")

    def _all_named(self, given: str, field: str) -> tuple[int, ...]:
        """The column that a setting names, or the columns, with commas between. Raises WorkbenchError."""
        try:
            return (self._named(given, field),)
        except WorkbenchError:
            if "," not in given:
                raise
        return tuple(self._named(each, field) for each in given.split(","))

    def _beside(self, labels: Sequence[int]) -> list[int]:
        """The columns beside that of the paths and ``labels``."""
        return [column for column in range(self.grid.width) if column not in (self.path, *labels)]


def _without(grid: Grid, words: Mapping[int, Collection[str]]) -> Grid:
    """``grid`` with nothing in the cells of these columns that hold one of the words."""
    rows = (
        tuple("" if column in words and cell in words[column] else cell for column, cell in enumerate(row))
        for row in grid.rows
    )
    return replace(grid, rows=tuple(rows))
