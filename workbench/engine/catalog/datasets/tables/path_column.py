"""Which column of a table has the paths of the pictures, and whether the first row is a header."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from workbench.engine.catalog.datasets.tables.grid import LOOKED_AT, Grid, column_of, shown
from workbench.engine.catalog.datasets.tables.names_of_groups import column_of_groups, groups_words
from workbench.engine.catalog.datasets.tables.places import are_there, found_files, has_picture_suffix, is_address
from workbench.engine.catalog.datasets.tables.table_error import refuse
from workbench.engine.catalog.datasets.tables.unread_pictures import unread_words
from workbench.engine.catalog.datasets.understanding import Doubt, Reading
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.text import grouped, paths_text
from workbench.engine.pictures.folder_scans import FolderScans
from workbench.engine.pictures.picture_kinds import SUFFIXES

Row = Sequence[str]
#: Fewer different cells may be called as pictures by chance.
_FEWEST: Final = 3
#: A cell with at least this many numbers is a picture itself.
_PIXELS: Final = 16
#: Rows of at least this many numbers from 0 to 255 are pictures, whatever pictures lie nearby.
_MANY: Final = 49


@dataclass(frozen=True, slots=True)
class PathColumn:
    """The table without its header, and the column of the paths."""

    grid: Grid
    column: int
    doubts: tuple[Doubt, ...] = ()


def path_column(table: Path, rows: Sequence[tuple[str, ...]], given: str, base: Path, scans: FolderScans) -> PathColumn:
    """The column that the settings name, or the one whose cells are files. Raises WorkbenchError."""
    body = rows[1 : 1 + LOOKED_AT] or rows[:1]
    width = min(len(row) for row in (rows[0], *body))
    if given != "auto":
        column = column_of(given, rows[0], width, table, "path_column")
        is_named = not given.strip().isdecimal()
        has_suffixes = any(has_picture_suffix(row[column]) for row in body)
        has_header = is_named or _is_header(rows[0][column], table, base, scans, has_suffixes)
        return PathColumn(_grid(table, rows, has_header), column)
    columns = _with_suffixes(body, width)
    if not columns and not _are_pixels(body):
        columns = _without_suffixes(table, body, width, base, scans)
    if not columns:
        _refuse(table, rows, body, width, base, scans)
    named = any(has_picture_suffix(row[columns[0]]) for row in body)
    grid = _grid(table, rows, _is_header(rows[0][columns[0]], table, base, scans, named))
    if len(columns) == 1:
        return PathColumn(grid, columns[0])
    values = {c: [row[c] for row in body] for c in columns}
    there = [c for c in columns if are_there(table, values[c], base, scans)]
    there = there or [c for c in columns if _found(table, values[c], base, scans)]
    chosen = (there or columns)[0]
    return PathColumn(grid, chosen, _doubts(grid, there) if len(there) > 1 else ())


def _with_suffixes(body: Sequence[Row], width: int) -> list[int]:
    return [c for c in range(width) if any(has_picture_suffix(row[c]) or is_address(row[c]) for row in body)]


def _are_pixels(body: Sequence[Row]) -> bool:
    """Whether rows hold pixels themselves: then numbers of rows are no names of pictures that lie nearby."""
    return all(_bytes_in(row) >= _MANY and 2 * _bytes_in(row) > len(row) for row in body)


def _bytes_in(row: Row) -> int:
    """How many cells are whole numbers from 0 to 255; none if all are 0 and 1, as in a column for each class."""
    numbers = [int(cell) for cell in row if cell.isdecimal() and len(cell) < 4 and int(cell) <= 255]
    return len(numbers) if max(numbers, default=0) > 1 else 0


def _without_suffixes(table: Path, body: Sequence[Row], width: int, base: Path, scans: FolderScans) -> list[int]:
    """The column whose cells are names of pictures without their suffix: the one with most files."""
    counts = {c: _found(table, [row[c] for row in body], base, scans) for c in range(width) if _are_names(body, c)}
    most = max(counts.values(), default=0)
    return [c for c, count in counts.items() if count == most][:1] if 2 * most > len(body) else []


def _are_names(body: Sequence[Row], column: int) -> bool:
    values = [row[column] for row in body]
    return len(set(values)) == len(values) and all(values)


def _found(table: Path, values: Sequence[str], base: Path, scans: FolderScans) -> int:
    """How many of ``values`` are files; none of web addresses whose pictures are not there."""
    hints = [frozenset[str]()] * len(values)
    try:
        return len(values) - found_files(table, values, hints, base, scans).missing
    except WorkbenchError:
        return 0


def _is_header(cell: str, table: Path, base: Path, scans: FolderScans, named: bool) -> bool:
    """``named``: the other cells are named as pictures, so that one which is not need not be searched for."""
    if has_picture_suffix(cell) or is_address(cell):
        return False
    if not cell or named:
        return not cell or not are_there(table, [cell], base, scans)
    return not _found(table, [cell], base, scans)


def _grid(table: Path, rows: Sequence[tuple[str, ...]], has_header: bool) -> Grid:
    if has_header and len(rows) == 1:
        refuse(table, "has a header but no rows")
    return Grid(table, rows[0], tuple(rows[1:])) if has_header else Grid(table, None, tuple(rows))


def _doubts(grid: Grid, columns: Sequence[int]) -> tuple[Doubt, ...]:
    readings = tuple(
        Reading(f"The pictures are those of {grid.name(column)}", (("path_column", grid.setting(column)),))
        for column in columns
    )
    text = f"Several columns have paths of pictures, {grid.names(columns)}; the first is used."
    return (Doubt("columns", text, readings),)


def _refuse(
    table: Path, rows: Sequence[tuple[str, ...]], body: Sequence[Row], width: int, base: Path, scans: FolderScans
) -> None:
    longest = max((len(cell.split()) for cell in body[0]), default=0)
    if max(width, longest) > _PIXELS:
        may_be = (longest, longest - 1) if longest > _PIXELS else (width - 1, width, width - 2)  # a label, an index
        values = next((each for each in may_be if math.isqrt(each) ** 2 == each), may_be[0])
        side = math.isqrt(values)
        shape = f"{side} × {side} pixels" if side * side == values else f"{grouped(values)} numbers"
        text = f"has no paths of pictures, but what may be the pixels themselves, {shape} in a row"
        way = "such tables are not read: save them as an .npz with an array of pictures (number, height, width) and one"
        refuse(table, f"{text}; {way} of labels: {shown(body[0])}")
    for cell in body[0]:
        several = sorted(f"{cell}{suffix}" for suffix in SUFFIXES if cell and (base / f"{cell}{suffix}").is_file())
        if len(several) > 1:
            what = f"names {cell!r} without a suffix, and there are {paths_text(several)}"
            refuse(table, f"{what}: write the suffixes into the table, or keep one of these files")
    for column in range(width):
        if words := unread_words([row[column] for row in body], base, scans):
            refuse(table, words, "path_column")
    _refuse_other_names(Grid(table, rows[0], tuple(rows[1:])), body, base, scans)
    known = paths_text(sorted(SUFFIXES), 20)
    text = "has no column with the paths of pictures, and none with names of pictures beside the table"
    refuse(table, f"{text}: {shown(body[0])}. Files of pictures end in {known}", "path_column")


def _refuse_other_names(grid: Grid, body: Sequence[Row], base: Path, scans: FolderScans) -> None:
    """Names without suffixes that are of several rows each, and names of patients."""
    if not grid.rows:
        return
    repeated = [c for c in range(grid.width) if _is_repeated(grid.file, [row[c] for row in body], base, scans)]
    if repeated:
        name, setting = grid.name(repeated[0]), grid.setting(repeated[0])
        first = body[0][repeated[0]]
        times = grid.values(repeated[0]).count(first)
        text = f"names pictures without their suffix in {name}, and some several times ({first!r} in {times} rows)"
        way = "choose it as the “Path column”, and it is asked what becomes of rows that differ"
        refuse(grid.file, f'{text}: {way} (data.source.path_column = "{setting}")', "path_column")
    column = column_of_groups(grid, base, scans)
    if column is not None:
        refuse(grid.file, groups_words(grid, column))


def _is_repeated(table: Path, values: Sequence[str], base: Path, scans: FolderScans) -> bool:
    """Whether most of ``values`` name pictures, each of several rows."""
    names = sorted({value for value in values if value})
    return _FEWEST <= len(names) < len(values) and 2 * _found(table, names, base, scans) > len(names)
