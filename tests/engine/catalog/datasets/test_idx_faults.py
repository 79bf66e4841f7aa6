"""IDX files: what is read, and every way in which they can be wrong (LD21)."""

from __future__ import annotations

import contextlib
import gzip
import struct
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from workbench.engine.catalog.datasets import Dataset
from workbench.engine.catalog.datasets.base import load_part
from workbench.engine.catalog.datasets.idx import IdxFolder
from workbench.engine.core.errors import WorkbenchError

hypothesis = pytest.importorskip("hypothesis")
strategies = hypothesis.strategies

RNG = np.random.default_rng(0)
PICTURES = RNG.integers(0, 256, (20, 6, 5), dtype=np.uint8)
LABELS = np.arange(20, dtype=np.uint8) % 10
IMAGES, MARKS = "train-images-idx3-ubyte", "train-labels-idx1-ubyte"


def idx(values: np.ndarray, shape: tuple[int, ...] | None = None, kind: int = 8) -> bytes:
    """An IDX file; ``shape`` may lie."""
    sizes = values.shape if shape is None else shape
    return bytes([0, 0, kind, len(sizes)]) + struct.pack(f">{len(sizes)}I", *sizes) + values.tobytes()


def write(folder: Path, images: bytes | None = None, labels: bytes | None = None, packed: bool = False) -> IdxFolder:
    files = {IMAGES: idx(PICTURES) if images is None else images, MARKS: idx(LABELS) if labels is None else labels}
    for name, data in files.items():
        (folder / (name + ".gz" * packed)).write_bytes(gzip.compress(data) if packed else data)
    return IdxFolder(folder=str(folder))


def refusal(source: IdxFolder) -> str:
    """The sentence with which ``source`` is refused."""
    with pytest.raises(WorkbenchError) as caught:
        source.load()
    message = caught.value.message
    assert caught.value.path.startswith("data.source")
    assert message.endswith(".")
    assert "Traceback" not in message
    return message


def same(data: Dataset) -> None:
    assert np.array_equal(data.inputs, PICTURES[:, None])
    assert np.array_equal(data.labels, LABELS)
    assert data.inputs.flags.c_contiguous


@pytest.mark.parametrize("packed", [False, True])
def test_a_pair_is_read(tmp_path: Path, packed: bool) -> None:
    data = write(tmp_path, packed=packed).load()
    same(data)
    assert data.classes == tuple("0123456789")


@pytest.mark.parametrize("names", [("train-images.idx3-ubyte", "train-labels.idx1-ubyte"), (f"{IMAGES}.gz", MARKS)])
def test_other_spellings_are_read(tmp_path: Path, names: tuple[str, str]) -> None:
    for name, values in zip(names, (PICTURES, LABELS), strict=True):
        (tmp_path / name).write_bytes(gzip.compress(idx(values)) if name.endswith("gz") else idx(values))
    same(IdxFolder(folder=str(tmp_path)).load())


def test_packing_is_seen_by_content_not_by_name(tmp_path: Path) -> None:
    """A browser may unpack a download and keep the name."""
    (tmp_path / f"{IMAGES}.gz").write_bytes(idx(PICTURES))
    (tmp_path / MARKS).write_bytes(gzip.compress(idx(LABELS)))
    same(IdxFolder(folder=str(tmp_path)).load())


def test_the_train_pair_is_taken_and_the_only_pair_else(tmp_path: Path) -> None:
    (tmp_path / "t10k-images-idx3-ubyte").write_bytes(idx(PICTURES[:10]))
    (tmp_path / "t10k-labels-idx1-ubyte").write_bytes(idx(LABELS[:10]))
    assert len(IdxFolder(folder=str(tmp_path)).load().labels) == 10
    same(write(tmp_path).load())


def test_the_test_pair_is_kept_for_itself(tmp_path: Path) -> None:
    source = write(tmp_path)
    with pytest.raises(WorkbenchError, match="no pair of IDX files for a test"):
        load_part(source, "test")
    (tmp_path / "t10k-images-idx3-ubyte").write_bytes(idx(PICTURES[:10]))
    (tmp_path / "t10k-labels-idx1-ubyte").write_bytes(idx(LABELS[:10]))
    assert np.array_equal(load_part(source, "test").inputs, PICTURES[:10, None])
    with pytest.raises(WorkbenchError, match="no validation part of its own"):
        load_part(source, "validation")


def test_several_sets_are_not_guessed_between(tmp_path: Path) -> None:
    for name in ("emnist-digits-train", "emnist-letters-train"):
        (tmp_path / f"{name}-images-idx3-ubyte").write_bytes(idx(PICTURES))
        (tmp_path / f"{name}-labels-idx1-ubyte").write_bytes(idx(LABELS))
    message = refusal(IdxFolder(folder=str(tmp_path)))
    assert "emnist-digits-train-images" in message
    assert "emnist-letters-train-images" in message


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("Fashion-MNIST", "T-shirt/top"),
        ("fashion", "T-shirt/top"),
        ("kmnist", "o"),
        ("old-fashioned", "0"),
        ("other", "0"),
    ],
)
def test_class_names_come_from_the_folders_name_alone(tmp_path: Path, name: str, first: str) -> None:
    (tmp_path / name).mkdir()
    assert write(tmp_path / name).load().classes[0] == first


def test_a_lonely_file_is_named(tmp_path: Path) -> None:
    (tmp_path / IMAGES).write_bytes(idx(PICTURES))
    assert IMAGES in refusal(IdxFolder(folder=str(tmp_path)))


def test_a_folder_named_like_a_file_is_no_file(tmp_path: Path) -> None:
    (tmp_path / IMAGES).mkdir()
    (tmp_path / MARKS).write_bytes(idx(LABELS))
    assert "without a partner" in refusal(IdxFolder(folder=str(tmp_path)))


FAULTS: list[tuple[str, Callable[[], tuple[bytes | None, bytes | None]], str, str]] = [
    ("empty", lambda: (b"", None), IMAGES, "is empty"),
    ("short head", lambda: (b"\0\0", None), IMAGES, "cut off"),
    ("short sizes", lambda: (idx(PICTURES)[:9], None), IMAGES, "cut off"),
    ("truncated", lambda: (idx(PICTURES)[:-7], None), IMAGES, "cut off"),
    ("trailing", lambda: (idx(PICTURES) + b"x", None), IMAGES, ""),
    ("labels as images", lambda: (idx(LABELS), None), IMAGES, "holds labels where pictures are expected"),
    ("images as labels", lambda: (None, idx(PICTURES)), MARKS, "holds pictures where labels are expected"),
    ("swapped", lambda: (idx(LABELS), idx(PICTURES)), MARKS, "swapped"),
    ("html", lambda: (b"<!DOCTYPE html><html>", None), IMAGES, "no IDX file"),
    ("floats", lambda: (idx(PICTURES, kind=13), None), IMAGES, "no IDX file of bytes"),
    ("absurd count", lambda: (idx(PICTURES, (2**32 - 1, 28, 28)), None), IMAGES, ""),
    ("absurd sides", lambda: (idx(PICTURES, (1, 2**31, 2**31)), None), IMAGES, "4096"),
    ("absurd labels", lambda: (None, idx(LABELS, (2**32 - 1,))), MARKS, ""),
    ("no pictures", lambda: (idx(PICTURES[:0]), None), IMAGES, "nothing to learn from"),
    ("no pixels", lambda: (idx(PICTURES[:, :0]), None), IMAGES, "nothing to learn from"),
    ("no labels", lambda: (None, idx(LABELS[:0])), MARKS, "nothing to learn from"),
    ("fewer labels", lambda: (None, idx(LABELS[:19])), MARKS, "19 labels"),
    (
        "label too high",
        lambda: (None, idx(np.where(np.arange(20) == 6, 10, LABELS).astype(np.uint8))),
        MARKS,
        "label 10",
    ),
    ("one class", lambda: (None, idx(LABELS * 0)), MARKS, "at least two classes"),
]


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "packed"])
@pytest.mark.parametrize(("make", "file", "words"), [f[1:] for f in FAULTS], ids=[f[0] for f in FAULTS])
def test_every_fault_gets_a_sentence_that_names_the_file(
    tmp_path: Path, make: Callable[[], tuple[bytes | None, bytes | None]], file: str, words: str, packed: bool
) -> None:
    message = refusal(write(tmp_path, *make(), packed=packed))
    assert str(tmp_path / file) in message
    assert words in message


def test_a_label_out_of_range_is_placed(tmp_path: Path) -> None:
    labels = LABELS.copy()
    labels[6] = 10
    assert "at example 7" in refusal(write(tmp_path, labels=idx(labels)))
    assert write(tmp_path, labels=idx(labels)).model_copy(update={"classes": 11}).load().labels[6] == 10


@pytest.mark.parametrize("fault", ["cut", "flipped", "checksum"])
def test_damaged_gzip(tmp_path: Path, fault: str) -> None:
    source = write(tmp_path, packed=True)
    file = tmp_path / f"{IMAGES}.gz"
    data = bytearray(file.read_bytes())
    if fault == "cut":
        data = data[: len(data) // 2]
    elif fault == "flipped":
        data[len(data) // 2] ^= 0xFF
    else:
        data[-8] ^= 0xFF
    file.write_bytes(data)
    message = refusal(source)
    assert str(file) in message
    assert "damaged" in message or "cut off" in message or "announces" in message


def peak(source: IdxFolder) -> int:
    """The largest amount of memory that loading holds at once, as Python and NumPy report it."""
    tracemalloc.start()
    try:
        with contextlib.suppress(WorkbenchError):
            source.load()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "packed"])
def test_a_lying_header_allocates_nothing(tmp_path: Path, packed: bool) -> None:
    source = write(tmp_path, images=idx(PICTURES, (2_000_000, 28, 28)), packed=packed)
    assert peak(source) < 4_000_000


def test_a_gzip_bomb_is_not_unpacked(tmp_path: Path) -> None:
    """40 MB of zeros behind a header that announces 600 bytes."""
    source = write(tmp_path, images=idx(PICTURES) + bytes(40_000_000), packed=True)
    assert peak(source) < 4_000_000
    assert "goes on after" in refusal(source)


def test_an_honest_file_that_is_larger_than_memory_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import psutil

    free = psutil.virtual_memory()._replace(available=100)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: free)
    message = refusal(write(tmp_path))
    assert "not enough memory" in message
    assert IMAGES in message


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "packed"])
def test_loading_holds_little_more_than_the_data(tmp_path: Path, packed: bool) -> None:
    many = np.random.default_rng(1).integers(0, 256, (20_000, 20, 20), dtype=np.uint8)
    labels = (np.arange(20_000) % 10).astype(np.uint8)
    source = write(tmp_path, idx(many), idx(labels), packed)
    assert peak(source) < 1.3 * many.nbytes


def test_an_unreadable_file_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = write(tmp_path)

    def fail(*_: object, **__: object) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(Path, "open", fail)
    message = refusal(source)
    assert MARKS in message
    assert "Input/output error" in message


def loaded_or_refused(source: IdxFolder, folder: Path) -> Dataset | None:
    """The data, or None if it was refused with a sentence about a file of ``folder``; anything else is raised."""
    try:
        return source.load()
    except WorkbenchError as error:
        said = error.message
    assert str(folder) in said
    return None


@hypothesis.given(
    strategies.lists(
        strategies.tuples(strategies.integers(0, 23), strategies.integers(0, 255)), min_size=1, max_size=4
    ),
    strategies.booleans(),
    strategies.booleans(),
)
@hypothesis.settings(max_examples=150)
def test_mutated_headers_never_crash_and_never_allocate_much(
    tmp_path_factory: pytest.TempPathFactory, changes: list[tuple[int, int]], of_labels: bool, packed: bool
) -> None:
    folder = tmp_path_factory.mktemp("idx")
    data = bytearray(idx(LABELS) if of_labels else idx(PICTURES))
    for place, value in changes:
        data[place] = value
    source = write(folder, *((None, bytes(data)) if of_labels else (bytes(data), None)), packed=packed)
    loaded = loaded_or_refused(source, folder)
    if loaded is not None:
        assert loaded.inputs.size == PICTURES.size
        assert len(loaded.labels) == len(loaded.inputs)


@hypothesis.given(strategies.integers(0, 400), strategies.integers(0, 255))
@hypothesis.settings(max_examples=100)
def test_mutated_gzip_never_crashes(tmp_path_factory: pytest.TempPathFactory, place: int, value: int) -> None:
    folder = tmp_path_factory.mktemp("gz")
    source = write(folder, packed=True)
    file = folder / f"{IMAGES}.gz"
    data = bytearray(file.read_bytes())
    data[place % len(data)] = value
    file.write_bytes(data)
    loaded_or_refused(source, folder)
