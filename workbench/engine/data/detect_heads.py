"""What a file is by its first bytes: NumPy arrays, IDX, a packed archive."""

from __future__ import annotations

import gzip
import zipfile
import zlib
from pathlib import Path
from typing import Final

from workbench.engine.catalog.datasets.tables.table_files import head_of
from workbench.engine.data.own_data import NotData, OwnData

#: How an .npy file begins.
NPY: Final = b"\x93NUMPY"


def is_arrays(file: Path) -> bool:
    head = head_of(file)
    return head.startswith(NPY) or (head.startswith(b"PK\x03\x04") and packed_kind(file) == "arrays")


def packed_kind(file: Path) -> str:
    """What a zip holds, by the names in it: NumPy arrays, a network's weights, or something else."""
    try:
        with zipfile.ZipFile(file) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        raise NotData(f"{file.name} is damaged or cut off.") from None
    if names and all(name.endswith(".npy") for name in names):
        return "arrays"
    return "weights" if any(name.endswith("data.pkl") for name in names) else ""


def is_idx(head: bytes) -> bool:
    return head[:3] == b"\x00\x00\x08" and head[3:4] in (b"\x01", b"\x03")


def idx_folder(folder: Path) -> OwnData:
    """The IDX files in ``folder``."""
    return OwnData(folder.name, "idx", (("folder", str(folder)),))


def unpacked_head(file: Path) -> bytes:
    return unpacked(head_of(file))


def unpacked(head: bytes) -> bytes:
    """The first bytes inside, if ``head`` begins a gzip file."""
    if not head.startswith(b"\x1f\x8b"):
        return head
    try:
        return zlib.decompressobj(wbits=31).decompress(head, 64)
    except (zlib.error, gzip.BadGzipFile):
        return b""
