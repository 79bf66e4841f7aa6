"""What is wanted of the picture cache, and the state of each file."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from workbench.engine.pictures.decode import FULL, Fit, Header, Range

Bytes = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Entry:
    """One file: as it was on disk, and the checksum of its picture or the ``reason`` why there is none.

    A reason that may be ``passing`` (a drive, memory) is not believed the next time.
    """

    size: int
    changed: int
    checksum: int
    reason: str
    passing: bool
    width: int
    height: int
    mode: str

    @property
    def header(self) -> Header:
        return Header(self.width, self.height, self.mode)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which pictures: ``files`` below or near ``root`` in their order, squared by ``fit``, as uint8 (C, size, size).

    ``values`` are black and white in pictures of more than 8 bits.
    """

    root: Path
    part: str
    files: tuple[Path, ...]
    size: int
    gray: bool
    fit: Fit = "crop"
    values: Range = FULL

    @property
    def shape(self) -> tuple[int, int, int]:
        """The shape of one picture."""
        return (1 if self.gray else 3, self.size, self.size)

    @property
    def key(self) -> str:
        """The name of the cache, a hash of all but the files. Caches from before there was a choice hold crops."""
        rule: list[object] = [] if self.fit == "crop" else [self.fit]
        rule += [] if self.values == FULL else [self.values]
        words = json.dumps([os.fspath(self.root), self.part, self.size, self.gray, *rule])
        return hashlib.sha256(words.encode("utf-8", "surrogateescape")).hexdigest()[:24]


@dataclass(frozen=True, slots=True, eq=False)
class Decoded:
    """``pictures``: the readable ones in order, uint8 (kept, C, size, size). ``entries``: one for each file."""

    pictures: Bytes
    entries: tuple[Entry, ...]
    #: Why nothing could be kept for the next time; empty if all is well.
    trouble: str = ""


#: Size in bytes and time of change in nanoseconds.
Status = tuple[int, int]


def file_statuses(files: Sequence[Path]) -> list[Status]:
    """``file_status`` of each file."""
    return [file_status(file) for file in files]


def file_status(file: Path) -> Status:
    """Size and time of change of ``file``; (-1, -1) if there is no such file."""
    try:
        status = os.stat(file)
    except (OSError, ValueError):
        return (-1, -1)
    return (status.st_size, status.st_mtime_ns)
