"""Pictures with more channels or other numbers than a network for pictures sees: satellites, microscopes."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from tests.engine.data.layouts.layout import Layout

_SIDE = 6


def tiff(channels: int, kind: str = "u2", colours: int = 1, extra: tuple[int, ...] = (), seed: int = 0) -> bytes:
    """A TIFF file of ``channels`` per pixel, one strip; ``colours`` and ``extra`` are the tags 262 and 338."""
    data = (
        np.random.Generator(np.random.PCG64(seed))
        .integers(0, 250 if kind[1] == "1" else 3000, (_SIDE, _SIDE, channels))
        .astype(kind)
        .tobytes()
    )
    entries: list[tuple[int, int, tuple[int, ...]]] = [
        (256, 4, (_SIDE,)),
        (257, 4, (_SIDE,)),
        (258, 3, (np.dtype(kind).itemsize * 8,) * channels),
        (259, 3, (1,)),
        (262, 3, (colours,)),
        (273, 4, (8,)),
        (277, 3, (channels,)),
        (278, 4, (_SIDE,)),
        (279, 4, (len(data),)),
        *([(338, 3, extra)] if extra else []),
        (339, 3, ({"u": 1, "f": 3}[kind[0]],) * channels),
    ]
    start, heads, rest = 8 + len(data), b"", b""
    after = start + 2 + 12 * len(entries) + 4
    for tag, form, values in entries:
        text = struct.pack(f"<{len(values)}{'H' if form == 3 else 'I'}", *values)
        where = text.ljust(4, b"\0") if len(text) <= 4 else struct.pack("<I", after + len(rest))
        rest += text if len(text) > 4 else b""
        heads += struct.pack("<HHI", tag, form, len(values)) + where
    return b"II*\0" + struct.pack("<I", start) + data + struct.pack("<H", len(entries)) + heads + b"\0" * 4 + rest


def _of(make: Callable[[int], bytes]) -> Callable[[Path], None]:
    def fill(root: Path) -> None:
        for label, name in enumerate(("Forest", "River")):
            (root / name).mkdir()
            for index in range(6):
                (root / name / f"{name}_{index}.tif").write_bytes(make(10 * label + index))

    return fill


def _stack(root: Path) -> None:
    for label, name in enumerate(("Forest", "River")):
        (root / name).mkdir()
        for index in range(6):
            pages = [Image.fromarray(np.full((6, 6), 20 * label + index + page, np.float32)) for page in range(3)]
            pages[0].save(root / name / f"{index}.tif", save_all=True, append_images=pages[1:])


LAYOUTS = [
    Layout(
        "13 bands of 16 bits",
        _of(lambda seed: tiff(13, seed=seed)),
        refused="13 channels; more than three channels are not supported",
    ),
    Layout(
        "16 bands of 8 bits", _of(lambda seed: tiff(16, "u1", seed=seed)), refused="Export the pictures with red, green"
    ),
    Layout("5 bands of floating-point numbers", _of(lambda seed: tiff(5, "f4", seed=seed)), refused="5 channels"),
    Layout("two bands, radar", _of(lambda seed: tiff(2, "u1", seed=seed)), refused="2 channels that are no colours"),
    Layout("stacks of floating-point numbers", _stack, refused="floating-point pixels have no stated range"),
    Layout(
        "colour and infrared, of which three are used",
        _of(lambda seed: tiff(4, "u1", 2, (0,), seed)),
        {"Forest": 6, "River": 6},
    ),
    Layout(
        "colour and infrared that is marked as transparency",
        _of(lambda seed: tiff(4, "u1", 2, (2,), seed)),
        {"Forest": 6, "River": 6},
        (10, 2, 0),
        notes="have a channel marked as transparency, of which only",
    ),
    Layout(
        "colour of 12 bits, stored as 16",
        _of(lambda seed: tiff(3, "u2", 2, (), seed)),
        {"Forest": 6, "River": 6},
        (10, 2, 0),
    ),
    Layout(
        "colour of 16 bits and infrared, of which three are used",
        _of(lambda seed: tiff(4, "u2", 2, (0,), seed)),
        {"Forest": 6, "River": 6},
        (10, 2, 0),
    ),
]
