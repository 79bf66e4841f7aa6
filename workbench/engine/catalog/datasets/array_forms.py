"""Whether the values of the pictures of all parts are written alike: from 0 to 255, or from 0 to 1."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from workbench.engine.catalog.datasets.array_archive import ArrayArchive
from workbench.engine.catalog.datasets.array_pair import Heads
from workbench.engine.catalog.datasets.array_values import ArrayHead, refuse
from workbench.engine.catalog.datasets.understanding import Doubt
from workbench.engine.pictures.value_range import range_words

#: How many times as large the highest value of a part is that is surely written otherwise, and perhaps.
_SURE: Final = 16
_PERHAPS: Final = 4
_ALIKE: Final = "Save the pictures of all parts alike"


def other_values(archive: ArrayArchive, pairs: Heads, trained: str) -> Iterator[Doubt]:
    """A doubt on each part whose values seem to be scaled otherwise than those of the part ``trained``.

    Looks at the first pictures. Raises WorkbenchError where they surely are.
    """
    own = pairs[trained].pictures
    known = _limits(archive, own)
    for pair in (pair for part, pair in pairs.items() if part != trained and pair.pictures.name != own.name):
        limits = _limits(archive, pair.pictures)
        low, high = sorted((_highest(known), _highest(limits)))
        is_of_bits = "b" in (
            own.dtype.kind,
            pair.pictures.dtype.kind,
        )  # black and white anyway
        is_signed = (known[0] < 0) != (limits[0] < 0)
        if is_of_bits or not low or (high < _PERHAPS * low and not is_signed):
            continue
        said = f"{range_words(limits)} in {pair.pictures.name!r} and {range_words(known)} in {own.name!r}"
        if high >= _SURE * low:
            refuse(archive.file, f"has pictures that are scaled in different ways: values {said}. {_ALIKE}")
        text = f"Pictures may be scaled in different ways, and are read as if they were not: values {said}. {_ALIKE}."
        yield Doubt("values", text)


def _limits(archive: ArrayArchive, array: ArrayHead) -> tuple[float, float]:
    """The lowest and the highest value of the first pictures; 0 where none is finite."""
    _, some = next(archive.chunks(array))
    values: npt.NDArray[Any] = some[np.isfinite(some)] if array.dtype.kind == "f" else some
    if not values.size and some.size:
        refuse(archive.file, f"holds nothing but NaN and infinite values in {array.name!r}")
    return (float(values.min()), float(values.max())) if values.size else (0.0, 0.0)


def _highest(limits: Sequence[float]) -> float:
    return max(map(abs, limits))
