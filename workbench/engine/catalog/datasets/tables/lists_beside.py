"""Lists of pictures beside a table (``train.txt``, ``splits/val.txt``, ``test_ids.csv``), or a table of their parts
(``split.csv``): the parts of its pictures, if no column says them."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Final

from workbench.engine.catalog.datasets.folders.choices import LISTS
from workbench.engine.catalog.datasets.tables.grid import read_rows
from workbench.engine.catalog.datasets.tables.parts import LEFT_OUT, NOT_USED, WORDS
from workbench.engine.catalog.datasets.tables.parts_of_files import in_parts
from workbench.engine.catalog.datasets.tables.reading import TableReading
from workbench.engine.catalog.datasets.understanding import Fact
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.text import grouped, paths_text
from workbench.engine.pictures.folder_scans import FolderScans
from workbench.engine.pictures.part_names import parts_of, plain_word

_FOR: Final = {"train": "for training", "validation": "for validation", "test": "for a last test"}
#: Folders of lists beside a table.
_SPLITS: Final = frozenset({"split", "splits", "lists", "partition", "partitions", "imagesets"})
_TABLES: Final = (".csv", ".tsv")
#: One list for training and validation: NIH's ``train_val_list.txt``.
_JOINED: Final = re.compile(r"(?i)train[-_ ]?val(?![a-z])")
_TRIED: Final = 6
_MAX_BYTES: Final = 5_000_000
#: Of each file the names in it with their parts.
_Said = Sequence[tuple[Path, dict[str, str]]]


def by_lists(reading: TableReading, scans: FolderScans) -> TableReading:
    """``reading`` in the parts of the lists beside its table, or of a table of parts there, if they name pictures of it
    alone, each once.

    Pictures in none of them are left out.
    """
    for lists in (*_lists(reading.table, scans), *_tables(reading.table, scans)):
        parts = _parts(reading, lists)
        if parts is not None:
            return _divided(reading, parts, [*dict.fromkeys(file for file, _ in lists)])
    return reading


def _divided(reading: TableReading, parts: Sequence[str], files: Sequence[Path]) -> TableReading:
    counts = Counter(parts)
    said = ", ".join(f"{grouped(counts[part])} {words}" for part, words in _FOR.items() if counts[part])
    names = paths_text([_shown(file, reading.table) for file in files], 3)
    fact = Fact("parts", f"{names} {'give' if len(files) > 1 else 'gives'} the split: {said}.", (NOT_USED,))
    return replace(in_parts(reading, parts, fact, f"in none of {names}"), lists=tuple(files))


def _shown(file: Path, table: Path) -> str:
    return file.relative_to(table.parent).as_posix()


def _lists(table: Path, scans: FolderScans) -> Iterator[_Said]:
    """The names in the list of each part beside ``table`` or in a folder of splits there; none without a list for
    training and one more, or with two for one part."""
    for folder in (table.parent, *_folders(table.parent, scans)):
        names = {
            _JOINED.sub("trainval", Path(name).stem): folder / name
            for name in _names(folder, scans, (*LISTS, *_TABLES))
            if Path(name).suffix.lower() in LISTS or _is_list(folder / name)
        }
        meant = parts_of([*names])
        found = {meant[stem]: file for stem, file in names.items() if stem in meant}
        if "train" in found and len(found) > 1 and len(meant) == len(found) and table not in found.values():
            with suppress(WorkbenchError):
                yield [(file, dict.fromkeys(_column(file), part)) for part, file in found.items()]


def _tables(table: Path, scans: FolderScans) -> Iterator[_Said]:
    """The parts of the names in each small table beside ``table`` that has a column of words for training and another
    part, by each other column that may name pictures."""
    for file in [table.parent / name for name in _names(table.parent, scans, _TABLES)][:_TRIED]:
        with suppress(WorkbenchError, OSError):
            if file != table and file.stat().st_size <= _MAX_BYTES:
                for names in _of_columns(read_rows(file)[0]):
                    yield [(file, names)]


def _of_columns(rows: Sequence[Sequence[str]]) -> Iterator[dict[str, str]]:
    width = min(map(len, rows), default=0)
    for column in range(width):
        words = [plain_word(row[column].strip()) for row in rows[1:]]
        parts = [WORDS.get(word, "") for word in words]
        if all(parts) and "train" in parts and len(set(parts)) > 1:
            for other in (each for each in range(width) if each != column):
                yield {row[other]: part for row, part in zip(rows[1:], parts, strict=True)}


def _folders(folder: Path, scans: FolderScans) -> list[Path]:
    names = [item.name for item in scans.items(folder) if item.is_folder and plain_word(item.name) in _SPLITS]
    return [folder / name for name in names]


def _names(folder: Path, scans: FolderScans, suffixes: tuple[str, ...]) -> list[str]:
    with suppress(OSError):
        items = scans.items(folder)
        return sorted(item.name for item in items if item.is_file and item.name.lower().endswith(suffixes))
    return []


def _is_list(file: Path) -> bool:
    """Whether a table has one column alone: names of pictures."""
    with suppress(WorkbenchError, OSError):
        return file.stat().st_size <= _MAX_BYTES and all(len(row) == 1 for row in read_rows(file)[0])
    return False


def _column(file: Path) -> list[str]:
    return [row[0] for row in read_rows(file)[0]]


def _parts(reading: TableReading, lists: _Said) -> list[str] | None:
    """The part of each row; None where what is named is no picture of the table, but for the head of a list, or one
    picture is in two parts."""
    rows: defaultdict[str, list[int]] = defaultdict(list)
    for row, file in enumerate(reading.files):
        for name in {file.name, file.stem}:
            rows[name].append(row)
    parts = [LEFT_OUT] * len(reading.files)
    for file, names in lists:
        for number, (name, part) in enumerate(names.items()):
            found = rows[PurePosixPath(name.replace("\\", "/")).name]
            if not found and not number and file.suffix.lower() in _TABLES:
                continue
            if len(found) != 1 or parts[found[0]] not in (LEFT_OUT, part):
                return None
            parts[found[0]] = part
    return parts if "train" in parts else None
