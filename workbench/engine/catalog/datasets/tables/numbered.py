"""Pictures that a table names by number: 0 is ``000.png``, 17 is ``Sprite-0017.jpg``."""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath
from typing import Final

#: The last number in a file's name, and what is before it.
_NUMBER: Final = re.compile(r"(.*?)(\d{1,9})\Z")
#: Fewer rows may agree with the numbers of files by chance.
_FEWEST: Final = 4

_Key = tuple[PurePosixPath, str]


def are_numbers(names: Sequence[str]) -> bool:
    """Whether ``names`` are whole numbers without a suffix, each written in one way: not 1 and 01."""
    different = set(names)
    are_whole = all(name.isdecimal() and name.isascii() for name in different)
    return len(different) >= _FEWEST and are_whole and len(set(map(int, different))) == len(different)


def by_number(names: Sequence[str], pictures: Iterable[PurePosixPath]) -> list[dict[int, PurePosixPath]]:
    """The pictures by their numbers, of each folder and beginning of names that has a picture for all of ``names``.

    One that is short of a picture may be numbered from another start, so that it is not taken. The one with the fewest
    other pictures comes first.
    """
    found: defaultdict[_Key, dict[int, PurePosixPath]] = defaultdict(dict)
    doubled: set[_Key] = set()
    for path in pictures:
        match = _NUMBER.match(os.path.splitext(path.name)[0])
        if match:
            key, number = (path.parent, match[1]), int(match[2])
            doubled.update([key] if number in found[key] else [])
            found[key][number] = path
    wanted = {int(name) for name in names}
    fitting = [numbers for key, numbers in found.items() if key not in doubled and wanted <= numbers.keys()]
    return sorted(fitting, key=lambda numbers: (len(numbers), str(min(numbers.values()))))
