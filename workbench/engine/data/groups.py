"""Which examples are one group (a patient, a film, a day), which no split may divide."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from workbench.engine.catalog.datasets.tables.groups import says_group
from workbench.engine.catalog.datasets.understanding import Doubt, Reading
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.text import paths_text
from workbench.engine.pictures.class_folders import natural
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
        return None if dataset.groups is None else _numbered(f"group {each}" for each in dataset.groups.tolist())
    if len(dataset.files) != len(dataset.labels):
        text = "These examples have no file each, so no name or folder says which of them are one group."
        raise WorkbenchError(f"{text} Choose another grouping.", "data.group_by")
    found = _numbered(_folders(dataset) if data.group_by == "folder" else _name_parts(dataset, data.group_pattern))
    if found.alone == len(dataset.labels):
        raise WorkbenchError(_no_group(dataset, data), "data.group_by")
    return found


def _no_group(dataset: Dataset, data: DataSpec) -> str:
    example = Path(dataset.files[0])
    if data.group_by == "folder":
        text = f"No picture lies in a folder below its class folder, e.g. {example}"
        return f"{text}: folders give no groups here. Choose another grouping."
    text = f"No file's name holds the part {data.group_pattern!r} that names its group, e.g. {example.name}."
    return f"{text} Change it, or choose another grouping."


def _folders(dataset: Dataset) -> Iterator[str]:
    named = _group_folders({os.path.dirname(file) for file in dataset.files}, dataset.classes)
    return (named[os.path.dirname(file)] for file in dataset.files)


def _group_folders(folders: Set[str], classes: Sequence[str]) -> dict[str, str]:
    """Of each of the ``folders`` with pictures the name of its group, empty without one.

    That is the folder nearest to the pictures that is neither a class nor a part, below all that the folders share. One
    that is called as groups are (``patient_07``) goes before a nearer one (``40X``).
    """
    depth = len(Path(os.path.commonpath(folders)).parts) if folders else 0
    above = {folder: Path(folder).parts[depth:] for folder in folders}
    parts = parts_of(sorted({names[0] for names in above.values() if names}))
    passed = {name.casefold() for name in (*parts, *classes)}
    left = {folder: [name for name in names[::-1] if name.casefold() not in passed] for folder, names in above.items()}
    return {folder: next(filter(says_group, names), names[0] if names else "") for folder, names in left.items()}


def unused_groups(dataset: Dataset, data: DataSpec) -> Doubt | None:
    """A doubt where folders are called as groups are and the settings split their pictures one by one."""
    if data.group_by != "auto" or dataset.groups is not None or dataset.validation is not None:
        return None
    folders = {os.path.dirname(file) for file in dataset.files}
    names = sorted(filter(says_group, set(_group_folders(folders, dataset.classes).values())), key=natural)
    if len(names) < 2:
        return None
    text = f"Folders are named as groups, and the split mixes their pictures: {paths_text(names, 3)}."
    return Doubt(
        "files", text, (Reading("Keep the pictures of each of them together", (("data.group_by", "folder"),)),)
    )


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
