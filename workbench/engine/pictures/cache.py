"""Decoded pictures on disk, so that a picture is decoded once: later loads map them into memory.

For each (folder, part, size, colour) there is an index (JSON behind its own SHA-256: for each file its size, time of
change and the checksum of its picture, or why it cannot be read) and a file of raw pixels, one picture after the other.
Both are written under other names and then renamed, the index last, and never changed afterwards: whatever is torn is
not found or not used. A file is decoded anew if its size or its time of change is another one.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import secrets
import shutil
import threading
import time
import zlib
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import IO, Any, Final

import numpy as np
import numpy.typing as npt

from workbench.engine.catalog.datasets.base import Loading
from workbench.engine.catalog.path_settings import enough_memory
from workbench.engine.core.atomic_write import write_whole
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.responsive_io import LOOK_UP, Done, Silent, in_order, patiently
from workbench.engine.pictures.background_decoder import Arriving, Refused
from workbench.engine.pictures.decode import RULE, Header, Unreadable, read_both, read_header

Bytes = npt.NDArray[np.uint8]

FORMAT: Final = 1
#: All caches together; beyond it those that were not used for the longest time are removed.
LIMIT: Final = 20_000_000_000
#: So much room is left to others on the disk.
SPARE: Final = 200_000_000
#: Smaller sets are read into memory, larger ones are mapped: the system then reads what is needed and may let it go.
MAP_FROM: Final = 64_000_000
#: A cache that holds more than is wanted is copied from, up to so many bytes; a larger one is written anew.
MOST_COPIED: Final = 1_000_000_000
#: Training begins beside the decoding of at most so many bytes: they are in memory, and written when all have come.
MOST_BESIDE: Final = 2_000_000_000
#: So many bytes are compared with their checksums at each load; of larger sets this much, evenly spread.
CHECKED: Final = 256_000_000
#: What a crash left behind is removed after a day (seconds).
LEFT_BEHIND: Final = 86_400.0
#: Progress is told this often (seconds).
TOLD_EVERY: Final = 0.1


@dataclass(frozen=True, slots=True)
class Entry:
    """One file: as it was on disk, and the checksum of its picture or the ``reason`` why there is none.

    A reason that may be ``passing`` (a drive, memory) is not believed the next time.
    """

    size: int
    changed: int
    checksum: int
    reason: str
    passing: bool
    width: int
    height: int
    mode: str

    @property
    def header(self) -> Header:
        return Header(self.width, self.height, self.mode)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which pictures: ``files`` below or near ``root`` in their order, as uint8 (C, size, size)."""

    root: Path
    part: str
    files: tuple[Path, ...]
    size: int
    gray: bool

    @property
    def shape(self) -> tuple[int, int, int]:
        """The shape of one picture."""
        return (1 if self.gray else 3, self.size, self.size)

    @property
    def key(self) -> str:
        """The name of the cache, a hash of all but the files."""
        words = json.dumps([os.fspath(self.root), self.part, self.size, self.gray])
        return hashlib.sha256(words.encode("utf-8", "surrogateescape")).hexdigest()[:24]


@dataclass(frozen=True, slots=True, eq=False)
class Decoded:
    """``pictures``: the readable ones in order, uint8 (kept, C, size, size). ``entries``: one for each file."""

    pictures: Bytes
    entries: tuple[Entry, ...]
    #: Why nothing could be kept for the next time; empty if all is well.
    trouble: str = ""


def cache_folder() -> Path:
    """Where decoded pictures are kept: below ``WORKBENCH_HOME`` if set, else in the user's folder for caches."""
    import platformdirs

    chosen = os.environ.get("WORKBENCH_HOME")
    place = Path(chosen) / "cache" if chosen else platformdirs.user_cache_path("training-workbench", appauthor=False)
    return place / "pictures"


# --- Loading ----------------------------------------------------------------------------------------------------


def decoded(wanted: Wanted) -> Generator[Loading, None, Decoded]:
    """The pictures of ``wanted``, from the cache where their files have not changed.

    If it is closed before its end, what was decoded so far is kept for the next time.
    """
    while True:
        with contextlib.ExitStack() as stack, contextlib.suppress(_HandedOver):
            yield from _alone(wanted.key, stack)
            stats = yield from patiently(lambda: _statuses(wanted.files), wanted.root, "Looking for changed pictures")
            old = _opened(wanted)
            return _taken(wanted, stats, old) or (yield from _built(wanted, stats, old, hands_over=True))


def decoding(wanted: Wanted, refused: Refused) -> Generator[Loading, None, Decoded | Still]:
    """As ``decoded``, but pictures may still be being decoded when it returns, if memory has room for all of them.

    Another load of the same pictures, of a preview, hands over to this one what it has done and waits.
    An unreadable file that is known is in the result; one that is found later is told by ``Arriving.lacks``, with the
    error that ``refused`` makes of all of them.
    """
    with contextlib.ExitStack() as stack:
        yield from _alone(wanted.key, stack, hurries=True)
        stats = yield from patiently(lambda: _statuses(wanted.files), wanted.root, "Looking for changed pictures")
        old = _opened(wanted)
        found = _taken(wanted, stats, old)
        if found is not None:
            return found
        known = yield from patiently(lambda: _known(wanted, stats, old), wanted.root, "Looking for changed pictures")
        told = any(entry is not None and entry.reason for entry in known)
        if told or None not in known or not _fits(wanted):
            return (yield from _built(wanted, stats, old, known))
        still = Still(wanted, stats, old, known, refused)
        still.hold(stack.pop_all())
        return still


def _fits(wanted: Wanted) -> bool:
    """Whether all pictures may be held in memory: at most half of what is free, and no more than is soon written."""
    size = len(wanted.files) * int(np.prod(wanted.shape))
    if size > MOST_BESIDE:
        return False
    try:
        enough_memory(2 * size, "the pictures")
    except WorkbenchError:
        return False
    return True


class Still:
    """Pictures of which some are still being decoded: ``pictures`` is filled meanwhile, in the order of the files.

    When the last has come, or it is closed, what is there is kept for the next time.
    """

    def __init__(
        self,
        wanted: Wanted,
        statuses: Sequence[Status],
        old: _Cache | None,
        known: Sequence[Entry | None],
        refused: Refused,
    ) -> None:
        self._wanted, self._statuses, self._old, self._held = wanted, statuses, old, contextlib.ExitStack()
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
        entry, picture = _decoded(self._wanted.files[row], self._statuses[row], self._wanted)
        if picture is not None:
            self.pictures[row] = picture
        self._entries[row] = entry
        now = time.monotonic()
        if now - self._told > TOLD_EVERY:  # to those who wait for the same pictures
            self._told, told = now, self.arriving.told()
            with _lock:
                if self._wanted.key in _building:
                    _building[self._wanted.key] = told
        return entry.reason

    def _keep(self, done: npt.NDArray[np.bool_]) -> str:
        with self._held:
            rows = np.flatnonzero(done)
            names = [os.fspath(file) for file in self._wanted.files]
            entries = {names[row]: entry for row in rows if (entry := self._entries[row]) is not None}
            if len(rows) < len(names) and not _gains(self._wanted, self._statuses, self._old, entries):
                return ""
            room = _Room(self._wanted, self.pictures)
            try:
                for row in rows:
                    if not entries[names[row]].reason:
                        room.add(self.pictures[row])
                room.finished(entries)
            finally:
                room.close()
            return room.trouble


def _taken(wanted: Wanted, statuses: Sequence[Status], old: _Cache | None) -> Decoded | None:
    """What a cache on disk gives without decoding or writing anything; None if something is missing or damaged.

    It may hold more than is wanted: a picture that was left out stays in it, for it may be wanted again.
    """
    if old is None or not old.holds(wanted, statuses) or not old.is_sound():
        return None
    names = [os.fspath(file) for file in wanted.files]
    if list(old.entries) == names:
        old.touch()
        return Decoded(old.pictures, tuple(old.entries.values()))
    entries = tuple(old.entries[name] for name in names)
    if 2 * len(names) < len(old.entries) or old.pictures.nbytes > MOST_COPIED:
        return None  # most of it is of no use any more, or it should stay mapped
    rows = [old.row(name) for name, entry in zip(names, entries, strict=True) if not entry.reason]
    pictures = old.pictures[rows]
    marks = (entry.checksum for entry in entries if not entry.reason)
    if any(zlib.crc32(picture.data) != mark for picture, mark in zip(pictures, marks, strict=True)):
        return None
    old.touch()
    return Decoded(pictures, entries)


def known_headers(wanted: Wanted) -> dict[Path, tuple[tuple[int, int], Header]]:
    """What the caches of these files, gray or not, know of their headers: (size, time of change) and header by file."""
    found: dict[Path, tuple[tuple[int, int], Header]] = {}
    for gray in (False, True):
        index = _index(Wanted(wanted.root, wanted.part, (), wanted.size, gray))
        if index is not None:
            entries = ((Path(name), entry) for name, entry in index[0].items() if not entry.reason)
            found |= {file: ((entry.size, entry.changed), entry.header) for file, entry in entries}
    return found


def all_gray(wanted: Wanted) -> Generator[Loading, None, bool]:
    """Whether every readable file is stored without colour; looks no further than the first that is not."""
    known = known_headers(wanted)

    def look() -> bool:
        return all(_is_gray(file, known) for file in wanted.files)

    return (yield from patiently(look, wanted.root, "Looking for colour"))


def _is_gray(file: Path, known: Mapping[Path, tuple[tuple[int, int], Header]]) -> bool:
    """True for a file that cannot be read: it has no say."""
    if file in known and known[file][0] == _status(file):
        return known[file][1].is_gray
    try:
        return read_header(file).is_gray
    except Unreadable:
        return True


Status = tuple[int, int]


def _statuses(files: Sequence[Path]) -> list[Status]:
    return [_status(file) for file in files]


def _status(file: Path) -> Status:
    """Size and time of change (nanoseconds); (-1, -1) if there is no such file."""
    try:
        status = os.stat(file)
    except (OSError, ValueError):
        return (-1, -1)
    return (status.st_size, status.st_mtime_ns)


# --- One at a time ----------------------------------------------------------------------------------------------

_building: dict[str, Loading] = {}
#: What a run waits for, to begin with it before all is decoded, and when it last said so: one that is paused does not.
_hurried: dict[str, float] = {}
#: A wish older than this (seconds) is none.
HURRY: Final = 1.0
_lock = threading.Lock()


def _is_hurried(key: str) -> bool:
    return time.monotonic() - _hurried.get(key, -HURRY) < HURRY


class _HandedOver(Exception):
    """A run wants the pictures now."""


def _alone(key: str, stack: contextlib.ExitStack, hurries: bool = False) -> Iterator[Loading]:
    """Wait until no other thread loads the same pictures; what it says is said here too. Then they are taken."""
    try:
        while True:
            with _lock:
                other = _building.get(key)
                if other is None and (hurries or not _is_hurried(key)):
                    _building[key] = Loading(0, 0, "Reading pictures")
                    break
                if hurries:
                    _hurried[key] = time.monotonic()
            yield other or Loading(0, 0, "Reading pictures")
            time.sleep(LOOK_UP)
    finally:
        if hurries:
            _hurried.pop(key, None)

    def leave() -> None:
        with _lock:
            _building.pop(key, None)

    stack.callback(leave)


# --- An existing cache ------------------------------------------------------------------------------------------


class _Cache:
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


def _opened(wanted: Wanted) -> _Cache | None:
    """The cache on disk, None if there is none or if it is torn, damaged, or of another rule or version of Pillow."""
    found = _index(wanted)
    if found is None:
        return None
    entries, pixels = found
    rows = sum(not entry.reason for entry in entries.values())
    try:
        pictures = _pixels(cache_folder() / pixels, (rows, *wanted.shape))
    except (OSError, ValueError):
        return None
    return _Cache(cache_folder() / f"{wanted.key}.index", entries, pictures)


def _index(wanted: Wanted) -> tuple[dict[str, Entry], str] | None:
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


# --- Building ---------------------------------------------------------------------------------------------------


def _built(
    wanted: Wanted,
    statuses: Sequence[Status],
    old: _Cache | None,
    known: Sequence[Entry | None] | None = None,
    hands_over: bool = False,
) -> Generator[Loading, None, Decoded]:
    """All pictures decoded. ``hands_over``: raise _HandedOver if a run wants them, what is done being kept."""
    room = _Room(wanted)
    entries: dict[str, Entry] = {}
    work = _each(wanted, statuses, old, known if known is not None else _known(wanted, statuses, old))
    told = 0.0
    try:
        for result in work:
            if not isinstance(result, Silent):
                entry, picture = result.value
                entries[os.fspath(wanted.files[len(entries)])] = entry
                if picture is not None:
                    room.add(picture)
            if isinstance(result, Silent) or time.monotonic() - told > TOLD_EVERY:
                told = time.monotonic()
                told_now = Loading(len(entries), len(wanted.files), "Reading pictures")
                if isinstance(result, Silent) and result.words:
                    told_now = Loading(0, 0, result.words)
                _building[wanted.key] = told_now
                yield told_now
                if hands_over and _is_hurried(wanted.key):
                    raise _HandedOver
        pictures = room.finished(entries)
    except (GeneratorExit, _HandedOver):
        if _gains(wanted, statuses, old, entries):
            with contextlib.suppress(OSError, ValueError, WorkbenchError):
                room.finished(entries)  # what is done is done
        raise
    finally:
        work.close()
        room.close()
    return Decoded(pictures, tuple(entries.values()), room.trouble)


def _gains(wanted: Wanted, statuses: Sequence[Status], old: _Cache | None, entries: Mapping[str, Entry]) -> bool:
    """Whether the entries so far save more decoding the next time than those of ``old``, which they would replace."""
    known = old.entries if old is not None else {}
    new = sum(known.get(name) != entry for name, entry in entries.items())
    rest = zip(wanted.files[len(entries) :], statuses[len(entries) :], strict=True)
    asked = ((known.get(os.fspath(file)), status) for file, status in rest)
    return new > sum(entry is not None and (entry.size, entry.changed) == status for entry, status in asked)


def _known(wanted: Wanted, statuses: Sequence[Status], old: _Cache | None) -> list[Entry | None]:
    """For each file its entry if it need not be decoded again."""
    if old is None:
        return [None] * len(wanted.files)
    return [old.unchanged(os.fspath(file), status) for file, status in zip(wanted.files, statuses, strict=True)]


def _each(
    wanted: Wanted, statuses: Sequence[Status], old: _Cache | None, known: Sequence[Entry | None]
) -> Generator[Silent | Done[tuple[Entry, Bytes | None]], None, None]:
    """Entry and picture of each file in order, decoded ahead where they are not known."""
    files = zip(wanted.files, statuses, known, strict=True)
    unknown = ((file, status) for file, status, entry in files if entry is None)
    ahead = in_order(unknown, lambda job: _decoded(*job, wanted), lambda job: job[0])
    try:
        for file, entry in zip(wanted.files, known, strict=True):
            if entry is None:
                result = next(ahead)
                while isinstance(result, Silent):
                    yield result
                    result = next(ahead)
                yield result
            else:
                assert old is not None
                yield Done((entry, None if entry.reason else old.picture(os.fspath(file))))
    finally:
        ahead.close()


def _decoded(file: Path, status: Status, wanted: Wanted) -> tuple[Entry, Bytes | None]:
    """Never raises for a file: whatever is wrong is the reason why it is unreadable."""
    try:
        header, picture = read_both(file, wanted.size, wanted.gray)
    except Unreadable as error:
        return Entry(*status, 0, str(error), error.passing, 0, 0, ""), None
    picture = np.ascontiguousarray(picture)
    return Entry(*status, zlib.crc32(picture.data), "", False, header.width, header.height, header.mode), picture


class _Room:
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
                self._use_memory(f"they need {needed / 1e9:,.1f} GB, more than the cache may have")
            elif needed + SPARE > free:
                self._use_memory(f"{needed / 1e6:,.0f} MB are needed on its disk, {free / 1e6:,.0f} MB are free")
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
        enough_memory(int(np.prod(shape)), f"{shape[0]:,} pictures of {wanted.size} × {wanted.size} pixels")
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


# --- Room on the disk -------------------------------------------------------------------------------------------


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
