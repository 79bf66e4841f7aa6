"""Pictures are decoded once: what is read again, what is decoded anew, and every way in which a cache can be wrong."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
from PIL import Image

from workbench.engine.catalog.datasets import Dataset
from workbench.engine.catalog.datasets.folder import PictureFolder
from workbench.engine.core import responsive_io
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.progress import Loading, finished
from workbench.engine.pictures import cache, cache_file, decode_entry, request
from workbench.engine.pictures.decode import Fit, Range, read_both


class Decoder:
    """Counts which files are decoded."""

    def __init__(self) -> None:
        self.files: list[str] = []

    def __call__(self, file: Path, size: int, gray: bool, fit: Fit, values: Range) -> Any:
        self.files.append(file.name)
        return read_both(file, size, gray, fit, values)

    def taken(self) -> list[str]:
        """The names decoded since the last call."""
        files, self.files = self.files, []
        return sorted(files)


@pytest.fixture
def decoder(monkeypatch: pytest.MonkeyPatch) -> Decoder:
    counter = Decoder()
    monkeypatch.setattr(decode_entry, "read_both", counter)
    return counter


def noise(file: Path, seed: int) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    values = np.random.default_rng(seed).integers(0, 256, (9, 9, 3), dtype=np.uint8)
    Image.fromarray(values).save(file)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for number in range(6):
        noise(tmp_path / "data" / ("cat", "dog")[number % 2] / f"{number}.png", number)
    return tmp_path / "data"


def source(root: Path, **knobs: Any) -> PictureFolder:
    return PictureFolder(folder=str(root), **{"size": 8, "colour": "rgb", **knobs})


def same(data: Dataset, other: Dataset) -> bool:
    return np.array_equal(data.inputs, other.inputs) and np.array_equal(data.labels, other.labels)


def kept(suffix: str) -> list[Path]:
    return sorted(cache_file.cache_folder().glob(f"*{suffix}"))


ALL = [f"{number}.png" for number in range(6)]


def test_the_second_load_decodes_nothing_and_gives_the_same(root: Path, decoder: Decoder) -> None:
    first = source(root).load()
    assert decoder.taken() == ALL
    again = source(root).load()
    assert decoder.taken() == []
    assert same(first, again)
    assert again.files == first.files
    assert again.inputs.flags.writeable  # torch warns of arrays that are not
    assert again.inputs.flags.c_contiguous


def test_pictures_of_another_shape_have_a_cache_of_their_own(root: Path, decoder: Decoder) -> None:
    noise(root / "cat" / "0.png", 7)
    wide = Image.open(root / "cat" / "0.png").resize((36, 9))
    wide.save(root / "cat" / "0.png")
    loaded = {fit: source(root, fit=fit).load() for fit in get_args(Fit)}
    assert decoder.taken() == sorted(ALL * 3)
    for fit in get_args(Fit):
        assert same(source(root, fit=fit).load(), loaded[fit])
        assert np.array_equal(loaded[fit].inputs[0], read_both(root / "cat" / "0.png", 8, False, fit)[1])
    assert decoder.taken() == []
    assert len({loaded[fit].inputs[0].tobytes() for fit in get_args(Fit)}) == 3


def test_a_large_set_is_mapped_and_writing_does_not_reach_the_file(
    root: Path, decoder: Decoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache_file, "MAP_FROM", 1)
    first = source(root).load()
    assert isinstance(first.inputs.base, np.memmap)
    before = first.inputs.copy()
    first.inputs[:] = 0
    assert np.array_equal(source(root).load().inputs, before)
    assert decoder.taken() == ALL


def test_only_what_changed_is_decoded_anew(root: Path, decoder: Decoder) -> None:
    before = source(root).load()
    decoder.taken()
    noise(root / "dog" / "3.png", 77)
    changed = source(root).load()
    assert decoder.taken() == ["3.png"]
    differs = [not np.array_equal(a, b) for a, b in zip(before.inputs, changed.inputs, strict=True)]
    assert [Path(f).name for f, d in zip(changed.files, differs, strict=True) if d] == ["3.png"]
    noise(root / "cat" / "1000.png", 5)
    (root / "dog" / "5.png").unlink()
    grown = source(root).load()
    assert decoder.taken() == ["1000.png"]
    assert [Path(f).name for f in grown.files] == ["0.png", "2.png", "4.png", "1000.png", "1.png", "3.png"]
    assert np.array_equal(grown.inputs[5], changed.inputs[4])


def test_a_touched_file_of_the_same_size_is_decoded_anew(root: Path, decoder: Decoder) -> None:
    source(root).load()
    decoder.taken()
    status = (root / "cat" / "0.png").stat()
    os.utime(root / "cat" / "0.png", ns=(status.st_atime_ns, status.st_mtime_ns + 1_000))
    source(root).load()
    assert decoder.taken() == ["0.png"]


def test_each_size_and_colour_has_its_own(root: Path, decoder: Decoder) -> None:
    for knobs in ({}, {"size": 6}, {"colour": "gray"}):
        source(root, **knobs).load()
    assert len(decoder.taken()) == 18
    assert len(kept(".index")) == len(kept(".pixels")) == 3
    assert source(root, size=6).load().inputs.shape == (6, 3, 6, 6)
    assert decoder.taken() == []


def test_colour_is_known_from_the_cache(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for file in root.rglob("*.png"):
        Image.open(file).convert("L").save(file)
    looked: list[Path] = []
    real = cache.read_header
    monkeypatch.setattr(cache, "read_header", lambda file: looked.append(file) or real(file))
    assert source(root, colour="auto").load().inputs.shape[1] == 1
    assert len(looked) == 6
    looked.clear()
    assert source(root, colour="auto").load().inputs.shape[1] == 1
    assert looked == []


def test_an_unreadable_file_is_remembered_and_read_when_it_is_mended(root: Path, decoder: Decoder) -> None:
    (root / "cat" / "2.png").write_bytes(b"no picture")
    with pytest.raises(WorkbenchError, match=r"cat/2\.png \(not a picture"):
        source(root).load()
    decoder.taken()
    assert len(source(root, skip_unreadable=True).load().labels) == 5
    assert decoder.taken() == []
    noise(root / "cat" / "2.png", 9)
    assert len(source(root).load().labels) == 6
    assert decoder.taken() == ["2.png"]


def damaged(name: str, file: Path) -> None:
    data = bytearray(file.read_bytes())
    if name == "cut":
        file.write_bytes(data[:-7])
    elif name == "empty":
        file.write_bytes(b"")
    elif name == "flipped":
        data[len(data) // 2] ^= 1
        file.write_bytes(data)
    elif name == "gone":
        file.unlink()
    else:
        file.write_bytes(data + b"x")


@pytest.mark.parametrize("fault", ["cut", "empty", "flipped", "gone", "longer"])
@pytest.mark.parametrize("suffix", [".index", ".pixels"])
def test_a_damaged_cache_is_noticed_and_built_anew(root: Path, decoder: Decoder, suffix: str, fault: str) -> None:
    first = source(root).load()
    decoder.taken()
    damaged(fault, kept(suffix)[0])
    assert same(source(root).load(), first)
    assert len(decoder.taken()) == (1 if (suffix, fault) == (".pixels", "flipped") else 6)
    again = source(root).load()
    assert same(again, first)
    assert decoder.taken() == []
    assert len(kept(".pixels")) == len(kept(".index")) == 1


def test_a_cache_of_another_rule_is_not_used(root: Path, decoder: Decoder, monkeypatch: pytest.MonkeyPatch) -> None:
    source(root).load()
    decoder.taken()
    monkeypatch.setattr(cache_file, "RULE", cache_file.RULE + 1)
    source(root).load()
    assert decoder.taken() == ALL


# --- Giving up, crashes, full disks -----------------------------------------------------------------------------


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
