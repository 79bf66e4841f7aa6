"""How the arrays of a file are read: which belong to which part, their channels, values and classes."""

from __future__ import annotations

import contextlib
import functools
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from math import prod
from pathlib import Path
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from workbench.engine.catalog.datasets.array_archive import ArrayArchive, short_error
from workbench.engine.catalog.datasets.array_columns import ArrayColumns, Chosen, columns_beside, numbers_of, parted
from workbench.engine.catalog.datasets.array_fourth import FourthChannel, fourth_channel
from workbench.engine.catalog.datasets.array_labels import Gaps, Numbered, numbered
from workbench.engine.catalog.datasets.array_pair import Heads, Pair
from workbench.engine.catalog.datasets.array_pairs import Names, Pairs, found_pairs, parts_fact
from workbench.engine.catalog.datasets.array_range import BYTES, FRACTIONS, FoundRange, are_bytes, array_range
from workbench.engine.catalog.datasets.array_unknown import without_unknown
from workbench.engine.catalog.datasets.array_unlabelled import labelled
from workbench.engine.catalog.datasets.array_values import ArrayHead, Layout, fits_both, is_last, refuse
from workbench.engine.catalog.datasets.base import Dataset
from workbench.engine.catalog.datasets.folders.choices import NameRule
from workbench.engine.catalog.datasets.one_class import one_class_doubts
from workbench.engine.catalog.datasets.tables.columns import Unlabelled
from workbench.engine.catalog.datasets.understanding import Doubt, Fact, Reading, Understanding
from workbench.engine.core.errors import NoTestPart, WorkbenchError
from workbench.engine.core.memory import enough_memory, free_memory
from workbench.engine.core.responsive_io import Told
from workbench.engine.core.text import grouped, paths_text, size_text
from workbench.engine.pictures.decode import Range
from workbench.engine.pictures.request import Status

MAX_SIDE: Final = 4096
#: Arrays that unpack to more than this (bytes), and to this many times the size of the file, are announced.
ANNOUNCED: Final = 100_000_000
_TIMES: Final = 10
#: Why such a part is left out.
_HIDDEN: Final = "the test part, whose labels are all below 0"


@dataclass(frozen=True, slots=True)
class Given:
    """The settings of the source: arrays, what is not labelled, where the channels are, gaps, black and white, how
    names of classes are compared."""

    names: Names = field(default_factory=Names)
    columns: Chosen = field(default_factory=Chosen)
    without_class: Unlabelled = "auto"
    layout: Literal["auto", "nhwc", "nchw"] = "auto"
    gaps: Gaps = "auto"
    values: str = "auto"
    fourth: FourthChannel = "auto"
    spelling: NameRule = "auto"


@dataclass(frozen=True, slots=True, eq=False)
class ArrayPlan:
    """``wanted`` are the parts that train and validate; ``groups`` (int64) the group of each of their examples, None
    without, and ``group_names`` what each is called; ``notes`` are sentences that the user should read."""

    file: Path
    pairs: Heads
    wanted: tuple[str, ...]
    shape: tuple[int, int, int]
    layout: Layout | None
    values: Range
    without_fourth: bool
    labels: Numbered
    groups: npt.NDArray[np.int64] | None
    group_names: tuple[str, ...]
    notes: tuple[str, ...]
    facts: tuple[Fact, ...]
    doubts: tuple[Doubt, ...]
    left_out: tuple[tuple[str, str], ...]

    @property
    def has_test(self) -> bool:
        """Whether there is a test part next to the training part."""
        return "test" in self.pairs and "test" not in self.wanted

    def understanding(self) -> Understanding:
        """What a user is shown before training."""
        labels = [self.labels.parts[part] for part in self.wanted]
        counts = np.bincount(np.concatenate(labels), minlength=len(self.labels.classes)).tolist()
        classes = tuple(zip(self.labels.classes, counts, strict=True))
        held = len(self.labels.parts["validation"]) if "validation" in self.wanted else None
        test = len(self.labels.parts["test"]) if self.has_test else 0
        doubts = (*self.doubts, *self._of_one_class())
        return Understanding(classes, held, test, self.left_out, self.facts, doubts)

    def _of_one_class(self) -> Iterator[Doubt]:
        names = {
            part: [self.labels.classes[label] for label in labels.tolist()]
            for part, labels in self.labels.parts.items()
        }
        trained = [name for part in self.wanted if part != "validation" for name in names[part]]
        return one_class_doubts(trained, {p: each for p, each in names.items() if self.wanted != ("test",)}, {})

    def read(self, archive: ArrayArchive, test: bool) -> Dataset:
        """The examples of the part. Raises WorkbenchError."""
        if test and not self.has_test:
            raise NoTestPart(f"{self.file} holds no test arrays beside those to train on.", "data.source.file")
        parts = ("test",) if test else self.wanted
        counts = [self.pairs[part].count for part in parts]
        enough_memory(sum(counts) * prod(self.shape), str(self.file))
        rows = sum(self.pairs[part].pictures.shape[0] for part in parts)
        looked_at = 0 if all(are_bytes(self.pairs[part].pictures) for part in parts) else rows  # by the plan
        archive.expect(rows + looked_at, looked_at)
        inputs = np.empty((sum(counts), *self.shape), np.uint8)
        for part, start in zip(parts, np.cumsum([0, *counts]).tolist(), strict=False):
            pair = self.pairs[part]
            room = inputs[start : start + pair.count]
            archive.read_into(pair.pictures, room, self.values, self.layout, pair.rows, self.without_fourth)
        labels = np.concatenate([self.labels.parts[part] for part in parts])
        held = np.arange(len(inputs)) >= counts[0] if "validation" in parts and len(parts) > 1 else None
        values = None if self.values in (BYTES, FRACTIONS) else self.values
        groups = None if test else self.groups
        return Dataset(
            inputs,
            labels,
            self.labels.classes,
            held,
            notes=self.notes,
            groups=groups,
            value_range=values,
            group_names=() if test else self.group_names,
        )


@dataclass(frozen=True, slots=True)
class _Asked:
    file: Path
    given: Given
    statuses: tuple[Status, ...]
    told: Told | None = field(compare=False)


def array_plan(file: Path, given: Given, statuses: tuple[Status, ...], told: Told | None = None) -> ArrayPlan:
    """The plan for ``file``, remembered while the files have these ``statuses``; ``told`` hears how many examples are
    read to find black and white, the first half of the work. Raises WorkbenchError."""
    return _plan(_Asked(file, given, statuses, told))


@functools.lru_cache(maxsize=4)
def _plan(asked: _Asked) -> ArrayPlan:
    with named_errors(asked.file), ArrayArchive(asked.file, asked.told) as archive:
        try:
            return _planned(archive, asked.given)
        except WorkbenchError as error:
            if error.path != "data.source.file" or not _has_others(archive):
                raise
            raise WorkbenchError(error.message, "data.source.label_array") from None


def _has_others(archive: ArrayArchive) -> bool:
    """Whether other arrays may be chosen for the labels."""
    return len({array.stem for array in archive.arrays if array.is_labels or array.is_rows}) > 1


def _planned(archive: ArrayArchive, given: Given) -> ArrayPlan:
    pairs = found_pairs(archive, given.names)
    hidden = _hidden_test(archive, pairs.parts) if "test" not in _wanted(archive, pairs.parts) else ()
    found_parts = {part: pair for part, pair in pairs.parts.items() if not (hidden and part == "test")}
    every = {part: found_parts[part] for part in (*_wanted(archive, found_parts), "test") if part in found_parts}
    trained = [pair for part, pair in every.items() if part != "test" or len(every) == 1]
    columns = columns_beside(archive, trained, given.columns)
    used, passed = parted(every, columns)
    kept = labelled(archive, used, _wanted(archive, used), given.without_class)
    wanted = _wanted(archive, kept.pairs)
    used, unknown = without_unknown(archive, kept.pairs, wanted)
    groups, group_names = numbers_of(columns.groups, _examples(trained, [used[part] for part in wanted]))
    facts = (*_facts(pairs, used, hidden), *columns.parts.facts, *columns.groups.facts)
    layout: Layout | None = None if given.layout == "auto" else given.layout
    shape = _one_shape(archive.file, used, layout)
    found = _range(archive, used, wanted, given.values)
    labels = numbered(archive, used, wanted, given.gaps, given.spelling)
    pictures = [used[part].pictures for part in wanted]
    fourth = fourth_channel(archive, pictures, found.values, layout, given.fourth)
    clear = "" if fourth.left_out else archive.transparency_text(pictures, found.values, layout)
    said = (
        *_objects(archive),
        *filter(None, [clear]),
        *_announced(archive, used),
        *_only_test(archive.file, wanted),
        *hidden,
        *(f"{count} of {archive.file.name} left out: {reason}." for count, reason in unknown),
    )
    return ArrayPlan(
        archive.file,
        used,
        wanted,
        shape,
        layout,
        found.values,
        fourth.left_out,
        labels,
        groups,
        group_names,
        (*labels.notes, *said, *(fact.sentence for fact in (*found.facts, *fourth.facts))),
        (*facts, *labels.facts, *found.facts, *fourth.facts, *(Fact("files", text) for text in (*labels.notes, *said))),
        (
            *pairs.doubts,
            *columns.parts.doubts,
            *columns.groups.doubts,
            *columns.doubts,
            *kept.doubts,
            *labels.doubts,
            *found.doubts,
            *fourth.doubts,
            *_layout_doubts(used[wanted[0]].pictures, given.layout),
        ),
        (*_left_out(pairs, columns, bool(hidden)), *passed.items(), *kept.left_out, *unknown),
    )


def _facts(pairs: Pairs, used: Heads, hidden: Sequence[str]) -> tuple[Fact, ...]:
    """What is said of the pairs; of the parts only those that are used."""
    if not hidden:
        return pairs.facts
    return (*(fact for fact in pairs.facts if fact.subject != "parts"), *parts_fact(used))


def _left_out(pairs: Pairs, columns: ArrayColumns, is_hidden: bool) -> Iterator[tuple[str, str]]:
    used = {f"array {name!r}" for name in columns.used}
    yield from (each for each in pairs.left_out if each[0] not in used)
    if is_hidden:
        test = pairs.parts["test"]
        yield from ((f"array {head.name!r}", _HIDDEN) for head in (test.pictures, test.labels))


def _examples(trained: Sequence[Pair], used: Sequence[Pair]) -> npt.NDArray[np.int64]:
    """Of each example of the pairs ``used`` its row among those of all arrays ``trained``, one after the other."""
    starts = np.cumsum([0, *(pair.count for pair in trained)]).tolist()
    first = {pair.pictures.name: start for pair, start in zip(trained, starts, strict=False)}
    return np.concatenate([first[pair.pictures.name] + pair.taken(np.arange(pair.pictures.shape[0])) for pair in used])


def _hidden_test(archive: ArrayArchive, pairs: Heads) -> tuple[str, ...]:
    """A sentence if all labels of the test part are below 0, as where the classes of a competition are kept back."""
    if "test" not in pairs or not pairs["test"].labels.is_labels or pairs["test"].labels.dtype.kind not in "if":
        return ()
    pictures, labels = pairs["test"].pictures, pairs["test"].labels
    if not (archive.read(labels) < 0).all():
        return ()
    text = (
        f"All labels in {labels.name!r} are below 0: {pictures.name!r} has no classes, so that there is no test part."
    )
    return (text,)


def _wanted(archive: ArrayArchive, pairs: Heads) -> tuple[str, ...]:
    """The parts that train and validate; a file of test data alone is a set like any other."""
    trained = [part for part in ("", "train", "validation") if part in pairs]
    if trained == ["validation"]:
        refuse(archive.file, "holds arrays for validation but none for training")
    if trained:
        return tuple(trained)
    lonely = [head.name for head in (*archive.arrays, *archive.objects) if head.part == "train"]
    if lonely:
        names = paths_text([repr(name) for name in lonely], 4)
        refuse(archive.file, f"holds {names} without a partner; only the test part has pictures and labels")
    return tuple(pairs)


def _one_shape(file: Path, used: Heads, layout: Layout | None) -> tuple[int, int, int]:
    shapes = {pair.pictures.name: _shape_of(pair.pictures, file, layout) for pair in used.values()}
    if len(set(shapes.values())) > 1:
        said = [f"{' × '.join(map(str, shape))} in {name!r}" for name, shape in shapes.items()]
        refuse(file, f"has pictures of different shapes (channels × height × width): {paths_text(said, 4)}")
    return next(iter(shapes.values()))


def _shape_of(array: ArrayHead, file: Path, layout: Layout | None) -> tuple[int, int, int]:
    """(C, H, W) of one picture, C 1 or 3."""
    sizes = array.shape[1:]
    if len(sizes) == 2:
        channels, height, width = 1, *sizes
    elif is_last(array, layout):
        height, width, channels = sizes
    else:
        channels, height, width = sizes
    if channels not in (1, 3, 4):
        text = f"has pictures of {' × '.join(map(str, sizes))} in {array.name!r}; 1, 3 or 4 channels can be read"
        refuse(file, text, "file" if layout is None else "layout")
    if max(height, width) > MAX_SIDE:
        text = f"has pictures of {grouped(width)} × {grouped(height)} pixels; at most {MAX_SIDE} a side can be read"
        refuse(file, text)
    return 1 if channels == 1 else 3, height, width


def _range(archive: ArrayArchive, used: Heads, wanted: Sequence[str], given: str) -> FoundRange:
    others = [pair.pictures for part, pair in used.items() if part not in wanted]
    archive.expect(2 * sum(pair.pictures.shape[0] for pair in used.values()))  # they are read afterwards
    return array_range(archive, [used[part].pictures for part in wanted], others, given)


# --- What is said -------------------------------------------------------------------------------------------------


def _layout_doubts(array: ArrayHead, given: str) -> tuple[Doubt, ...]:
    if given != "auto" or not fits_both(array):
        return ()
    sizes = "×".join(map(str, array.shape[1:]))
    text = f"The channels of {array.name!r} may stand first or last: each example has {sizes} values."
    readings = (
        Reading(f"Last: {array.shape[3]} channels", (("layout", "nhwc"),)),
        Reading(f"First: {array.shape[1]} channels", (("layout", "nchw"),)),
    )
    return (Doubt("shapes", text, readings),)


def _objects(archive: ArrayArchive) -> tuple[str, ...]:
    if not archive.objects:
        return ()
    names = paths_text([repr(head.name) for head in archive.objects], 4)
    return (f"{archive.file.name} has Python objects in {names}, which are never loaded.",)


def _announced(archive: ArrayArchive, pairs: Heads) -> tuple[str, ...]:
    """What a file that is small on the disk takes in memory."""
    size = sum(prod(pair.pictures.shape) * pair.pictures.dtype.itemsize for pair in pairs.values())
    stored = archive.file.stat().st_size
    if size < ANNOUNCED or size < _TIMES * stored:
        return ()
    free = size_text(free_memory())
    return (f"{archive.file.name} has {size_text(stored)} and unpacks to {size_text(size)}; {free} are free.",)


def _only_test(file: Path, wanted: Sequence[str]) -> tuple[str, ...]:
    return (f"{file.name} holds a test part only; it is split and trained on.",) if list(wanted) == ["test"] else ()


@contextlib.contextmanager
def named_errors(file: Path) -> Iterator[None]:
    """Whatever is wrong with the file is raised as a WorkbenchError that names it."""
    try:
        yield
    except UnicodeDecodeError:
        refuse(file, "is damaged: it holds names that are no text")
    except MemoryError:
        refuse(file, "does not fit into memory")
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        refuse(file, f"is damaged or cut off ({short_error(error)})")
    except OSError as error:
        raise WorkbenchError(f"Cannot read {file}: {error.strerror or error}.", "data.source.file") from None
