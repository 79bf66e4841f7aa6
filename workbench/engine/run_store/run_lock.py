"""Who trains into a run's folder: a lock that the training process holds, with its name in the file ``run.lock``.

The system takes the lock from a process that ends, however it ends, so a killed one holds nothing. What the file says
counts only while the lock is held.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import socket
import sys
import threading
import time
import weakref
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Final

from workbench.engine.core.atomic_write import CannotWrite
from workbench.engine.core.errors import WorkbenchError

NAME: Final = "run.lock"
#: One who only looks whether a lock is free holds it for an instant, so taking it is tried this often, with a pause
#: (seconds) in between.
_TRIES: Final = 10
_PAUSE: Final = 0.02
#: What a file system says that has no locks.
_NO_LOCKS: Final = (errno.ENOLCK, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP)
#: Longer texts (bytes) are not ours.
_MOST: Final = 4096


@dataclass(frozen=True, slots=True)
class Holder:
    """The process that trains into a folder. ``since`` is a local time in ISO format; empty if it did not say.

    ``is_paused``: the run holds still because somebody has paused it.
    """

    program: str = ""
    host: str = ""
    process: int = 0
    since: str = ""
    is_paused: bool = False

    @property
    def words(self) -> str:
        """What names it in a sentence: ``main.py (process 4711, since 12:03)``."""
        where = "" if self.host == socket.gethostname() else f" on {self.host}"
        since = f", since {self.since[11:16]}" if len(self.since) >= 16 else ""
        return f"{self.program} (process {self.process}{where}{since})" if self.process else "another program"


class FolderIsHeld(WorkbenchError):
    """Another process trains into the folder; ``holder`` names it."""

    def __init__(self, folder: Path, holder: Holder) -> None:
        self.folder, self.holder = folder, holder
        super().__init__(f"{folder.name} is in use by {holder.words}; here it can only be looked at.")


class RunLock:
    """The lock of one folder, held until ``release`` or the end of the process. Any thread may call its methods."""

    def __init__(self, path: Path, handle: int) -> None:
        self._path, self._handle = path, handle
        self._one_at_a_time = threading.Lock()
        self._close = weakref.finalize(self, os.close, handle)
        self._holder = Holder(_program(), socket.gethostname(), os.getpid(), datetime.now().isoformat(" ", "seconds"))
        self._write()

    @classmethod
    def take(cls, folder: Path, name: str = NAME) -> RunLock:
        """Hold the lock ``name`` of ``folder``, that of its run by default.

        Raises FolderIsHeld, or CannotWrite where no file can be made.
        """
        path = folder / name
        for _ in range(_TRIES):
            handle = _opened(path)
            if _lock(handle, alone=True) is not False and _is_at(handle, path):
                return cls(path, handle)
            os.close(handle)
            time.sleep(_PAUSE)
        raise FolderIsHeld(folder, holder_of(folder, name) or Holder())

    def mark_paused(self, is_paused: bool) -> None:
        """Say that the run is paused, or goes on."""
        with self._one_at_a_time:
            if self._close.alive and is_paused != self._holder.is_paused:
                self._holder = replace(self._holder, is_paused=is_paused)
                self._write()

    def release(self) -> None:
        """Give the lock back; the file is removed. Nothing happens the second time."""
        with self._one_at_a_time, contextlib.suppress(OSError):
            if self._close.alive:
                self._let_go()

    def _let_go(self) -> None:
        with contextlib.suppress(OSError):  # Windows removes no open file
            if _is_at(self._handle, self._path):
                self._path.unlink()
        self._close()
        if os.name == "nt":
            self._path.unlink(missing_ok=True)

    def _write(self) -> None:
        """Without room on the disk the lock has no name; it is held all the same."""
        line = json.dumps(asdict(self._holder)).encode() + b"\n"
        with contextlib.suppress(OSError):
            os.lseek(self._handle, 0, os.SEEK_SET)
            os.write(self._handle, line)
            os.ftruncate(self._handle, len(line))


def holder_of(folder: Path, name: str = NAME) -> Holder | None:
    """Who trains into ``folder`` now, or holds its lock ``name``; None if nobody does. Nothing is written."""
    try:
        handle = os.open(folder / name, os.O_RDONLY)
    except OSError:
        return None
    try:
        is_free = _lock(handle, alone=False)
        holder = _said(os.read(handle, _MOST))
    except OSError:
        return None
    finally:
        os.close(handle)
    if is_free is None:  # no locks here: whether the process lives is all that can be known
        return holder if _lives(holder) else None
    return None if is_free else holder


def _said(data: bytes) -> Holder:
    try:
        said = json.loads(data.partition(b"\n")[0])
        return Holder(
            str(said["program"]), str(said["host"]), int(said["process"]), str(said["since"]), bool(said["is_paused"])
        )
    except (ValueError, KeyError, TypeError):  # it has just been taken, or comes from another version
        return Holder()


def _lives(holder: Holder) -> bool:
    import psutil

    return holder.host == socket.gethostname() and psutil.pid_exists(holder.process)


def _program() -> str:
    """The program as a list of processes shows it."""
    path = Path(sys.argv[0]) if sys.argv else Path("python")
    return f"python -m {path.parent.parent.name}.{path.parent.name}" if path.name == "__main__.py" else path.name


def _opened(path: Path) -> int:
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    except OSError as error:
        raise CannotWrite(path, 0, error) from None


def _is_at(handle: int, path: Path) -> bool:
    """Whether the open file is the one at ``path``: its former holder may have removed it meanwhile."""
    try:
        return os.path.samestat(os.fstat(handle), path.stat())
    except OSError:
        return False


if sys.platform == "win32":
    import msvcrt

    #: The locked byte lies behind the text, which others may then read.
    _FAR: Final = 1 << 30

    def _lock(handle: int, alone: bool) -> bool | None:
        try:
            os.lseek(handle, _FAR, os.SEEK_SET)
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
            os.lseek(handle, 0, os.SEEK_SET)
        except OSError:
            os.lseek(handle, 0, os.SEEK_SET)
            return False
        return True
else:
    import fcntl

    def _lock(handle: int, alone: bool) -> bool | None:
        """Whether the lock was got, alone or with others who only look; None where the file system has no locks."""
        try:
            fcntl.flock(handle, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno in _NO_LOCKS:
                return None
            return False
        return True
