"""The arrays of an .npz, or of the .npy files of a folder, by their heads: sizes are checked, no pickle is loaded."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from math import prod
from pathlib import Path
from typing import IO, Any, Final

import numpy as np
import numpy.typing as npt

from workbench.engine.catalog.datasets.array_values import ArrayHead, Layout, as_bytes, has_alpha, refuse, with_channels
from workbench.engine.core.memory import enough_memory
from workbench.engine.core.responsive_io import Told
from workbench.engine.core.text import grouped
from workbench.engine.pictures.background import all_clear, vanishing
from workbench.engine.pictures.decode import Range
from workbench.engine.pictures.transparency import clear_words, over_black_words

#: Deflate cannot shrink data by more than this (zlib's technical notes), so a header that claims more lies.
MAX_RATIO: Final = 1032
#: An archive of more members than these is none of pictures and labels.
MAX_MEMBERS: Final = 64
CHUNK: Final = 512
#: Maximum number of pictures of an array that are checked for transparency.
_LOOKED_AT: Final = 50


def files_of(file: Path) -> tuple[Path, ...]:
    """The files that are read: the .npz itself, or all .npy files beside the one that is named."""
    if file.suffix.lower() != ".npy":
        return (file,)
    return tuple(sorted(each for each in file.parent.glob("*.npy") if not each.name.startswith(".") and each.is_file()))


class ArrayArchive:
    """Open arrays by their heads, none of them read yet. ``objects`` are those that are never read.

    ``told`` hears how many examples are read.
    """

    def __init__(self, file: Path, told: Told | None = None) -> None:
        self.file, self._told = file, told
        self._done = self._total = 0
        self._zip = None if file.suffix.lower() == ".npy" else self._opened()
        heads = [self._head(name) for name in self._names()]
        self.arrays = _flattened([head for head in heads if not head.dtype.hasobject])
        self.objects = [head for head in heads if head.dtype.hasobject]

    def __enter__(self) -> ArrayArchive:
        return self

    def __exit__(self, *_: object) -> None:
        if self._zip is not None:
            self._zip.close()

    def expect(self, total: int, done: int = 0) -> None:
        """Set the total number of examples and the number read so far for the progress that ``told`` reports."""
        self._done, self._total = done, total

    def _opened(self) -> zipfile.ZipFile:
        try:
            return zipfile.ZipFile(self.file)
        except (zipfile.BadZipFile, ValueError) as error:
            is_empty = self.file.stat().st_size == 0
            refuse(self.file, "is empty" if is_empty else f"is no .npz file, or is cut off ({short_error(error)})")

    def _names(self) -> list[str]:
        if self._zip is None:
            names = [file.stem for file in files_of(self.file)]
        else:
            names = [n.removesuffix(".npy") for n in self._zip.namelist() if n.endswith(".npy")]
        if not names:
            refuse(self.file, "holds no NumPy arrays")
        if len(names) > MAX_MEMBERS:
            refuse(self.file, f"holds {grouped(len(names))} arrays; one of pictures and one of labels are expected")
        return names

    def _stream(self, name: str) -> IO[bytes]:
        if self._zip is None:
            return (self.file.parent / f"{name}.npy").open("rb")
        return self._zip.open(f"{name}.npy")

    def _sizes(self, name: str) -> tuple[int, int]:
        """Bytes of a member, and as they are stored."""
        if self._zip is None:
            size = os.stat(self.file.parent / f"{name}.npy").st_size
            return size, size
        info = self._zip.getinfo(f"{name}.npy")
        return info.file_size, info.compress_size

    def _head(self, name: str) -> ArrayHead:
        """Shape and type, checked against what the file can hold; nothing is allocated."""
        there, stored = self._sizes(name)
        with self._stream(name) as stream:
            shape, fortran, dtype = self._numpy_head(stream, name)
            size = prod(shape) * dtype.itemsize
            lies = size != there - stream.tell() or there > MAX_RATIO * max(1, stored) + 1024
            if lies and not dtype.hasobject:
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

    def read(self, array: ArrayHead) -> npt.NDArray[Any]:
        """All values of an array."""
        with self._stream(array.name) as stream:
            self._numpy_head(stream, array.name)
            enough_memory(2 * prod(array.shape) * array.dtype.itemsize, str(self.file))
            values = _exactly(stream, prod(array.shape), array.dtype)
            return values.reshape(array.shape[::-1]).T if array.fortran else values.reshape(array.shape)

    def chunks(self, array: ArrayHead) -> Iterator[tuple[int, npt.NDArray[Any]]]:
        """Some examples at a time, each with the number of its first one."""
        if array.fortran:
            yield 0, self.read(array)
            return
        each = prod(array.shape[1:])
        with self._stream(array.name) as stream:
            self._numpy_head(stream, array.name)
            for start in range(0, array.shape[0], CHUNK):
                if self._told is not None:
                    self._told.tell(min(self._done + start, self._total), self._total)
                count = min(CHUNK, array.shape[0] - start)
                yield start, _exactly(stream, count * each, array.dtype).reshape(count, *array.shape[1:])
            self._done += array.shape[0]
            stream.read(1)  # the end: the checksum of the archive is compared there

    def read_into(
        self,
        array: ArrayHead,
        room: npt.NDArray[np.uint8],
        values: Range,
        layout: Layout | None,
        rows: npt.NDArray[np.int64] | None = None,
        without_fourth: bool = False,
    ) -> None:
        """Convert pictures into ``room``, uint8 (N, C, H, W): those of ``rows`` (ascending), or all."""
        for start, some in self.chunks(array):
            if rows is None:
                room[start : start + len(some)] = as_bytes(
                    some, array, self.file, start, values, layout, without_fourth
                )
                continue
            first, last = np.searchsorted(rows, (start, start + len(some))).tolist()
            if first < last:
                wanted = some[rows[first:last] - start]
                room[first:last] = as_bytes(wanted, array, self.file, start, values, layout, without_fourth)

    def transparency_text(self, arrays: Sequence[ArrayHead], values: Range, layout: Layout | None) -> str:
        """Sentences on pictures that are read over black, or by their colours alone, by an even sample; empty without
        any."""
        black = clear = count = 0
        for array in (each for each in arrays if has_alpha(each, layout)):
            step = -(-array.shape[0] // _LOOKED_AT)
            for start, some in self.chunks(array):
                pictures = with_channels(some[-start % step :: step], array, self.file, start, values, layout)
                black, clear = black + vanishing(pictures), clear + all_clear(pictures)
                count += len(pictures)
        return f"{over_black_words(black, count)} {clear_words(clear, count)}".strip()


def _flattened(heads: Sequence[ArrayHead]) -> list[ArrayHead]:
    """``heads``, where those of one row (1, N), as MATLAB keeps a list, are (N,) if there are pictures of that number.

    With one picture such a row may be its columns of classes, and stays.
    """
    counts = {size for head in heads if head.is_pictures for size in (head.shape[0], head.shape[-1])}
    lists = {head.name for head in heads if len(head.shape) == 2 and head.shape[0] == 1 and head.shape[1] in counts}
    lists = set() if any(head.is_pictures and head.shape[0] == 1 for head in heads) else lists
    return [replace(head, shape=head.shape[1:]) if head.name in lists else head for head in heads]


def _exactly(stream: IO[bytes], count: int, dtype: np.dtype[Any]) -> npt.NDArray[Any]:
    data = stream.read(count * dtype.itemsize)
    if len(data) != count * dtype.itemsize:
        raise EOFError("it ends before its data does")
    return np.frombuffer(data, dtype)


def short_error(error: BaseException) -> str:
    """The first line of an error's text."""
    return (str(error).splitlines() or [""])[0][:80].rstrip(".") or type(error).__name__
