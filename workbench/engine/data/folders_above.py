"""Folders that hold class folders (``color/cat``, ``gray/cat``): whether they hold the same pictures in versions."""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Set
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from workbench.engine.catalog.datasets.understanding import Doubt, Reading
from workbench.engine.core.text import paths_text
from workbench.engine.pictures.class_folders import natural
from workbench.engine.pictures.part_names import parts_of

if TYPE_CHECKING:
    from workbench.engine.catalog.datasets import Dataset

#: What reads the name of a file without its suffix, for grouping by names.
WHOLE_NAME: Final = r"^(.+)\.[^.]+$"
#: So much of the names of two folders has to be the same.
_SAME: Final = 0.9
#: Fewer names that are the same may be chance.
_FEWEST: Final = 3
_NAMED: Final = 3
#: Cameras and programs number each folder from 1: such names say nothing of what is in the picture.
_COUNTER: Final = re.compile(r"[^\W\d]*[-_ .]?\d+")


def names_above(dataset: Dataset) -> Set[str]:
    """The names of folders that hold class folders with pictures, if there are several of them that are no parts."""
    names = {os.path.basename(folder) for folder in _above(dataset)}
    return names if len(names) > 1 and not parts_of(sorted(names)) else set()


def doubt_of_versions(dataset: Dataset) -> Doubt | None:
    """A doubt where several folders hold pictures of the same names in the same class folders."""
    if not names_above(dataset):
        return None
    found = dict(_above(dataset))
    alike = sorted({os.path.basename(folder) for pair in _alike(found) for folder in pair}, key=natural)
    if not alike:
        return None
    text = (
        f"{paths_text(alike, _NAMED)} hold pictures of the same names in the same class folders. If these are versions "
        "of the same pictures (in colour, in gray, smaller), the split puts them on both sides, and the accuracy is "
        "too high."
    )
    together = (("data.group_by", "name"), ("data.group_pattern", WHOLE_NAME))
    apart = Reading("They are different pictures: split them one by one", (("data.group_by", "none"),))
    return Doubt("files", text, (Reading("Keep pictures of the same name together", together), apart))


def _above(dataset: Dataset) -> Mapping[str, Set[tuple[str, str]]]:
    """By each folder that holds class folders: class and name of its pictures, without suffixes."""
    classes = {name.casefold() for name in dataset.classes}
    found: defaultdict[str, set[tuple[str, str]]] = defaultdict(set)
    for file in dataset.files:
        folder, name = os.path.split(file)
        above, own = os.path.split(folder)
        if own.casefold() in classes:
            found[above].add((own.casefold(), os.path.splitext(name)[0]))
    return found


def _alike(found: Mapping[str, Set[tuple[str, str]]]) -> Iterator[tuple[str, str]]:
    """Neighbours in the order of names that hold the same."""
    folders = sorted(found)
    for one, other in pairwise(folders):
        same = found[one] & found[other]
        is_most = len(same) >= max(_FEWEST, _SAME * len(found[one] | found[other]))
        if is_most and 2 * sum(_COUNTER.fullmatch(name) is not None for _, name in same) < len(same):
            yield one, other
