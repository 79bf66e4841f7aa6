"""Folders that hold class folders (``color/cat``, ``gray/cat``): whether they hold the same pictures in versions."""

from __future__ import annotations

import os
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from workbench.engine.catalog.datasets.folder import PictureFolder
from workbench.engine.catalog.datasets.folders.choices import names_text
from workbench.engine.catalog.datasets.folders.version_names import says_made
from workbench.engine.catalog.datasets.understanding import Doubt, Reading
from workbench.engine.core.text import paths_text
from workbench.engine.data.class_folders import class_folders
from workbench.engine.data.films import are_alike
from workbench.engine.pictures.class_folders import natural
from workbench.engine.pictures.part_names import is_fold, parts_of

if TYPE_CHECKING:
    from workbench.engine.catalog.datasets import Dataset
    from workbench.engine.spec.data_spec import DataSpec

#: What reads the name of a file without its suffix, for grouping by names.
WHOLE_NAME: Final = r"^(.+)\.[^.]+$"
#: So much of the names of two folders has to be the same.
_SAME: Final = 0.9
#: Fewer names that are the same may be chance.
_FEWEST: Final = 3
_NAMED: Final = 3
#: Maximum number of versions for which using each alone is offered.
_OFFERED: Final = 4
#: Cameras and programs number each folder from 1: such names alone say nothing of what is in the picture.
_COUNTER: Final = re.compile(r"[^\W\d]*[-_ .]?\d+")

#: By each folder that holds class folders: the file of each class and name without its suffix.
_Above = Mapping[str, Mapping[tuple[str, str], str]]


def names_above(dataset: Dataset) -> Sequence[Set[str]]:
    """The names of folders that hold class folders with pictures, by how far they are above these, the nearest first.

    Levels of one name are left out, and those of parts and of folds.
    """
    return [level.keys() for level in _levels(dataset) if not parts_of(sorted(level))]


def shared_names_above(dataset: Dataset) -> Sequence[Set[str]]:
    """Those levels of ``names_above`` whose folders hold the same classes, and no kinds of them (``pets/cat``)."""
    levels = (level for level in _levels(dataset) if not parts_of(sorted(level)))
    return [level.keys() for level in levels if _are_shared(level.values())]


def _are_shared(classes: Iterable[Set[str]]) -> bool:
    """Whether most classes are below several folders of one level."""
    counts = Counter(name for each in classes for name in each)
    return 2 * sum(count > 1 for count in counts.values()) > len(counts)


def _levels(dataset: Dataset) -> Sequence[Mapping[str, Set[str]]]:
    """The classes below each name of a folder above class folders, for each of the levels of ``names_above`` and those
    of parts."""
    above = _above(dataset)
    folders = sorted(above)
    depth = len(os.path.commonpath(folders).split(os.sep)) if len(folders) > 1 else 0
    levels: defaultdict[int, defaultdict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for folder in folders if depth else []:
        classes = {name for name, _ in above[folder]}
        for level, name in enumerate(folder.split(os.sep)[depth:][::-1]):
            levels[level][name] |= classes
    found = [levels[level] for level in sorted(levels)]
    return [its for its in found if len(its) > 1 and not all(map(is_fold, its))]


def doubt_of_versions(dataset: Dataset, data: DataSpec) -> Doubt | None:
    """A doubt where several folders hold the same pictures in the same class folders. May decode some, small.

    Names tell them, or where these only number the files, the pictures do.
    """
    if not any(len(set(parts_of(sorted(level)).values())) < 2 for level in _levels(dataset)):
        return None
    alike = sorted({os.path.basename(folder) for pair in _alike(_above(dataset)) for folder in pair}, key=natural)
    if not alike:
        return None
    text = (
        f"{paths_text(alike, _NAMED)} hold pictures of the same names in the same class folders. If these are versions "
        "of the same pictures (in colour, in gray, smaller), the split puts them on both sides, and the accuracy is "
        "too high."
    )
    together = (("data.group_by", "name"), ("data.group_pattern", WHOLE_NAME))
    apart = Reading("They are different pictures: split them one by one", (("data.group_by", "none"),))
    one = _one_alone(dataset, alike, data)
    return Doubt("files", text, (Reading("Keep pictures of the same name together", together), *one, apart))


def _one_alone(dataset: Dataset, alike: Sequence[str], data: DataSpec) -> Iterator[Reading]:
    """The readings that use one version alone, where no other setting says how the folders are read."""
    source = data.source
    if not isinstance(source, PictureFolder) or (source.classes, source.parts) != ("second_level", "auto"):
        return
    is_clear = [{*alike}] == names_above(dataset) and not {*alike} & {*dataset.classes}
    if not is_clear or source.left_out != "auto" or len(alike) > _OFFERED:
        return
    for name in alike:
        others = names_text([each for each in alike if each != name])
        yield Reading(f"Use the pictures in {name} alone", (("left_out", others), ("classes", "auto")))


def _above(dataset: Dataset) -> _Above:
    classes = {name.casefold() for name in class_folders(dataset)}
    found: defaultdict[str, dict[tuple[str, str], str]] = defaultdict(dict)
    for file in dataset.files:
        folder, name = os.path.split(file)
        above, own = os.path.split(folder)
        if own.casefold() in classes:
            found[above][own.casefold(), os.path.splitext(name)[0]] = file
    return found


def _alike(found: _Above) -> Iterator[tuple[str, str]]:
    """Neighbours in the order of names that hold the same."""
    for one, other in pairwise(sorted(found)):
        same = sorted(found[one].keys() & found[other].keys())
        fewest = min(len(found[one]), len(found[other]))
        if _is_made_of(one, other) and len(same) >= max(_FEWEST, _SAME * fewest):
            yield one, other
            continue
        is_most = len(same) >= max(_FEWEST, _SAME * len(found[one].keys() | found[other].keys()))
        if is_most and (_are_names(same) or _are_the_same_pictures(found[one], found[other], same)):
            yield one, other


def _is_made_of(one: str, other: str) -> bool:
    """Whether one of two folders says that its pictures were made of others."""
    return any(map(says_made, map(os.path.basename, (one, other))))


def _are_names(same: Sequence[tuple[str, str]]) -> bool:
    """Whether most of the names say more than a number."""
    return 2 * sum(_COUNTER.fullmatch(name) is not None for _, name in same) < len(same)


def _are_the_same_pictures(
    one: Mapping[tuple[str, str], str], other: Mapping[tuple[str, str], str], same: Sequence[tuple[str, str]]
) -> bool:
    labels = {name: label for label, name in enumerate(sorted({name for name, _ in same}))}
    return are_alike([(labels[key[0]], one[key], other[key]) for key in same])
