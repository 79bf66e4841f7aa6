"""Loads decoded pictures: from memory, from the cache on disk where files have not changed, or by decoding them.

For each (folder, part, size, colour, fit) there is an index (JSON behind its own SHA-256: for each file its size, time
of change and the checksum of its picture, or why it cannot be read) and a file of raw pixels, one picture after the
other. Both are written under other names and then renamed, the index last, and never changed afterwards: whatever is
torn is not found or not used. A file is decoded anew if its size or its time of change is another one.
"""

from __future__ import annotations

import contextlib
import os
import time
import zlib
from collections.abc import Generator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np

from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.memory import enough_memory
from workbench.engine.core.progress import Job, Loading
from workbench.engine.core.responsive_io import Done, Silent, in_daemon_thread, in_order
from workbench.engine.pictures.arriving_pictures import ArrivingPictures
from workbench.engine.pictures.background_decoder import Refused
from workbench.engine.pictures.cache_file import CacheFile, PictureWriter, open_cache, read_index
from workbench.engine.pictures.decode import Header, Unreadable, read_header
from workbench.engine.pictures.decode_entry import Picture, decode_entry, gains
from workbench.engine.pictures.picture_memory import PictureMemory
from workbench.engine.pictures.request import Decoded, Entry, Status, Wanted, file_status, file_statuses
from workbench.engine.pictures.turns import TURNS

#: A cache that holds more than is wanted is copied from, up to this many bytes; a larger one is written anew.
MOST_COPIED: Final = 1_000_000_000
#: Training begins while at most this many bytes are decoded: they are in memory, and written when all have come.
MOST_BESIDE: Final = 2_000_000_000
#: Progress is yielded at most this often (seconds).
REPORT_EVERY: Final = 0.1
_READING: Final = "Reading pictures"
_COMPARING: Final = "Looking for changed pictures"


def decoded(wanted: Wanted, memory: PictureMemory | None = None) -> Job[Decoded]:
    """The pictures of ``wanted``, from ``memory`` or the cache where their files have not changed.

    If it is closed before its end, what was decoded so far is kept for the next time.
    """
    while True:
        with contextlib.ExitStack() as stack:
            yield from TURNS.take(wanted.key, stack, _READING)
            statuses, old, found = yield from _at_hand(wanted, memory)
            found = found or (yield from _built(wanted, statuses, old, hands_over=True))
            if found is not None:
                return _remembered(wanted, found, memory)


def decoding(wanted: Wanted, refused: Refused, memory: PictureMemory | None = None) -> Job[Decoded | ArrivingPictures]:
    """As ``decoded``, but pictures may still be being decoded when it returns, if memory has room for all of them.

    Another load of the same pictures, of a preview, hands over to this one what it has done and waits.
    An unreadable file that is known is in the result; one that is found later is raised by ``Arriving.lacks``, as the
    error that ``refused`` makes of all of them.
    """
    with contextlib.ExitStack() as stack:
        yield from TURNS.take(wanted.key, stack, _READING, hurries=True)
        statuses, old, found = yield from _at_hand(wanted, memory)
        if found is not None:
            return _remembered(wanted, found, memory)
        known = yield from in_daemon_thread(lambda: _known(wanted, statuses, old), wanted.root, _COMPARING)
        told = any(entry is not None and entry.reason for entry in known)
        if told or None not in known or not _fits(wanted):
            built = yield from _built(wanted, statuses, old, known)
            assert built is not None
            return _remembered(wanted, built, memory)
        still = ArrivingPictures(wanted, statuses, old, known, refused, memory)
        still.hold(stack.pop_all())
        return still


def _at_hand(
    wanted: Wanted, memory: PictureMemory | None
) -> Job[tuple[list[Status], CacheFile | None, Decoded | None]]:
    """The state of the files, the cache of them, and the pictures if nothing has to be decoded or written."""
    statuses = yield from in_daemon_thread(lambda: file_statuses(wanted.files), wanted.root, _COMPARING)
    shared = memory.get(wanted, statuses) if memory is not None else None
    if shared is not None:
        return statuses, None, shared
    old = open_cache(wanted)
    return statuses, old, _taken(wanted, statuses, old)


def _remembered(wanted: Wanted, found: Decoded, memory: PictureMemory | None) -> Decoded:
    if memory is not None:
        memory.put(wanted, found)
    return found


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


# --- An existing cache ------------------------------------------------------------------------------------------


def _taken(wanted: Wanted, statuses: Sequence[Status], old: CacheFile | None) -> Decoded | None:
    """What a cache on disk gives without decoding or writing anything; None if something is missing or damaged.

    It may hold more than is wanted: a picture that was left out stays in it, for it may be wanted again.
    """
    if old is None or not old.holds(wanted, statuses) or not old.is_sound():
        return None
    names = [os.fspath(file) for file in wanted.files]
    if list(old.entries) == names:
        old.touch()
        return Decoded(old.pictures, tuple(old.entries.values()))
    if 2 * len(names) < len(old.entries) or old.pictures.nbytes > MOST_COPIED:
        return None  # most of it is of no use any more, or it should stay mapped
    return _copied(names, old)


def _copied(names: Sequence[str], old: CacheFile) -> Decoded | None:
    """Some pictures of a cache; None if one is damaged."""
    entries = tuple(old.entries[name] for name in names)
    rows = [old.row(name) for name, entry in zip(names, entries, strict=True) if not entry.reason]
    pictures = old.pictures[rows]
    marks = (entry.checksum for entry in entries if not entry.reason)
    if any(zlib.crc32(picture.data) != mark for picture, mark in zip(pictures, marks, strict=True)):
        return None
    old.touch()
    return Decoded(pictures, entries)


def known_headers(wanted: Wanted) -> dict[Path, tuple[Status, Header]]:
    """What the caches of these files, gray or not, know of their headers: status and header by file."""
    found: dict[Path, tuple[Status, Header]] = {}
    for gray in (False, True):
        index = read_index(replace(wanted, files=(), gray=gray))
        if index is not None:
            entries = ((Path(name), entry) for name, entry in index[0].items() if not entry.reason)
            found |= {file: ((entry.size, entry.changed), entry.header) for file, entry in entries}
    return found


def all_gray(wanted: Wanted) -> Job[bool]:
    """Whether every readable file is stored without colour; looks no further than the first that is not."""
    known = known_headers(wanted)

    def look() -> bool:
        return all(_is_gray(file, known) for file in wanted.files)

    return (yield from in_daemon_thread(look, wanted.root, "Looking for colour"))


def _is_gray(file: Path, known: Mapping[Path, tuple[Status, Header]]) -> bool:
    """True for a file that cannot be read: it has no say."""
    if file in known and known[file][0] == file_status(file):
        return known[file][1].is_gray
    try:
        return read_header(file).is_gray
    except Unreadable:
        return True


# --- Decoding all -----------------------------------------------------------------------------------------------


def _built(
    wanted: Wanted,
    statuses: Sequence[Status],
    old: CacheFile | None,
    known: Sequence[Entry | None] | None = None,
    hands_over: bool = False,
) -> Job[Decoded | None]:
    """All pictures decoded. ``hands_over``: None as soon as a run wants them, what is done being kept."""
    writer = PictureWriter(wanted)
    entries: dict[str, Entry] = {}
    work = _each(wanted, statuses, old, known if known is not None else _known(wanted, statuses, old))
    try:
        for progress in _written(work, wanted, writer, entries):
            TURNS.tell(wanted.key, progress)
            yield progress
            if hands_over and TURNS.is_hurried(wanted.key):
                _keep_part(wanted, statuses, old, writer, entries)
                return None
        pictures = writer.finished(entries)
    except GeneratorExit:
        _keep_part(wanted, statuses, old, writer, entries)
        raise
    finally:
        work.close()
        writer.close()
    return Decoded(pictures, tuple(entries.values()), writer.trouble)


_Results = Generator[Silent | Done[Picture], None, None]


def _written(
    work: _Results, wanted: Wanted, writer: PictureWriter, entries: dict[str, Entry]
) -> Generator[Loading, None, None]:
    """Put each result into ``writer`` and ``entries``; now and then how far it is, or what is waited for."""
    told = 0.0
    for result in work:
        is_silent = isinstance(result, Silent)
        if isinstance(result, Done):
            entry, picture = result.value
            entries[os.fspath(wanted.files[len(entries)])] = entry
            if picture is not None:
                writer.add(picture)
        if is_silent or time.monotonic() - told > REPORT_EVERY:
            told = time.monotonic()
            words = result.words if isinstance(result, Silent) else ""
            yield Loading(0, 0, words) if words else Loading(len(entries), len(wanted.files), _READING)


def _keep_part(
    wanted: Wanted,
    statuses: Sequence[Status],
    old: CacheFile | None,
    writer: PictureWriter,
    entries: Mapping[str, Entry],
) -> None:
    """What is done is done, if it saves work the next time."""
    if gains(wanted, statuses, old, entries):
        with contextlib.suppress(OSError, ValueError, WorkbenchError):
            writer.finished(entries)


def _known(wanted: Wanted, statuses: Sequence[Status], old: CacheFile | None) -> list[Entry | None]:
    """For each file its entry if it need not be decoded again."""
    if old is None:
        return [None] * len(wanted.files)
    return [old.unchanged(os.fspath(file), status) for file, status in zip(wanted.files, statuses, strict=True)]


def _each(wanted: Wanted, statuses: Sequence[Status], old: CacheFile | None, known: Sequence[Entry | None]) -> _Results:
    """Entry and picture of each file in order, decoded ahead where they are not known."""
    files = zip(wanted.files, statuses, known, strict=True)
    unknown = ((file, status) for file, status, entry in files if entry is None)
    ahead = in_order(unknown, lambda job: decode_entry(*job, wanted), lambda job: job[0])
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
