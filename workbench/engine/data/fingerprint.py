"""Whether data is the same as before, wherever it lies now: cheap, so that it can be asked at every start."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import numpy as np

from workbench.engine.catalog.datasets import Dataset
from workbench.engine.core.text import counted, grouped, quoted

#: The number of examples, spread evenly, whose contents are compared.
SAMPLE: Final = 64


def data_fingerprint(dataset: Dataset) -> dict[str, Any]:
    """What ``changes`` compares, as plain data: classes and how many examples each has, the shape of one, hashes of
    the files' names and labels, of the sizes of a sample of files, and of a sample's values (empty while pictures are
    still decoded, and then the sizes tell).
    """
    chosen = np.unique(np.linspace(0, max(0, len(dataset.labels) - 1), SAMPLE).round().astype(np.int64))
    chosen = chosen[: len(dataset.labels)]
    counts = np.bincount(dataset.labels, minlength=len(dataset.classes))
    values = "" if dataset.arriving is not None else _hash(np.ascontiguousarray(dataset.inputs[chosen]).tobytes())
    sizes = [_size(dataset.files[index]) for index in chosen] if dataset.files else []
    return {
        "classes": list(dataset.classes),
        "counts": counts.tolist(),
        "shape": list(dataset.shape),
        "names": _hash(_names(dataset.files).encode("utf-8", "surrogateescape"), dataset.labels.tobytes()),
        "sizes": _hash(repr(sizes).encode()),
        "values": values,
    }


def changes(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """What has changed between two fingerprints, as parts of a sentence; empty if it is the same data."""
    if not before or not now:
        return []
    found = list(_changed_classes(before, now))
    if before["shape"] != now["shape"]:
        found.append("its examples have another shape")
    if not found and before["names"] != now["names"]:
        found.append("its examples have other names, labels or another order")
    has_values = before["values"] and now["values"]
    if not found and (before["sizes"] != now["sizes"] or (has_values and before["values"] != now["values"])):
        found.append("the contents of its examples are others")
    return found


def mark_of(fingerprint: Mapping[str, Any]) -> str:
    """One hash of a ``fingerprint``, the same for a copy elsewhere and for other sizes of pictures; empty of none.

    Of files their names, labels and sizes count, of others the values.
    """
    if not fingerprint:
        return ""
    has_files = fingerprint["sizes"] != _NO_FILES
    names = ("classes", "counts", "names", "sizes", *(() if has_files else ("shape", "values")))
    return _hash(repr([fingerprint[name] for name in names]).encode("utf-8", "surrogateescape"))


def _changed_classes(before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    if before["classes"] != now["classes"]:
        gone = [name for name in before["classes"] if name not in now["classes"]]
        new = [name for name in now["classes"] if name not in before["classes"]]
        said = [
            f"{words} {', '.join(map(quoted, names[:3]))}" for words, names in (("no", gone), ("new", new)) if names
        ]
        yield f"its classes are others ({'; '.join(said)})" if said else "its classes have another order"
        return
    pairs = [*zip(now["classes"], before["counts"], now["counts"], strict=True)]
    other = [f"{grouped(new)} instead of {grouped(old)} in {quoted(name)}" for name, old, new in pairs if old != new]
    if other:
        more = f" and {counted(len(other) - 3, 'other class', 'other classes')}" if len(other) > 3 else ""
        yield f"it has {', '.join(other[:3])}{more}"


def _names(files: Sequence[str]) -> str:
    """The names of the files below the folder that all are in."""
    low, high = min(files, default=""), max(files, default="")  # what these two share, all share
    start = next((k for k, pair in enumerate(zip(low, high, strict=False)) if pair[0] != pair[1]), len(low))
    start = low.rfind(os.sep, 0, start)
    return "\0".join(file[max(0, start) :] for file in files).replace(os.sep, "/")


def _hash(*parts: bytes) -> str:
    found = hashlib.blake2b(digest_size=12)
    for part in parts:
        found.update(part)
    return found.hexdigest()


def _size(file: str) -> int:
    try:
        return os.stat(file).st_size
    except OSError:
        return -1


#: The sizes of no files.
_NO_FILES: Final = _hash(repr([]).encode())
