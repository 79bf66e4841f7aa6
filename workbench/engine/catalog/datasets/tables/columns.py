"""What the columns of a table are beside the paths: class, part, group, and those that are not used."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Literal

from workbench.engine.catalog.datasets.tables.grid import Grid, column_of
from workbench.engine.catalog.datasets.tables.groups import Groups, chosen_groups, found_groups, is_group_column
from workbench.engine.catalog.datasets.tables.labels import Labels, chosen_labels, found_labels, has_boxes
from workbench.engine.catalog.datasets.tables.parts import (
    LEFT_OUT,
    OtherRows,
    Parts,
    chosen_parts,
    found_parts,
    is_part_column,
    no_parts,
    parts_of_paths,
)
from workbench.engine.catalog.datasets.tables.repeats import Rule
from workbench.engine.catalog.datasets.understanding import Doubt, Reading
from workbench.engine.core.text import counted, grouped, paths_text

_AUTO: Final = "auto"
_NONE: Final = "none"
#: What becomes of rows to train on that have no class.
Unlabelled = Literal["auto", "leave_out"]


#: Why rows to train on that have no class are left out.
UNLABELLED: Final = "without a class"


@dataclass(frozen=True, slots=True)
class Choice:
    """Columns as the settings give them: a name, a number from 1, "auto", and "none" for part and group."""

    path: str = _AUTO
    label: str = _AUTO
    part: str = _AUTO
    group: str = _AUTO
    validation: str = _AUTO
    test: str = _AUTO
    repeated: Rule = "auto"
    other_rows: OtherRows = "auto"
    without_class: Unlabelled = "auto"


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
        if given.part == _NONE:
            columns = [column for column in self._beside(self._given_label) if is_part_column(self.grid, column)]
            return no_parts(self.grid, columns)
        if given.part != _AUTO:
            column = self._named(given.part, "part_column")
            return chosen_parts(self.grid, column, given.validation, given.test, given.other_rows)
        columns = [column for column in self._beside(self._given_label) if is_part_column(self.grid, column)]
        is_only = len(self._beside(None)) == 1
        found = no_parts(self.grid) if is_only else found_parts(self.grid, columns)
        return found if any(found.parts) or found.doubts else parts_of_paths(self.grid, self.path)

    @cached_property
    def groups(self) -> Groups:
        """The group of each row."""
        if self.choice.group == _NONE:
            return Groups()
        if self.choice.group != _AUTO:
            return chosen_groups(self.grid, self._named(self.choice.group, "group_column"))
        taken = {self.parts.column, self._given_label}
        columns = [c for c in self._beside(None) if c not in taken and is_group_column(self.grid, c)]
        return found_groups(self.grid, columns) if len(self._beside(None)) > 1 else Groups()

    @cached_property
    def labels(self) -> Labels:
        """The class of each row."""
        given = self._given_label
        taken = {self.parts.column, *self.groups.columns}
        columns = [column for column in self._beside(None) if column not in taken]
        if given is not None:
            return chosen_labels(self.grid, given, columns)
        asked = [column for column in columns if is_part_column(self.grid, column)]
        return found_labels(self.grid, [c for c in columns if c not in asked] or columns)

    @property
    def other_columns(self) -> list[int]:
        """The columns that say the part or the group."""
        columns = (self.parts.column, self.groups.column)
        return [column for column in columns if column is not None]

    @property
    def have_boxes(self) -> bool:
        """Whether columns give a place in the picture."""
        return has_boxes(self.grid, self._beside(None))

    @property
    def unused(self) -> list[int]:
        """The columns that nothing is taken from."""
        used = {*self.labels.columns, *self.other_columns}
        return [column for column in self._beside(None) if column not in used]

    @cached_property
    def passed(self) -> Mapping[str, Sequence[int]]:
        """The numbers of the rows that are not used, by the reason."""
        found: dict[str, list[int]] = {}
        for row, (label, part) in enumerate(zip(self.labels.values, self.parts.parts, strict=True)):
            if part == LEFT_OUT:
                found.setdefault("their part is none of training, validation and test", []).append(row)
            elif not label:
                found.setdefault("test rows without a class" if part == "test" else UNLABELLED, []).append(row)
        return found

    @property
    def doubts(self) -> tuple[Doubt, ...]:
        """That rows have no class, where it is not chosen what becomes of them."""
        rows = self.passed.get(UNLABELLED, ())
        if not rows or self.choice.without_class != _AUTO:
            return ()
        numbers = paths_text([grouped(row + 1) for row in rows], 4)
        text = (
            f"{self.grid.file.name} has no class in {counted(len(rows), 'row')} of {grouped(len(self.grid.rows))} "
            f"({numbers}): write it there, or leave them out."
        )
        leave = Reading(f"Leave out {counted(len(rows), 'row')} without a class", (("without_class", "leave_out"),))
        return (Doubt("classes", text, (leave,)),)

    def notes(self) -> tuple[str, ...]:
        """Sentences on columns and rows that are not used, if there are any."""
        grid, said = self.grid, []
        if self.unused:
            label = grid.names(self.labels.columns)
            said.append(f"Of {grid.file.name} the class is {label}; not used: {grid.names(self.unused)}.")
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
    def _given_label(self) -> int | None:
        return None if self.choice.label == _AUTO else self._named(self.choice.label, "class_column")

    def _beside(self, label: int | None) -> list[int]:
        """The columns beside that of the paths and ``label``."""
        return [column for column in range(self.grid.width) if column not in (self.path, label)]
