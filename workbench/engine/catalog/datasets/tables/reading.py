"""A whole table: its files, classes, parts and groups, with what is sure and what has to be asked."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

import numpy as np
import numpy.typing as npt

from workbench.engine.catalog.datasets.tables.columns import UNLABELLED, Choice, Columns
from workbench.engine.catalog.datasets.tables.decimal_commas import with_points
from workbench.engine.catalog.datasets.tables.grid import LOOKED_AT, Grid, read_rows, shown
from workbench.engine.catalog.datasets.tables.negative_labels import NEGATIVE, negatives_fact, split_negatives
from workbench.engine.catalog.datasets.tables.neighbours import is_of_another
from workbench.engine.catalog.datasets.tables.no_pictures import refuse_without_pictures
from workbench.engine.catalog.datasets.tables.numbered import are_numbers
from workbench.engine.catalog.datasets.tables.other_suffixes import (
    suffixes_doubt,
    with_other_suffixes,
    without_suffixes,
)
from workbench.engine.catalog.datasets.tables.path_column import PathColumn, path_column
from workbench.engine.catalog.datasets.tables.places import Found, found_files, has_picture_suffix
from workbench.engine.catalog.datasets.tables.repeats import without_repeats
from workbench.engine.catalog.datasets.tables.rows_above import not_read_words, rows_above, rows_below
from workbench.engine.catalog.datasets.tables.table_error import refuse
from workbench.engine.catalog.datasets.understanding import Doubt, Fact, Reading
from workbench.engine.core.errors import NoTestPart, WorkbenchError
from workbench.engine.core.text import counted, grouped, paths_text
from workbench.engine.pictures.class_folders import ClassFolders, natural
from workbench.engine.pictures.folder_scans import FolderScans
from workbench.engine.pictures.part_names import part_word


@dataclass(frozen=True, slots=True)
class TableReading:
    """The rows of a table that are used, one for each picture. ``class_column`` is the setting that names the column of
    the classes, empty if these are columns. ``passed``: the pictures of rows that are not used. ``lists``: the texts
    that give the parts.
    """

    table: Path
    files: tuple[Path, ...]
    labels: tuple[str, ...]
    parts: tuple[str, ...]
    groups: tuple[str, ...]
    notes: tuple[str, ...]
    left_out: tuple[tuple[str, str], ...]
    facts: tuple[Fact, ...]
    doubts: tuple[Doubt, ...]
    class_column: str = ""
    passed: tuple[Path, ...] = ()
    lists: tuple[Path, ...] = ()

    @property
    def place(self) -> Path:
        """The folder of the set: the table's own, or the one above if that is a part's (``Training_GroundTruth``) and
        pictures lie beside it."""
        own, above = self.table.parent, self.table.parent.parent
        inside, beside = f"{own}{os.sep}", f"{above}{os.sep}"
        names = map(str, self.files) if part_word(own.name) and above != Path.home() else ()
        return above if any(name.startswith(beside) and not name.startswith(inside) for name in names) else own

    def trained(self) -> ClassFolders:
        """The files that train and validate. Raises WorkbenchError."""
        used = [row for row, part in enumerate(self.parts) if part != "test"]
        listing = self._listing(used)
        if "validation" not in self.parts:
            return listing
        return replace(listing, validation=np.array([self.parts[row] == "validation" for row in used], np.bool_))

    def tested(self) -> ClassFolders:
        """The files of the test part. Raises NoTestPart if there is none."""
        if "test" not in self.parts:
            raise NoTestPart(f"{self.table} has no row with the part test.", "data.source.file")
        return self._listing([row for row, part in enumerate(self.parts) if part == "test"])

    def _listing(self, rows: Sequence[int]) -> ClassFolders:
        classes = self._classes()
        number = {name: label for label, name in enumerate(classes)}
        labels = np.array([number[self.labels[row]] for row in rows], np.int64)
        files = tuple(self.files[row] for row in rows)
        note, names = " ".join(self.notes), self._group_names()
        groups = self._numbered_groups(rows, names)
        return ClassFolders(self.table.parent, classes, files, labels, None, note, groups, group_names=names)

    def _classes(self) -> tuple[str, ...]:
        """The classes of training, in natural order. Raises WorkbenchError if another part has more."""
        of = {
            part: {label for label, each in zip(self.labels, self.parts, strict=True) if (each or "train") == part}
            for part in ("train", "validation", "test")
        }
        for part in ("validation", "test"):
            for name in sorted(of[part] - of["train"], key=natural):
                refuse(self.table, f"has the class {name!r} in {part} but not in train")
        classes = tuple(sorted(of["train"], key=natural))
        if len(classes) < 2:
            what = f"only one class, {classes[0]!r}" if classes else "no rows to train on"
            refuse(self.table, f"holds {what}; learning needs at least two")
        return classes

    def _group_names(self) -> tuple[str, ...]:
        return tuple(sorted(set(self.groups), key=natural))

    def _numbered_groups(self, rows: Sequence[int], names: Sequence[str]) -> npt.NDArray[np.int64] | None:
        if not self.groups:
            return None
        number = {name: index for index, name in enumerate(names)}
        return np.array([number[self.groups[row]] for row in rows], np.int64)


def read_table(table: Path, base: Path, choice: Choice, scans: FolderScans) -> TableReading:
    """The rows of ``table``, paths relative to ``base``. What is doubtful is in its ``doubts``.

    Raises WorkbenchError with a sentence that names the file and the row.
    """
    rows, encoding = read_rows(table)
    above, below = rows_above(rows), rows_below(rows)
    said = not_read_words(table.name, rows, above, below)
    given = rows[above : len(rows) - below]
    rows = _with_folders(given)
    is_by_folders = len(given[0]) < len(rows[0])
    rows = with_points(rows if choice.suffixes == "auto" else without_suffixes(rows))
    rows, negative = (rows, []) if choice.left_out == "none" else split_negatives(rows)
    refuse_without_pictures(table, rows)
    _refuse_narrow(table, rows)
    paths = path_column(table, rows, choice.path, base, scans)
    columns = Columns(paths.grid, paths.column, choice)
    _refuse_gaps(paths.grid, paths.column, columns)
    passed = {row for rows in columns.passed.values() for row in rows}
    kept = [row for row in range(len(columns.labels.values)) if row not in passed]
    _refuse_unlabelled(columns, kept)
    notes = (*_encoding_notes(table, encoding), *filter(None, [said]))
    found = without_repeats(_reading(paths, columns, kept, base, scans, notes), columns.have_boxes, choice.repeated)
    if is_by_folders:
        found = _called_by_folders(found, paths.grid.name(columns.labels.columns[0]))
    return _without_negatives(found, [row[paths.column] for row in negative], base, scans) if negative else found


def _reading(
    paths: PathColumn, columns: Columns, kept: Sequence[int], base: Path, scans: FolderScans, notes: Sequence[str]
) -> TableReading:
    grid, labels, parts, groups = paths.grid, columns.labels, columns.parts, columns.groups
    named = [grid.rows[row][paths.column] for row in kept]
    hints = [frozenset({labels.values[row].casefold(), parts.parts[row]} - {""}) for row in kept]
    found, asked = _found(grid.file, named, hints, base, scans)
    said = (*found.notes, *notes)
    return TableReading(
        grid.file,
        found.files,
        tuple(labels.values[row] for row in kept),
        tuple(parts.parts[row] for row in kept),
        tuple(groups.values[row] for row in kept) if groups.values else (),
        (*_outside(grid.file, found.files), *columns.notes(), *said),
        columns.left_out(),
        (*labels.facts, *parts.facts, *groups.facts, *(Fact("columns", note) for note in said)),
        (
            *paths.doubts,
            *labels.doubts,
            *columns.doubts,
            *parts.doubts,
            *groups.doubts,
            *asked,
        ),
        grid.setting(labels.columns[0]) if len(labels.columns) == 1 else "",
        _passed(paths, columns, base, scans),
    )


def _found(
    table: Path, named: Sequence[str], hints: Sequence[frozenset[str]], base: Path, scans: FolderScans
) -> tuple[Found, tuple[Doubt, ...]]:
    """The files of the pictures ``named``, and the question which are meant. Raises WorkbenchError if none is there."""
    found = found_files(table, named, hints, base, scans)
    asked = _where_doubts(table, named, found)
    if (asked or found.missing == len(named)) and (own := with_other_suffixes(table, named, hints, base, found, scans)):
        return own, (suffixes_doubt(table, named, own, asked),)
    if found.missing == len(named):
        _refuse_missing(table, named, found, base)
    return found, asked


def _without_negatives(found: TableReading, named: Sequence[str], base: Path, scans: FolderScans) -> TableReading:
    """``found``, where rows that name the pictures ``named`` say what these are not."""
    fact = negatives_fact(found.table, len(named))
    return replace(
        found,
        notes=(*found.notes, fact.sentence),
        left_out=(*found.left_out, (counted(len(named), "row"), NEGATIVE)),
        facts=(*found.facts, fact),
        passed=(*found.passed, *_there(found.table, named, base, scans)),
    )


def _passed(paths: PathColumn, columns: Columns, base: Path, scans: FolderScans) -> tuple[Path, ...]:
    """The pictures of the rows that are not used, where they are there."""
    named = [paths.grid.rows[row][paths.column] for rows in columns.passed.values() for row in rows]
    return _there(paths.grid.file, named, base, scans)


def _called_by_folders(found: TableReading, column: str) -> TableReading:
    """``found`` of a list of paths alone, which has no ``column`` of classes to speak of."""
    words = (f"The class is {column}", "The class is the folder in each path")
    return replace(found, facts=tuple(replace(each, sentence=each.sentence.replace(*words, 1)) for each in found.facts))


def _there(table: Path, named: Sequence[str], base: Path, scans: FolderScans) -> tuple[Path, ...]:
    with suppress(WorkbenchError):
        return found_files(table, named, [frozenset()] * len(named), base, scans).files if named else ()
    return ()


def _with_folders(rows: Sequence[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """A list of paths alone, with or without a header, with the folder above each as its class."""
    paths = [row[0].replace("\\", "/") for row in rows if len(row) == 1]
    head = [(paths[0], "label")] if len(paths) > 1 and "/" not in paths[0] and not has_picture_suffix(paths[0]) else []
    paths = paths[len(head) :]
    if len(paths) + len(head) < len(rows) or not all("/" in path for path in paths):
        return list(rows)
    names = [PurePosixPath(path).parent.name for path in paths]
    return [*head, *zip(paths, names, strict=True)] if len(set(names)) > 1 else list(rows)


# --- What is refused ----------------------------------------------------------------------------------------------


def _refuse_narrow(table: Path, rows: Sequence[Sequence[str]]) -> None:
    looked_at = rows[: 1 + LOOKED_AT]
    number, short = min(enumerate(looked_at, 1), key=lambda each: len(each[1]))
    if len(short) < 2:
        only = max(map(len, looked_at)) < 2
        what = "has one column only" if only else f"has one column only in its row {grouped(number)}"
        refuse(table, f"{what}; each must have a path and a class: {shown(short)}")


def _refuse_gaps(grid: Grid, path: int, columns: Columns) -> None:
    """Rows without a path, with too few or with too many columns."""
    last = max((path, *columns.labels.columns, *columns.other_columns))
    most = len(grid.head) if grid.head is not None else grid.width
    for row, cells in enumerate(grid.rows):
        number = grouped(row + 1)
        if len(cells) <= last:
            refuse(grid.file, f"has too few columns in its row {number}: {shown(cells)}")
        if any(cells[most:]):
            text = f"has more columns in its row {number} than in others: {shown(cells)}"
            refuse(grid.file, f"{text}; several labels per picture are not supported")
        if not cells[path]:
            text = f"has no path in its row {number}: {shown(cells)}"
            refuse(grid.file, f"{text}. Write the path there, or delete the rows that have none")


def _refuse_unlabelled(columns: Columns, kept: Sequence[int]) -> None:
    """Rows without a class where there is nothing to learn from the ``kept`` ones."""
    grid, rows = columns.grid, columns.passed.get(UNLABELLED, ())
    if rows and len({columns.labels.values[row] for row in kept}) < 2:
        text = f"has no class in its row {grouped(rows[0] + 1)}: {shown(grid.rows[rows[0]])}"
        refuse(grid.file, f"{text}. Write the class there; the other rows are of fewer than two classes")
    if not kept:
        refuse(grid.file, f"has no row to train on: {'; '.join(columns.notes())}")


def _refuse_missing(table: Path, paths: Sequence[str], found: Found, base: Path) -> None:
    text = (
        f"names {grouped(len(found.files))} pictures, and none of them is there, e.g. {paths[0]!r} ({found.files[0]})"
    )
    how = f"Nothing below {base} ends as these paths do. Choose the folder to which they are relative (“Folder of the "
    refuse(table, f"{text}. {how}pictures”), or put the table beside the pictures", "picture_folder")


# --- What is said -------------------------------------------------------------------------------------------------


def _outside(table: Path, files: Sequence[Path]) -> tuple[str, ...]:
    inside = f"{table.parent}{os.sep}"
    outside = [file for file in files if not str(file).startswith(inside)]
    if not outside:
        return ()
    return (f"{grouped(len(outside))} of the pictures lie outside of {table.parent}: {paths_text(outside, 3)}.",)


def _encoding_notes(table: Path, encoding: str) -> tuple[str, ...]:
    if encoding != "Windows-1252":
        return ()
    text = f"{table.name} is not UTF-8 and is read as Windows-1252 (Western European), as spreadsheets save it"
    return (f"{text}; where letters are wrong, save it as CSV in UTF-8.",)


def _where_doubts(table: Path, named: Sequence[str], found: Found) -> tuple[Doubt, ...]:
    if found.beside is not None:
        return (_beside_doubt(table, found.beside, are_numbers(named)),)
    if not found.folders:
        return ()
    readings = tuple(
        Reading(f"The pictures are those in {_short(folder, table)}", (("picture_folder", str(folder)),))
        for folder in found.folders[:6]
    )
    names = paths_text([_short(folder, table) for folder in found.folders], 6)
    text = f"Several folders have pictures that are named as in {table.name}: {names}. Choose one."
    return (Doubt("classes", text, readings),)


def _beside_doubt(table: Path, folder: Path, by_numbers: bool) -> Doubt:
    above = table.parent.parent
    where = folder.relative_to(above).as_posix()
    is_alone = by_numbers or is_of_another(table, PurePosixPath(where))
    why = "and nothing else says that they are meant" if is_alone else "but there are other pictures too"
    why = f"{'numbers' if by_numbers else 'names'}, {why}"
    text = (
        f"The pictures that {table.name} names are not in its own folder, {table.parent.name}. Beside that, {where} "
        f"has pictures of these {why}, so they may belong to another set."
    )
    readings = [Reading(f"The pictures are those in {where}", (("picture_folder", str(folder)),))]
    if part_word(table.parent.name) and folder != above:  # those of the other parts are not in that folder
        text_of_all = f"The pictures are those of these names in all folders of {above.name}"
        readings.insert(0, Reading(text_of_all, (("picture_folder", str(above)),)))
    return Doubt("classes", text, tuple(readings))


def _short(folder: Path, table: Path) -> str:
    """``folder`` relative to the table where it is below it."""
    return folder.relative_to(table.parent).as_posix() if folder.is_relative_to(table.parent) else str(folder)
