"""What can be found in data without decoding pictures: copies across parts and classes; classes with too few."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from workbench.engine.catalog.datasets import Dataset
from workbench.engine.core.responsive_io import Told
from workbench.engine.core.text import counted, grouped, paths_text, percent
from workbench.engine.data.split import Split

#: Fewer validation examples of a class say little of it.
FEW: Final = 5
#: With this share of one class, always saying it is nearly always right.
ONE_SIDED: Final = 0.95
#: Of more files, or of more bytes in files of equal sizes, copies are not looked for.
MOST_FILES: Final = 100_000
MOST_BYTES: Final = 300_000_000
#: Of more bytes in memory copies are not looked for.
MOST_IN_MEMORY: Final = 4_000_000_000
#: The number of examples between two reports of progress.
_TOLD: Final = 4096
_NAMED: Final = 5
_MEMORY: Final = "measured on them, memory passes for learning."

Indices = npt.NDArray[np.int64]


def class_warnings(dataset: Dataset, parts: Split) -> Iterator[str]:
    """Sentences on classes that validation lacks or hardly has, and on a class that is nearly all there is."""
    size = len(dataset.classes)
    trained, held = (np.bincount(dataset.labels[part], minlength=size) for part in (parts.train, parts.val))
    if not held.any():
        yield "No example validates, so overfitting cannot be seen."
        return
    unseen = [name for name, count, train in zip(dataset.classes, held, trained, strict=True) if train and not count]
    few = [name for name, count in zip(dataset.classes, held.tolist(), strict=True) if 0 < count < FEW]
    if unseen:
        yield f"No validation example is of: {paths_text(unseen, _NAMED)}. How well such are learned cannot be seen."
    if few:
        yield f"Fewer than {FEW} validation examples are of: {paths_text(few, _NAMED)}. Their accuracy says little."
    most = int(trained.argmax())
    if trained[most] >= ONE_SIDED * trained.sum():
        share = percent(trained[most] / trained.sum(), 0)
        yield f"{share} of the training examples are of {dataset.classes[most]}: always saying so is as often right."


def copy_warnings(dataset: Dataset, parts: Split, tests: Sequence[Path]) -> Iterator[str]:
    """Sentences on files with the same content: all of a class, in two classes, or in training and in another part; or
    that they were not looked for.

    ``tests`` are the files of a test part of the data's own. Reads only files of which another has the same size.
    """
    part_of = {
        Path(dataset.files[index]): part
        for part, indices in (("training", parts.train), ("validation", parts.val), ("test", parts.test))
        for index in indices.tolist()
    }
    part_of |= dict.fromkeys(tests, "test")
    alike = _of_equal_size(list(part_of)) if len(part_of) <= MOST_FILES else None
    if alike is None:
        yield f"Whether pictures are in two parts was not looked for: {counted(len(part_of), 'file')} are too many."
        return
    equal = [same for group in alike for same in _equal(group)]
    copies = [same for same in equal if len({part_of[file] for file in same}) > 1]
    labels = dict(zip(map(Path, dataset.files), dataset.labels.tolist(), strict=True))
    yield from _of_one_picture(equal, labels, dataset.classes)
    yield from _in_two_classes(equal, labels, dataset.classes)
    yield from (_words(copies, part_of, held) for held in ("validation", "test") if _shared(copies, part_of, held))


def row_warnings(dataset: Dataset, parts: Split, test: Dataset | None, told: Told | None = None) -> Iterator[str]:
    """As ``copy_warnings``, for examples without files: those with equal values. ``test`` is a part of its own.

    ``told`` hears how many examples of a part were looked at.
    """
    total = dataset.inputs.nbytes + (test.inputs.nbytes if test is not None else 0)
    if total > MOST_IN_MEMORY:
        count = len(dataset.labels) + (len(test.labels) if test is not None else 0)
        yield f"Whether examples are in two parts was not looked for: {counted(count, 'example')} are too many."
        return
    trained = {mark: row for row, mark in _marks(dataset.inputs, parts.train[::-1], told)}
    held = [("validation", dataset.inputs, parts.val), ("test", dataset.inputs, parts.test)]
    held += [("test", test.inputs, np.arange(len(test.labels)))] if test is not None else []
    for part, inputs, rows in held:
        both = [(row, trained[mark]) for row, mark in _marks(inputs, rows, told) if mark in trained]
        if both:
            are = "examples are" if len(both) > 1 else "example is"
            pair = " equals ".join(f"number {grouped(row + 1)}" for row in both[0])
            yield f"{grouped(len(both))} {part} {are} also in training, e.g. {pair}: {_MEMORY}"


def _marks(
    inputs: npt.NDArray[np.generic], rows: npt.NDArray[np.int64], told: Told | None
) -> Iterator[tuple[int, bytes]]:
    for done, row in enumerate(rows.tolist()):
        if told is not None and done % _TOLD == 0:
            told.tell(done, len(rows))
        yield row, _mark(inputs[row])


def _mark(values: npt.NDArray[np.generic]) -> bytes:
    return hashlib.blake2b(values.tobytes(), digest_size=16).digest()


def _of_one_picture(
    equal: Sequence[Sequence[Path]], labels: Mapping[Path, int], classes: Sequence[str]
) -> Iterator[str]:
    """Sentences on classes of which all files have the same content."""
    sizes = Counter(labels.values())
    for same in equal:
        for label, count in Counter(labels[file] for file in same if file in labels).items():
            if count == sizes[label] > 1:
                yield f"All {grouped(count)} pictures of {classes[label]!r} are the same: there is one to learn from."


def _in_two_classes(
    equal: Sequence[Sequence[Path]], labels: Mapping[Path, int], classes: Sequence[str]
) -> Iterator[str]:
    """A sentence on files of the same content in several classes, if there are any."""
    known = [[file for file in same if file in labels] for same in equal]
    odd = [same for same in known if len({labels[file] for file in same}) > 1]
    if odd:
        first = {labels[file]: file for file in reversed(odd[0])}
        pair = " and ".join(f"{file} ({classes[label]})" for label, file in sorted(first.items())[:2])
        are = "pictures are" if len(odd) > 1 else "picture is"
        yield f"{grouped(len(odd))} {are} in two classes, e.g. {pair}: no model can learn both."


def _shared(copies: Sequence[Sequence[Path]], part_of: Mapping[Path, str], held: str) -> list[Sequence[Path]]:
    return [same for same in copies if {"training", held} <= {part_of[file] for file in same}]


def _words(copies: Sequence[Sequence[Path]], part_of: Mapping[Path, str], held: str) -> str:
    shared = _shared(copies, part_of, held)
    count = sum(part_of[file] == held for same in shared for file in same)
    first = {part_of[file]: file for file in reversed(shared[0])}
    are = "pictures are" if count > 1 else "picture is"
    pair = f"{first[held]} and {first['training']}"
    return f"{grouped(count)} {held} {are} also in training, e.g. {pair}: {_MEMORY}"


def _of_equal_size(files: Sequence[Path]) -> list[list[Path]] | None:
    """The files of which another has the same size; None if these are too many bytes to read."""
    by_size: defaultdict[int, list[Path]] = defaultdict(list)
    for file in files:
        try:
            size = file.stat().st_size
        except OSError:
            continue
        if size:  # empty files are no pictures
            by_size[size].append(file)
    alike = {size: group for size, group in by_size.items() if len(group) > 1}
    return list(alike.values()) if sum(size * len(group) for size, group in alike.items()) <= MOST_BYTES else None


def _equal(files: Sequence[Path]) -> Iterator[list[Path]]:
    """Those of ``files`` that have the same content."""
    same: defaultdict[bytes, list[Path]] = defaultdict(list)
    for file in files:
        try:
            same[hashlib.blake2b(file.read_bytes(), digest_size=16).digest()].append(file)
        except OSError:
            continue
    yield from (group for group in same.values() if len(group) > 1)
