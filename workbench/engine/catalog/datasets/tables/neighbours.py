"""Pictures outside of a table's folder: whether they may be those of another set that lies beside it."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from workbench.engine.catalog.datasets.tables.candidates import (
    OF_LABELS,
    are_parts,
    common,
    is_of_labels,
    is_plain,
    same,
)
from workbench.engine.catalog.datasets.tables.numbered import are_numbers
from workbench.engine.pictures.part_names import plain_word, said_beside


def strange_folder(
    table: Path, base: Path, paths: Sequence[str], files: Sequence[Path], pictures: Sequence[PurePosixPath]
) -> Path | None:
    """The folder of the ``files`` that ``paths`` in ``table`` mean, which are among the ``pictures`` below ``base``, if
    it may be another set's: nothing but their names says that they are meant, no folder in the paths, not that the
    table is named after theirs, nor that there are no other pictures.

    None of these counts if both folders have names of their own (``project_a``, ``project_b/images``). Names that are
    numbers say less: then their folder must say no more than that pictures are in it, or the table's that labels are.
    """
    there = {base / path for path in pictures} & set(files)
    folders = {PurePosixPath(file.relative_to(base)).parent for file in there}
    own = PurePosixPath(table.parent.relative_to(base))
    others = {path.parent for path in pictures if not path.is_relative_to(own)} - folders
    called = all(is_called(folder, same(table.stem)) for folder in folders)
    pairs = [(p, f.relative_to(base)) for p, f in zip(paths, files, strict=True) if f in there]
    by_folder = all(common(PurePosixPath(p).parts[:-1], f.parts[:-1]) for p, f in pairs)
    is_one_set = not others or all(map(is_plain, folders | others)) or are_parts(folders | others)
    if are_numbers(paths) and not is_of_labels(table.parent.name):
        called, is_one_set = all(map(is_plain, folders)), are_parts(folders | others)
    is_meant = (called or by_folder or is_one_set) and not any(is_of_another(table, folder) for folder in folders)
    return None if is_meant else Path(os.path.commonpath([base / folder for folder in folders]))


def is_of_another(table: Path, folder: PurePosixPath) -> bool:
    """Whether ``folder``, beside that of ``table``, has a name of its own, as that has: ``project_b/images``."""
    own, other = table.parent.name, folder.parts[0] if folder.parts else ""
    if is_of_labels(own) or _is_plain(own) or _is_plain(other):
        return False
    mine, its = (set(re.findall(r"[^\W_]+", plain_word(name))) - OF_LABELS for name in (own, other))
    return not (mine <= its or its <= mine)


def _is_plain(name: str) -> bool:
    """Whether a folder of this name is of a set that no word in it names."""
    return is_plain(PurePosixPath(name)) or not said_beside(name)


def is_called(folder: PurePosixPath, table: str) -> bool:
    """Whether the table is named after the folder, as ``train.csv`` and ``trainLabels.csv`` are after ``train``."""
    words = {same(part) for part in folder.parts}
    return any(word and table.startswith(word) for word in words)
