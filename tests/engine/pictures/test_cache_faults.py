"""The cache of decoded pictures where reading is given up, disks are full, processes crash and drives do not answer."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.engine.pictures.cached_pictures import ALL, Decoder, kept, noise, same, six_pictures, source
from workbench.engine.catalog.datasets import Dataset
from workbench.engine.core import responsive_io
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.progress import Loading, finished
from workbench.engine.pictures import cache, cache_file, decode_entry, request
from workbench.engine.pictures.decode import Fit, Range, read_both

# --- Giving up, crashes, full disks -----------------------------------------------------------------------------


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return six_pictures(tmp_path)


def test_what_was_decoded_before_it_was_given_up_is_kept(
    root: Path, decoder: Decoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache, "REPORT_EVERY", 0.0)
    loading = source(root).loading()
    told = next(each for each in loading if each.done == 4)
    assert (told.total, told.words) == (6, "Reading pictures")
    loading.close()
    assert kept(".tmp") == []
    decoder.taken()
    data = source(root).load()
    assert decoder.taken() == ["3.png", "5.png"]  # the order is cat 0 2 4, dog 1 3 5
    assert len(data.labels) == 6


def test_a_load_that_is_given_up_early_leaves_the_old_cache_in_place(
    root: Path, decoder: Decoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    source(root).load()
    noise(root / "cat" / "2.png", 77)
    os.utime(root / "cat" / "2.png", ns=(1, 1))
    decoder.taken()
    monkeypatch.setattr(cache, "REPORT_EVERY", 0.0)
    loading = source(root).loading()
    assert next(each for each in loading if each.done == 2).total == 6
    loading.close()
    decoder.taken()
    assert len(source(root).load().labels) == 6
    assert decoder.taken() == ["2.png"]


def test_a_watcher_ends_the_load_by_raising(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "REPORT_EVERY", 0.0)

    def watch(told: Loading) -> None:
        if told.done:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        finished(source(root).loading(), watch)
    assert not [thread for thread in threading.enumerate() if thread.name == "reading"]
    assert len(source(root).load().labels) == 6


class FullDisk:
    """A file that takes so many bytes."""

    def __init__(self, file: Any, room: int) -> None:
        self._file, self._room = file, room

    def write(self, data: memoryview) -> int:
        if not self._room:
            raise OSError(28, "No space left on device")
        taken = self._file.write(data[: self._room])
        self._room -= taken
        return taken

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


@pytest.mark.parametrize("room", [0, 1, 192, 1000, 1151])
def test_a_disk_that_becomes_full_costs_only_the_cache(
    root: Path, decoder: Decoder, monkeypatch: pytest.MonkeyPatch, room: int
) -> None:
    expected = source(root, size=8).load()
    for file in kept(""):
        file.unlink()
    real = Path.open
    monkeypatch.setattr(
        Path, "open", lambda self, *a, **k: FullDisk(real(self, *a, **k), room) if self.suffix == ".tmp" else real(self)
    )
    data = source(root).load()
    assert same(data, expected)
    assert data.notes[-1] == "The decoded pictures cannot be kept for the next time: No space left on device."
    assert kept("") == []


@pytest.mark.parametrize("fault", ["folder", "index", "limit", "space"])
def test_without_a_cache_it_works_and_says_why(root: Path, monkeypatch: pytest.MonkeyPatch, fault: str) -> None:
    if fault == "folder":
        cache_file.cache_folder().parent.mkdir(parents=True)
        cache_file.cache_folder().write_text("a file stands here")
    elif fault == "index":

        def fail(path: Path, data: bytes) -> None:
            raise WorkbenchError(f"Cannot write {path}: Input/output error.")

        monkeypatch.setattr(cache_file, "write_whole", fail)
    elif fault == "limit":
        monkeypatch.setattr(cache_file, "LIMIT", 10)
    else:
        monkeypatch.setattr(cache_file, "SPARE", 10**18)
    data = source(root).load()
    assert len(data.inputs) == 6
    assert np.array_equal(data.inputs[0], read_both(Path(data.files[0]), 8, False)[1])
    assert data.notes[-1].startswith("The decoded pictures cannot be kept for the next time: ")
    assert data.notes[-1].count(".") <= 2


def test_the_least_recently_used_go_when_there_is_too_much(
    root: Path, decoder: Decoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    for size in (8, 9, 10):
        source(root, size=size).load()
        index = max(kept(".index"), key=lambda file: file.stat().st_mtime_ns)
        os.utime(index, (size, size))
    source(root, size=8).load()  # used just now
    monkeypatch.setattr(cache_file, "LIMIT", 6 * 3 * (64 + 121) + 10)
    source(root, size=11).load()
    decoder.taken()
    for size, there in ((8, True), (11, True), (9, False)):
        source(root, size=size).load()
        assert (decoder.taken() == []) is there


def test_what_a_crash_left_behind_goes_after_a_day(root: Path) -> None:
    source(root).load()
    names = ("x-1.pixels", "x-1.tmp", "y.tmp")
    for name in names:
        (cache_file.cache_folder() / name).write_bytes(b"x")
    for name in names[:2]:
        os.utime(cache_file.cache_folder() / name, (1, 1))
    cache_file.remove_unused()
    assert [file.name for file in kept(".tmp")] == ["y.tmp"]
    assert len(kept(".pixels")) == 1


def test_two_threads_decode_once(root: Path, decoder: Decoder, monkeypatch: pytest.MonkeyPatch) -> None:
    started, second_waits = threading.Event(), threading.Event()
    count = decoder.__call__

    def slow(file: Path, size: int, gray: bool, fit: Fit, values: Range) -> Any:
        started.set()
        assert second_waits.wait(30)
        return count(file, size, gray, fit, values)

    monkeypatch.setattr(decode_entry, "read_both", slow)
    results: list[Dataset] = []
    first = threading.Thread(target=lambda: results.append(source(root).load()))
    first.start()
    assert started.wait(10)
    words: list[str] = []

    def told(loading: Loading) -> None:
        words.append(loading.words)
        if loading.words == "Reading pictures":
            second_waits.set()

    second = finished(source(root).loading(), told)
    first.join(10)
    assert same(results[0], second)
    assert decoder.taken() == ALL
    assert "Reading pictures" in words


# --- A drive that does not answer (EN10) ------------------------------------------------------------------------


def until(loading: Iterator[Loading], words: str) -> Loading:
    deadline = time.monotonic() + 30
    for told in loading:
        if words in told.words:
            return told
        assert time.monotonic() < deadline
    raise AssertionError("it ended")


@pytest.mark.parametrize(("module", "where"), [(request, "file_status"), (decode_entry, "read_both")])
def test_a_silent_drive_is_named_and_can_be_left(
    root: Path, monkeypatch: pytest.MonkeyPatch, module: Any, where: str
) -> None:
    answer, waited_in_vain = threading.Event(), []
    real = getattr(module, where)

    def hang(*arguments: Any) -> Any:
        if not answer.wait(30):
            waited_in_vain.append(where)
        return real(*arguments)

    monkeypatch.setattr(module, where, hang)
    monkeypatch.setattr(responsive_io, "SILENCE", 0.3)
    loading = source(root).loading()
    told = until(loading, "no answer for")
    assert str(root) in told.words
    assert told.words.endswith("s. Is the drive connected?")
    loading.close()
    assert not waited_in_vain, "leaving it waited for the drive"
    answer.set()
    monkeypatch.undo()
    assert len(source(root).load().labels) == 6


def test_a_drive_that_goes_away_is_named_by_its_files(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(file: Path, size: int, gray: bool, fit: Fit, values: Range) -> Any:
        (root / "dog" / "5.png").unlink(missing_ok=True)
        return read_both(file, size, gray, fit, values)

    monkeypatch.setattr(decode_entry, "read_both", gone)
    with pytest.raises(WorkbenchError, match=r"1 of 6 .*dog/5\.png \(No such file or directory\)"):
        source(root).load()


@pytest.mark.parametrize("error", [MemoryError(), RuntimeError("decoder"), KeyError(3)])
def test_an_exception_for_one_picture_names_it(root: Path, monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    """TR22: skip or stop."""
    from workbench.engine.pictures import decode

    real = decode._squared

    def fail(image: Image.Image, size: int) -> Image.Image:
        if "3.png" in getattr(image, "filename", "") or image.getpixel((0, 0)) == bad:
            raise error
        return real(image, size)

    bad = Image.open(root / "dog" / "3.png").getpixel((0, 0))
    monkeypatch.setattr(decode, "_squared", fail)
    with pytest.raises(WorkbenchError, match=r"1 of 6 pictures in .*: dog/3\.png \((damaged|there is not)") as caught:
        source(root).load()
    assert caught.value.path == "data.source.skip_unreadable"
    assert len(source(root, skip_unreadable=True).load().labels) == 5
    monkeypatch.setattr(decode, "_squared", real)
    passed = isinstance(error, MemoryError)  # what may have been the machine's fault is tried again
    assert len(source(root, skip_unreadable=True).load().labels) == 5 + passed
