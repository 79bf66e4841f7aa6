"""Writing a file completely or not at all."""

from __future__ import annotations

import contextlib
import errno
import itertools
import os
import re
import shutil
import socket
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.text import size_text

#: The name of a temporary file: that of its target, the computer and the process that write it, a number.
_TEMPORARY = re.compile(r"\..+\.(?P<host>[^.]*)-(?P<process>\d+)-\d+\.tmp")
#: A temporary file of another computer, or of an older state of the program, is stale after this time (seconds).
_STALE_AFTER = 24 * 3600
_BINARY = getattr(os, "O_BINARY", 0)  # Windows would translate line breaks
_FULL = (errno.ENOSPC, errno.EDQUOT)
_numbers = itertools.count()


class CannotWrite(WorkbenchError):
    """A file could not be written. ``is_full``: the disk is full; ``needed`` is the size of the file in bytes.

    ``code`` is the system's number of the error.
    """

    def __init__(self, path: Path, needed: int, error: OSError) -> None:
        self.file, self.needed, self.is_full, self.code = path, needed, error.errno in _FULL, error.errno
        super().__init__(_full(path, needed) if self.is_full else _sentence(path, needed, error))


def write_whole(path: Path, *pieces: bytes | memoryview) -> None:
    """Write ``pieces`` to a temporary file beside ``path``, flush it to the disk, then replace ``path``.

    After a crash at any moment the old or the new file is there, whole. The mode of a new file follows the umask.
    Raises CannotWrite with the reason; no temporary file is left then.
    """
    temporary = _temporary(path)
    try:
        try:
            _write_new(temporary, pieces)
            os.replace(temporary, path)
        except OSError:
            with contextlib.suppress(OSError):
                temporary.unlink()
            raise
        sync_folder(path.parent)
    except OSError as error:
        raise CannotWrite(path, sum(map(len, pieces)), error) from None


@contextlib.contextmanager
def writing_whole(path: Path) -> Iterator[BinaryIO]:
    """As ``write_whole`` for a file that is written incrementally inside the ``with`` block.

    Where the block raises, ``path`` stays as it was. Raises CannotWrite, before the block where that is known.
    """
    temporary = _temporary(path)
    written = 0
    try:
        with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY, 0o666), "wb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
            written = stream.tell()
        os.replace(temporary, path)
        sync_folder(path.parent)
    except OSError as error:
        raise CannotWrite(path, written, error) from None
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink()


def link_whole(source: Path, path: Path) -> bool:
    """Make ``path`` a second name of the file ``source``; False where the drive has no such links."""
    temporary = _temporary(path)
    try:
        os.link(source, temporary)
        os.replace(temporary, path)
        temporary.unlink(missing_ok=True)  # nothing happens above if it was the same file already
        sync_folder(path.parent)
    except OSError:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        return False
    return True


def append_whole(path: Path, valid: int, data: bytes) -> int:
    """Append ``data`` behind the first ``valid`` bytes of a file, and return its new size.

    What a full disk cut off the last time lies behind them and is overwritten. Raises CannotWrite.
    """
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | _BINARY, 0o666)
        try:
            os.ftruncate(handle, min(valid, os.fstat(handle).st_size))
            _write_all(handle, data)
            return os.fstat(handle).st_size
        finally:
            os.close(handle)
    except OSError as error:
        raise CannotWrite(path, len(data), error) from None


def sync_file(path: Path) -> None:
    """Flush ``path`` to the disk; nothing where it is not there. Raises CannotWrite."""
    try:
        handle = os.open(path, os.O_RDWR | _BINARY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
    except FileNotFoundError:
        return
    except OSError as error:
        raise CannotWrite(path, 0, error) from None


def sync_folder(folder: Path) -> None:
    """Flush the entries of ``folder`` to the disk, where the system can do it. Raises OSError."""
    if os.name != "posix":  # Windows cannot open a folder
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):  # some network drives cannot
            raise
    finally:
        os.close(handle)


def remove_stale(folder: Path) -> None:
    """Remove the temporary files in ``folder`` of processes that no longer run."""
    with contextlib.suppress(OSError):
        for entry in list(os.scandir(folder)):
            if entry.name.startswith(".") and entry.name.endswith(".tmp") and _is_stale(Path(entry.path)):
                Path(entry.path).unlink(missing_ok=True)


def _is_stale(path: Path) -> bool:
    named = _TEMPORARY.fullmatch(path.name)
    if named is None or named["host"] != _host():
        return time.time() - path.stat().st_mtime > _STALE_AFTER
    import psutil

    return not psutil.pid_exists(int(named["process"]))


def _write_new(path: Path, pieces: Iterable[bytes | memoryview]) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY, 0o666)
    try:
        for data in pieces:
            _write_all(handle, data)
        os.fsync(handle)
    finally:
        os.close(handle)


def _write_all(handle: int, data: bytes | memoryview) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(handle, rest) :]


def _temporary(path: Path) -> Path:
    return path.with_name(f".{path.name}.{_host()}-{os.getpid()}-{next(_numbers)}.tmp")


def _host() -> str:
    return re.sub(r"[^\w-]", "_", socket.gethostname())


def _full(path: Path, needed: int) -> str:
    """The free space is asked for when the temporary file is gone: it is what the next attempt will find."""
    try:
        free = shutil.disk_usage(path.parent).free
    except OSError:
        return f"The disk is full: {path} needs {size_text(needed)}, how much is free cannot be read."
    limit = " A quota or another limit of the drive is reached." if free > needed else ""
    return f"The disk is full: {path} needs {size_text(needed)}, {size_text(free)} are free.{limit}"


def _sentence(path: Path, needed: int, error: OSError) -> str:
    if not path.parent.is_dir():
        return f"Cannot write {path}: the folder {path.parent} is gone."
    size = f" ({size_text(needed)})" if needed else ""
    return f"Cannot write {path}{size}: {error.strerror or error}."
