"""Checks of groups: how many there are, and whether the data's own parts divide them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from workbench.engine.core.text import counted, paths_text
from workbench.engine.data.findings import Finding
from workbench.engine.data.groups import Groups, groups_of
from workbench.engine.data.groups_in_parts import group_words

if TYPE_CHECKING:
    from workbench.engine.data.check_subject import Subject


def group_sizes(subject: Subject) -> Iterator[Finding]:
    """The groups that were found, as the split uses them, and those that train and validate."""
    groups = groups_of(subject.dataset, subject.spec.data)
    if groups is not None:
        yield Finding("groups", "info", _found(groups))
    for text in group_words(subject.dataset, subject.spec.data, subject.split, subject.test):
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
