"""Pictures and labels in one NumPy archive (.npz): found by shape and type, no pickle, sizes checked first."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from math import prod
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated, Any, ClassVar

import numpy as np
import numpy.typing as npt

from workbench.engine.catalog.datasets.array_values import ArrayHead, as_bytes, refuse
from workbench.engine.catalog.datasets.base import Dataset, DataSource, Loadings
from workbench.engine.catalog.knob import Knob
from workbench.engine.catalog.path_settings import file_problems, usable_file
from workbench.engine.core.errors import NoTestPart, Problem, WorkbenchError
from workbench.engine.core.memory import enough_memory
from workbench.engine.core.responsive_io import in_daemon_thread
from workbench.engine.core.text import grouped

if TYPE_CHECKING:
    from workbench.engine.spec.experiment import ExperimentSpec

#: Deflate cannot shrink data by more than this (zlib's technical notes), so a header that claims more lies.
MAX_RATIO = 1032
MAX_SIDE = 4096
#: An archive of more members than these is none of pictures and labels.
MAX_MEMBERS = 64
#: Class names of more bytes than these are no names.
MAX_NAMES = 50_000_000
_CHUNK = 512
_NAMES = re.compile(r"class|names|categor", re.IGNORECASE)


class ArrayFile(DataSource):
    """One array of pictures and one of labels, or such a pair each for train, validation and test."""

    kind: ClassVar[str] = "npz"
    title: ClassVar[str] = "NumPy file (.npz)"
    summary: ClassVar[str] = "Pictures and labels in one .npz file, as many collections come."
    order: ClassVar[int] = 22

    file: Annotated[
        str,
        Knob(
            "File",
            "An .npz file with an array of pictures and an array of labels; their names do not matter. "
            "Pictures are 8-bit, (number, height, width) or with 1, 3 or 4 channels in the last or second place; "
            "16-bit ones and fractions from 0 to 1 are scaled. Arrays with train, val and test in their names are "
            "kept apart, and the test arrays are left untouched. An array of texts names the classes.",
            role="file",
        ),
    ] = ""

    def problems(self, spec: ExperimentSpec, path: str) -> Iterator[Problem]:
        yield from file_problems(self.file, f"{path}.file")

    def brief(self) -> str:
        return Path(self.file).name

    def files(self) -> tuple[Path, ...]:
        return (usable_file(self.file),)

    def load(self) -> Dataset:
        return self._read(test=False)

    def loading(self) -> Loadings:
        return (yield from in_daemon_thread(self.load, self.file, "Reading the file"))

    def loading_test(self) -> Loadings:
        return (yield from in_daemon_thread(lambda: self._read(test=True), self.file, "Reading the file"))

    def _read(self, test: bool) -> Dataset:
        file = usable_file(self.file)
        try:
            with _Archive(file) as archive:
                return _dataset(archive, test)
        except UnicodeDecodeError:
            refuse(file, "is damaged: it holds names that are no text")
        except MemoryError:
            refuse(file, "does not fit into memory")
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
            refuse(file, f"is damaged or cut off ({_short(error)})")
        except OSError as error:
            raise WorkbenchError(f"Cannot read {file}: {error.strerror or error}.", "data.source.file") from None


class _Archive:
    """An open .npz: its arrays by their heads, none of them read yet."""

    def __init__(self, file: Path) -> None:
        self.file = file
        try:
            self._zip = zipfile.ZipFile(file)
        except (zipfile.BadZipFile, ValueError) as error:
            what = "is empty" if file.stat().st_size == 0 else f"is no .npz file, or is cut off ({_short(error)})"
            refuse(file, what)
        self.arrays = [self._head(info) for info in self._members()]

    def __enter__(self) -> _Archive:
        return self

    def __exit__(self, *_: object) -> None:
        self._zip.close()

    def _members(self) -> list[zipfile.ZipInfo]:
        members = [info for info in self._zip.infolist() if info.filename.endswith(".npy")]
        if not members:
            refuse(self.file, "holds no NumPy arrays")
        if len(members) > MAX_MEMBERS:
            refuse(self.file, f"holds {grouped(len(members))} arrays; one of pictures and one of labels are expected")
        return members

    def _head(self, info: zipfile.ZipInfo) -> ArrayHead:
        """Shape and type, checked against what the file can hold; nothing is allocated."""
        name = info.filename.removesuffix(".npy")
        with self._zip.open(info) as stream:
            shape, fortran, dtype = self._numpy_head(stream, name)
            size = prod(shape) * dtype.itemsize
            if dtype.hasobject:
                refuse(self.file, f"has Python objects in {name!r}, which are never loaded; save plain arrays instead")
            if size != info.file_size - stream.tell() or info.file_size > MAX_RATIO * max(1, info.compress_size) + 1024:
                refuse(self.file, f"announces {grouped(size)} bytes for {name!r}, which it does not hold")
        return ArrayHead(name, shape, dtype, fortran)

    def _numpy_head(self, stream: IO[bytes], name: str) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
        try:
            version = np.lib.format.read_magic(stream)
            read = {
                (1, 0): np.lib.format.read_array_header_1_0,
                (2, 0): np.lib.format.read_array_header_2_0,
            }[version]
            shape, fortran, dtype = read(stream, max_header_size=10_000)
        except (ValueError, KeyError, TypeError, SyntaxError, RecursionError, MemoryError, OverflowError):
            refuse(self.file, f"has a damaged head of the array {name!r}")
        if any(size < 0 for size in shape) or len(shape) > 8:
            refuse(self.file, f"has a damaged head of the array {name!r}")
        return shape, fortran, dtype

    def read(self, array: ArrayHead, into: npt.NDArray[Any] | None = None) -> npt.NDArray[Any]:
        """The values of an array, some examples at a time if they are converted ``into`` uint8 pictures."""
        with self._zip.open(f"{array.name}.npy") as stream:
            self._numpy_head(stream, array.name)
            if into is None or array.fortran:
                enough_memory(2 * prod(array.shape) * array.dtype.itemsize, str(self.file))
                values = _exactly(stream, prod(array.shape), array.dtype)
                values = values.reshape(array.shape[::-1]).T if array.fortran else values.reshape(array.shape)
                if into is None:
                    return values
                into[...] = as_bytes(values, array, self.file, 0)
                return into
            each = prod(array.shape[1:])
            for start in range(0, array.shape[0], _CHUNK):
                count = min(_CHUNK, array.shape[0] - start)
                values = _exactly(stream, count * each, array.dtype).reshape(count, *array.shape[1:])
                into[start : start + count] = as_bytes(values, array, self.file, start)
            stream.read(1)  # the end: the checksum of the archive is compared there
        return into


def _exactly(stream: IO[bytes], count: int, dtype: np.dtype[Any]) -> npt.NDArray[Any]:
    data = stream.read(count * dtype.itemsize)
    if len(data) != count * dtype.itemsize:
        raise EOFError("it ends before its data does")
    return np.frombuffer(data, dtype)


# --- Which array is which ---------------------------------------------------------------------------------------


def _dataset(archive: _Archive, test: bool) -> Dataset:
    pairs = _pairs(archive)
    trained = [part for part in ("", "train", "validation") if part in pairs and not ("" in pairs and part)]
    wanted = ["test"] if test else trained
    if test and ("test" not in pairs or not trained):
        raise NoTestPart(f"{archive.file} holds no test arrays beside those to train on.", "data.source.file")
    if not trained:  # a file of test data alone is a set like any other
        wanted = list(pairs)
    if wanted == ["validation"]:
        refuse(archive.file, "holds arrays for validation but none for training")
    heads = [pairs[part] for part in wanted]
    shape = _shape_of(heads[0][0], archive.file)
    if any(_shape_of(pictures, archive.file) != shape for pictures, _ in heads):
        refuse(archive.file, "has pictures of different shapes for training and validation")
    counts = [pictures.shape[0] for pictures, _ in heads]
    enough_memory(sum(counts) * prod(shape), str(archive.file))
    inputs = np.empty((sum(counts), *shape), np.uint8)
    for (pictures, _), start in zip(heads, np.cumsum([0, *counts]).tolist(), strict=False):
        read = archive.read(pictures, inputs[start : start + pictures.shape[0]])
        if pictures.dtype == np.uint16 and read.max() <= 1:
            text = f"has 16-bit pictures in {pictures.name!r} that are black: none of their values is far above 255"
            refuse(archive.file, f"{text}; save pictures that count from 0 to 255 as 8-bit numbers")
    labels = [archive.read(head).reshape(-1) for _, head in heads]
    known = labels if not test else [archive.read(pairs[part][1]).reshape(-1) for part in trained]
    numbers, classes, notes = _numbered(archive, labels, known)
    held = np.arange(len(inputs)) >= counts[0] if "validation" in wanted else None
    return Dataset(inputs, numbers, classes, held, notes=notes)


def _pairs(archive: _Archive) -> dict[str, tuple[ArrayHead, ArrayHead]]:
    """Pictures and labels by part. Raises WorkbenchError that lists what is there."""
    found: dict[str, tuple[ArrayHead, ArrayHead]] = {}
    for pictures in (array for array in archive.arrays if array.is_pictures):
        if pictures.shape[0] == 0 or 0 in pictures.shape:
            refuse(archive.file, f"has no pictures in the array {pictures.name!r}")
        fitting = [a for a in archive.arrays if a.is_labels and a.part == pictures.part and not _is_names(a, pictures)]
        labels = [a for a in fitting if a.shape[0] == pictures.shape[0]]
        if fitting and not labels:
            counts = f"{grouped(pictures.shape[0])} pictures and {grouped(fitting[0].shape[0])} labels"
            refuse(
                archive.file, f"has {counts} in {pictures.name!r} and {fitting[0].name!r}; the numbers must be equal"
            )
        if labels:
            if pictures.part in found:
                names = f"{found[pictures.part][0].name!r} and {pictures.name!r}"
                refuse(archive.file, f"holds several arrays of pictures, {names}; leave one of them")
            found[pictures.part] = (pictures, _best(labels))
    if not found:
        there = ", ".join(f"{a.name} {a.dtype} {'×'.join(map(str, a.shape))}" for a in archive.arrays[:6])
        text = "holds no pair of pictures (number, height, width[, channels]) and labels (number)"
        refuse(archive.file, f"{text}; it has {there}")
    return found


def _is_names(array: ArrayHead, pictures: ArrayHead) -> bool:
    return array.dtype.kind in "US" and array.shape[0] != pictures.shape[0]


def _best(labels: Sequence[ArrayHead]) -> ArrayHead:
    """Whole numbers before texts (file names) before fractions; a name with label or y first."""
    telling = re.compile(r"label|target|(^|_)y(_|$)|class", re.IGNORECASE)
    return min(labels, key=lambda a: (not telling.search(a.name), "uibUSf".index(a.dtype.kind)))


def _shape_of(array: ArrayHead, file: Path) -> tuple[int, int, int]:
    """(C, H, W) of one picture, C 1 or 3."""
    sizes = array.shape[1:]
    shape: tuple[int, ...]
    if len(sizes) == 2:
        shape = (1, *sizes)
    elif sizes[2] in (1, 3, 4):
        shape = (1 if sizes[2] == 1 else 3, *sizes[:2])
    elif sizes[0] in (1, 3, 4):
        shape = (1 if sizes[0] == 1 else 3, *sizes[1:])
    else:
        refuse(file, f"has pictures of {' × '.join(map(str, sizes))} in {array.name!r}; 1, 3 or 4 channels can be read")
    if max(shape[1:]) > MAX_SIDE:
        refuse(
            file,
            f"has pictures of {grouped(shape[2])} × {grouped(shape[1])} pixels; at most {MAX_SIDE} a side can be read",
        )
    channels, height, width = shape
    return channels, height, width


# --- Labels ------------------------------------------------------------------------------------------------------


def _numbered(
    archive: _Archive, labels: Sequence[npt.NDArray[Any]], known: Sequence[npt.NDArray[Any]]
) -> tuple[npt.NDArray[np.int64], tuple[str, ...], tuple[str, ...]]:
    """Labels as int64, the names of the classes, and sentences about these.

    ``known`` are the labels that say which classes there are.
    """
    wanted, every = np.concatenate(labels), np.concatenate(known)
    if wanted.dtype.kind in "US":
        names, _ = np.unique(every, return_inverse=True)
        where = np.searchsorted(names, wanted)
        strange = names[np.minimum(where, len(names) - 1)] != wanted
        if strange.any():
            refuse(archive.file, f"has the class {_text(wanted[strange][0])!r} in test but not in train")
        _refuse_one_class(archive.file, len(names))
        return where.astype(np.int64), tuple(_text(name) for name in names), ()
    for values in (wanted, every):
        if values.dtype.kind == "f" and not (np.isfinite(values).all() and (values == np.rint(values)).all()):
            refuse(archive.file, "has labels that are no whole numbers")
    low, high = int(min(wanted.min(), every.min())), int(every.max())
    names_there, notes = _class_names(archive, high + 1)
    if low < 0:
        refuse(archive.file, f"has the label {low}; labels count from 0")
    if wanted.max() > high:
        refuse(archive.file, f"has the label {int(wanted.max())} in test but none above {high} in train")
    if high > 65_535:
        refuse(archive.file, f"has the label {grouped(high)}, which numbers no class; labels count from 0")
    if not names_there:
        _refuse_one_class(archive.file, len(np.unique(every)))
    classes = names_there or tuple(map(str, range(high + 1)))
    return wanted.astype(np.int64), classes, notes


def _refuse_one_class(file: Path, count: int) -> None:
    if count < 2:
        refuse(file, "holds only one class; learning needs at least two")


def _class_names(archive: _Archive, at_least: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The texts that name the classes, if an array of them is there; and a sentence if it cannot be used."""
    texts = [a for a in archive.arrays if a.dtype.kind in "US" and len(a.shape) == 1 and a.shape[0] >= at_least]
    named = [a for a in texts if _NAMES.search(a.name)] or [a for a in texts if a.shape[0] == at_least]
    for array in named:
        is_small = array.shape[0] <= 65_536 and array.shape[0] * array.dtype.itemsize <= MAX_NAMES
        if is_small and not re.search(r"file|path", array.name, re.IGNORECASE):
            names = tuple(_text(name) for name in archive.read(array))
            if len(set(names)) == len(names) and all(name.strip() for name in names):
                return names, ()
            why = "the same name twice" if len(set(names)) < len(names) else "an empty name"
            return (), (f"{archive.file} has {why} in {array.name!r}, so the classes are called by their numbers.",)
    return (), ()


def _text(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _short(error: BaseException) -> str:
    return (str(error).splitlines() or [""])[0][:80].rstrip(".") or type(error).__name__
