"""Which values of pictures with more than 8 bits are black and white: found from the values of a set, or given.

Cameras of 12 bits use a sixteenth of 16, some with an offset: scaled from the full range, their pictures are one gray.
"""

from __future__ import annotations

import functools
import math
import os
import re
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from workbench.engine.core.text import short, significant
from workbench.engine.pictures.decode import FULL, Range, Unreadable, read_values
from workbench.engine.pictures.request import Status, file_status

#: A set that uses at least this share of the full range is read by the full range, in 64 levels or more.
FAIR_SHARE: Final = 0.25
#: The darkest and brightest per cent of the values that may lie outside (hot pixels), unless they are near.
_OUTSIDE: Final = 0.5
#: Maximum number of files, and of values of each, that are checked. They are chosen by their names, so that other files
#: come and go without effect.
SAMPLED, _VALUES = 64, 16_384
#: Depths of pictures that are stored as 16 bits.
_CAMERA_BITS: Final = (9, 10, 11, 12, 13, 14, 15)
_NUMBER: Final = r"[-+−]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_TWO: Final = re.compile(rf"\s*({_NUMBER})\s*(?:,|;|to|\s)\s*({_NUMBER})\s*\Z")


def given_range(text: str) -> Range | None:
    """The two numbers in ``text`` ("390 830"), the smaller first; None if there are none."""
    match = _TWO.match(text)
    if match is None:
        return None
    low, high = (float(number.replace("−", "-")) for number in match.groups())
    return (low, high) if low < high and math.isfinite(high - low) else None


def range_text(values: Range) -> str:
    """The setting that gives these values: ``390 830``."""
    return " ".join(short(value, 9, "").replace("−", "-") for value in values)


def range_words(values: Range) -> str:
    """For a sentence: ``390 to 830``."""
    return " to ".join(short(value) for value in values)


def range_sentence(values: Range) -> str:
    """What is said of a range of pictures of more than 8 bits; nothing of the full one."""
    if values == FULL:
        return ""
    return f"In pictures of more than 8 bits the values {range_words(values)} are black to white."


def range_of(values: npt.NDArray[Any], full: Range | None = FULL) -> Range:
    """The range of whole numbers (any shape): ``full`` if they lie in it and use a fair share, 0 to 255 or 1 if all are
    there.

    Else from the darkest to the brightest, but no further beyond 99 % of them than these are apart, in round numbers.
    """
    lowest, highest = float(values.min()), float(values.max())
    if lowest >= 0 and highest <= 255:
        return (0.0, 1.0) if highest <= 1 else (0.0, 255.0)
    low, high = (float(each) for each in np.percentile(values, (_OUTSIDE, 100 - _OUTSIDE)))
    apart = max(high - low, 1.0)
    used = max(lowest, low - apart), min(highest, high + apart)
    if full is not None and is_within(used, full) and high - low >= FAIR_SHARE * (full[1] - full[0]):
        return full
    darkest, brightest = _rounded(*used)
    return darkest, _within_bits(highest, brightest)


def is_within(inner: Range, outer: Range) -> bool:
    """Whether no value of ``inner`` lies outside of ``outer``."""
    return outer[0] <= inner[0] and inner[1] <= outer[1]


def _within_bits(highest: float, rounded: float) -> float:
    """``rounded`` up from values of at most ``highest``, but no more than the bits of a camera hold: 4095, not 4100."""
    limits = (2**bits - 1 for bits in _CAMERA_BITS)
    return min(rounded, next((float(limit) for limit in limits if highest <= limit < rounded), rounded))


def range_of_fractions(values: npt.NDArray[Any]) -> Range:
    """From the lowest to the highest value (any shape), in round numbers."""
    return _rounded(float(values.min()), float(values.max()), 0.0)


def _rounded(low: float, high: float, least: float = 1.0) -> Range:
    """Outwards to two digits of the difference, or to ``least``."""
    step = max(10.0 ** math.floor(math.log10(max(high - low, 1e-30)) - 1), least)
    low, high = (significant(side(value / step) * step, 9) for side, value in ((math.floor, low), (math.ceil, high)))
    return (low, high) if low < high else (low, low + 1)


def range_of_files(files: Sequence[Path], root: Path) -> Range:
    """The range of the files of more than 8 bits among a sample of ``files``; the full one if there are none."""
    return range_if_deep(files, root) or FULL


def range_if_deep(files: Sequence[Path], root: Path) -> Range | None:
    """As ``range_of_files``; None if no file of the sample has more than 8 bits."""
    names = {file: os.fspath(file.relative_to(root) if file.is_relative_to(root) else file) for file in files}
    chosen = sorted(files, key=lambda file: (zlib.crc32(os.fsencode(names[file])), names[file]))[:SAMPLED]
    return _range_of(tuple((file, file_status(file)) for file in chosen))


@functools.lru_cache(maxsize=16)
def _range_of(files: tuple[tuple[Path, Status], ...]) -> Range | None:
    found = [values for file, _ in files if (values := _some_values(file)) is not None]
    return range_of(np.concatenate(found)) if found else None


def _some_values(file: Path) -> npt.NDArray[Any] | None:
    """Values of a file of more than 8 bits, None for others and for what cannot be read."""
    try:
        values = read_values(file)
    except Unreadable:
        return None
    return None if values is None else values[:: max(1, values.size // _VALUES) | 1].ravel()
