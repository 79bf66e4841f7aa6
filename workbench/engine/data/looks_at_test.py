"""Counts how often a test part was looked at: each look makes its next number a little too good.

The counts are in one small file with the program's own data. A test part is known by the names and sizes of its files
below their common folder, or by its values where it has no files, so that copies and other settings count as the same.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from pathlib import Path
from typing import Final

import numpy as np

from workbench.engine.catalog.datasets import Dataset
from workbench.engine.core.app_folders import home
from workbench.engine.core.atomic_write import write_whole
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.data.split import Indices

NAME: Final = "test-looks.json"
_CHUNK: Final = 1024


def fingerprint(dataset: Dataset, indices: Indices) -> str:
    """What names the examples ``indices`` (n,) of ``dataset``: a hash, the same for a copy of them elsewhere."""
    mark = hashlib.blake2b(digest_size=12)
    labels = dataset.labels[indices]
    if dataset.files:
        for line in sorted(_lines([dataset.files[index] for index in indices], labels.tolist(), dataset.classes)):
            mark.update(line.encode("utf-8", "surrogateescape"))
        return mark.hexdigest()
    mark.update(labels.tobytes())
    for start in range(0, len(indices), _CHUNK):
        mark.update(np.ascontiguousarray(dataset.inputs[indices[start : start + _CHUNK]]).tobytes())
    return mark.hexdigest()


def _lines(files: list[str], labels: list[int], classes: tuple[str, ...]) -> list[str]:
    """A line for each file: its name below the folder that all are in, its size in bytes (−1 if it is gone), class."""
    folder = os.path.commonpath([os.path.dirname(file) for file in files]) if files else ""
    rows = zip(files, labels, strict=True)
    return [f"{os.path.relpath(file, folder)}\0{_size(file)}\0{classes[label]}\n" for file, label in rows]


def _size(file: str) -> int:
    try:
        return os.stat(file).st_size
    except OSError:
        return -1


def count_look(mark: str) -> int:
    """Count one more look at the test part with this fingerprint and return how many there are now.

    0 if the count cannot be kept.
    """
    file = _file()
    known = _read(file)
    looks = known.get(mark, 0) + 1
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        write_whole(file, json.dumps({**known, mark: looks}, sort_keys=True).encode())
    except (OSError, WorkbenchError):
        return 0
    return looks


def _file() -> Path:
    return home() / NAME


def _read(file: Path) -> dict[str, int]:
    """What was counted; nothing if the file is not there or damaged."""
    with contextlib.suppress(OSError, ValueError, RecursionError):
        found = json.loads(file.read_bytes())
        if isinstance(found, dict):
            return {mark: count for mark, count in found.items() if type(count) is int and count > 0}
    return {}
