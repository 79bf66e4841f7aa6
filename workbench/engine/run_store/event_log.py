"""The log of a run: one line of JSON for each event, complete again as soon as a full disk has room."""

from __future__ import annotations

import contextlib
from collections import deque
from pathlib import Path

from workbench.engine.core.atomic_write import append_whole
from workbench.engine.core.errors import WorkbenchError

#: At most this many lines are kept in memory, for a copy of the run in another place.
_KEPT = 20_000


class EventLog:
    """Appends lines to the file ``path``. What cannot be written is kept and tried again with the next line."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._size = -1  # known once the first line is written
        self._pending = bytearray()
        self._start = b""
        self._recent: deque[bytes] = deque(maxlen=_KEPT)
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
            self._pending = bytearray(self._start + b"".join(self._recent))
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
        return self._start + b"".join(self._recent)

    def _valid(self) -> int:
        """How many bytes of the file are whole lines; 0 if it has lost some."""
        size = self._path.stat().st_size if self._path.exists() else 0
        if self._size < 0:
            return size
        return self._size if size >= self._size else 0
