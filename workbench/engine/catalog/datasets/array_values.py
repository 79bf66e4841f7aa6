"""Arrays of an .npz by their heads, and their values as 8-bit pictures."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import numpy.typing as npt

from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.text import grouped

_PARTS = {
    "train": re.compile(r"(^|[^a-z])(train|training|tr)([^a-z]|$)"),
    "validation": re.compile(r"(^|[^a-z])(val|valid|validation|dev)([^a-z]|$)"),
    "test": re.compile(r"(^|[^a-z])(test|testing|te)([^a-z]|$)"),
}


@dataclass(frozen=True, slots=True)
class ArrayHead:
    """What the head of one array says."""

    name: str
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    fortran: bool

    @property
    def is_pictures(self) -> bool:
        return len(self.shape) in (3, 4) and self.dtype.kind in "uifb"

    @property
    def is_labels(self) -> bool:
        flat = len(self.shape) == 1 or (len(self.shape) == 2 and self.shape[1] == 1)
        return flat and self.dtype.kind in "uifbUS"

    @property
    def part(self) -> str:
        """train, validation or test if the name says so, else empty."""
        words = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", self.name).lower()
        return next((part for part, pattern in _PARTS.items() if pattern.search(words)), "")


def as_bytes(values: npt.NDArray[Any], array: ArrayHead, file: Path, first: int) -> npt.NDArray[np.uint8]:
    """Pictures (n, C, H, W) as uint8 by the rule of ``pictures``: 16 bits / 257, fractions × 255, over white."""
    pictures = _scaled(values, array, file, first)
    if pictures.ndim == 3:
        return pictures[:, None]
    if pictures.shape[3] in (1, 3, 4):
        pictures = pictures.transpose(0, 3, 1, 2)
    if pictures.shape[1] == 4:
        alpha = pictures[:, 3:].astype(np.float32) / 255
        pictures = np.rint(pictures[:, :3] * alpha + 255 * (1 - alpha)).astype(np.uint8)
    return pictures


def _scaled(values: npt.NDArray[Any], array: ArrayHead, file: Path, first: int) -> npt.NDArray[np.uint8]:
    if values.dtype == np.uint8:
        return values
    if values.dtype.kind == "b":
        return values.astype(np.uint8) * np.uint8(255)
    if values.dtype.kind == "f":
        return _from_fractions(values, array, file, first)
    low, high = int(values.min()), int(values.max())
    if values.dtype == np.uint16:
        return np.rint(values / 257).astype(np.uint8)
    if low < 0 or high > 255:
        where = first + int(np.argmax(((values < 0) | (values > 255)).reshape(len(values), -1).any(1)))
        text = f"has values from {grouped(low)} to {grouped(high)} in {array.name!r} at example {grouped(where + 1)}"
        refuse(file, f"{text}; pictures count from 0 to 255")
    return values.astype(np.uint8)


def _from_fractions(values: npt.NDArray[Any], array: ArrayHead, file: Path, first: int) -> npt.NDArray[np.uint8]:
    bad = ~np.isfinite(values)
    if bad.any():
        index = tuple(int(i) for i in np.argwhere(bad)[0])
        where = f"at example {grouped(first + index[0] + 1)}, place {list(index[1:])}"
        refuse(file, f"holds a value that is NaN or infinite in {array.name!r} {where}")
    if values.min() < 0 or values.max() > 1:
        wrong = ((values < 0) | (values > 1)).reshape(len(values), -1).any(1)
        where = f"at example {grouped(first + int(np.argmax(wrong)) + 1)}"
        text = f"has fractions outside 0 to 1 in {array.name!r} {where}; save pictures as 8-bit numbers or fractions"
        refuse(file, text)
    scaled: npt.NDArray[np.uint8] = np.rint(values * 255).astype(np.uint8)
    return scaled


def refuse(file: Path, what: str) -> NoReturn:
    """Raise WorkbenchError: ``file``, a space, ``what`` and a full stop."""
    raise WorkbenchError(f"{file} {what}.", "data.source.file")
