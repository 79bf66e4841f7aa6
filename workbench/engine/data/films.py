"""Pictures that are numbered on and nearly equal to the next, as frames of a film are: no name says a group there."""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from workbench.engine.catalog.datasets.understanding import Doubt, Reading
from workbench.engine.pictures.decode import Unreadable, read_picture

if TYPE_CHECKING:
    from workbench.engine.catalog.datasets import Dataset

#: Prefix of the last number in a name, and that number.
_NUMBERED: Final = re.compile(r"^(.*?)(\d+)[^\d.]*\.[^.]+$")
#: At least this share of the pictures is followed by the next number.
_FOLLOWED: Final = 0.5
#: Maximum number of pairs of neighbours that are compared, and the minimum that must be readable.
_LOOKED_AT: Final = 24
_FEWEST: Final = 8
#: The largest difference of neighbours as a share of that of two others of the class, and the share of such neighbours.
_ALIKE: Final = 0.5
_SHARE: Final = 0.75
_SIDE: Final = 16
#: The least number of blocks of neighbours in a class that are kept together.
_BLOCKS: Final = 5

#: Class and two files, e.g. the second of the next number.
Pair = tuple[int, str, str]
_Thumb = npt.NDArray[np.float64]


def doubt_of_films(dataset: Dataset, independent: Reading) -> Doubt | None:
    """A doubt where pictures of neighbouring numbers are nearly equal. Decodes some pictures, small.

    ``independent`` is the reading that splits them one by one.
    """
    pairs = _neighbours(dataset)
    if len(pairs) < _FOLLOWED * len(dataset.files):
        return None
    if not are_alike(pairs):
        return None
    names = " and ".join(map(os.path.basename, pairs[len(pairs) // 2][1:]))
    text = (
        f"Pictures of neighbouring numbers are nearly equal, e.g. {names}, as frames of one film are: the split puts "
        "them on both sides, and the accuracy is too high."
    )
    return Doubt("files", text, (*_in_blocks(dataset), independent))


def are_alike(pairs: Sequence[Pair]) -> bool:
    """Whether the two pictures of most of ``pairs`` differ less than others of their class do. Decodes some, small."""
    sample = pairs[:: -(-len(pairs) // _LOOKED_AT)] if pairs else pairs
    return _are_alike(tuple(sample), tuple(_status(file) for _, *both in sample for file in both))


def _in_blocks(dataset: Dataset) -> Sequence[Reading]:
    """The readings that keep as many numbers in a row together as leave several blocks of each class."""
    least = int(np.bincount(dataset.labels)[np.unique(dataset.labels)].min())
    digits = next((each for each in (2, 1) if least >= _BLOCKS * 10**each), 1)
    if least < 2 * 10**digits:
        return ()
    settings = (("data.group_by", "name"), ("data.group_pattern", rf"^(.*?)\d{{1,{digits}}}[^\d.]*\.[^.]+$"))
    return (Reading(f"Keep {10**digits} numbers in a row together", settings),)


def _neighbours(dataset: Dataset) -> list[Pair]:
    """The pictures of a class whose names differ by 1 in the last number, in the order of their numbers."""
    known: defaultdict[tuple[int, str, str], dict[int, str]] = defaultdict(dict)
    for label, file in zip(dataset.labels.tolist(), dataset.files, strict=True):
        folder, name = os.path.split(file)
        if found := _NUMBERED.match(name):
            known[label, folder, found[1]][int(found[2])] = file
    return [
        (label, numbers[number], numbers[number + 1])
        for (label, _, _), numbers in known.items()
        for number in sorted(numbers)
        if number + 1 in numbers
    ]


def _status(file: str) -> tuple[int, int]:
    try:
        known = os.stat(file)
    except OSError:
        return 0, 0
    return known.st_size, known.st_mtime_ns


@lru_cache(maxsize=8)
def _are_alike(pairs: tuple[Pair, ...], statuses: tuple[tuple[int, int], ...]) -> bool:
    """Whether most of ``pairs`` differ less than others of their class; remembered while files keep ``statuses``."""
    seen: defaultdict[int, list[tuple[_Thumb, _Thumb]]] = defaultdict(list)
    for label, *files in pairs:
        both = [_thumb(file) for file in files]
        if both[0] is not None and both[1] is not None:
            seen[label].append((both[0], both[1]))
    shares = [share for both in seen.values() if len(both) > 1 for share in _shares(both)]
    return len(shares) >= _FEWEST and sum(share < _ALIKE for share in shares) >= _SHARE * len(shares)


def _shares(pairs: Sequence[tuple[_Thumb, _Thumb]]) -> list[float]:
    """How much neighbours differ, as a share of what the first ones of two pairs do."""
    far = median(_difference(one, other) for i, (one, _) in enumerate(pairs) for other, _ in pairs[i + 1 :])
    return [_difference(one, other) / far for one, other in pairs] if far else []


def _difference(one: _Thumb, other: _Thumb) -> float:
    return float(np.abs(one - other).mean())


def _thumb(file: str) -> _Thumb | None:
    try:
        return read_picture(Path(file), _SIDE, True, "squeeze").astype(np.float64)
    except Unreadable:
        return None
