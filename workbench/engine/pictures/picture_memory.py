"""The decoded pictures that are in memory, so that several readers of the same files share one array."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from workbench.engine.core.array_holder import ArrayHolder
from workbench.engine.pictures.request import Bytes, Decoded, Status, Wanted

_NONE = np.empty(0, np.uint8)


class PictureMemory:
    """Remembers the training pictures that were decoded last. Thread-safe."""

    def __init__(self, holder: ArrayHolder) -> None:
        self._holder = holder
        self._lock = threading.Lock()
        self._latest: tuple[Wanted, Decoded, weakref.ref[Bytes]] | None = None

    def get(self, wanted: Wanted, statuses: Sequence[Status]) -> Decoded | None:
        """The pictures of ``wanted`` if they are in memory and no file has another size or time of change since.

        If not, what is in memory is released: other pictures are about to be loaded.
        """
        if wanted.part != "train":
            return None
        with self._lock:
            if self._latest is not None and self._latest[0] == wanted:
                _, decoded, reference = self._latest
                pictures = reference()
                if pictures is not None and _is_unchanged(decoded, statuses):
                    self._holder.hold(pictures)
                    return replace(decoded, pictures=pictures)
            self._latest = None
            self._holder.release()
            return None

    def put(self, wanted: Wanted, decoded: Decoded) -> None:
        """``wanted`` has been decoded; pictures of the test part are not kept."""
        if wanted.part == "train":
            with self._lock:
                self._latest = wanted, replace(decoded, pictures=_NONE), weakref.ref(decoded.pictures)
            self._holder.hold(decoded.pictures)


def _is_unchanged(decoded: Decoded, statuses: Sequence[Status]) -> bool:
    """Whether each file is as it was; a reason that may pass (a drive, memory) is not believed."""
    entries = zip(decoded.entries, statuses, strict=True)
    return all((entry.size, entry.changed) == status and not entry.passing for entry, status in entries)
