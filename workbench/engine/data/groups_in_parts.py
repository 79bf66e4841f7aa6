"""Groups that are in training and in a part of the data's own: a test part, or a validation part."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Set
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.text import counted, paths_text
from workbench.engine.data.groups import Groups, groups_of
from workbench.engine.data.name_groups import said_groups
from workbench.engine.pictures.class_folders import natural
from workbench.engine.spec.splitting import group_reader

if TYPE_CHECKING:
    from workbench.engine.catalog.datasets import Dataset
    from workbench.engine.data.split import Split
    from workbench.engine.spec.data_spec import DataSpec

_NAMED = 3


def group_words(dataset: Dataset, data: DataSpec, parts: Split, test: Dataset | None) -> Iterator[str]:
    """Sentences on groups that are in training and in a part that stays whatever the groups are; ``test`` is a part of
    the data's own. Raises WorkbenchError if the data have no such groups as ``data`` asks for."""
    groups = groups_of(dataset, data)
    if groups is None:
        yield from _of_names(dataset, data, parts, test)
        return
    trained = _names(groups, parts.train)
    if dataset.validation is not None and data.folds is None:
        yield from _words("validation", trained & _names(groups, parts.val))
    if test is not None:
        with suppress(WorkbenchError):
            tested = groups_of(test, data)
            everywhere = trained | _names(groups, parts.val)
            yield from _words("test", everywhere & set(tested.names) - {""} if tested is not None else set())


def _names(groups: Groups, indices: npt.NDArray[np.int64]) -> set[str]:
    return {groups.names[each] for each in np.unique(groups.of[indices]).tolist()} - {""}


def _words(part: str, both: Set[str]) -> Iterator[str]:
    if both:
        are = counted(len(both), "group is", "groups are")
        text = f"The data's own {part} part is kept, and {are} on both sides: {_shown(both)}."
        yield f"{text} {part.capitalize()} is then too good for new groups."


def _of_names(dataset: Dataset, data: DataSpec, parts: Split, test: Dataset | None) -> Iterator[str]:
    """The same where only the names of files say a word of a group and its number: ``patient07_2.png``."""
    held = dataset.validation is not None and data.folds is None
    are_named = bool(dataset.files) and len(dataset.files) == len(dataset.labels)
    if data.group_by != "auto" or not are_named or not (held or (test is not None and test.files)):
        return
    found = said_groups(dataset.files, dataset.labels.tolist())
    if found is None:
        return
    read = group_reader(found.pattern)
    trained = _read(read, (dataset.files[each] for each in parts.train.tolist()))
    others = {
        "validation": _read(read, (dataset.files[each] for each in parts.val.tolist())) if held else set(),
        "test": _read(read, test.files if test is not None else ()),
    }
    for part, names in others.items():
        if both := trained & names:
            text = f"Names of files in training and in the data's own {part} part say the same groups: {_shown(both)}."
            yield f"{text} If these are the same, {part} is too good for new groups."


def _read(read: Callable[[str], str], files: Iterable[str]) -> set[str]:
    return {read(Path(file).name) for file in files} - {""}


def _shown(names: Set[str]) -> str:
    return paths_text([repr(name) for name in sorted(names, key=natural)], _NAMED)
