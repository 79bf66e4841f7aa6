"""Weights as the bytes of a safetensors file. The same tensors and metadata always give the same bytes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

#: A longer header is none of a network's.
MAX_HEADER = 16 * 2**20


def safetensors_bytes(tensors: Mapping[str, Tensor], metadata: Mapping[str, str]) -> bytes:
    """The safetensors file of ``tensors`` (any device, any shape) with ``metadata`` sorted by key in its header."""
    from safetensors.torch import save

    return with_metadata(save({name: each.detach().cpu().contiguous() for name, each in tensors.items()}), metadata)


def with_metadata(data: bytes, metadata: Mapping[str, str]) -> bytes:
    """The safetensors file ``data`` with exactly ``metadata`` in its header, sorted by key.

    The library keeps metadata in a Rust HashMap, which writes its keys in an order that differs from call to call, so
    two files with equal contents would have different SHA-256. Tensors it writes in a fixed order. A file is the
    header's length (8 bytes, little-endian), the header as JSON padded with spaces to a multiple of 8 bytes, the data.
    """
    size = int.from_bytes(data[:8], "little")
    table = json.loads(data[8 : 8 + size])
    table.pop("__metadata__", None)
    header = {"__metadata__": dict(sorted(metadata.items())), **table} if metadata else table
    text = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return b"".join((len(text).to_bytes(8, "little"), text, memoryview(data)[8 + size :]))


def metadata_in(path: Path) -> dict[str, str]:
    """The metadata in the header of the safetensors file ``path``; empty if it is none or cannot be read."""
    try:
        if not path.is_file():
            return {}
        with path.open("rb") as file:
            size = int.from_bytes(file.read(8), "little")
            found = json.loads(file.read(size)) if size <= MAX_HEADER else {}
        metadata = found.get("__metadata__") if isinstance(found, dict) else None
    except (OSError, ValueError, RecursionError):
        return {}
    return {k: v for k, v in metadata.items() if isinstance(v, str)} if isinstance(metadata, dict) else {}
