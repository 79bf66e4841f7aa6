"""Files of 16 bits a channel in colour, which Pillow cannot write."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np


def png(
    file: Path, numbers: np.ndarray, clear: tuple[int, int, int] | None = None, orientation: int | None = None
) -> Path:
    """``numbers`` (H, W, 2, 3 or 4) as PNG, each row after the filter Sub; the colour ``clear`` is transparent.
    ``orientation`` is that of Exif."""
    height, width, channels = numbers.shape
    kind = {2: 4, 3: 2, 4: 6}[channels]
    rows = numbers.astype(">u2").reshape(height, -1).view(np.uint8)
    before = np.pad(rows, ((0, 0), (2 * channels, 0)))[:, : rows.shape[1]]
    packed = b"".join(b"\1" + row.tobytes() for row in rows - before)
    chunks = [(b"IHDR", struct.pack(">IIBBBBB", width, height, 16, kind, 0, 0, 0))]
    chunks += [(b"tRNS", struct.pack(">HHH", *clear))] if clear else []
    exif = struct.pack(">2sHIHHHIHHI", b"MM", 42, 8, 1, 274, 3, 1, orientation or 1, 0, 0)
    chunks += [(b"eXIf", exif)] if orientation else []
    chunks += [(b"IDAT", zlib.compress(packed)), (b"IEND", b"")]
    made = (struct.pack(">I", len(d)) + n + d + struct.pack(">I", zlib.crc32(n + d)) for n, d in chunks)
    return _written(file, b"\x89PNG\r\n\x1a\n" + b"".join(made))


def tiff(
    file: Path,
    numbers: np.ndarray,
    extra: Sequence[int] = (),
    order: str = "<",
    packed: bool = False,
    separate: bool = False,
) -> Path:
    """``numbers`` (H, W, 3 or 4), uint8 or uint16, as TIFF in strips of 3 rows; ``extra`` is the tag ExtraSamples."""
    height, width, channels = numbers.shape
    stored = numbers.astype(numbers.dtype.newbyteorder(order))
    planes = [stored[..., channel] for channel in range(channels)] if separate else [stored]
    strips = [plane[row : row + 3].tobytes() for plane in planes for row in range(0, height, 3)]
    strips = [zlib.compress(strip) for strip in strips] if packed else strips
    starts = np.cumsum([8, *map(len, strips)]).tolist()
    tags: list[tuple[int, str, Sequence[int]]] = [
        (256, "I", (width,)),
        (257, "I", (height,)),
        (258, "H", (8 * numbers.itemsize,) * channels),
        (259, "H", (8 if packed else 1,)),
        (262, "H", (2,)),
        (273, "I", starts[:-1]),
        (277, "H", (channels,)),
        (278, "I", (3,)),
        (279, "I", [len(strip) for strip in strips]),
        (284, "H", (2 if separate else 1,)),
        *([(338, "H", extra)] if extra else []),
    ]
    data = b"".join(strips) + b"\0" * (starts[-1] % 2)
    start, heads, rest = 8 + len(data), b"", b""
    after = start + 2 + 12 * len(tags) + 4
    for tag, form, values in tags:
        text = struct.pack(f"{order}{len(values)}{form}", *values)
        where = text.ljust(4, b"\0") if len(text) <= 4 else struct.pack(f"{order}I", after + len(rest))
        rest += text if len(text) > 4 else b""
        heads += struct.pack(f"{order}HHI", tag, 3 if form == "H" else 4, len(values)) + where
    head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(f"{order}I", start)
    return _written(file, head + data + struct.pack(f"{order}H", len(tags)) + heads + b"\0" * 4 + rest)


def ppm(file: Path, numbers: np.ndarray, brightest: int, plain: bool = False) -> Path:
    """``numbers`` (H, W, 3) as PPM of which ``brightest`` is white."""
    height, width, _ = numbers.shape
    head = f"P{3 if plain else 6} {width} {height} {brightest}\n".encode()
    body = " ".join(map(str, numbers.ravel().tolist())).encode() if plain else numbers.astype(">u2").tobytes()
    return _written(file, head + body)


def _written(file: Path, data: bytes) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)
    return file
