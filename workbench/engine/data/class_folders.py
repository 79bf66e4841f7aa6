"""Which names of folders are those of the classes, also where a class is called otherwise than its folder."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workbench.engine.catalog.datasets import Dataset


def class_folders(dataset: Dataset) -> tuple[str, ...]:
    """The names of the classes and of their folders: those spelled otherwise (``polar_bear`` of ``polar bear``), and
    where none is spelled so, those of the first level that has one folder name for each class (``0`` of ``stop``)."""
    labels = dict(zip(map(os.path.dirname, dataset.files), dataset.labels.tolist(), strict=True))
    depth = len(Path(os.path.commonpath(labels)).parts) if labels else 0
    paths = {Path(folder).parts[depth:]: label for folder, label in labels.items()}
    names = {name for path in paths for name in path}
    known = set(map(_key, dataset.classes))
    spelled = sorted(name for name in names if _key(name) in known)
    return (*dataset.classes, *(spelled or _of_each_class(paths, len(dataset.classes))))


def _of_each_class(paths: Mapping[tuple[str, ...], int], classes: int) -> Iterator[str]:
    for level in range(min(map(len, paths), default=0)):
        pairs = {(path[level], label) for path, label in paths.items()}
        if len(pairs) == classes == len({name for name, _ in pairs}) == len({label for _, label in pairs}):
            yield from sorted(name for name, _ in pairs)
            return


def _key(name: str) -> str:
    return re.sub(r"[\s_-]+", " ", unicodedata.normalize("NFC", name).casefold()).strip()
