"""Decodes one file for the cache."""

from __future__ import annotations

import os
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from workbench.engine.pictures.cache_file import CacheFile
from workbench.engine.pictures.decode import Unreadable, read_both
from workbench.engine.pictures.request import Bytes, Entry, Status, Wanted

#: The entry of a file, and its picture as uint8 (C, size, size) if it can be read.
Picture = tuple[Entry, Bytes | None]


def decode_entry(file: Path, status: Status, wanted: Wanted) -> Picture:
    """Never raises for a file: whatever is wrong is the reason why it is unreadable."""
    try:
        header, picture = read_both(file, wanted.size, wanted.gray, wanted.fit, wanted.values)
    except Unreadable as error:
        return Entry(*status, 0, str(error), error.passing, 0, 0, ""), None
    picture = np.ascontiguousarray(picture)
    return Entry(*status, zlib.crc32(picture.data), "", False, header.width, header.height, header.mode), picture


def gains(wanted: Wanted, statuses: Sequence[Status], old: CacheFile | None, entries: Mapping[str, Entry]) -> bool:
    """Whether the entries so far save more decoding the next time than those of ``old``, which they would replace."""
    known = old.entries if old is not None else {}
    new = sum(known.get(name) != entry for name, entry in entries.items())
    rest = zip(wanted.files[len(entries) :], statuses[len(entries) :], strict=True)
    asked = ((known.get(os.fspath(file)), status) for file, status in rest)
    return new > sum(entry is not None and (entry.size, entry.changed) == status for entry, status in asked)
