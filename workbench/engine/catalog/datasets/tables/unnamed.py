"""Pictures that lie beside those of a table, and that the table does not name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from workbench.engine.core.text import counted
from workbench.engine.pictures.folder_scans import FolderScans
from workbench.engine.pictures.picture_kinds import SUFFIXES

#: In more folders than these it is not looked.
_MOST: Final = 500


def unnamed(table: Path, files: Sequence[Path], scans: FolderScans) -> Iterator[tuple[str, str]]:
    """What is left out for that reason, of each folder of ``files``: in words, with the reason."""
    folders = Counter(file.parent for file in files)
    known = set(files)
    for folder in list(folders)[:_MOST]:
        count = sum(folder / name not in known for name in _pictures(folder, scans))
        if count:
            where = folder.relative_to(table.parent).as_posix() if folder.is_relative_to(table.parent) else str(folder)
            what = counted(count, "picture")
            yield (what if where == "." else f"{what} in {where}"), f"not named in {table.name}"


def _pictures(folder: Path, scans: FolderScans) -> Iterator[str]:
    try:
        items = scans.items(folder)
    except OSError:
        return
    yield from (item.name for item in items if item.is_file and not item.is_hidden and item.suffix in SUFFIXES)
