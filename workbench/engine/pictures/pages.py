"""Files with several pictures in them, of which only the first is used: TIFF stacks, animations."""

from __future__ import annotations

import functools
import os
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import BinaryIO, Final

from workbench.engine.core.text import counted, grouped, paths_text
from workbench.engine.pictures.channels import has_more
from workbench.engine.pictures.decode import Unreadable, has_pages
from workbench.engine.pictures.request import Status, file_status

_SUFFIXES: Final = frozenset({".tif", ".tiff", ".gif", ".webp"})
#: Their chunks are read up to the first of pixels, and no file is opened as a picture.
_ANIMATED: Final = frozenset({".png", ".apng"})
_START: Final = b"\x89PNG\r\n\x1a\n"
#: Maximum number of files of either kind that are checked, and of chunks that are read of one.
_MOST: Final = 500
_CHUNKS: Final = 64


def pages_text(files: Sequence[Path], root: Path) -> str:
    """A sentence on the files of which only the first page is used; empty if there are none."""
    kinds = [list(islice(_with_suffix(files, suffixes), _MOST)) for suffixes in (_SUFFIXES, _ANIMATED)]
    paged = _paged(tuple((file, file_status(file)) for file in chain(*kinds)))
    if not paged:
        return ""
    names = [file.relative_to(root).as_posix() if file.is_relative_to(root) else str(file) for file in paged]
    of = f" Only the first {grouped(_MOST)} were examined." if any(len(kind) == _MOST for kind in kinds) else ""
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


def _with_suffix(files: Iterable[Path], suffixes: Collection[str]) -> Iterator[Path]:
    return (file for file in files if file.suffix.lower() in suffixes)


def _has_pages(file: Path) -> bool:
    try:
        return _is_animated(file) if file.suffix.lower() in _ANIMATED else has_pages(file)
    except Unreadable:
        return False


def _is_animated(file: Path) -> bool:
    """Whether a PNG file has several frames: the chunk acTL with their number comes before the first of pixels (PNG
    specification, third edition)."""
    try:
        with file.open("rb") as stream:
            return stream.read(len(_START)) == _START and _frames(stream) > 1
    except OSError:
        return False


def _frames(stream: BinaryIO) -> int:
    """The number of frames that acTL gives behind the start of a PNG file; 0 without."""
    for _ in range(_CHUNKS):
        head = stream.read(8)
        size, kind = int.from_bytes(head[:4], "big"), head[4:]
        if kind == b"acTL":
            return int.from_bytes(stream.read(4), "big")
        if len(kind) < 4 or kind == b"IDAT":
            break
        stream.seek(size + 4, os.SEEK_CUR)
    return 0
