"""Files named as the copy of a file beside them: ``IMG_11(1).jpg``, ``IMG_11-edited.jpg``, ``IMG_E0011.JPG``.

The file beside says what the name alone does not, so fewer of them are asked about than of other groups.
"""

from __future__ import annotations

import os
import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Final

from workbench.engine.data.name_groups import ORIGINAL, NameGroups, are_classes
from workbench.engine.spec.splitting import group_reader

#: An edited photo of an iPhone has the number of the one it was made from.
_IPHONE: Final = r"(?i)^IMG_E?(\d{4,})\.[^.]+$"
_EDITED: Final = re.compile(r"(?i)^IMG_E\d{4,}\.")
#: So many pictures must have a copy beside them, and these and the copies be this share of all.
_FEWEST, _SHARE = 3, 0.02


def copy_groups(files: Sequence[str], labels: Sequence[int]) -> NameGroups | None:
    """Pictures and the copies beside them by the names of ``files``, None where these are few; ``labels`` are their
    classes.
    """
    named = set(zip(labels, map(os.path.basename, files), strict=True))
    found = filter(None, (_by(named, ORIGINAL, "begin alike"), _by(named, _IPHONE, "have the same number")))
    return max(found, key=lambda each: each.count, default=None)


def _by(named: set[tuple[int, str]], pattern: str, alike: str) -> NameGroups | None:
    read = group_reader(pattern)
    groups: defaultdict[tuple[int, str], list[str]] = defaultdict(list)
    for label, name in named:
        if group := read(name):
            groups[label, group].append(name)
    several = {key: names for key, names in groups.items() if len(names) > 1 and _is_beside(key[1], names)}
    count = sum(map(len, several.values()))
    if len(several) < _FEWEST or count < _SHARE * len(named):
        return None
    if are_classes({key: len(names) for key, names in groups.items()}, Counter(label for label, _ in named)):
        return None
    return NameGroups(pattern, tuple(sorted({group for _, group in several})), count, alike)


def _is_beside(group: str, names: Sequence[str]) -> bool:
    """Whether one of ``names`` is the original and another is named as its copy."""
    stems = {os.path.splitext(name)[0] for name in names}
    return len(stems) > 1 and (group in stems or any(map(_EDITED.match, names)))
