"""A CSV table of picture files and their classes: delimiter, header and columns are found by what they hold."""

from __future__ import annotations

import csv
import io
import os
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar, NoReturn

import numpy as np

from workbench.engine.catalog.datasets.picture_files import PictureFiles
from workbench.engine.catalog.knob import Knob
from workbench.engine.catalog.path_settings import file_problems, usable_file
from workbench.engine.core.errors import Problem, WorkbenchError
from workbench.engine.core.text import grouped, paths_text
from workbench.engine.pictures.class_folders import ClassFolders, natural
from workbench.engine.pictures.folder_scans import FolderScans
from workbench.engine.pictures.part_names import TEST, TRAIN, VALIDATION
from workbench.engine.pictures.picture_kinds import SUFFIXES

if TYPE_CHECKING:
    from workbench.engine.spec.experiment import ExperimentSpec

#: A larger table is none of paths and labels.
MAX_BYTES = 200_000_000
#: Number of rows read to tell which column is which.
LOOKED_AT = 50
_ADDRESS = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]+://")
#: Some spreadsheets say in a first line of its own what stands between the columns.
_SAID = re.compile(r"sep=(.)\r?\n?\Z")
_LABEL_NAMES = ("label", "class", "category", "target", "species", "y")
_PARTS = {**dict.fromkeys(TRAIN, "train"), **dict.fromkeys(VALIDATION, "validation"), **dict.fromkeys(TEST, "test")}


class PictureTable(PictureFiles):
    """Each row is a picture: its path, relative to the table or absolute, its class, and its part if there is one."""

    kind: ClassVar[str] = "csv"
    title: ClassVar[str] = "Table of pictures (CSV)"
    summary: ClassVar[str] = "A CSV file with the path and the class of each picture."
    order: ClassVar[int] = 32

    file: Annotated[
        str,
        Knob(
            "Table",
            "A CSV file with a path and a class in each row; commas, semicolons or tabs, with or without a header. "
            "Paths are relative to the table, ~ means your home folder. A column with train, validation and test in "
            "it splits the pictures; those of test are left untouched. Table and pictures are never changed.",
            role="file",
        ),
    ] = ""

    def problems(self, spec: ExperimentSpec, path: str) -> Iterator[Problem]:
        yield from file_problems(self.file, f"{path}.file")

    def place(self) -> Path:
        return usable_file(self.file)

    def found(self, test: bool, scans: FolderScans) -> ClassFolders:
        return _listing(read_table(self.place()), test)

    def brief(self) -> str:
        name = Path(self.file).name
        return f"{name}, {self.size} px" if name else ""


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of a table: paths as they are meant, classes, and parts (train, validation, test; empty without)."""

    file: Path
    paths: tuple[Path, ...]
    labels: tuple[str, ...]
    parts: tuple[str, ...]

    @property
    def outside(self) -> tuple[Path, ...]:
        """The pictures that do not lie below the table's folder."""
        return tuple(path for path in self.paths if not path.is_relative_to(self.file.parent))


def read_table(file: Path) -> Table:
    """Raises WorkbenchError with a sentence that names the file and the row."""
    rows = _rows(file)
    columns = _columns(file, rows)
    if _is_header(rows[0], columns, file):
        rows = rows[1:]
    if not rows:
        _refuse(file, "has a header but no rows")
    paths, labels, parts = [], [], []
    for number, row in enumerate(rows, 1):
        if len(row) <= max(column for column in columns if column is not None):
            _refuse(file, f"has too few columns in its row {grouped(number)}: {_shown(row)}")
        path, label, part = (row[column].strip() if column is not None else "" for column in columns)
        if not path or not label:
            _refuse(file, f"has no {'class' if path else 'path'} in its row {grouped(number)}: {_shown(row)}")
        if columns[2] is not None and part.lower() not in _PARTS:
            _refuse(file, f"has the part {part!r} in its row {grouped(number)}; it must be train, validation or test")
        if _ADDRESS.match(path):
            _refuse(
                file,
                f"has a web address in its row {grouped(number)}, {path!r}; fetch the pictures and give their paths",
            )
        paths.append(_resolved(path, file))
        labels.append(label)
        parts.append(_PARTS.get(part.lower(), ""))
    return Table(file, tuple(paths), tuple(labels), tuple(parts))


def _rows(file: Path) -> list[list[str]]:
    """All rows with something in them."""
    try:
        if file.stat().st_size > MAX_BYTES:
            _refuse(file, f"has more than {MAX_BYTES // 1_000_000} MB, which is too much for paths and classes")
        text = file.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        _refuse(file, "is no UTF-8 text; save it as CSV in UTF-8")
    except OSError as error:
        raise WorkbenchError(f"Cannot read {file}: {error.strerror or error}.", "data.source.file") from None
    first = next((line for line in text.splitlines() if line.strip()), "")
    said = _SAID.match(first)
    delimiter = said[1] if said else max(",;\t", key=first.count)
    text = text.partition(first)[2] if said else text
    try:
        read = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        rows = [row for row in read if any(cell.strip() for cell in row)]
    except csv.Error as error:
        _refuse(file, f"is no readable table ({error})")
    if not rows:
        _refuse(file, "is empty")
    return rows


def _columns(file: Path, rows: Sequence[Sequence[str]]) -> tuple[int, int, int | None]:
    """Which column has the path, which the class, which the part."""
    head, body = rows[0], rows[1 : 1 + LOOKED_AT] or rows[:1]
    width = min(len(row) for row in (head, *body))
    if width < 2:
        number, short = next((n, row) for n, row in enumerate((head, *body), 1) if len(row) == width)
        what = (
            "has one column only"
            if max(map(len, (head, *body))) < 2
            else f"has one column only in its row {grouped(number)}"
        )
        _refuse(file, f"{what}; each must have a path and a class: {_shown(short)}")
    values = [[row[column].strip() for row in body] for column in range(width)]
    paths = [column for column in range(width) if any(_is_picture(value) for value in values[column])]
    if not paths:
        known = ", ".join(sorted(SUFFIXES))
        _refuse(file, f"has no column with the paths of pictures ({known}): {_shown(body[0])}")
    rest = [column for column in range(width) if column != paths[0]]
    parts = [c for c in rest if len(rest) > 1 and all(value.lower() in _PARTS for value in values[c])]
    rest = [column for column in rest if column not in parts[:1]]
    named = [c for name in _LABEL_NAMES for c in rest if head[c].strip().lower().startswith(name)]
    if not named and len(rest) > 1:
        _refuse(
            file, f"has several columns that may be the class; name one of them “label” in a header: {_shown(head)}"
        )
    return paths[0], (named or rest)[0], parts[0] if parts else None


def _is_picture(value: str) -> bool:
    return os.path.splitext(value)[1].lower() in SUFFIXES


def _is_header(row: Sequence[str], columns: tuple[int, int, int | None], file: Path) -> bool:
    value = row[columns[0]].strip()
    return not _is_picture(value) and not _resolved(value, file).is_file()


def _resolved(path: str, table: Path) -> Path:
    """Beside the table, ``~`` and ``..`` resolved. Links stay: they name the picture."""
    try:
        place = Path(path.replace("\\", "/") if os.sep == "/" and "/" not in path else path).expanduser()
    except RuntimeError:
        place = Path(path)
    return Path(os.path.normpath(table.parent / place))


def _listing(table: Table, test: bool) -> ClassFolders:
    """The files of the parts that train, or those of test, with the classes of those that train."""
    is_split = any(table.parts)
    if test and "test" not in table.parts:
        _refuse(table.file, "has no row with the part test")
    used = [i for i, part in enumerate(table.parts) if part != "test"]
    classes = sorted({table.labels[i] for i in used}, key=natural)
    if len(classes) < 2:
        what = f"only one class, {classes[0]!r}" if classes else "no rows to train on"
        _refuse(table.file, f"holds {what}; learning needs at least two")
    trained = {table.labels[i] for i in used if table.parts[i] != "validation"}
    chosen = [i for i, part in enumerate(table.parts) if part == "test"] if test else used
    for i in chosen:
        if table.labels[i] not in trained:
            _refuse(table.file, f"has the class {table.labels[i]!r} in {table.parts[i]} but not in train")
    for path, times in Counter(table.paths[i] for i in chosen).most_common(1):
        if times > 1:
            labels_given = sorted({table.labels[i] for i in chosen if table.paths[i] == path}, key=natural)
            given = f", as {' and '.join(map(repr, labels_given[:3]))}" if len(labels_given) > 1 else ""
            _refuse(table.file, f"names {path} more than once{given}; leave one of the rows")
    index = {name: number for number, name in enumerate(classes)}
    labels = np.array([index[table.labels[i]] for i in chosen], np.int64)
    held = np.array([table.parts[i] == "validation" for i in chosen], np.bool_)
    has_validation = is_split and not test and "validation" in table.parts
    outside = table.outside
    note = ""
    if outside:
        note = f"{grouped(len(outside))} of the pictures lie outside of {table.file.parent}: {paths_text(outside, 3)}."
    files = tuple(table.paths[i] for i in chosen)
    return ClassFolders(table.file.parent, tuple(classes), files, labels, held if has_validation else None, note)


def _shown(row: Sequence[str]) -> str:
    text = " | ".join(row)
    return repr(text if len(text) <= 80 else text[:79] + "…")


def _refuse(file: Path, what: str) -> NoReturn:
    raise WorkbenchError(f"{file} {what}.", "data.source.file")
