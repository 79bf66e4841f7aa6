"""The index of a folder of runs: an SQLite file that spares reading every log. It can be deleted at any time.

One row a run: the folder's name, a stamp of its files, columns to sort by, and the record. A row whose stamp is no
longer that of the files is read anew; a file of another version, or one that is damaged, is made anew; where none can
be kept (a medium that cannot be written), records live in memory only.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import zlib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Final, TypeVar

from workbench.engine.shelf.payload import payload_of, record_of
from workbench.engine.shelf.record import RunRecord

NAME: Final = "index.sqlite"
#: Raised with every change of what is read into a record; another set of fields is another version by itself.
_READING: Final = 3
VERSION: Final = zlib.crc32(",".join((str(_READING), *RunRecord.__dataclass_fields__)).encode()) >> 1
#: Seconds that another process is waited for.
_PATIENCE: Final = 2.0
#: What makes a record stale: these files, the kept states, and the folder's own list of files.
_STAMPED: Final = ("events.jsonl", "spec.toml", "about.toml", "checkpoints", ".")
_FOLDERS: Final = ("checkpoints", ".")
_TABLE: Final = (
    "CREATE TABLE IF NOT EXISTS runs (folder BLOB PRIMARY KEY, stamp TEXT NOT NULL, status TEXT NOT NULL, "
    "started TEXT NOT NULL, best_accuracy REAL, seconds REAL NOT NULL, size INTEGER NOT NULL, payload TEXT NOT NULL)"
)

T = TypeVar("T")


def stamp_of(folder: Path) -> str:
    """Sizes and times of the files that a record is read from; empty if the folder is gone."""
    try:
        return " ".join(_stamp(folder, name) for name in _STAMPED) if folder.is_dir() else ""
    except OSError:
        return ""


def _stamp(folder: Path, name: str) -> str:
    try:
        found = os.stat(folder / name if name != "." else folder)
    except FileNotFoundError:
        return "-"
    return f"{'' if name in _FOLDERS else found.st_size}:{found.st_mtime_ns}"


class Index:
    """The index of the runs in ``parent``. Every method works without a file too, and raises nothing."""

    def __init__(self, parent: Path) -> None:
        self.parent = parent
        self._memory: dict[str, tuple[str, str]] = {}

    def read(self) -> Mapping[str, tuple[str, str]]:
        """Stamp and payload of each run, by its folder's name."""
        none: dict[str, tuple[str, str]] = {}
        rows = self._within(_read, none) if (self.parent / NAME).is_file() else none
        return {**self._memory, **rows}

    def record(self, name: str, payload: str) -> RunRecord | None:
        """The record that a row holds; None if it is damaged."""
        try:
            return record_of(self.parent / name, payload)
        except (ValueError, KeyError, TypeError, RecursionError):
            return None

    def write(self, changed: Iterable[tuple[str, RunRecord]], gone: Iterable[str]) -> None:
        """Take over records with their stamps, and forget the folders named ``gone``, in one transaction."""
        rows = [(record.folder.name, stamp, record) for stamp, record in changed]
        lost = [(os.fsencode(name),) for name in gone]
        if not rows and not lost:
            return
        self._memory |= {name: (stamp, payload_of(record)) for name, stamp, record in rows}
        if self._within(lambda base: _write(base, rows, lost), False):
            self._memory.clear()

    def _within(self, work: Callable[[sqlite3.Connection], T], otherwise: T) -> T:
        """The result of ``work`` with the open file, which is made anew once if it is damaged."""
        for attempt in range(2):
            try:
                with contextlib.closing(self._opened()) as base, base:
                    return work(base)
            except sqlite3.DatabaseError as error:
                if attempt or not _is_damaged(error):
                    return otherwise
                self._remove()
            except OSError:
                return otherwise
        return otherwise

    def _opened(self) -> sqlite3.Connection:
        base = sqlite3.connect(self.parent / NAME, timeout=_PATIENCE)
        try:
            if base.execute("PRAGMA user_version").fetchone()[0] != VERSION:
                base.execute("DROP TABLE IF EXISTS runs")
                base.execute(f"PRAGMA user_version = {VERSION}")
            base.execute(_TABLE)
        except BaseException:
            base.close()
            raise
        return base

    def _remove(self) -> None:
        for ending in ("", "-journal", "-wal", "-shm"):
            with contextlib.suppress(OSError):
                (self.parent / f"{NAME}{ending}").unlink()


def _is_damaged(error: sqlite3.DatabaseError) -> bool:
    """Whether the file is none of ours; else it is read-only, there is no room, or another process writes for long."""
    return not isinstance(error, sqlite3.OperationalError) or error.sqlite_errorcode == sqlite3.SQLITE_ERROR


def _read(base: sqlite3.Connection) -> dict[str, tuple[str, str]]:
    rows = base.execute("SELECT folder, stamp, payload FROM runs")
    return {os.fsdecode(folder): (stamp, payload) for folder, stamp, payload in rows}


def _write(base: sqlite3.Connection, rows: list[tuple[str, str, RunRecord]], lost: list[tuple[bytes]]) -> bool:
    base.executemany(
        "INSERT OR REPLACE INTO runs VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [(os.fsencode(name), stamp, *_columns(record)) for name, stamp, record in rows],
    )
    base.executemany("DELETE FROM runs WHERE folder = ?", lost)
    return True


def _columns(record: RunRecord) -> tuple[object, ...]:
    started, best = record.started.isoformat(), record.best_accuracy
    return record.status, started, best, record.seconds, record.size, payload_of(record)
