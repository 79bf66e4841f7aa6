"""The text of a table as rows of cells: encoding, separator and header are found by what is there."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from workbench.engine.catalog.datasets.tables.json_rows import SUFFIXES as JSON
from workbench.engine.catalog.datasets.tables.json_rows import json_rows
from workbench.engine.catalog.datasets.tables.table_error import refuse
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.text import grouped, paths_text
from workbench.engine.pictures.picture_kinds import HEAD
from workbench.engine.pictures.stand_ins import stand_in_words

#: A larger table is none of paths and labels.
MAX_BYTES: Final = 200_000_000
#: Number of rows read to tell which column is which.
LOOKED_AT: Final = 50
#: Some spreadsheets say in a first line of their own what separates the columns.
_SAID: Final = re.compile(r"sep=(.)\r?\n?\Z")
_MARKS: Final = ",;\t|"
#: Of more columns than these not all are named.
_NAMED: Final = 8


@dataclass(frozen=True, slots=True)
class Grid:
    """Rows of cells without the header; ``head`` are the names of the columns, None without a header."""

    file: Path
    head: tuple[str, ...] | None
    rows: tuple[tuple[str, ...], ...]
    encoding: str = "utf-8"

    @property
    def width(self) -> int:
        """The number of columns that every row has."""
        return min(map(len, self.rows[:LOOKED_AT]))

    def values(self, column: int) -> list[str]:
        """The cells of a column from top to bottom; empty where a row is too short."""
        return [row[column] if column < len(row) else "" for row in self.rows]

    def name(self, column: int) -> str:
        """How a column is called in a sentence: ``“label”``, ``column 2``, ``“label” (column 2)`` of two."""
        if self.head is None or column >= len(self.head) or not self.head[column]:
            return f"column {column + 1}"
        name = self.head[column]
        number = f" (column {column + 1})" if [_same(each) for each in self.head].count(_same(name)) > 1 else ""
        return f"“{_short(name)}”{number}"

    def names(self, columns: Sequence[int]) -> str:
        """Some columns in a sentence."""
        return paths_text([self.name(column) for column in columns], _NAMED)

    def key(self, column: int) -> str:
        """The name of a column in lower case, its words joined by ``_``; empty without a header."""
        if self.head is None or column >= len(self.head):
            return ""
        words = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", self.head[column]).lower()
        return re.sub(r"[^\w]+", "_", words).strip("_")

    def setting(self, column: int) -> str:
        """What the setting of a column has to be: its name where only one is called so, else its number."""
        if self.head is not None and column < len(self.head):
            name = self.head[column]
            if name and name not in ("auto", "none") and [_same(each) for each in self.head].count(_same(name)) == 1:
                return name
        return str(column + 1)


def read_rows(file: Path) -> tuple[list[tuple[str, ...]], str]:
    """All rows with something in them, cells stripped, and the encoding. Raises WorkbenchError."""
    text, encoding = _text(file)
    text = _without_comments(text)
    if file.suffix.lower() in JSON:
        return json_rows(file, text), encoding
    text = _without_count(text)
    first = next((line for line in text.splitlines() if line.strip()), "")
    said = _SAID.match(first)
    text = text.partition(first)[2] if said else text
    mark = said[1] if said else max(_MARKS, key=first.count)
    if not said and mark not in first:
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        if lines and all(" " in line for line in lines[:LOOKED_AT]):  # “path class”, as lists of ImageNet have it
            return _spaced(lines), encoding
    rows = _split(file, text, mark)
    if not said and min(map(len, rows[:LOOKED_AT]), default=2) < 2:  # a title above may have other marks, or none
        rows = max((rows, *(_split(file, text, each) for each in _MARKS)), key=_rows_of_several)
    if not rows:
        refuse(file, "is empty")
    return rows, encoding


def _split(file: Path, text: str, mark: str) -> list[tuple[str, ...]]:
    """The rows of cells between ``mark``. Raises WorkbenchError."""
    try:
        read = csv.reader(io.StringIO(text, newline=""), delimiter=mark)
        return [tuple(cell.strip() for cell in row) for row in read if any(cell.strip() for cell in row)]
    except csv.Error as error:
        refuse(file, f"is no readable table ({error})")


def _rows_of_several(rows: Sequence[Sequence[str]]) -> int:
    """How many of the first ``rows`` have several cells."""
    return sum(len(row) > 1 for row in rows[:LOOKED_AT])


def _without_comments(text: str) -> str:
    """``text`` without the lines at its beginning that start with # and are no header of columns."""
    lines = text.splitlines(keepends=True)
    is_comment = (line.startswith("#") and not any(mark in line for mark in _MARKS) for line in lines)
    first = next((number for number, is_one in enumerate(is_comment) if not is_one), 0)
    return "".join(lines[first:])


def _without_count(text: str) -> str:
    """``text`` without a first line that is the number of lines below it, or of those below a header."""
    first, _, rest = text.partition("\n")
    return rest if first.strip().isdecimal() and int(first) in _numbers_of_lines(rest) else text


def _numbers_of_lines(text: str) -> tuple[int, ...]:
    """The number of lines in ``text`` with a header or without, if there are several and no line is a number."""
    lines = [line for line in text.splitlines() if line.strip()]
    return (len(lines), len(lines) - 1) if len(lines) > 2 and not any(map(str.isdecimal, lines)) else ()


def _spaced(lines: Sequence[str]) -> list[tuple[str, ...]]:
    """Paths and what is behind blanks: numbers in as many columns as there are, else one word, in the last column."""
    rows = [tuple(line.split()) for line in lines]
    if len({len(row) for row in rows}) == 1 and all(cell.isdecimal() for row in rows for cell in row[1:]):
        return rows
    return [tuple(line.rsplit(None, 1)) for line in lines]


def _text(file: Path) -> tuple[str, str]:
    try:
        if file.stat().st_size > MAX_BYTES:
            refuse(file, f"has more than {MAX_BYTES // 1_000_000} MB, which is too much for paths and classes")
        data = file.read_bytes()
    except OSError as error:
        raise WorkbenchError(f"Cannot read {file}: {error.strerror or error}.", "data.source.file") from None
    if stands_for := stand_in_words(file.name, data[:HEAD]):
        refuse(file, stands_for)
    is_utf16 = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        return (data.decode("utf-16"), "UTF-16") if is_utf16 else (data.decode("utf-8-sig"), "utf-8")
    except UnicodeDecodeError:
        if is_utf16:
            refuse(file, "is damaged: it begins as UTF-16 and goes on as something else; save it as CSV in UTF-8")
    return data.decode("cp1252", "replace"), "Windows-1252"


def column_of(given: str, head: Sequence[str], width: int, file: Path, field: str) -> int:
    """The column that a setting names, or numbers from 1. Raises WorkbenchError that lists the columns."""
    named = [column for column, name in enumerate(head) if name == given.strip()]
    named = named or [column for column, name in enumerate(head) if _same(name) == _same(given)]
    if len(named) == 1:
        return named[0]
    if given.strip().isdecimal() and 1 <= int(given) <= width:
        return int(given) - 1
    what = "no column" if not named else f"{grouped(len(named))} columns"
    columns = paths_text([repr(_short(name)) for name in head], _NAMED)
    text = f"{file} has {what} called {given!r}. It has {columns}; a number from 1 to {width} is a column too."
    raise WorkbenchError(text, f"data.source.{field}")


def words(text: str) -> frozenset[str]:
    """The words of ``text``."""
    return frozenset(text.split())


def shown(row: Sequence[str]) -> str:
    """A row in a sentence."""
    text = " | ".join(row)
    return repr(text if len(text) <= 80 else text[:79] + "…")


def _same(name: str) -> str:
    return name.strip().casefold()


def _short(name: str) -> str:
    return name if len(name) <= 40 else name[:39] + "…"
