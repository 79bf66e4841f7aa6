"""The files of the picture cache: format, reading, writing, removal."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import secrets
import shutil
import time
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import astuple
from pathlib import Path
from typing import IO, Any, Final

import numpy as np

from workbench.engine.core.atomic_write import write_whole
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.memory import enough_memory
from workbench.engine.core.text import grouped
from workbench.engine.pictures.decode import RULE
from workbench.engine.pictures.request import Bytes, Entry, Status, Wanted

FORMAT: Final = 1
#: All caches together; beyond it those that were not used for the longest time are removed.
LIMIT: Final = 20_000_000_000
#: Free disk space to keep (bytes).
SPARE: Final = 200_000_000
#: Smaller sets are read into memory, larger ones are mapped: the system then reads what is needed and may let it go.
MAP_FROM: Final = 64_000_000
#: Maximum number of bytes compared with their checksums at each load; of larger sets an even sample of this size.
CHECKED: Final = 256_000_000
#: What a crash left behind is removed after a day (seconds).
LEFT_BEHIND: Final = 86_400.0


def cache_folder() -> Path:
    """Where decoded pictures are kept: below ``WORKBENCH_HOME`` if set, else in the user's folder for caches."""
    import platformdirs

    chosen = os.environ.get("WORKBENCH_HOME")
    place = Path(chosen) / "cache" if chosen else platformdirs.user_cache_path("training-workbench", appauthor=False)
    return place / "pictures"


class CacheFile:
    """A cache as it is on disk: its entries by file name, and the pictures of those that have one."""

    def __init__(self, index: Path, entries: dict[str, Entry], pictures: Bytes) -> None:
        self.index, self.entries, self.pictures = index, entries, pictures
        readable = (name for name, entry in entries.items() if not entry.reason)
        self._rows = {name: row for row, name in enumerate(readable)}

    def holds(self, wanted: Wanted, statuses: Sequence[Status]) -> bool:
        """Whether no file is missing or changed."""
        for file, status in zip(wanted.files, statuses, strict=True):
            entry = self.entries.get(os.fspath(file))
            if entry is None or (entry.size, entry.changed) != status or entry.passing:
                return False
        return True

    def row(self, name: str) -> int:
        """Where the picture of a readable file is."""
        return self._rows[name]

    def picture(self, name: str) -> Bytes:
        """The picture of a readable file."""
        found: Bytes = self.pictures[self._rows[name]]
        return found

    def is_sound(self) -> bool:
        """Whether the pictures have their checksums; of a large set an even sample is looked at."""
        marks = [entry.checksum for entry in self.entries.values() if not entry.reason]
        if not marks:
            return True
        share = max(1, -(-self.pictures.nbytes // CHECKED))
        return all(zlib.crc32(self.pictures[row].data) == marks[row] for row in range(0, len(marks), share))

    def unchanged(self, name: str, status: Status) -> Entry | None:
        """The entry of a file that is as it was, if its picture is sound."""
        entry = self.entries.get(name)
        if entry is None or (entry.size, entry.changed) != status or entry.passing:
            return None
        return entry if entry.reason or zlib.crc32(self.picture(name).data) == entry.checksum else None

    def touch(self) -> None:
        """Note that it was used."""
        with contextlib.suppress(OSError):
            os.utime(self.index)


def open_cache(wanted: Wanted) -> CacheFile | None:
    """The cache on disk, None if there is none or if it is torn, damaged, or of another rule or version of Pillow."""
    found = read_index(wanted)
    if found is None:
        return None
    entries, pixels = found
    rows = sum(not entry.reason for entry in entries.values())
    try:
        pictures = _pixels(cache_folder() / pixels, (rows, *wanted.shape))
    except (OSError, ValueError):
        return None
    return CacheFile(cache_folder() / f"{wanted.key}.index", entries, pictures)


def read_index(wanted: Wanted) -> tuple[dict[str, Entry], str] | None:
    """The entries by file name and the name of the file of pixels, if the index is whole and made by this program."""
    index = cache_folder() / f"{wanted.key}.index"
    try:
        mark, _, body = index.read_bytes().partition(b"\n")
        if hashlib.sha256(body).hexdigest().encode() != mark:
            return None
        found = json.loads(body)
        if found["made_by"] != _made_by():
            return None
        return {name: Entry(*values) for name, *values in found["files"]}, str(found["pixels"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _made_by() -> list[Any]:
    import PIL

    return [FORMAT, RULE, PIL.__version__]


def _pixels(file: Path, shape: tuple[int, ...]) -> Bytes:
    """The pictures of a file, which must have exactly the size of ``shape``. Raises OSError or ValueError.

    A mapping is private: whatever is written into the array stays in memory.
    """
    size = int(np.prod(shape))
    if file.stat().st_size != size:
        raise ValueError("torn")
    if not size:
        return np.empty(shape, np.uint8)
    if size < MAP_FROM:
        return np.fromfile(file, np.uint8).reshape(shape)
    return np.asarray(np.memmap(file, np.uint8, "c", shape=shape))


class PictureWriter:
    """Takes pictures one after the other: into a file of the cache, or into memory where that cannot be written.

    Pictures that are in ``memory`` already are only written.
    """

    def __init__(self, wanted: Wanted, memory: Bytes | None = None) -> None:
        self.trouble = ""
        self._wanted = wanted
        self._count = 0
        self._pixels = cache_folder() / f"{wanted.key}-{secrets.token_hex(4)}.pixels"
        self._temporary = self._pixels.with_suffix(".tmp")
        self._stream: IO[bytes] | None = None
        self._memory = memory
        self._only_writes = memory is not None
        needed = len(wanted.files) * int(np.prod(wanted.shape))
        try:
            self._temporary.parent.mkdir(parents=True, exist_ok=True)
            free = shutil.disk_usage(self._temporary.parent).free
            if needed > LIMIT:
                self._use_memory(f"they need {grouped(needed / 1e9, 1)} GB, more than the cache may have")
            elif needed + SPARE > free:
                self._use_memory(
                    f"{grouped(needed / 1e6)} MB are needed on its disk, {grouped(free / 1e6)} MB are free"
                )
            else:
                self._stream = self._temporary.open("wb", buffering=0)  # what is written is in the file
        except OSError as error:
            self._use_memory(error.strerror or str(error))

    def add(self, picture: Bytes) -> None:
        """Take the next picture."""
        if self._stream is not None:
            try:
                _write(self._stream, picture)
            except OSError as error:
                self._use_memory(error.strerror or str(error))
        if self._memory is not None and not self._only_writes:
            self._memory[self._count] = picture
        self._count += 1

    def finished(self, entries: Mapping[str, Entry]) -> Bytes:
        """All pictures taken, and the cache in place if it could be written."""
        if self._stream is not None:
            try:
                self._keep(self._stream, entries)
                if self._memory is not None:
                    return self._memory
                return _pixels(self._pixels, (self._count, *self._wanted.shape))
            except OSError as error:
                self._use_memory(error.strerror or str(error))
            except WorkbenchError as error:
                self._use_memory(error.message.rstrip("."))
        assert self._memory is not None
        return self._memory[: self._count]

    def close(self) -> None:
        """Leave no temporary file."""
        if self._stream is not None:
            self._stream.close()
        self._stream = None
        with contextlib.suppress(OSError):
            self._temporary.unlink(missing_ok=True)

    def _keep(self, stream: IO[bytes], entries: Mapping[str, Entry]) -> None:
        os.fsync(stream.fileno())
        stream.close()
        os.replace(self._temporary, self._pixels)
        found = {
            "made_by": _made_by(),
            "of": os.fspath(self._wanted.root),
            "pixels": self._pixels.name,
            "files": [[name, *astuple(entry)] for name, entry in entries.items()],
        }
        body = json.dumps(found).encode()
        mark = hashlib.sha256(body).hexdigest().encode()
        write_whole(self._pixels.with_name(f"{self._wanted.key}.index"), mark + b"\n" + body)
        remove_unused(keep=self._wanted.key)

    def _use_memory(self, why: str) -> None:
        """From now on memory; what is in a file already is read back."""
        self.trouble = f"The decoded pictures cannot be kept for the next time: {why}."
        if self._only_writes:
            self.close()
            return
        wanted = self._wanted
        shape = (len(wanted.files), *wanted.shape)
        enough_memory(int(np.prod(shape)), f"{grouped(shape[0])} pictures of {wanted.size} × {wanted.size} pixels")
        self._memory = np.empty(shape, np.uint8)
        if self._count:
            file = self._temporary if self._temporary.exists() else self._pixels
            done = self._memory[: self._count]
            done[...] = np.fromfile(file, np.uint8, done.size).reshape(done.shape)
        self.close()


def _write(stream: IO[bytes], picture: Bytes) -> None:
    """All bytes of a picture: a stream without a buffer may take fewer at a time."""
    left = picture.reshape(-1).data
    while left.nbytes:
        left = left[stream.write(left) :]


def remove_unused(keep: str = "") -> None:
    """Remove what no index names, and the caches not used for the longest time until all are within LIMIT."""
    folder = cache_folder()
    with contextlib.suppress(OSError):
        indexes = sorted(folder.glob("*.index"), key=lambda file: file.stat().st_mtime, reverse=True)
        indexes.sort(key=lambda file: file.stem != keep)  # stable: the kept one first, the others by age
        total, named = 0, set()
        for index in indexes:
            own = [file for file in folder.glob(f"{index.stem}-*.pixels") if file.name == _named_in(index)]
            total += sum(file.stat().st_size for file in own)
            if total > LIMIT and index.stem != keep:
                for file in (index, *own):
                    file.unlink(missing_ok=True)
            else:
                named |= {file.name for file in own}
        _remove_unnamed(folder, named, keep)


def _named_in(index: Path) -> str:
    """The pixel file that an index names; empty if it cannot be read."""
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        return str(json.loads(index.read_bytes().partition(b"\n")[2])["pixels"])
    return ""


def _remove_unnamed(folder: Path, named: set[str], keep: str) -> None:
    """What no index names: at once if it is of the cache just written, else when old, for another process may write."""
    for file in folder.iterdir():
        if file.suffix in (".pixels", ".tmp") and file.name not in named:
            is_ours = file.suffix == ".pixels" and bool(keep) and file.name.startswith(keep)
            if is_ours or time.time() - file.stat().st_mtime > LEFT_BEHIND:
                with contextlib.suppress(OSError):  # Windows keeps a file that is mapped
                    file.unlink()
