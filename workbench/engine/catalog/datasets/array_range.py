"""Which values of arrays of pictures are black and white: by their type and the values of the training pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from workbench.engine.catalog.datasets.array_archive import ArrayArchive
from workbench.engine.catalog.datasets.array_values import ArrayHead, refuse
from workbench.engine.catalog.datasets.understanding import Doubt, Fact, Reading
from workbench.engine.catalog.datasets.value_setting import chosen_range
from workbench.engine.core.text import paths_text
from workbench.engine.pictures.decode import Range
from workbench.engine.pictures.value_range import range_of, range_of_fractions, range_text, range_words

BYTES: Final[Range] = (0.0, 255.0)
FRACTIONS: Final[Range] = (0.0, 1.0)
_SIGNED: Final[Range] = (-1.0, 1.0)
#: Parts of which one has this many times the values of another are not of one scale: 255, 16 and 257 are usual.
_BRIGHTER: Final = 8
#: Number of values sampled from each chunk of examples.
_SAMPLED: Final = 65_536


@dataclass(frozen=True, slots=True)
class FoundRange:
    """The values that are black and white, and what is said of them."""

    values: Range
    facts: tuple[Fact, ...] = ()
    doubts: tuple[Doubt, ...] = ()


def array_range(archive: ArrayArchive, arrays: Sequence[ArrayHead], given: str) -> FoundRange:
    """The range of training pictures in ``arrays`` (all of one type); ``given`` is the setting."""
    kind, size = arrays[0].dtype.kind, arrays[0].dtype.itemsize
    if kind == "b":
        return FoundRange(BYTES)
    if kind == "u" and size == 1:
        return FoundRange(BYTES) if given == "full" or not _are_bits(archive, arrays) else _said(FRACTIONS, BYTES)
    full = FRACTIONS if kind == "f" else _full(arrays[0].dtype)
    if given != "auto":
        return FoundRange(full or BYTES if given == "full" else chosen_range(given))
    values = np.concatenate([_sample(some) for array in arrays for _, some in archive.chunks(array)])
    return _of_fractions(values) if kind == "f" else _of_numbers(values, full)


def refuse_unlike(archive: ArrayArchive, arrays: Sequence[ArrayHead]) -> None:
    """Refuse parts whose values mean something else, as where one alone was divided by 255. Raises WorkbenchError.

    Arrays of one type; how bright each is may differ.
    """
    ends = {array.name: _ends(archive, array) for array in arrays}
    highs = [max(high, -low) for low, high in ends.values()]
    if len({low < 0 for low, _ in ends.values()}) > 1 or max(highs) > _BRIGHTER * min(highs):
        said = paths_text([f"{range_words(each)} in {name!r}" for name, each in ends.items()], 4)
        refuse(archive.file, f"has pictures of different ranges of values: {said}; scale them alike")


def _ends(archive: ArrayArchive, array: ArrayHead) -> Range:
    """The least and the greatest value; of bytes no more than whether there are others than 0 and 1."""
    if array.dtype.kind == "b" or array.dtype.itemsize == 1:
        return FRACTIONS if _are_bits(archive, [array]) else BYTES
    low, high = np.inf, -np.inf
    for _, some in archive.chunks(array):
        if array.dtype.kind == "f" and not np.isfinite(some).all():
            refuse(archive.file, f"holds a value that is NaN or infinite in {array.name!r}")
        low, high = min(low, float(some.min())), max(high, float(some.max()))
    return low, high


def _full(dtype: np.dtype[Any]) -> Range | None:
    """The whole range of 16 bits; longer numbers are no pictures of that many bits."""
    if dtype.itemsize > 2:
        return None
    limits = np.iinfo(dtype)
    return float(limits.min), float(limits.max)


def _are_bits(archive: ArrayArchive, arrays: Sequence[ArrayHead]) -> bool:
    """Whether bytes are 0 and 1 only; looks no further than the first chunk that has more."""
    return all(some.max(initial=0) <= 1 for array in arrays for _, some in archive.chunks(array))


def _sample(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    flat = values.reshape(-1)
    extremes = np.array([values.min(), values.max()], values.dtype)
    step = max(1, flat.size // _SAMPLED) | 1
    return np.concatenate([flat[::step], extremes])


def _of_numbers(values: npt.NDArray[Any], full: Range | None) -> FoundRange:
    found = range_of(values, full)
    return FoundRange(found) if found in (BYTES, full) else _said(found, full or BYTES)


def _said(found: Range, other: Range) -> FoundRange:
    reading = Reading(f"{range_words(other)} are black to white", (("value_range", "full"),))
    return FoundRange(found, (Fact("values", range_note(found), (reading,)),))


def range_note(values: Range) -> str:
    """The sentence on values other than 0 to 255."""
    return f"In the pictures the values {range_words(values)} are black to white."


def _of_fractions(values: npt.NDArray[Any]) -> FoundRange:
    values = values[np.isfinite(values)].astype(np.float64)
    if not len(values):
        return FoundRange(FRACTIONS)  # reading will name the first value that is not finite
    low, high = float(values.min()), float(values.max())
    if low >= 0 and high <= 1:
        return FoundRange(FRACTIONS)
    if low >= -1 and high <= 1:
        return _said(_SIGNED, FRACTIONS)
    if low >= 0 and high <= 255 and (high > 16 or bool((values == np.rint(values)).all())):
        return _said(BYTES, FRACTIONS)
    near, far = np.percentile(values, (0.5, 99.5))
    if near >= 0 and far <= 1:
        return FoundRange(FRACTIONS)  # a few stray values: reading names the first
    found = range_of_fractions(values)
    text = f"The pictures are fractions from {range_words((low, high))}, so it is not clear what is black and white."
    readings = tuple(
        Reading(f"{range_words(each)} are black to white", (("value_range", range_text(each)),))
        for each in dict.fromkeys((found, range_of_fractions(np.array([-high, high] if low < 0 else [0, high]))))
    )
    return FoundRange(found, doubts=(Doubt("values", text, readings),))
