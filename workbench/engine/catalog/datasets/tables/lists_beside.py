"""Lists of pictures beside a table (``train.txt``, ``val.txt``): the parts of its pictures, if no column says them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

from workbench.engine.catalog.datasets.folders.choices import LISTS
from workbench.engine.catalog.datasets.tables.grid import read_rows
from workbench.engine.catalog.datasets.tables.parts import LEFT_OUT, NOT_USED
from workbench.engine.catalog.datasets.tables.reading import TableReading
from workbench.engine.catalog.datasets.tables.repeats import with_rows
from workbench.engine.catalog.datasets.understanding import Fact
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.text import counted, grouped, paths_text
from workbench.engine.pictures.folder_scans import FolderScans
from workbench.engine.pictures.part_names import parts_of

_FOR: Final = {"train": "for training", "validation": "for validation", "test": "for a last test"}


def by_lists(reading: TableReading, scans: FolderScans) -> TableReading:
    """``reading`` in the parts of the lists beside its table, if they name pictures of it alone, each once.

    Pictures in none of them are left out.
    """
    lists = _lists(reading.table, scans)
    parts = _parts(reading, lists) if lists else None
    if parts is None:
        return reading
    counts = Counter(parts)
    said = ", ".join(f"{grouped(counts[part])} {words}" for part, words in _FOR.items() if counts[part])
    names = paths_text([file.name for file in lists.values()], 3)
    fact = Fact("parts", f"{names} give the split: {said}.", (NOT_USED,))
    facts = (*(each for each in reading.facts if each.subject != "parts"), fact)
    kept = [row for row, part in enumerate(parts) if part != LEFT_OUT]
    out = ((counted(counts[LEFT_OUT], "row"), f"in none of {names}"),) if counts[LEFT_OUT] else ()
    found = replace(
        reading, parts=tuple(parts), facts=facts, left_out=(*reading.left_out, *out), lists=(*lists.values(),)
    )
    passed = (file for file, part in zip(reading.files, parts, strict=True) if part == LEFT_OUT)
    return with_rows(replace(found, passed=(*reading.passed, *passed)), kept)


def _lists(table: Path, scans: FolderScans) -> dict[str, Path]:
    """The list of each part beside ``table``; none without one for training and one more, or with two for one part."""
    names = [item.name for item in scans.items(table.parent) if item.is_file and item.name.lower().endswith(LISTS)]
    meant = parts_of([Path(name).stem for name in names])
    found = {meant[Path(name).stem]: table.parent / name for name in names if Path(name).stem in meant}
    are_parts = "train" in found and len(found) > 1 and len(meant) == len(found)
    return found if are_parts and table not in found.values() else {}


def _parts(reading: TableReading, lists: Mapping[str, Path]) -> list[str] | None:
    """The part of each row; None where a list names what is no picture of the table, or one picture is in two."""
    rows: defaultdict[str, list[int]] = defaultdict(list)
    for row, file in enumerate(reading.files):
        for name in {file.name, file.stem}:
            rows[name].append(row)
    parts = [LEFT_OUT] * len(reading.files)
    try:
        for part, file in lists.items():
            for name in _named(file):
                (row,) = rows[Path(name).name]
                if parts[row] not in (LEFT_OUT, part):
                    return None
                parts[row] = part
    except (ValueError, WorkbenchError):
        return None
    return parts


def _named(file: Path) -> Iterator[str]:
    return (row[0].replace("\\", "/") for row in read_rows(file)[0])
