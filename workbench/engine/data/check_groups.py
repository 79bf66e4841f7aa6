"""Checks of groups: how many there are, and whether the data's own parts divide them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from workbench.engine.core.text import counted, paths_text
from workbench.engine.data.findings import Finding
from workbench.engine.data.groups import Groups, groups_of

if TYPE_CHECKING:
    from workbench.engine.data.check_subject import Subject


def group_sizes(subject: Subject) -> Iterator[Finding]:
    """The groups that were found, as the split uses them, and those that train and validate."""
    groups = groups_of(subject.dataset, subject.spec.data)
    if groups is None:
        return
    yield Finding("groups", "info", _found(groups))
    if subject.dataset.validation is not None and subject.spec.data.folds is None:
        yield from _divided(groups, subject)


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


def _divided(groups: Groups, subject: Subject) -> Iterator[Finding]:
    """The source's own validation part stays, whatever the groups are."""
    split = subject.split
    both = np.intersect1d(groups.of[split.train], groups.of[split.val])
    if not len(both):
        return
    names = [repr(groups.names[index]) for index in both.tolist()]
    are = counted(len(both), "group is", "groups are")
    text = f"The data's own validation part is kept, and {are} on both sides: {paths_text(names, 3)}."
    yield Finding("divided_groups", "warning", f"{text} Validation is then too good for new groups.")
