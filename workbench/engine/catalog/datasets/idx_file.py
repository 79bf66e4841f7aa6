"""One IDX file, compressed or not.

The format (LeCun, Cortes, Burges; yann.lecun.com/exdb/mnist): two zero bytes, the type (8: unsigned byte), the number
of dimensions, each dimension as a big-endian 32-bit number, then the values with the last dimension fastest.
"""

from __future__ import annotations

import gzip
import zlib
from dataclasses import dataclass
from io import BufferedIOBase
from math import prod
from pathlib import Path
from typing import NoReturn

import numpy as np
import numpy.typing as npt

from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.memory import enough_memory
from workbench.engine.core.text import grouped

Bytes = npt.NDArray[np.uint8]

#: Deflate cannot shrink data by more than this (zlib's technical notes: 1032 to 1), so a header that claims more lies.
MAX_RATIO = 1032
MAX_SIDE = 4096
_CHUNK = 1 << 20


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
        refuse(file, "is cut off: it ends before its data does")
    except (gzip.BadGzipFile, zlib.error) as error:
        refuse(file, f"is damaged and cannot be unpacked ({error})")
    except MemoryError:
        refuse(file, "does not fit into memory")
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
        refuse(source.file, f"goes on after the {_times(shape)} values that it announces")
    return values


def _shape(source: _Source, dimensions: int) -> tuple[int, ...]:
    head = source.stream.read(4)
    kinds = {1: "labels", 3: "pictures"}
    if len(head) < 4:
        refuse(source.file, "is empty" if not head else "is cut off: it ends before its data does")
    if head[:3] != b"\x00\x00\x08":
        refuse(source.file, "is no IDX file of bytes; bring the file as it was published")
    if head[3] != dimensions:
        holds = kinds.get(head[3], f"data with {head[3]} dimensions")
        refuse(source.file, f"holds {holds} where {kinds[dimensions]} are expected; the two files are probably swapped")
    sizes = source.stream.read(4 * dimensions)
    if len(sizes) < 4 * dimensions:
        refuse(source.file, "is cut off: it ends before its data does")
    return tuple(int.from_bytes(sizes[i : i + 4], "big") for i in range(0, len(sizes), 4))


def _check_size(source: _Source, shape: tuple[int, ...]) -> None:
    if 0 in shape:
        refuse(source.file, f"announces {_times(shape)} values; there is nothing to learn from")
    if max(shape[1:], default=0) > MAX_SIDE:
        refuse(source.file, f"announces pictures of {_times(shape[1:])} pixels; at most {MAX_SIDE} a side can be read")
    needed, there = prod(shape), source.file.stat().st_size
    if source.packed:
        if needed > MAX_RATIO * there:
            refuse(source.file, f"announces {_times(shape)} values, which its {grouped(there)} bytes cannot hold")
    elif needed != (room := there - 4 - 4 * len(shape)):
        word = "is cut off" if needed > room else "is longer than it says"
        refuse(source.file, f"{word}: it announces {_times(shape)} values and has {grouped(room)}")
    enough_memory(needed, f"{source.file}")


def _fill(source: _Source, room: Bytes) -> None:
    """Read exactly as many bytes as ``room`` (n,) has."""
    done = 0
    while done < len(room):
        got = source.stream.readinto(room[done : done + _CHUNK].data)
        if not got:
            refuse(source.file, f"is cut off: {grouped(done)} of {grouped(len(room))} values are there")
        done += got


def _times(shape: tuple[int, ...]) -> str:
    return " × ".join(grouped(size) for size in shape)


def refuse(file: Path, what: str, path: str = "data.source") -> NoReturn:
    """Raise WorkbenchError about the setting ``path``: ``file``, a space, ``what`` and a full stop."""
    raise WorkbenchError(f"{file} {what}.", path)
