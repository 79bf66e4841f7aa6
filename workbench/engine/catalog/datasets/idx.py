"""A folder with IDX files, compressed or not: MNIST, Fashion-MNIST, KMNIST and others of their format.

The format (LeCun, Cortes, Burges; yann.lecun.com/exdb/mnist): two zero bytes, the type (8: unsigned byte), the number
of dimensions, each dimension as a big-endian 32-bit number, then the values with the last dimension fastest.
"""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BufferedIOBase
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar, NoReturn

import numpy as np
import numpy.typing as npt

from workbench.engine.catalog.datasets.base import Dataset, DataSource, Loadings
from workbench.engine.catalog.knob import Knob
from workbench.engine.catalog.path_settings import Folder, folder_problems, usable_folder
from workbench.engine.core.errors import NoTestPart, Problem, WorkbenchError
from workbench.engine.core.memory import enough_memory
from workbench.engine.core.responsive_io import in_daemon_thread
from workbench.engine.core.text import grouped
from workbench.engine.pictures.folder_scans import FolderScans

if TYPE_CHECKING:
    from workbench.engine.spec.experiment import ExperimentSpec

Bytes = npt.NDArray[np.uint8]

#: Deflate cannot shrink data by more than this (zlib's technical notes: 1032 to 1), so a header that claims more lies.
MAX_RATIO = 1032
MAX_SIDE = 4096
_CHUNK = 1 << 20
_IMAGES = re.compile(r"^(?P<head>.*)images[-.]idx3[-.]ubyte(?P<gz>\.gz)?$", re.IGNORECASE)
_LABELS = re.compile(r"^(?P<head>.*)labels[-.]idx1[-.]ubyte(?P<gz>\.gz)?$", re.IGNORECASE)

#: Class names by a word in the folder's name; nothing is guessed from the content.
NAMES = {
    "fashion": (
        "T-shirt/top",
        "Trouser",
        "Pullover",
        "Dress",
        "Coat",
        "Sandal",
        "Shirt",
        "Sneaker",
        "Bag",
        "Ankle boot",
    ),
    "kmnist": ("o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo"),
}


class IdxFolder(DataSource):
    """Pictures (N, 1, H, W) and labels from an ``idx3`` and an ``idx1`` file; the train pair if there are several."""

    kind: ClassVar[str] = "idx"
    title: ClassVar[str] = "IDX files (MNIST)"
    summary: ClassVar[str] = "A folder with MNIST, Fashion-MNIST or KMNIST as it was downloaded."
    order: ClassVar[int] = 20
    mirrors: ClassVar[bool] = False  # digits and signs may be in it
    can_hold_back: ClassVar[bool] = False

    folder: Folder = ""
    classes: Annotated[
        int,
        Knob(
            "Classes",
            "How many classes the labels count, from 0. MNIST, Fashion-MNIST and KMNIST have ten.",
            low=2,
            high=256,
        ),
    ] = 10

    def problems(self, spec: ExperimentSpec, path: str) -> Iterator[Problem]:
        yield from folder_problems(self.folder, f"{path}.folder")

    def files(self) -> tuple[Path, ...]:
        return find_pair(usable_folder(self.folder))

    def load(self) -> Dataset:
        folder = usable_folder(self.folder)
        return self._read(folder, find_pair(folder))

    def loading(self) -> Loadings:
        return (yield from in_daemon_thread(self.load, self.folder, "Reading the files"))

    def loading_test(self) -> Loadings:
        def load() -> Dataset:
            folder = usable_folder(self.folder)
            return self._read(folder, find_test_pair(folder))

        return (yield from in_daemon_thread(load, self.folder, "Reading the files"))

    def _read(self, folder: Path, pair: tuple[Path, Path]) -> Dataset:
        images_file, labels_file = pair
        labels = read_idx(labels_file, 1)
        images = read_idx(images_file, 3)
        if len(images) != len(labels):
            _refuse(
                labels_file,
                f"holds {grouped(len(labels))} labels, but {images_file.name} holds {grouped(len(images))} pictures",
            )
        self._check_labels(labels, labels_file)
        return Dataset(images[:, None], labels.astype(np.int64), self._class_names(folder))

    def _check_labels(self, labels: Bytes, file: Path) -> None:
        if labels.max() >= self.classes:
            where = int(np.argmax(labels >= self.classes))
            text = f"has the label {labels[where]} at example {grouped(where + 1)}"
            text += f", but {self.classes} classes count from 0 to {self.classes - 1}"
            _refuse(file, f"{text}; change the number of classes or bring another file")
        if labels.min() == labels.max():
            _refuse(file, f"holds only the label {labels[0]}; learning needs at least two classes")

    def _class_names(self, folder: Path) -> tuple[str, ...]:
        named = next((names for word, names in NAMES.items() if word in folder.name.lower()), ())
        return named if len(named) == self.classes else tuple(map(str, range(self.classes)))

    def brief(self) -> str:
        return Path(self.folder).name


def find_pair(folder: Path, scans: FolderScans | None = None) -> tuple[Path, Path]:
    """The images and labels file to read: the train pair, or the only pair. Raises WorkbenchError."""
    files = _files(folder, scans)
    images, labels = _by_head(files, _IMAGES), _by_head(files, _LABELS)
    pairs = {head: (images[head], labels[head]) for head in images if head in labels}
    chosen = [head for head in pairs if "train" in head] or list(pairs)
    if len(chosen) == 1:
        return pairs[chosen[0]]
    if chosen:
        several = ", ".join(sorted(pairs[head][0].name for head in chosen))
        raise WorkbenchError(f"{folder} holds several sets: {several}. Leave one of them there.", "data.source.folder")
    lonely = [file.name for file in (*images.values(), *labels.values())]
    found = f"It holds {', '.join(sorted(lonely)[:4])} without a partner. " if lonely else ""
    text = "Bring train-images-idx3-ubyte and train-labels-idx1-ubyte, with or without .gz."
    raise WorkbenchError(f"{folder} holds no pair of IDX files. {found}{text}", "data.source.folder")


def find_test_pair(folder: Path) -> tuple[Path, Path]:
    """The images and labels file of the test part beside the train pair. Raises WorkbenchError if there is none."""
    find_pair(folder)
    files = _files(folder, None)
    images, labels = _by_head(files, _IMAGES), _by_head(files, _LABELS)
    tests = [head for head in images if head in labels and ("t10k" in head or "test" in head)]
    if len(tests) != 1 or not any("train" in head for head in images):
        text = f"{folder} holds no pair of IDX files for a test (t10k) beside a train pair."
        raise NoTestPart(text, "data.source.folder")
    return images[tests[0]], labels[tests[0]]


def _files(folder: Path, scans: FolderScans | None) -> list[Path]:
    try:
        items = (scans if scans is not None else FolderScans()).items(folder)
    except OSError as error:
        raise WorkbenchError(f"Cannot read {folder}: {error.strerror or error}.", "data.source.folder") from None
    return [folder / item.name for item in items if item.is_file]


def _by_head(files: Sequence[Path], pattern: re.Pattern[str]) -> dict[str, Path]:
    """Of each head the first file: the name without .gz comes first, and need not be unpacked."""
    found: dict[str, Path] = {}
    for file in files:
        match = pattern.match(file.name)
        if match:
            found.setdefault(match["head"].lower(), file)
    return found


def read_idx(file: Path, dimensions: int) -> Bytes:
    """The values of an IDX file with this number of dimensions, uint8, read straight into their array.

    The size is checked against the file before anything is allocated, so a lying header or a gzip bomb costs nothing.
    Raises WorkbenchError with a sentence that names the file.
    """
    try:
        with file.open("rb") as raw:
            packed = raw.read(2) == b"\x1f\x8b"
            raw.seek(0)
            if not packed:
                return _read(_Source(file, raw, packed), dimensions)
            with gzip.GzipFile(fileobj=raw) as unpacked:
                return _read(_Source(file, unpacked, packed), dimensions)
    except EOFError:
        _refuse(file, "is cut off: it ends before its data does")
    except (gzip.BadGzipFile, zlib.error) as error:
        _refuse(file, f"is damaged and cannot be unpacked ({error})")
    except MemoryError:
        _refuse(file, "does not fit into memory")
    except OSError as error:
        raise WorkbenchError(f"Cannot read {file}: {error.strerror or error}.", "data.source") from None


@dataclass(frozen=True, slots=True)
class _Source:
    """An open IDX file: ``stream`` gives its unpacked bytes."""

    file: Path
    stream: BufferedIOBase | gzip.GzipFile
    packed: bool


def _read(source: _Source, dimensions: int) -> Bytes:
    shape = _shape(source, dimensions)
    _check_size(source, shape)
    values = np.empty(shape, np.uint8)
    _fill(source, values.reshape(-1))
    if source.stream.read(1):
        _refuse(source.file, f"goes on after the {_times(shape)} values that it announces")
    return values


def _shape(source: _Source, dimensions: int) -> tuple[int, ...]:
    head = source.stream.read(4)
    kinds = {1: "labels", 3: "pictures"}
    if len(head) < 4:
        _refuse(source.file, "is empty" if not head else "is cut off: it ends before its data does")
    if head[:3] != b"\x00\x00\x08":
        _refuse(source.file, "is no IDX file of bytes; bring the file as it was published")
    if head[3] != dimensions:
        holds = kinds.get(head[3], f"data with {head[3]} dimensions")
        _refuse(
            source.file, f"holds {holds} where {kinds[dimensions]} are expected; the two files are probably swapped"
        )
    sizes = source.stream.read(4 * dimensions)
    if len(sizes) < 4 * dimensions:
        _refuse(source.file, "is cut off: it ends before its data does")
    return tuple(int.from_bytes(sizes[i : i + 4], "big") for i in range(0, len(sizes), 4))


def _check_size(source: _Source, shape: tuple[int, ...]) -> None:
    if 0 in shape:
        _refuse(source.file, f"announces {_times(shape)} values; there is nothing to learn from")
    if max(shape[1:], default=0) > MAX_SIDE:
        _refuse(source.file, f"announces pictures of {_times(shape[1:])} pixels; at most {MAX_SIDE} a side can be read")
    needed, there = prod(shape), source.file.stat().st_size
    if source.packed:
        if needed > MAX_RATIO * there:
            _refuse(source.file, f"announces {_times(shape)} values, which its {grouped(there)} bytes cannot hold")
    elif needed != (room := there - 4 - 4 * len(shape)):
        word = "is cut off" if needed > room else "is longer than it says"
        _refuse(source.file, f"{word}: it announces {_times(shape)} values and has {grouped(room)}")
    enough_memory(needed, f"{source.file}")


def _fill(source: _Source, room: Bytes) -> None:
    """Read exactly as many bytes as ``room`` (n,) has."""
    done = 0
    while done < len(room):
        got = source.stream.readinto(room[done : done + _CHUNK].data)
        if not got:
            _refuse(source.file, f"is cut off: {grouped(done)} of {grouped(len(room))} values are there")
        done += got


def _times(shape: tuple[int, ...]) -> str:
    return " × ".join(grouped(size) for size in shape)


def _refuse(file: Path, what: str) -> NoReturn:
    raise WorkbenchError(f"{file} {what}.", "data.source")
