"""Pictures of which some are still being decoded while a run trains on the others."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from workbench.engine.pictures.background_decoder import Arriving, Refused
from workbench.engine.pictures.cache_file import CacheFile, PictureWriter
from workbench.engine.pictures.decode_entry import decode_entry, gains
from workbench.engine.pictures.picture_memory import PictureMemory
from workbench.engine.pictures.request import Bytes, Decoded, Entry, Status, Wanted
from workbench.engine.pictures.turns import TURNS

#: Progress is passed on to others who wait at most this often (seconds).
REPORT_EVERY: Final = 0.1


class ArrivingPictures:
    """``pictures``, uint8 (N, C, size, size), is filled in the order of the files while ``arriving`` decodes.

    When the last has come, or it is closed, what is there is kept for the next time.
    """

    def __init__(
        self,
        wanted: Wanted,
        statuses: Sequence[Status],
        old: CacheFile | None,
        known: Sequence[Entry | None],
        refused: Refused,
        memory: PictureMemory | None = None,
    ) -> None:
        self._wanted, self._statuses, self._old, self._memory = wanted, statuses, old, memory
        self._held = contextlib.ExitStack()
        self._told = 0.0
        self._entries = list(known)
        self.pictures: Bytes = np.empty((len(wanted.files), *wanted.shape), np.uint8)
        for row, entry in enumerate(known):
            if entry is not None and old is not None:
                self.pictures[row] = old.picture(os.fspath(wanted.files[row]))
        done = np.array([entry is not None for entry in known], np.bool_)
        self.arriving = Arriving(wanted.files, done, self._decode, self._keep, refused)

    def hold(self, held: contextlib.ExitStack) -> None:
        """Close ``held`` at the end."""
        self._held = held

    def _decode(self, row: int) -> str:
        entry, picture = decode_entry(self._wanted.files[row], self._statuses[row], self._wanted)
        if picture is not None:
            self.pictures[row] = picture
        self._entries[row] = entry
        now = time.monotonic()
        if now - self._told > REPORT_EVERY:
            self._told = now
            TURNS.tell(self._wanted.key, self.arriving.progress())
        return entry.reason

    def _keep(self, done: npt.NDArray[np.bool_]) -> str:
        with self._held:
            rows = np.flatnonzero(done).tolist()
            names = [os.fspath(file) for file in self._wanted.files]
            entries = {names[row]: entry for row in rows if (entry := self._entries[row]) is not None}
            if len(rows) < len(names) and not gains(self._wanted, self._statuses, self._old, entries):
                return ""
            trouble = self._write([row for row in rows if not entries[names[row]].reason], entries)
            if self._memory is not None and all(entry is not None and not entry.reason for entry in self._entries):
                self._memory.put(self._wanted, Decoded(self.pictures, tuple(entries.values()), trouble))
            return trouble

    def _write(self, rows: Sequence[int], entries: dict[str, Entry]) -> str:
        """The pictures of ``rows`` into the cache; a sentence if they cannot be kept."""
        writer = PictureWriter(self._wanted, self.pictures)
        try:
            for row in rows:
                writer.add(self.pictures[row])
            writer.finished(entries)
        finally:
            writer.close()
        return writer.trouble
