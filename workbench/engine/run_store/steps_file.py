"""The step columns of a run on disk: one line of JSON that says what they are, then the rows as float64."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from workbench.engine.core.atomic_write import append_whole
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.step_store import COLUMNS, Floats, StepStore

NAME = "steps.bin"


class StepsFile:
    """Appends the steps of a run that are not on disk yet."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / NAME
        self._size = self._head = 0
        self._next = 0  # the step of the next row
        #: Whether rows could not be written.
        self.is_due = False

    @classmethod
    def reopened(cls, folder: Path, count: int) -> StepsFile:
        """The file in ``folder`` up to the step ``count``; what is behind is gone with the next rows."""
        made = cls(folder)
        try:
            first, rows = read_steps_from(folder)
        except (WorkbenchError, ValueError, KeyError, TypeError):
            return made  # it is written anew
        made._next = max(first, min(count, first + len(rows)))
        with made.path.open("rb") as file:
            made._head = len(file.readline())
        made._size = made._head + (made._next - first) * _ROW
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
            self._size = self._next = 0
        self.is_due = True
        first, rows = steps.read(self._next, stop)
        head = b""
        if not self._size:
            head = _head(first)
            self._head = len(head)
        self._size = append_whole(self.path, self._size, head + rows.astype("<f8").tobytes())
        self._next, self.is_due = first + len(rows), False

    def cut(self, count: int) -> None:
        """Have the rows from the step ``count`` on overwritten by the next ones."""
        if count < self._next:
            self._size = max(self._head, self._size - (self._next - count) * _ROW)
            self._next = count


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


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return -1
