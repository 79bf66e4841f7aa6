"""Pictures that are there with other suffixes than a table has: ``1.png`` where it says ``1.jpg``."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Literal

from workbench.engine.catalog.datasets.tables.grid import LOOKED_AT
from workbench.engine.catalog.datasets.tables.places import Found, found_files, has_picture_suffix
from workbench.engine.catalog.datasets.understanding import Doubt, Reading
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.pictures.folder_scans import FolderScans

#: Whether the suffixes in a table count.
Suffixes = Literal["auto", "any"]


def without_suffixes(rows: Sequence[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """``rows`` whose cells have lost the suffixes of pictures."""
    return [tuple(map(_stem, row)) for row in rows]


def _stem(path: str) -> str:
    return path.rpartition(".")[0] if has_picture_suffix(path) else path


def with_other_suffixes(
    table: Path, paths: Sequence[str], hints: Sequence[frozenset[str]], base: Path, found: Found, scans: FolderScans
) -> Found | None:
    """The files below ``base`` that are called as ``paths`` but for their suffixes, if most are there and those that
    were ``found`` by their whole names are elsewhere; else None."""
    inside = f"{base}{os.sep}"
    own = sum(str(file).startswith(inside) for file in found.files) - found.missing
    if own > 0 or not any(map(has_picture_suffix, paths[:LOOKED_AT])):
        return None
    with suppress(WorkbenchError):
        files = found_files(table, list(map(_stem, paths)), hints, base, scans)
        there = [file for file in files.files[:LOOKED_AT] if str(file).startswith(inside) and file.is_file()]
        is_most = 2 * len(there) > len(files.files[:LOOKED_AT])
        return replace(files, notes=(), folders=(), beside=None) if is_most else None
    return None


def suffixes_doubt(table: Path, paths: Sequence[str], own: Found, elsewhere: Sequence[Doubt]) -> Doubt:
    """The question whether the files ``own`` are meant; ``elsewhere`` are those on files that ``paths`` name."""
    named, file = next((path, file) for path, file in zip(paths, own.files, strict=True) if file.is_file())
    where = file.relative_to(table.parent).as_posix() if file.is_relative_to(table.parent) else str(file)
    text = f"{table.name} names {named}, which is not in its folder: {where} is, and so are others with other suffixes."
    text = " ".join([text, *(each.sentence for each in elsewhere)])
    use = Reading(f"The pictures are those with other suffixes, as {where}", (("suffixes", "any"),))
    return Doubt("classes", text, (use, *(reading for each in elsewhere for reading in each.readings)))
