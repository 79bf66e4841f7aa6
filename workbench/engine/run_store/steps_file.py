"""The step columns of a run on disk: one line of JSON that says what they are, then the rows as float64."""

from __future__ import annotations

import json
import zlib
from pathlib import Path
from typing import NamedTuple

import numpy as np

from workbench.engine.core.atomic_write import append_whole
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.step_store import COLUMNS, Floats, StepStore

NAME = "steps.bin"


class Figures(NamedTuple):
    """The first ``size`` bytes of the file, and their CRC-32: it notices a flipped bit and is as cheap as copying."""

    size: int
    crc: int


class StepsFile:
    """Appends the steps of a run that are not on disk yet."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / NAME
        self._size = self._head = 0
        self._next = 0  # the step of the next row
        self._crc: int | None = 0  # of what is on the disk; None where that is to be found out
        #: Whether rows could not be written.
        self.is_due = False

    @classmethod
    def reopened(cls, folder: Path, count: int, written: Figures | None = None) -> StepsFile:
        """The file in ``folder`` up to the step ``count``; what is behind is gone with the next rows.

        ``written`` is what the manifest says of it: where that ends at the same row, a changed one stays a changed one.
        """
        made = cls(folder)
        try:
            first, rows = read_steps_from(folder)
        except (WorkbenchError, ValueError, KeyError, TypeError):
            return made  # it is written anew
        made._next = max(first, min(count, first + len(rows)))
        with made.path.open("rb") as file:
            made._head = len(file.readline())
        made._size = made._head + (made._next - first) * _ROW
        made._crc = written.crc if written is not None and written.size == made._size else None
        return made

    @property
    def rows(self) -> tuple[int, Floats]:
        """The step of the first row, and the rows that are on the disk; none where they cannot be read."""
        try:
            first, rows = read_steps_from(self.path.parent)
        except WorkbenchError:
            return 0, np.empty((0, len(COLUMNS)))
        return first, rows[: max(0, self._next - first)]

    @property
    def is_empty(self) -> bool:
        """Whether nothing was written yet."""
        return not self._size

    @property
    def is_whole(self) -> bool:
        """Whether the file on the disk has every row that was to be written."""
        return not self.is_due and (not self._size or _size(self.path) == self._size)

    def append(self, steps: StepStore, stop: int | None = None) -> None:
        """Write the rows up to the step ``stop`` (all) that are not there yet. Raises CannotWrite."""
        if _size(self.path) < self._size:  # the file is gone
            self._size = self._next = self._crc = 0
        self.is_due = True
        first, rows = steps.read(self._next, stop)
        head = b""
        if not self._size:
            head = _head(first)
            self._head = len(head)
        data = head + rows.astype("<f8").tobytes()
        before = self._crc if self._crc is not None else _crc_of(self.path, self._size)
        self._size = append_whole(self.path, self._size, data)
        self._crc = zlib.crc32(data, before)
        self._next, self.is_due = first + len(rows), False

    def overwrites(self, written: Figures | None) -> bool:
        """Whether the next rows take the place of some that are ``written``."""
        return written is not None and min(self._size, _size(self.path)) < written.size

    def cut(self, count: int) -> None:
        """Have the rows from the step ``count`` on overwritten by the next ones."""
        if count < self._next:
            self._size = max(self._head, self._size - (self._next - count) * _ROW)
            self._next, self._crc = count, None

    @property
    def written(self) -> Figures | None:
        """What the file holds by now, for the manifest; None before the first row and while rows are due."""
        return None if self.is_empty or self.is_due or self._crc is None else Figures(self._size, self._crc)


_ROW = 8 * len(COLUMNS)


def _head(first: int) -> bytes:
    said = {"columns": COLUMNS, "dtype": "<f8"} | ({"first": first} if first else {})
    return json.dumps(said).encode() + b"\n"


def read_steps_from(folder: Path) -> tuple[int, Floats]:
    """The 0-based step of the first row (a fork begins later than at 0), and the rows (steps, len(COLUMNS)).

    A torn last row is dropped. Raises WorkbenchError.
    """
    path = folder / NAME
    try:
        data = path.read_bytes()
    except OSError as error:
        raise WorkbenchError(f"Cannot read {path}: {error.strerror or error}.") from None
    head, _, body = data.partition(b"\n")
    try:
        said = json.loads(head)
        columns, first = len(said["columns"]), int(said.get("first", 0))
    except (ValueError, KeyError, TypeError, AttributeError):
        raise WorkbenchError(f"{path} is damaged: it does not begin as the steps of a run do.") from None
    whole = len(body) // (8 * columns)
    return first, np.frombuffer(body[: whole * 8 * columns], "<f8").reshape(whole, columns).astype(np.float64)


def _crc_of(path: Path, size: int) -> int:
    """The CRC-32 of the first ``size`` bytes; 0 of a file that cannot be read."""
    try:
        with path.open("rb") as file:
            return zlib.crc32(file.read(size))
    except OSError:
        return 0


def figures_trouble(folder: Path, written: Figures | None) -> str:
    """A sentence if the rows in ``folder`` are not those that were ``written``; empty if they are, or nobody knows."""
    if written is None or _size(folder / NAME) < written.size or _crc_of(folder / NAME, written.size) == written.crc:
        return ""
    return f"The figures of the steps are not those that the run has written: {NAME} was changed or is damaged."


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return -1
