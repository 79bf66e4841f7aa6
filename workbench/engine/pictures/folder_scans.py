"""What lies in folders: each folder is scanned once and again only when it has changed."""

from __future__ import annotations

import os
import threading
import time
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Final

#: A folder that changed less than this before its scan (ns) is scanned again: within the resolution of the time of
#: change (2 s on FAT) it may have changed once more without a trace. (The rule by which git trusts its index.)
UNSETTLED: Final = 2_000_000_000


@dataclass(frozen=True, slots=True)
class Item:
    """One entry of a folder; links are followed. ``is_dangling``: a link that leads nowhere."""

    name: str
    is_folder: bool
    is_file: bool
    is_dangling: bool

    @property
    def is_hidden(self) -> bool:
        """Whether it is hidden, or what macOS puts into archives."""
        return self.name.startswith((".", "__MACOSX"))

    @property
    def suffix(self) -> str:
        """The suffix in lower case, with its dot."""
        return os.path.splitext(self.name)[1].lower()


class FolderScans:
    """Remembers the scans of folders. Thread-safe; two threads that ask for the same folder scan it once.

    A remembered scan is used while the folder's device, inode and time of change (``os.stat``, nanoseconds) are the
    same, since a file system changes that time when a name in the folder is added, removed or renamed. exFAT under
    Windows does not: there a new file is seen after ``forget``.
    """

    def __init__(self) -> None:
        self._known: dict[object, tuple[int, tuple[Item, ...]]] = {}
        self._locks: defaultdict[object, threading.Lock] = defaultdict(threading.Lock)

    def items(self, folder: Path) -> tuple[Item, ...]:
        """All entries of ``folder``, hidden ones too, by name. Raises OSError."""
        status = os.stat(folder)
        key = (status.st_dev, status.st_ino) if status.st_ino else os.fspath(folder)
        with self._locks[key]:
            known = self._known.get(key)
            if known is not None and known[0] == status.st_mtime_ns:
                return known[1]
            now = time.time_ns()
            with os.scandir(folder) as entries:
                items = tuple(sorted(map(_item, entries), key=lambda item: item.name))
            if status.st_mtime_ns < now - UNSETTLED:
                self._known[key] = status.st_mtime_ns, items
            return items

    def forget(self) -> None:
        """Scan every folder anew."""
        self._known = {}


def _item(entry: os.DirEntry[str]) -> Item:
    try:
        is_folder, is_file = entry.is_dir(), entry.is_file()
    except OSError:  # a link to itself
        is_folder = is_file = False
    is_dangling = entry.is_symlink() and not os.path.exists(entry.path)
    return Item(entry.name, is_folder, is_file, is_dangling)
