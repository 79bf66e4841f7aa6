"""Whether folders or names of files say groups (a patient, a film) that the settings do not keep together."""

from __future__ import annotations

import os
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from workbench.engine.catalog.datasets.tables.groups import says_group
from workbench.engine.catalog.datasets.understanding import Doubt, Reading
from workbench.engine.core.text import grouped, paths_text
from workbench.engine.data.augmented_copies import has_copies
from workbench.engine.data.class_folders import class_folders
from workbench.engine.data.films import doubt_of_films
from workbench.engine.data.folders_above import doubt_of_versions, names_above, shared_names_above
from workbench.engine.data.groups import group_folders
from workbench.engine.data.name_copies import copy_groups
from workbench.engine.data.name_groups import name_groups
from workbench.engine.pictures.class_folders import natural
from workbench.engine.pictures.part_names import is_fold, parts_of
from workbench.engine.spec.splitting import group_reader

if TYPE_CHECKING:
    from workbench.engine.catalog.datasets import Dataset
    from workbench.engine.spec.data_spec import DataSpec

_NAMED: Final = 3
#: From this number on, folders of several pictures are taken for groups if their names are hardly more than numbers.
_FEWEST: Final = 4
#: The same for folders that hold class folders.
_FEWEST_ABOVE: Final = 2
#: The same for folders of one name below each class.
_FEWEST_SHARED: Final = 3
#: A size of pictures is no group: ``64x64``, ``32px``.
_SIZE: Final = re.compile(r"\d+\s?[x×]\s?\d+(?:\s?px)?|\d+\s?(?:px|pixels?)", re.IGNORECASE)
_BY_FOLDER: Final = (("data.group_by", "folder"),)
_INDEPENDENT: Final = Reading("They are independent: split them one by one", (("data.group_by", "none"),))


def unused_groups(dataset: Dataset, data: DataSpec) -> Doubt | None:
    """A doubt where folders, names or neighbours are as those of groups, and the settings split pictures one by one.

    May decode some pictures.
    """
    is_given = data.folds is None and dataset.validation is not None
    if data.group_by != "auto" or dataset.groups is not None or is_given or not dataset.files:
        return None
    found = _of_called(dataset) or doubt_of_versions(dataset, data) or _of_numbered(dataset)
    if found := found or _of_named_above(dataset) or _of_shared(dataset):
        return found
    if has_copies(dataset):  # they have a doubt of their own
        return None
    return _of_names(dataset) or doubt_of_films(dataset, _INDEPENDENT)


def _sizes(dataset: Dataset) -> Counter[str]:
    """The number of pictures by the folders that would be groups; those of none are under an empty name."""
    pictures = Counter(map(os.path.dirname, dataset.files))
    found = group_folders(pictures.keys(), class_folders(dataset))
    sizes: Counter[str] = Counter()
    for folder, count in pictures.items():
        sizes[found[folder]] += count
    return sizes


def _of_called(dataset: Dataset) -> Doubt | None:
    """Folders that are called as groups are."""
    names = sorted(filter(says_group, _sizes(dataset)), key=natural)
    if len(names) < 2:
        return None
    text = f"Folders are named as groups, and the split mixes their pictures: {paths_text(names, _NAMED)}."
    return _doubt(text, "Keep the pictures of each of them together", _BY_FOLDER)


def _of_numbered(dataset: Dataset) -> Doubt | None:
    """Folders whose names are hardly more than numbers, or that lie above the classes beside a level of such."""
    sizes, above = _sizes(dataset), names_above(dataset)
    names = sorted((name for name, size in sizes.items() if size > 1 and name), key=natural)
    numbered = [name for name in names if _has_number(name)]
    are_above = any(set(names) <= level for level in above)
    counted = next((sorted(level, key=natural) for level in above if all(map(_has_number, level))), [])
    if are_above and len(numbered) < len(names) > 1 and counted:
        where = f"folders above the classes ({paths_text(names, _NAMED)}; {paths_text(counted, _NAMED)})"
        return _of_places(where, paths_text(names, _NAMED))
    are_few = len(numbered) < (_FEWEST_ABOVE if are_above else _FEWEST) or 2 * len(numbered) < len(sizes)
    if are_few or all(map(is_fold, numbered)) or all(map(_SIZE.fullmatch, numbered)):
        return None
    return _of_places(f"numbered folders ({paths_text(numbered, _NAMED)})", "each folder")


def _of_named_above(dataset: Dataset) -> Doubt | None:
    """Folders of any name above the classes, each with pictures of several: ``anna/fork``, ``north/healthy``."""
    names = sorted(filter(None, _sizes(dataset)), key=natural)
    if (
        len(names) < 2
        or all(map(_SIZE.fullmatch, names))
        or not any(set(names) <= level for level in shared_names_above(dataset))
    ):
        return None
    return _of_places(f"folders above the classes ({paths_text(names, _NAMED)})", "each folder")


def _of_places(where: str, each: str) -> Doubt:
    text = (
        f"Pictures lie in {where} that are no classes. If each is a patient, a film or another group, the split puts "
        "pictures of one on both sides, and the accuracy is too high."
    )
    return _doubt(text, f"Keep the pictures of {each} together", _BY_FOLDER)


def _of_shared(dataset: Dataset) -> Doubt | None:
    """Folders of the same names below all classes: ``wave/anna``, ``clap/anna``."""
    below: defaultdict[int, set[str]] = defaultdict(set)
    pictures = {os.path.dirname(file): label for file, label in _labelled(dataset)}
    found = group_folders(pictures.keys(), class_folders(dataset))
    for folder, label in pictures.items():
        if os.path.basename(folder) == found[folder]:
            below[label].add(found[folder])
    names = sorted(set.intersection(*below.values()), key=natural) if len(below) == len(dataset.classes) else []
    if len(names) < _FEWEST_SHARED or any(its != set(names) for its in below.values()) or parts_of(names):
        return None
    text = (
        f"The class folders hold folders of the same names ({paths_text(names, _NAMED)}). If each is a person, a place "
        "or another group, the split puts pictures of one on both sides, and the accuracy is too high."
    )
    return _doubt(text, "Keep the pictures of each of them together, in all classes", _BY_FOLDER)


def _has_number(name: str) -> bool:
    return any(map(str.isdigit, name))


def _of_names(dataset: Dataset) -> Doubt | None:
    labels: list[int] = dataset.labels.tolist()
    found = name_groups(dataset.files, labels) or copy_groups(dataset.files, labels)
    if found is None:
        return None
    names: list[str] = sorted(found.names, key=natural)
    count = f"{grouped(found.count)} of {grouped(len(dataset.files))} pictures"
    text = (
        f"The names of {count} {found.alike} in groups ({paths_text(names, _NAMED)}): if each is of one patient, film "
        "or original, the split puts its pictures on both sides, and the accuracy is too high."
    )
    settings = (("data.group_by", "name"), ("data.group_pattern", found.pattern))
    read = group_reader(found.pattern)
    of_classes = {(label, read(os.path.basename(file))) for file, label in _labelled(dataset)}
    is_shared = len(of_classes) > len({group for _, group in of_classes})
    where = ", also of different classes" if is_shared else ""
    return _doubt(text, f"Keep pictures together whose names {found.alike}{where}", settings)


def _labelled(dataset: Dataset) -> Iterator[tuple[str, int]]:
    return zip(dataset.files, dataset.labels.tolist(), strict=True)


def _doubt(text: str, label: str, settings: tuple[tuple[str, Any], ...]) -> Doubt:
    return Doubt("files", text, (Reading(label, settings), _INDEPENDENT))
