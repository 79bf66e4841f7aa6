"""Whether pictures are nearly black as they are read: masks saved as 0 and 1, or files of fewer bits than the others.

A set is read with one black and one white, so that pictures of 10 bits among those of 16 become 0 to 4 of 255.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, zip_longest
from pathlib import Path
from typing import Final

import numpy as np

from workbench.engine.catalog.datasets.understanding import Doubt, Reading
from workbench.engine.core.text import counted, grouped, paths_text, short
from workbench.engine.pictures.class_folders import ClassFolders
from workbench.engine.pictures.decode import (
    FULL,
    Header,
    Range,
    Unreadable,
    read_header,
    read_picture,
    read_values,
    scaled,
)
from workbench.engine.pictures.picture_kinds import kind_of
from workbench.engine.pictures.request import Status, file_status
from workbench.engine.pictures.value_range import range_text, range_words

#: Maximum number of files that are looked at, the rest only if one of the first is odd, and of all their pixels.
_LOOKED_AT, _FIRST, _MOST_PIXELS = 64, 16, 2**24
#: A picture with nothing brighter than this, of 255, is nearly black.
_BLACK: Final = 16
#: Pictures of 8 bits are dark if nothing in any is brighter than this; the same is asked of arrays.
_DIM: Final = 127
#: So many pictures must be odd, and this share of those looked at.
_FEWEST, _SHARE = 3, 0.1
#: The brightest values of fewer than 16 bits.
_CEILINGS: Final = frozenset(2**bits - 1 for bits in range(9, 16))


@dataclass(frozen=True, slots=True)
class _Seen:
    """The brightest value of a picture as it is stored, and as it is read (of 255)."""

    label: int
    highest: float
    as_read: int
    is_deep: bool

    def is_odd(self, white: float) -> bool:
        """Whether it is much darker than ``white``, or has fewer bits than that says."""
        is_of_fewer_bits = self.is_deep and self.highest in _CEILINGS and white >= 2 * self.highest
        return self.as_read <= _BLACK or is_of_fewer_bits


def dark_doubts(files: ClassFolders, values: Range) -> Iterator[Doubt]:
    """A doubt on pictures that are read nearly black, with what ends it; ``values`` are those of black and white in
    pictures of more than 8 bits. Decodes a sample of files.
    """
    known = tuple((label, file, file_status(file)) for label, file in _sample(files))
    seen = _seen(known[:_FIRST], values)
    for is_deep, white in ((True, values[1]), (False, 255.0)):
        if any(each.is_deep is is_deep and (each.is_odd(white) or _is_dim(each)) for each in seen):
            seen = _seen(known, values)
            found = [each for each in seen if each.is_deep is is_deep]
            yield from _doubts(found, white, files.classes, values)


def _is_dim(seen: _Seen) -> bool:
    return not seen.is_deep and seen.as_read <= _DIM


def _doubts(seen: Sequence[_Seen], white: float, classes: Sequence[str], values: Range) -> Iterator[Doubt]:
    odd = [each for each in seen if each.is_odd(white)]
    if len(seen) >= _FEWEST and all(map(_is_dim, seen)):
        yield Doubt("values", _all_words(seen), (_as_they_are(values, "The pictures are dark"),))
    elif len(odd) >= _FEWEST and len(odd) >= _SHARE * len(seen):
        yield Doubt("values", _some_words(seen, odd, white, classes), (_as_they_are(values, "Some are dark"),))


def _all_words(seen: Sequence[_Seen]) -> str:
    highest = short(max(each.highest for each in seen))
    return (
        f"The brightest value in {counted(len(seen), 'picture')} that were looked at is {highest}, where 255 is white: "
        "they are dark to the network. If the values are numbers of parts, as in masks, or another value is white, "
        "save the pictures with values up to 255."
    )


def _some_words(seen: Sequence[_Seen], odd: Sequence[_Seen], white: float, classes: Sequence[str]) -> str:
    high, others = (
        short(max((each.highest for each in some), default=white))
        for some in (odd, [each for each in seen if each not in odd])
    )
    apart = sorted({each.label for each in odd} - {each.label for each in seen if not each.is_odd(white)})
    whose = f", all of {paths_text([classes[label] for label in apart], 3)}," if apart else ""
    count = f"{grouped(len(odd))} of {grouped(len(seen))} pictures that were looked at"
    return (
        f"{count}{whose} are darker as they are read than the others: their values go up to {high}, those of the "
        f"others up to {others}, and {short(white)} is white in all. If that comes from how they were saved, a network "
        "can learn that instead of what is in the pictures. Save all alike."
    )


def _as_they_are(values: Range, why: str) -> Reading:
    said = "full" if values == FULL else range_text(values)
    how = "read them as they are" if values == FULL else f"{range_words(values)} stay black to white"
    return Reading(f"{why}: {how}", (("value_range", said),))


def _sample(files: ClassFolders) -> list[tuple[int, Path]]:
    """Files of all classes in turn, with their labels."""
    count = max(1, _LOOKED_AT // max(1, len(files.classes)))
    rows = [np.flatnonzero(files.labels == label).tolist() for label in range(len(files.classes))]
    chosen = [its[:: max(1, len(its) // count) | 1] for its in rows]
    turns = chain.from_iterable(zip_longest(*chosen))
    return [(int(files.labels[row]), files.files[row]) for row in turns if row is not None][:_LOOKED_AT]


@functools.lru_cache(maxsize=16)
def _seen(known: tuple[tuple[int, Path, Status], ...], values: Range) -> tuple[_Seen, ...]:
    """What is seen of those that are not black all over, as far as their pixels together are few."""
    found: list[_Seen] = []
    pixels = 0
    for label, file, _ in known:
        try:
            if kind_of(file) == "JPEG":  # it keeps no numbers of parts
                continue
            header = read_header(file)
            pixels += header.width * header.height
            if len(found) > _FEWEST and pixels > _MOST_PIXELS:
                break
            found += _look(label, file, header, values)
        except Unreadable:
            continue
    return tuple(found)


def _look(label: int, file: Path, header: Header, values: Range) -> Iterator[_Seen]:
    """Nothing of a picture of one value, or of 8 bits in black: it is reported elsewhere."""
    stored = read_values(file) if header.is_deep else None
    if stored is not None and stored.min() < stored.max():
        yield _Seen(label, float(stored.max()), int(scaled(stored.max(), values)), True)
    elif stored is None:
        pixels = read_picture(file, max(header.width, header.height), header.is_gray, "pad")
        if highest := int(pixels.max()):
            yield _Seen(label, highest, highest, False)
