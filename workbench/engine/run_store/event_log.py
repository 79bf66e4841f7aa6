"""The log of a run: one line of JSON for each event, complete again as soon as a full disk has room."""

from __future__ import annotations

import contextlib
import zlib
from collections import deque
from pathlib import Path

from workbench.engine.core.atomic_write import append_whole
from workbench.engine.core.errors import WorkbenchError

#: At most about so many compressed bytes of lines are kept in memory, for a copy of the run in another place; that is
#: over 1500 evaluations. Lines are compressed together, so many bytes at a time.
_KEPT = 256 << 10
_TOGETHER = 32 << 10


class _KeptLines:
    """The newest lines, compressed."""

    def __init__(self) -> None:
        self._packed: deque[bytes] = deque()
        self._open = bytearray()

    def append(self, line: bytes) -> None:
        self._open += line
        if len(self._open) < _TOGETHER:
            return
        self._packed.append(zlib.compress(self._open))
        self._open = bytearray()
        while self.nbytes > _KEPT:
            self._packed.popleft()

    @property
    def nbytes(self) -> int:
        """The memory of the lines, in bytes."""
        return len(self._open) + sum(map(len, self._packed))

    def text(self) -> bytes:
        """All of them, the oldest first."""
        return b"".join([*map(zlib.decompress, self._packed), self._open])


class EventLog:
    """Appends lines to the file ``path``. What cannot be written is kept and tried again with the next line."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._size = -1  # known once the first line is written
        self._pending = bytearray()
        self._start = b""
        self._recent = _KeptLines()
        #: Why the last line could not be written; empty if it was.
        self.trouble = ""

    def append(self, text: str) -> None:
        """Add one line. A failure becomes ``trouble``."""
        line = f"{text}\n".encode()
        if self._start:
            self._recent.append(line)
        self._start = self._start or line
        self._pending += line
        self.write_pending()

    def write_pending(self) -> None:
        """Write what could not be written before."""
        if not self._pending:
            return
        valid = self._valid()
        if self._size > valid:  # the file is gone
            self._pending = bytearray(self._start + self._recent.text())
        try:
            self._size = append_whole(self._path, valid, bytes(self._pending))
        except WorkbenchError as error:
            self.trouble = error.message
        else:
            self._pending.clear()
            self.trouble = ""

    @property
    def is_whole(self) -> bool:
        """Whether the file on the disk has everything that was logged."""
        try:
            return not self._pending and (self._size < 0 or self._path.stat().st_size == self._size)
        except OSError:
            return False

    def lines(self) -> bytes:
        """The log so far: the file where it is whole, else what is kept in memory."""
        with contextlib.suppress(OSError):
            if self.is_whole and self._size >= 0:
                return self._path.read_bytes()
        return self._start + self._recent.text()

    def _valid(self) -> int:
        """How many bytes of the file are whole lines; 0 if it has lost some."""
        size = self._path.stat().st_size if self._path.exists() else 0
        if self._size < 0:
            return size
        return self._size if size >= self._size else 0
