"""A SHA-256 inside each file of weights that this program writes: a flipped bit is noticed wherever it is copied to.

A safetensors file has it in its metadata, over the whole file with zeros in its place. An archive of torch has it in
the comment at its end, over all that comes before. Files of older states have none.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from workbench.engine.core.safetensors_file import MAX_HEADER

#: Name in a safetensors file's metadata, and its value while the hash is computed.
SEAL, OPEN = "workbench.sha256", "0" * 64
_IN_HEADER = re.compile(rb'"workbench\.sha256":"([0-9a-f]{64})"')
_OWN_KEY = re.compile(rb'"workbench\.(spec|classes|shape|split)":')
_HASH = re.compile(rb'":"[0-9a-f]{64}"')
_COMMENT = b"workbench.sha256="
_LENGTH = len(_COMMENT) + 64
_END_OF_ARCHIVE = b"PK\x05\x06"
#: The end record of an archive without its comment.
_END = 22


def sealed_safetensors(data: bytes) -> bytes:
    """The safetensors file ``data``, whose metadata has SEAL = OPEN, with its hash there."""
    place = _IN_HEADER.search(data, 8, 8 + int.from_bytes(data[:8], "little"))
    assert place is not None
    return b"".join((data[: place.start(1)], hashlib.sha256(data).hexdigest().encode(), data[place.end(1) :]))


def sealed_archive(data: memoryview) -> tuple[tuple[memoryview, bytes], str]:
    """The zip archive ``data``, which has no comment, with its hash as the comment: in two pieces, so that it is not
    copied; and the SHA-256 of both together."""
    assert bytes(data[-_END:]).startswith(_END_OF_ARCHIVE)
    head, tail = data[:-2], _LENGTH.to_bytes(2, "little")
    found = hashlib.sha256(head)
    found.update(tail)
    comment = _COMMENT + found.hexdigest().encode()
    found.update(comment)
    return (head, tail + comment), found.hexdigest()


def is_intact(path: Path) -> bool | None:
    """Whether ``path`` is as it was written; None for a file without a hash in it. Raises OSError."""
    with path.open("rb") as file:
        first = file.read(8)
        if first.startswith(b"PK"):
            return _archive_is_intact(path)
        size = int.from_bytes(first, "little")
        header = file.read(size) if size <= MAX_HEADER else b""
        place = _IN_HEADER.search(header)
        if place is None:
            return _lost_its_hash(header)
        found = hashlib.sha256(first + header[: place.start(1)] + OPEN.encode() + header[place.end(1) :])
        while chunk := file.read(1 << 20):
            found.update(chunk)
    return found.hexdigest().encode() == place[1]


def _lost_its_hash(header: bytes) -> bool | None:
    """False if the metadata is this program's and its hash is there under another name or is no hash any more."""
    if _OWN_KEY.search(header) is None:
        return None
    return False if b'"workbench.sha256"' in header or _HASH.search(header) is not None else None


def _archive_is_intact(path: Path) -> bool | None:
    size = path.stat().st_size
    if size < _END + _LENGTH:
        return None
    with path.open("rb") as file:
        found, left = hashlib.sha256(), size - _LENGTH
        file.seek(left - _END)
        end, comment = file.read(_END), file.read(_LENGTH)
        if not comment.startswith(_COMMENT) and not end.startswith(_END_OF_ARCHIVE):
            return None
        file.seek(0)
        while left and (chunk := file.read(min(1 << 20, left))):
            found.update(chunk)
            left -= len(chunk)
    return comment == _COMMENT + found.hexdigest().encode()
