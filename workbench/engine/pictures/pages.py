"""Files with several pictures in them, of which only the first is used: TIFF stacks, animations."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from workbench.engine.core.text import counted, grouped, paths_text
from workbench.engine.pictures.channels import has_more
from workbench.engine.pictures.decode import Unreadable, has_pages
from workbench.engine.pictures.request import Status, file_status

_SUFFIXES: Final = frozenset({".tif", ".tiff", ".gif", ".webp"})
#: Maximum number of files that are checked.
_MOST: Final = 500


def pages_text(files: Sequence[Path], root: Path) -> str:
    """A sentence on the files of which only the first page is used; empty if there are none."""
    looked_at = [file for file in files if file.suffix.lower() in _SUFFIXES][:_MOST]
    paged = _paged(tuple((file, file_status(file)) for file in looked_at))
    if not paged:
        return ""
    names = [file.relative_to(root).as_posix() if file.is_relative_to(root) else str(file) for file in paged]
    of = f" Only the first {grouped(_MOST)} were examined." if len(looked_at) == _MOST else ""
    have = counted(len(paged), "file has", "files have")
    return f"{have} several pages; only the first page is used: {paths_text(names, 3)}.{of}"


def channels_text(files: Sequence[Path]) -> str:
    """A sentence on the files with a channel that is neither colour nor transparency; empty if there are none."""
    looked_at = [file for file in files if file.suffix.lower() in (".tif", ".tiff")][:_MOST]
    more = _with_more(tuple((file, file_status(file)) for file in looked_at))
    if not more:
        return ""
    have = counted(len(more), "file has", "files have")
    return f"{have} a fourth channel, which is not used (more than three channels are not supported)."


@functools.lru_cache(maxsize=16)
def _with_more(files: tuple[tuple[Path, Status], ...]) -> tuple[Path, ...]:
    return tuple(file for file, _ in files if has_more(file))


@functools.lru_cache(maxsize=16)
def _paged(files: tuple[tuple[Path, Status], ...]) -> tuple[Path, ...]:
    return tuple(file for file, _ in files if _has_pages(file))


def _has_pages(file: Path) -> bool:
    try:
        return has_pages(file)
    except Unreadable:
        return False
