"""What a table beside pictures without classes would need to be opened, as far as one of its settings opens it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from workbench.engine.catalog.datasets.folders.other_tasks import is_of_create_ml
from workbench.engine.catalog.datasets.table import PictureTable
from workbench.engine.catalog.datasets.tables.grid import read_rows
from workbench.engine.catalog.datasets.tables.table_files import may_be_table
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.data.detect_tables import may_be_training
from workbench.engine.pictures.folder_scans import FolderScans
from workbench.engine.pictures.folder_tree import read_tree
from workbench.engine.pictures.part_names import parts_of

#: What each setting that a refusal names is tried with, beside the columns of the table.
_VALUES: Final[dict[str, tuple[tuple[str, str], ...]]] = {
    "repeated": (("repeated", "leave_out"),),
    "validation_value": (("part_column", "none"),),
    "validation_table": (("validation_table", "none"),),
    "test_table": (("test_table", "none"),),
}
#: Errors about these are of the whole table.
_OF_FILES: Final = ("", "data.source.file")
_COLUMNS: Final = ("class_column", "path_column")
#: Of more columns only the first are tried.
_TRIED: Final = 40


def unusable_tables(folder: Path, scans: FolderScans) -> tuple[str, Path | None]:
    """Why the tables in ``folder`` do not give its pictures their classes either, empty without tables; and the table
    to open, if one of its settings mends it. A table that names no pictures is not spoken of where there are none."""
    said = ""
    for file in _tables(folder, scans):
        try:
            PictureTable(file=str(file)).found(False, scans)
        except WorkbenchError as error:
            if _is_mended(file, error.path.rpartition(".")[2], scans):
                why = error.message.removeprefix(str(file)).strip()
                return f" Open {file} instead, which needs a setting of its own: it {why}", file
            if error.path in _OF_FILES or read_tree(folder, scans, lambda *_: False).total:
                said = said or f" The table beside them cannot be used either: {error.message}"
    return said, None


def _tables(folder: Path, scans: FolderScans) -> Iterator[Path]:
    """The tables in ``folder`` and in those of its parts, those for training first."""
    visible = [item for item in scans.items(folder) if not item.is_hidden]
    parts = parts_of([item.name for item in visible if item.is_folder])
    trained_first = sorted(parts, key=lambda name: parts[name] != "train")
    files = sorted((folder / item.name for item in visible if item.is_file), key=lambda file: not may_be_training(file))
    below = (folder / n / item.name for n in trained_first for item in scans.items(folder / n) if item.is_file)
    yield from (file for file in (*files, *below) if may_be_table(file) and not is_of_create_ml(file))


def _is_mended(file: Path, field: str, scans: FolderScans) -> bool:
    """Whether a value of the setting ``field`` makes ``file`` one that can be used."""
    return any(_opens(file, dict([each]), scans) for each in _candidates(file, field))


def _candidates(file: Path, field: str) -> Iterator[tuple[str, str]]:
    yield from _VALUES.get(field, ())
    if field in _COLUMNS:
        width = max(map(len, read_rows(file)[0]))
        yield from ((field, str(number + 1)) for number in range(min(width, _TRIED)))


def _opens(file: Path, settings: dict[str, Any], scans: FolderScans) -> bool:
    """Whether the table can be used with ``settings``, and its classes have two pictures on average."""
    try:
        found = PictureTable(file=str(file), **settings).found(False, scans)
    except WorkbenchError:
        return False
    return 2 * len(found.classes) <= len(found.files)
