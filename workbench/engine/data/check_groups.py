"""Checks of groups: how many there are, and whether the data's own parts divide them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from workbench.engine.core.text import counted, paths_text
from workbench.engine.data.findings import Finding
from workbench.engine.data.groups import Groups, groups_of

if TYPE_CHECKING:
    from workbench.engine.catalog.datasets import Dataset
    from workbench.engine.data.check_subject import Subject
    from workbench.engine.data.split import Split
    from workbench.engine.spec.data_spec import DataSpec


def group_sizes(subject: Subject) -> Iterator[Finding]:
    """The groups that were found, as the split uses them, and those that train and validate."""
    groups = groups_of(subject.dataset, subject.spec.data)
    if groups is None:
        return
    yield Finding("groups", "info", _found(groups))
    if text := divided_words(subject.dataset, subject.spec.data, groups, subject.split):
        yield Finding("divided_groups", "warning", text)


def _found(groups: Groups) -> str:
    sizes = groups.sizes
    named = [index for index, name in enumerate(groups.names) if name]
    largest = max(named, key=sizes.__getitem__)
    names = [repr(groups.names[index]) for index in named]
    text = (
        f"{counted(len(named), 'group')} found: {paths_text(names, 3)}; the largest is {groups.names[largest]!r} with "
    )
    text += f"{counted(int(sizes[largest]), 'example')}."
    if groups.alone:
        name = counted(groups.alone, "example names", "examples name")
        text += f" {name} no group, and each is a group of its own."
    return text


def divided_words(dataset: Dataset, data: DataSpec, groups: Groups, parts: Split) -> str:
    """That the source's own validation part, which stays whatever the groups are, divides some; empty if not."""
    if dataset.validation is None or data.folds is not None:
        return ""
    both = np.intersect1d(groups.of[parts.train], groups.of[parts.val])
    if not len(both):
        return ""
    names = [repr(groups.names[index]) for index in both.tolist()]
    are = counted(len(both), "group is", "groups are")
    text = f"The data's own validation part is kept, and {are} on both sides: {paths_text(names, 3)}."
    return f"{text} Validation is then too good for new groups."


def group_warnings(dataset: Dataset, data: DataSpec, parts: Split) -> Iterator[str]:
    """The sentence of ``divided_words``, if there is one. Raises WorkbenchError if the data have no such groups."""
    groups = groups_of(dataset, data)
    if groups is not None and (text := divided_words(dataset, data, groups, parts)):
        yield text
