"""Pictures of a table that are there in a form that is not read: DICOM, camera raw, HEIC."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Final

from workbench.engine.catalog.datasets.tables.table_error import refuse
from workbench.engine.core.text import paths_text
from workbench.engine.pictures.folder_scans import FolderScans
from workbench.engine.pictures.picture_kinds import NO_PICTURES, SUFFIXES, advice, is_unread_picture, kind_of

#: The search looks so deep and at no more files than these.
_DEPTH, _MOST = 4, 100_000
#: Number of files whose first bytes are read.
_READ: Final = 3


def refuse_unread(table: Path, names: Sequence[str], base: Path, scans: FolderScans) -> None:
    """Raise WorkbenchError if the pictures that ``table`` names are below ``base`` and are not read: others outside of
    it that are called so are not meant then."""
    if words := unread_words(names, base, scans):
        way = "if they are there in another form too, choose that folder as the “Folder of the pictures”"
        refuse(table, f"{words}; {way}", "picture_folder")


def unread_words(names: Sequence[str], base: Path, scans: FolderScans) -> str:
    """What the files below ``base`` are that have the ``names`` (paths, with or without suffix) and are pictures of a
    kind that is not read, with the way out; empty if the first are none."""
    wanted = {os.path.basename(name) for name in names}
    wanted |= {os.path.splitext(name)[0] for name in wanted} - {""}
    files = islice(_files(base, 0, scans), _MOST)
    found = list(islice((file for file in files if file.stem in wanted or file.name in wanted), _READ))
    kinds = sorted({kind for file in found if is_unread_picture(kind := kind_of(file))})
    if not kinds:
        return ""
    shown = paths_text([file.relative_to(base).as_posix() for file in found])
    return f"names pictures as {shown} ({paths_text([advice(kind) for kind in kinds])})"


def _files(folder: Path, depth: int, scans: FolderScans) -> Iterator[Path]:
    """The files below ``folder`` whose names do not say what they are, or that they are no pictures."""
    try:
        items = scans.items(folder)
    except OSError:
        return
    for item in items:
        if item.is_folder and not item.is_hidden and depth < _DEPTH:
            yield from _files(folder / item.name, depth + 1, scans)
        elif item.is_file and not item.is_hidden and item.suffix not in SUFFIXES | NO_PICTURES:
            yield folder / item.name
