"""One entry of the catalogue of layouts: how it is made, and what the program must understand of it.

To add entries, put a module with a list ``LAYOUTS`` into this folder: one module for each convention.
"""

from __future__ import annotations

import importlib
import io
import pkgutil
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image

import tests.engine.data.layouts as package


@dataclass(frozen=True)
class Layout:
    """``make`` fills an empty folder and returns what the user opens, None for the folder itself.

    ``classes``: name and count of training and validation together; None where it is refused. ``parts``: train,
    validation and test. ``left_out``: names that must be among those left out. ``refused``: words of the refusal.
    ``doubt``: words of the sentence that asks; ``readings``: what each offered reading gives, as classes with counts.
    ``notes``: words of sentences that every run begins with.
    """

    name: str
    make: Callable[[Path], Path | None]
    classes: Mapping[str, int] | None = None
    parts: tuple[int, int, int] | None = None
    left_out: Sequence[str] = ()
    refused: str = ""
    doubt: str = ""
    readings: Sequence[Mapping[str, int]] = field(default=())
    notes: str = ""


def all_layouts() -> dict[str, Layout]:
    """Every entry of every module of this folder, by convention and name."""
    found: dict[str, Layout] = {}
    for each in pkgutil.iter_modules(package.__path__):
        module = importlib.import_module(f"{package.__name__}.{each.name}")
        for layout in getattr(module, "LAYOUTS", ()):
            name = f"{each.name}: {layout.name}"
            assert name not in found
            found[name] = layout
    return found


@cache
def picture(number: int, kind: str = "PNG") -> bytes:
    """A tiny picture that differs from those of other numbers."""
    stream = io.BytesIO()
    pixels = np.random.Generator(np.random.PCG64(number)).integers(0, 256, (6, 6, 3), np.uint8)
    Image.fromarray(pixels).save(stream, kind)
    return stream.getvalue()


def pictures(root: Path, counts: Mapping[str, int], name: str = "{}.png", kind: str = "PNG") -> None:
    """So many pictures in each folder below ``root``; none makes the folder alone."""
    for folder, count in counts.items():
        (root / folder).mkdir(parents=True, exist_ok=True)
        for index in range(count):
            file = root / folder / name.format(index)
            file.write_bytes(picture(zlib.crc32(f"{folder}/{file.name}".encode()), kind))


def of(counts: Mapping[str, int], name: str = "{}.png", kind: str = "PNG") -> Callable[[Path], None]:
    """A maker of ``pictures``."""
    return lambda root: pictures(root, counts, name, kind)


def texts(root: Path, files: Mapping[str, str]) -> None:
    """Text files below ``root``."""
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")


def split(
    train: int = 5, validation: int = 0, test: int = 0, names: Sequence[str] = ("train", "val", "test")
) -> dict[str, int]:
    """Counts of folders for two classes, cat and dog, below those of the parts."""
    parts = zip(names, (train, validation, test), strict=True)
    return {f"{part}/{name}": count for part, count in parts if count for name in ("cat", "dog")}
