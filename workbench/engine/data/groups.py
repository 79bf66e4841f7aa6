"""Which examples are one group (a patient, a film, a day), which no split may divide."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from workbench.engine.catalog.datasets.tables.groups import says_group
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.data.class_folders import class_folders
from workbench.engine.pictures.part_names import parts_of
from workbench.engine.spec.splitting import group_reader

if TYPE_CHECKING:
    from workbench.engine.catalog.datasets import Dataset
    from workbench.engine.spec.data_spec import DataSpec

Indices = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Groups:
    """``of``: int64 (N,), the group of each example, from 0 on without gaps. ``names``: what names each group.

    ``alone`` counts the examples that name no group, each of which is a group of its own with an empty name.
    """

    of: Indices
    names: tuple[str, ...]
    alone: int = 0

    @property
    def sizes(self) -> Indices:
        """The number of examples of each group, int64 (G,)."""
        return np.bincount(self.of, minlength=len(self.names))

    def counts(self, labels: Indices, classes: int) -> Indices:
        """The number of examples of each class in each group, int64 (G, K)."""
        table = np.zeros((len(self.names), classes), np.int64)
        np.add.at(table, (self.of, labels), 1)
        return table


def groups_of(dataset: Dataset, data: DataSpec) -> Groups | None:
    """The groups that ``data.group_by`` asks for; None if every example is by itself. Raises WorkbenchError."""
    if data.group_by == "none":
        return None
    if data.group_by == "auto":
        return None if dataset.groups is None else _numbered(_own_names(dataset.groups, dataset.group_names))
    if len(dataset.files) != len(dataset.labels):
        text = "These examples have no file each, so no name or folder says which of them are one group."
        raise WorkbenchError(f"{text} Choose another grouping.", "data.group_by")
    found = _numbered(_folders(dataset) if data.group_by == "folder" else _name_parts(dataset, data.group_pattern))
    if found.alone == len(dataset.labels):
        raise WorkbenchError(_no_group(dataset, data), "data.group_by")
    return found


def _own_names(groups: Indices, names: Sequence[str]) -> Iterator[str]:
    """What the data call the group of each example; its number where they give no ``names``, or an empty one."""
    return (names[each] if each < len(names) and names[each] else f"group {each}" for each in groups.tolist())


def _no_group(dataset: Dataset, data: DataSpec) -> str:
    example = Path(dataset.files[0])
    if data.group_by == "folder":
        text = f"No picture lies in a folder below its class folder, e.g. {example}"
        return f"{text}: folders give no groups here. Choose another grouping."
    text = f"No file's name holds the part {data.group_pattern!r} that names its group, e.g. {example.name}."
    return f"{text} Change it, or choose another grouping."


def _folders(dataset: Dataset) -> Iterator[str]:
    named = group_folders({os.path.dirname(file) for file in dataset.files}, class_folders(dataset))
    return (named[os.path.dirname(file)] for file in dataset.files)


def group_folders(folders: Set[str], classes: Sequence[str]) -> dict[str, str]:
    """Of each of the ``folders`` with pictures the name of its group, empty without one.

    That is the folder nearest to the pictures that is neither a class nor a part, below all that the folders share, nor
    one that recurs below several others (``40X`` below each patient). One that is called as groups are (``patient_07``)
    goes before all.
    """
    depth = len(Path(os.path.commonpath(folders)).parts) if folders else 0
    above = {folder: Path(folder).parts[depth:] for folder in folders}
    parts = parts_of(sorted({names[0] for names in above.values() if names}))
    passed = {name.casefold() for name in (*parts, *classes)}
    left = {folder: [name for name in names[::-1] if name.casefold() not in passed] for folder, names in above.items()}
    recurring = _recurring(left.values())
    return {folder: _group_of(names, recurring) for folder, names in left.items()}


def _group_of(names: Sequence[str], recurring: Set[str]) -> str:
    """Which of the folders above some pictures, nearest first, is their group; empty if there are none."""
    own = [name for name in names if name not in recurring] or names
    return next(filter(says_group, names), own[0] if own else "")


def _recurring(paths: Iterable[Sequence[str]]) -> Set[str]:
    """The names that are found below several others; ``paths`` name folders from the nearest on."""
    outer: defaultdict[str, set[str]] = defaultdict(set)
    for names in paths:
        for name, above in pairwise(names):
            outer[name].add(above)
    return {name for name, above in outer.items() if len(above) > 1}


def _name_parts(dataset: Dataset, pattern: str) -> Iterator[str]:
    read = group_reader(pattern)
    return (read(Path(file).name) for file in dataset.files)


def _numbered(names: Iterator[str]) -> Groups:
    """Groups in the order in which they first appear; an empty name is a group of its own each time."""
    known: dict[str, int] = {}
    all_names: list[str] = []
    of = []
    alone = 0
    for name in names:
        if name and name in known:
            of.append(known[name])
            continue
        if name:
            known[name] = len(all_names)
        else:
            alone += 1
        of.append(len(all_names))
        all_names.append(name)
    return Groups(np.array(of, np.int64), tuple(all_names), alone)
