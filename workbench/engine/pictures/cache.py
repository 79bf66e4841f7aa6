"""Decoded pictures on disk, so that a picture is decoded once: later loads map them into memory.

For each (folder, part, size, colour) there is an index (JSON behind its own SHA-256: for each file its size, time of
change and the checksum of its picture, or why it cannot be read) and a file of raw pixels, one picture after the other.
Both are written under other names and then renamed, the index last, and never changed afterwards: whatever is torn is
not found or not used. A file is decoded anew if its size or its time of change is another one.
"""

from __future__ import annotations

import contextlib
import os
import threading
import time
import zlib
from collections.abc import Generator, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.memory import enough_memory
from workbench.engine.core.progress import Loading
from workbench.engine.core.responsive_io import LOOK_UP, Done, Silent, in_order, patiently
from workbench.engine.pictures.background_decoder import Arriving, Refused
from workbench.engine.pictures.cache_file import _Cache, _index, _opened, _Room
from workbench.engine.pictures.decode import Header, Unreadable, read_both, read_header
from workbench.engine.pictures.request import Bytes, Decoded, Entry, Status, Wanted, _status, _statuses

#: A cache that holds more than is wanted is copied from, up to so many bytes; a larger one is written anew.
MOST_COPIED: Final = 1_000_000_000
#: Training begins beside the decoding of at most so many bytes: they are in memory, and written when all have come.
MOST_BESIDE: Final = 2_000_000_000
#: Progress is told this often (seconds).
TOLD_EVERY: Final = 0.1


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


# --- Room on the disk -------------------------------------------------------------------------------------------
