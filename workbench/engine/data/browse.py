"""Every example of a data set as a browser shows it: its class, its part of the split, its small picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from workbench.engine.catalog.datasets import Dataset
from workbench.engine.catalog.datasets.picture_files import PictureFiles
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.progress import Job
from workbench.engine.core.text import grouped, percent
from workbench.engine.data.groups import groups_of
from workbench.engine.data.split import split
from workbench.engine.data.store import DataStore
from workbench.engine.pictures.corrections import Listed
from workbench.engine.pictures.decode import Fit, Unreadable, read_picture

if TYPE_CHECKING:
    from workbench.engine.spec.experiment import ExperimentSpec

Bytes = npt.NDArray[np.uint8]

NO_FILES: Final = (
    "These examples come in one piece and not as a file each, so none can be left out, given another class or "
    "shown in its folder. Save them as pictures in class folders to do that."
)


class Part(IntEnum):
    """What becomes of an example."""

    TRAINING = 0
    VALIDATION = 1
    TEST = 2
    UNUSED = 3
    LEFT_OUT = 4
    UNKNOWN = 5


@dataclass(frozen=True, slots=True, eq=False)
class Catalogue:
    """Examples in the order of their classes. All arrays and ``names`` have one entry for each example.

    ``own`` is the class that the data gives (int64), ``labels`` the one that training uses; ``parts`` holds Part
    (uint8). ``files`` are their paths, empty if they have none; then ``pictures`` holds them, uint8 (N, C, H, W), each
    at its row in ``rows``. ``why_fixed`` is a sentence if examples cannot be left out or renamed, else empty.
    ``notes`` are sentences for the user, ``split_words`` one about how the split came about. ``fit`` is the rule by
    which files become square.
    """

    classes: tuple[str, ...]
    names: tuple[str, ...]
    files: tuple[str, ...]
    own: npt.NDArray[np.int64]
    labels: npt.NDArray[np.int64]
    parts: Bytes
    rows: npt.NDArray[np.int64]
    pictures: Bytes | None = None
    why_fixed: str = ""
    notes: tuple[str, ...] = ()
    split_words: str = ""
    fit: Fit = "crop"

    def __len__(self) -> int:
        return len(self.names)

    def counts(self) -> npt.NDArray[np.int64]:
        """How many of each class are in each part, int64 (classes, parts)."""
        table = np.zeros((len(self.classes), len(Part)), np.int64)
        np.add.at(table, (self.labels, self.parts), 1)
        return table

    def leaving_out(self, examples: Sequence[int], left_out: bool) -> Catalogue:
        """With these left out, or taken back: then their part is not known before the data is read again."""
        parts = self.parts.copy()
        parts[list(examples)] = Part.LEFT_OUT if left_out else Part.UNKNOWN
        return replace(self, parts=parts)

    def relabelled(self, examples: Sequence[int], label: str) -> Catalogue:
        """With these in the class ``label``, or in their own if it is empty. The order stays."""
        labels, chosen = self.labels.copy(), list(examples)
        labels[chosen] = self.classes.index(label) if label else self.own[chosen]
        return replace(self, labels=labels)

    def small(self, index: int, side: int) -> Bytes | str:
        """The picture of an example as uint8 (H, W, 1 or 3), a file's with this side; or why there is none."""
        if self.pictures is not None:
            return np.ascontiguousarray(self.pictures[self.rows[index]].transpose(1, 2, 0))
        try:
            return np.ascontiguousarray(read_picture(Path(self.files[index]), side, False, self.fit).transpose(1, 2, 0))
        except Unreadable as error:
            return str(error)


def catalogue(spec: ExperimentSpec, data: DataStore | None = None) -> Job[Catalogue]:
    """Every example that ``spec.data`` gives, those that are left out and the test part too. Raises WorkbenchError."""
    source, data = spec.data.source, data or DataStore()
    if not source.is_image:
        text = "This data set has points and no pictures; they are drawn in the plane beside the curves."
        raise WorkbenchError(text, "data.source")
    if isinstance(source, PictureFiles) and source.has_files:
        listed = yield from data.steps(source).entries()
        return (yield from _with_split(spec, replace(_of_files(listed), fit=source.squared_by), data))
    return _of_arrays(spec, (yield from data.loading(source)))


def _of_arrays(spec: ExperimentSpec, dataset: Dataset) -> Catalogue:
    parts = _parts(spec, dataset)
    order = np.argsort(dataset.labels, kind="stable")
    labels = dataset.labels[order]
    names = tuple(f"No. {grouped(index + 1)}" for index in order.tolist())
    return Catalogue(
        dataset.classes,
        names,
        (),
        labels,
        labels,
        parts[order],
        order,
        dataset.inputs,
        NO_FILES,
        dataset.notes,
        _split_words(spec, dataset),
    )


def _parts(spec: ExperimentSpec, dataset: Dataset) -> Bytes:
    """What becomes of each example of a loaded set."""
    found = split(dataset, spec.data)
    parts = np.full(len(dataset.labels), Part.UNUSED, np.uint8)
    parts[found.train] = Part.TRAINING
    parts[found.val] = Part.VALIDATION
    parts[found.test] = Part.TEST
    return parts


def _of_files(listed: Sequence[Listed]) -> Catalogue:
    used = tuple(dict.fromkeys(each.label for each in listed))
    more = dict.fromkeys(each.relabelled for each in listed if each.relabelled and each.relabelled not in used)
    classes = (*used, *more)
    index = {name: number for number, name in enumerate(classes)}
    labels = np.array([index[each.used_label] for each in listed], np.int64)
    order = np.argsort(labels, kind="stable")
    shown = [listed[i] for i in order]
    return Catalogue(
        classes,
        tuple(each.name for each in shown),
        tuple(str(each.path) for each in shown),
        np.array([index[each.label] for each in shown], np.int64),
        labels[order],
        np.array([_part_of(each) for each in shown], np.uint8),
        np.arange(len(shown)),
    )


def _part_of(each: Listed) -> Part:
    """Before the split is known."""
    if each.excluded:
        return Part.LEFT_OUT
    return Part.TEST if each.part == "test" else Part.UNKNOWN


def _with_split(spec: ExperimentSpec, found: Catalogue, data: DataStore) -> Job[Catalogue]:
    """With the split that a run would make; where the data cannot be loaded, with the reason."""
    try:
        dataset = yield from data.loading(spec.data.source)
        where = dict(zip(dataset.files, _parts(spec, dataset).tolist(), strict=True))
    except WorkbenchError as error:
        return replace(found, notes=(f"Which examples train is not known: {error.message}",))
    open_parts = np.flatnonzero(found.parts == Part.UNKNOWN)
    parts = found.parts.copy()
    for i in open_parts:
        parts[i] = where.get(found.files[i], Part.UNUSED)
    return replace(found, parts=parts, notes=dataset.notes, split_words=_split_words(spec, dataset))


def _split_words(spec: ExperimentSpec, dataset: Dataset) -> str:
    data = spec.data
    chosen = f"chosen by the split seed {data.split_seed}"
    if data.folds is not None:
        words = f"Fold {data.fold or 1} of {data.folds} validates, {chosen}"
    elif dataset.validation is not None:
        words = "The data keeps its own validation part"
    else:
        words = f"{percent(data.validation_fraction, 0)} of each class validate, {chosen}"
    groups = groups_of(dataset, data)
    words += "" if groups is None else f", and none of {grouped(len(groups.names))} groups is divided"
    cap = data.examples_per_class
    return f"{words}; of each class at most {grouped(cap)} train." if cap is not None else f"{words}."
