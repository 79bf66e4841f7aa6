"""Lossless compression of columns of numbers: the bytes of float64 regrouped, then compressed."""

from __future__ import annotations

import zlib

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def packed(column: Floats, level: int = 1) -> bytes:
    """The numbers (N,) byte by byte: their first bytes are alike, and single precision ends in zeros."""
    planes = np.ascontiguousarray(np.ascontiguousarray(column, "<f8").view(np.uint8).reshape(-1, 8).T)
    return zlib.compress(planes.tobytes(), level)


def unpacked(data: bytes, count: int) -> Floats:
    """The ``count`` numbers of ``packed``. Raises ValueError for bytes that hold anything else.

    No more room is taken than these numbers need, whatever ``data`` would become.
    """
    reader = zlib.decompressobj()
    try:
        planes = reader.decompress(data, 8 * count + 1)
    except zlib.error as error:
        raise ValueError(f"not compressed numbers: {error}") from None
    if len(planes) != 8 * count or not reader.eof or reader.unused_data:
        raise ValueError("not as many numbers as it says")
    found = np.frombuffer(planes, np.uint8).reshape(8, -1)
    return np.ascontiguousarray(found.T).reshape(-1).view("<f8").astype(np.float64, copy=False)
