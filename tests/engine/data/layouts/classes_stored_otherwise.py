"""Classes whose files are stored otherwise than those of others, which a network can learn: said at each run."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from tests.engine.data.layouts.layout import Layout, pictures

_TWO = {"cat": 6, "dog": 6}


def _stored(**modes: str) -> Callable[[Path], None]:
    """Six pictures of each class in a mode of Pillow, or as colour in the format that the mode names."""

    def make(root: Path) -> None:
        for name, mode in modes.items():
            if mode in ("JPEG", "PNG"):
                pictures(root, {name: 6}, f"{{}}.{mode.lower()}", mode)
                continue
            (root / name).mkdir()
            for index in range(6):
                _picture(zlib.crc32(f"{name}{index}".encode()), mode).save(root / name / f"{index}.png")

    return make


def _picture(number: int, mode: str) -> Image.Image:
    drawn = np.random.Generator(np.random.PCG64(number))
    if mode == "I;16":
        return Image.fromarray(drawn.integers(0, 65_536, (6, 6), np.uint16))
    return Image.fromarray(drawn.integers(0, 256, (6, 6, 4), np.uint8)).convert(mode)


LAYOUTS = (
    Layout("8 and 16 bits", _stored(cat="L", dog="I;16"), _TWO, notes="dog with more than 8 bits"),
    Layout("gray and colour", _stored(cat="L", dog="RGB"), _TWO, notes="cat in gray. A network can learn that"),
    Layout("JPEG and PNG", _stored(cat="JPEG", dog="PNG"), _TWO, notes="cat as JPEG; dog as PNG"),
    Layout("one with transparency", _stored(cat="RGBA", dog="RGB"), _TWO, notes="cat with transparency"),
    Layout(
        "one of three",
        _stored(cat="JPEG", dog="PNG", owl="PNG"),
        {**_TWO, "owl": 6},
        notes="cat as JPEG; dog, owl as PNG",
    ),
)
