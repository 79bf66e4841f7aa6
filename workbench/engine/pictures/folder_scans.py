"""What lies in folders: each folder is scanned once and again only when it has changed."""

from __future__ import annotations

import os
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

T = TypeVar("T")
#: A folder that changed less than this before its scan (ns) is scanned again: within the resolution of the time of
#: change (2 s on FAT) it may have changed once more without a trace. (The rule by which git trusts its index.)
UNSETTLED: Final = 2_000_000_000

_OF_SYSTEMS: Final = frozenset(
    {"thumbs.db", "desktop.ini", "ehthumbs.db", "lost+found", "$recycle.bin", "system volume information", "@eadir"}
)


@dataclass(frozen=True, slots=True)
class Item:
    """One entry of a folder; links are followed. ``is_dangling``: a link that leads nowhere."""

    name: str
    is_folder: bool
    is_file: bool
    is_dangling: bool
    is_link: bool = False

    @property
    def is_hidden(self) -> bool:
        """Whether it is hidden, or what operating systems and network drives put beside the user's files."""
        return self.name.startswith((".", "__MACOSX")) or self.name.lower() in _OF_SYSTEMS

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
        self._kinds: dict[Path, tuple[int, str]] = {}
        self._made: dict[Hashable, tuple[dict[Path, int], Any]] = {}
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

    def kind(self, file: Path, of: Callable[[Path], str]) -> str:
        """``of(file)``, remembered while the file's folder is the same."""
        changed = os.stat(file.parent).st_mtime_ns
        known = self._kinds.get(file)
        if known is None or known[0] != changed:
            known = self._kinds[file] = changed, of(file)
        return known[1]

    def remembered(self, key: Hashable, make: Callable[[], T], folders_of: Callable[[T], Iterable[Path]]) -> T:
        """``make()``, remembered while all folders that it was made of have the same times of change."""
        known = self._made.get(key)
        if known is not None and all(_changed(folder) == then for folder, then in known[0].items()):
            made: T = known[1]
            return made
        now = time.time_ns()
        made = make()
        changed = {folder: _changed(folder) for folder in folders_of(made)}
        if all(then < now - UNSETTLED for then in changed.values()):
            self._made = {key: (changed, made)}  # the newest only: a tree of a large set takes memory
        return made

    def forget(self) -> None:
        """Scan every folder anew."""
        self._known, self._kinds, self._made = {}, {}, {}


def _changed(folder: Path) -> int:
    """The time of change in ns; one that no folder has if it is gone."""
    try:
        return os.stat(folder).st_mtime_ns
    except OSError:
        return -1


def _item(entry: os.DirEntry[str]) -> Item:
    try:
        is_folder, is_file = entry.is_dir(), entry.is_file()
    except OSError:  # a link to itself
        is_folder = is_file = False
    is_dangling = entry.is_symlink() and not os.path.exists(entry.path)
    return Item(entry.name, is_folder, is_file, is_dangling, _is_link(entry))


def _is_link(entry: os.DirEntry[str]) -> bool:
    is_junction = getattr(entry, "is_junction", None)  # of Windows, from Python 3.12 on
    return entry.is_symlink() or (is_junction is not None and is_junction())
