"""Blocks of bytes in a temporary file: what is seldom read need not be in memory."""

from __future__ import annotations

import tempfile
import threading
import weakref
from io import RawIOBase
from pathlib import Path
from typing import cast


class BlockFile:
    """Slots of ``size`` bytes in a file without a name in ``folder``, made with the first block and gone with this.

    Any thread may read and write. Nothing is raised: where the disk refuses, ``write`` says so and ``read`` gives None.
    """

    def __init__(self, folder: Path, size: int) -> None:
        self._folder, self._size = folder, size
        self._file: RawIOBase | None = None
        self._lock = threading.Lock()

    def write(self, slot: int, data: bytes) -> bool:
        """Put ``data`` (``size`` bytes) into a slot; False if it could not be written whole."""
        try:
            with self._lock:
                file = self._opened()
                file.seek(slot * self._size)
                rest = memoryview(data)
                while rest and (written := file.write(rest)):
                    rest = rest[written:]
        except OSError:
            return False
        return not rest

    def read(self, slot: int) -> bytes | None:
        """The bytes of a slot; None if they cannot be read."""
        try:
            with self._lock:
                file = self._opened()
                file.seek(slot * self._size)
                data = file.read(self._size)
        except OSError:
            return None
        return data if data is not None and len(data) == self._size else None

    def _opened(self) -> RawIOBase:
        if self._file is None:
            made = tempfile.TemporaryFile(buffering=0, prefix=".", suffix=".tmp", dir=self._folder)  # noqa: SIM115
            weakref.finalize(self, made.close)
            self._file = cast("RawIOBase", made)
        return self._file
