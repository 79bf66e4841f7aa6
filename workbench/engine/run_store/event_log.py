"""The log of a run: one line of JSON for each event, complete again as soon as a full disk has room."""

from __future__ import annotations

import contextlib
import zlib
from collections import deque
from pathlib import Path

from workbench.engine.core.atomic_write import append_whole, write_whole
from workbench.engine.core.errors import WorkbenchError

#: At most about this many compressed bytes of lines are kept in memory, for a copy of the run in another place; that
#: is over 1500 evaluations.
_KEPT = 256 << 10
#: Lines are compressed together, this many bytes at a time.
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
    """Appends lines to the file ``path``. What cannot be written is kept and tried again with the next line.

    ``head`` are the whole lines that stay of a log that is there; the rest of it is gone with the first new line,
    which is written together with them, so that no crash leaves the one without the other.
    """

    def __init__(self, path: Path, head: bytes | None = None) -> None:
        self._path = path
        self._size = -1  # known once the first line is written
        self._pending = bytearray()
        self._start = b""
        self._recent = _KeptLines()
        self._head = head
        #: The number of bytes of all lines so far, those that could not be written yet too.
        self.position = 0
        #: Why the last line could not be written; empty if it was.
        self.trouble = ""
        for line in (head or b"").splitlines(keepends=True):
            self._remember(line)

    @property
    def has_start(self) -> bool:
        """Whether there is a line."""
        return bool(self._start)

    @property
    def start(self) -> bytes:
        """The first line; empty without one."""
        return self._start

    def append(self, text: str) -> None:
        """Add one line. A failure becomes ``trouble``."""
        line = f"{text}\n".encode()
        self._remember(line)
        self._pending += line
        self.write_pending()

    def cut(self, head: bytes) -> None:
        """From now on the log is ``head``, whole lines, and what is appended. A failure becomes ``trouble``."""
        fresh = EventLog(self._path, head)
        self._start, self._recent, self.position = fresh._start, fresh._recent, fresh.position
        self._pending.clear()
        try:
            write_whole(self._path, head)
            self._size, self._head = len(head), None
        except WorkbenchError as error:  # it is tried again with the next line
            self._head, self.trouble = head, error.message

    def write_pending(self) -> None:
        """Write what could not be written before."""
        if not self._pending:
            return
        try:
            if self._head is not None:
                write_whole(self._path, self._head + self._pending)
                self._size, self._head = len(self._head) + len(self._pending), None
            else:
                self._append()
        except WorkbenchError as error:
            self.trouble = error.message
        else:
            self._pending.clear()
            self.trouble = ""

    @property
    def is_untouched(self) -> bool:
        """Whether the file of a run that is to go on is as it was found: nothing was written to it yet."""
        return self._head is not None and self._size < 0 and not self._pending

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

    def _remember(self, line: bytes) -> None:
        if self._start:
            self._recent.append(line)
        self._start = self._start or line
        self.position += len(line)

    def _append(self) -> None:
        valid = self._valid()
        if self._size > valid:  # the file is gone
            self._pending = bytearray(self._start + self._recent.text())
        self._size = append_whole(self._path, valid, bytes(self._pending))

    def _valid(self) -> int:
        """How many bytes of the file are whole lines; 0 if it has lost some."""
        size = self._path.stat().st_size if self._path.exists() else 0
        if self._size < 0:
            return size
        return self._size if size >= self._size else 0
