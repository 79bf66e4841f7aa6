"""Whether a folder holds the class folders beside it once more."""

from __future__ import annotations

from collections.abc import Sequence
from filecmp import cmp
from typing import Final

from workbench.engine.pictures.folder_tree import Folder

#: Number of files of a folder that seems to be a copy that are compared byte by byte, at most.
_COMPARED: Final = 100


def is_repeated(folder: Folder, others: Sequence[Folder]) -> bool:
    """Whether ``folder`` holds the class folders ``others`` beside it once more: the same names, sizes and, in up to
    ``_COMPARED`` files, bytes. Cameras number every film from 1, so that names alone say nothing."""
    if len(others) < 2 or folder.pictures:
        return False
    if sorted(map(_contents, folder.filled)) != sorted(map(_contents, others)):
        return False
    named = {each.name: each for each in others}
    pairs = [pair for each in folder.filled for pair in zip(each.files(), named[each.name].files(), strict=True)]
    try:
        if any(one.stat().st_size != other.stat().st_size for one, other in pairs):
            return False
        return all(cmp(one, other, shallow=False) for one, other in pairs[:: len(pairs) // _COMPARED + 1])
    except OSError:
        return False


def _contents(folder: Folder) -> tuple[str, tuple[str, ...]]:
    return folder.name, tuple(file.relative_to(folder.path).as_posix() for file in folder.files())
