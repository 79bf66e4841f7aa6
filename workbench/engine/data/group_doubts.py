"""Whether folders or names of files say groups (a patient, a film) that the settings do not keep together."""

from __future__ import annotations

import os
from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from workbench.engine.catalog.datasets.tables.groups import says_group
from workbench.engine.catalog.datasets.understanding import Doubt, Reading
from workbench.engine.core.text import grouped, paths_text
from workbench.engine.data.augmented_copies import has_copies
from workbench.engine.data.folders_above import doubt_of_versions, names_above
from workbench.engine.data.groups import group_folders
from workbench.engine.data.name_groups import name_groups
from workbench.engine.pictures.class_folders import natural

if TYPE_CHECKING:
    from workbench.engine.catalog.datasets import Dataset
    from workbench.engine.spec.data_spec import DataSpec

_NAMED: Final = 3
#: From this number on, folders of several pictures are taken for groups if their names are hardly more than numbers.
_FEWEST: Final = 4
#: The same for folders that hold class folders.
_FEWEST_ABOVE: Final = 2
_INDEPENDENT: Final = Reading("They are independent: split them one by one", (("data.group_by", "none"),))


def unused_groups(dataset: Dataset, data: DataSpec) -> Doubt | None:
    """A doubt where folders or names are such as those of groups, and the settings split their pictures one by one."""
    is_given = data.folds is None and dataset.validation is not None
    if data.group_by != "auto" or dataset.groups is not None or is_given or not dataset.files:
        return None
    # augmented copies have a doubt of their own
    return _of_folders(dataset) or doubt_of_versions(dataset) or (None if has_copies(dataset) else _of_names(dataset))


def _of_folders(dataset: Dataset) -> Doubt | None:
    pictures = Counter(map(os.path.dirname, dataset.files))
    found = group_folders(pictures.keys(), dataset.classes)
    sizes: Counter[str] = Counter()
    for folder, count in pictures.items():
        sizes[found[folder]] += count
    names = sorted(filter(says_group, sizes), key=natural)
    if len(names) > 1:
        text = f"Folders are named as groups, and the split mixes their pictures: {paths_text(names, _NAMED)}."
        return _doubt(text, "Keep the pictures of each of them together", (("data.group_by", "folder"),))
    numbered = sorted((n for n, size in sizes.items() if size > 1 and any(map(str.isdigit, n))), key=natural)
    fewest = _FEWEST_ABOVE if set(numbered) <= names_above(dataset) else _FEWEST
    if len(numbered) < fewest or 2 * len(numbered) < len(sizes):
        return None
    text = (
        f"Pictures lie in numbered folders ({paths_text(numbered, _NAMED)}) that are no classes. If each is a patient, "
        "a film or another group, the split puts pictures of one on both sides, and the accuracy is too high."
    )
    return _doubt(text, "Keep the pictures of each folder together", (("data.group_by", "folder"),))


def _of_names(dataset: Dataset) -> Doubt | None:
    found = name_groups(dataset.files, dataset.labels.tolist())
    if found is None:
        return None
    names: list[str] = sorted(found.names, key=natural)
    count = f"{grouped(found.count)} of {grouped(len(dataset.files))} pictures"
    text = (
        f"The names of {count} begin alike in groups ({paths_text(names, _NAMED)}): if each is of one patient, film or "
        "original, the split puts its pictures on both sides, and the accuracy is too high."
    )
    settings = (("data.group_by", "name"), ("data.group_pattern", found.pattern))
    return _doubt(text, "Keep pictures together whose names begin alike", settings)


def _doubt(text: str, label: str, settings: tuple[tuple[str, Any], ...]) -> Doubt:
    return Doubt("files", text, (Reading(label, settings), _INDEPENDENT))
