"""What the checks look at: a data set loaded without its bad files and empty classes, so that all can be named."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from workbench.engine.catalog.datasets import Dataset
from workbench.engine.catalog.datasets.picture_files import PictureFiles
from workbench.engine.catalog.datasets.picture_load import LEFT_OUT
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.progress import Job
from workbench.engine.core.text import grouped, paths_text
from workbench.engine.data.check_files import unreadable
from workbench.engine.data.checked import checked
from workbench.engine.data.findings import FIX_FILES, Action, Finding
from workbench.engine.data.split import Split, split
from workbench.engine.data.store import DataStore
from workbench.engine.pictures.class_folders import ClassFolders
from workbench.engine.pictures.request import Entry

if TYPE_CHECKING:
    from workbench.engine.spec.experiment import ExperimentSpec

#: A run needs this multiple of the pictures' size (batches, a float copy of a chunk).
_BESIDE: Final = 1.2


@dataclass(frozen=True, slots=True)
class Subject:
    """A data set to be checked. ``files`` and ``entries`` are of all its picture files, those of the test part last.

    ``counts``: (class, training, validation, test).
    """

    spec: ExperimentSpec
    dataset: Dataset
    split: Split
    test: Dataset | None
    files: tuple[str, ...]
    entries: tuple[Entry, ...]
    counts: tuple[tuple[str, int, int, int], ...]

    @property
    def needed(self) -> int:
        """Bytes of memory that a run needs."""
        return int(self.dataset.inputs.nbytes * _BESIDE)

    @property
    def free(self) -> int:
        """Bytes of memory that are free now."""
        return _free()


def _free() -> int:
    import psutil

    return int(psutil.virtual_memory().available)


def subject_of(spec: ExperimentSpec, data: DataStore, findings: list[Finding]) -> Job[Subject | None]:
    """Load what is to be checked; None if nothing more can be said than what is put into ``findings``.

    Raises WorkbenchError if the data is unusable.
    """
    source = spec.data.source
    files: tuple[str, ...] = ()
    entries: tuple[Entry, ...] = ()
    if isinstance(source, PictureFiles) and source.has_files:
        found = yield from _tolerated(source, data, findings)
        if found is None:
            return None
        dataset, files, entries = found
    else:
        dataset = yield from data.fresh(source)
    findings += _notes(source, dataset)
    test, test_files, test_entries = yield from _test_part(spec, data, findings)
    parts = split(dataset, spec.data)
    counts = _counts(dataset, parts, test)
    return Subject(spec, dataset, parts, test, (*files, *test_files), (*entries, *test_entries), counts)


_Loaded = tuple[Dataset, tuple[str, ...], tuple[Entry, ...]]


def _tolerated(source: PictureFiles, data: DataStore, findings: list[Finding]) -> Job[_Loaded | None]:
    """The examples of what can be read; None if a class has no picture that can."""
    if not source.skip_empty:
        findings += yield from _without_pictures(source, data)
    steps = data.steps(_tolerant(source))
    listing = yield from steps.listing()
    pictures = yield from steps.decoding(listing)
    files = tuple(str(file) for file in listing.files.files)
    findings += unreadable(files, pictures.entries, source.skip_unreadable)
    lost = _lost(listing.files, pictures.entries)
    if lost is not None:  # without these classes nothing more can be said
        findings.append(lost)
        return None
    return checked(steps.dataset(listing, pictures), source.title), files, pictures.entries


def _tolerant(source: PictureFiles) -> PictureFiles:
    return source.model_copy(update={"skip_unreadable": True, "skip_empty": True})


def _notes(source: object, dataset: Dataset) -> list[Finding]:
    chosen = isinstance(source, PictureFiles) and source.skip_empty
    notes = [note for note in dataset.notes if "cannot be read" not in note]
    return [Finding("note", "info", note) for note in notes if chosen or not note.startswith(LEFT_OUT)]


def _without_pictures(source: PictureFiles, data: DataStore) -> Job[list[Finding]]:
    """Classes of which there is no picture to train on, all of them at once."""
    try:
        yield from data.steps(source).listing()
    except WorkbenchError as error:
        if error.path != "data.source.skip_empty":
            raise
        leave = Action("edit", "Leave empty classes out", path="data.source.skip_empty", value=True)
        actions = (leave, Action("stop", "Choose other data"))
        return [Finding("empty_class", "error", error.message, actions=actions)]
    return []


def _lost(listing: ClassFolders, entries: Sequence[Entry]) -> Finding | None:
    """Classes of which no picture to train on can be read."""
    readable = np.array([not entry.reason for entry in entries], np.bool_)
    lost = listing.only(readable).untrained
    if not lost:
        return None
    files = tuple(
        str(f) for f, label in zip(listing.files, listing.labels, strict=True) if listing.classes[label] in lost
    )
    of = f"the class {lost[0]!r}" if len(lost) == 1 else f"{grouped(len(lost))} classes: {paths_text(lost, 10)}"
    it = "it" if len(lost) == 1 else "these classes"
    action = Action("skip", f"Leave {it} out", files, "data.source.skip_empty", True)
    text = f"No picture to train on can be read of {of}. It cannot be learned."
    text = text if len(lost) == 1 else text.replace("It cannot", "They cannot")
    return Finding("lost_class", "error", text, files, actions=(action, Action("stop", FIX_FILES, files)))


_Tested = tuple[Dataset | None, tuple[str, ...], tuple[Entry, ...]]


def _test_part(spec: ExperimentSpec, data: DataStore, findings: list[Finding]) -> Job[_Tested]:
    """The part that training never sees, if there is one: to count it, and to look for its pictures in the others."""
    source = spec.data.source
    try:
        if not isinstance(source, PictureFiles) or not source.has_files:
            return (yield from data.loading_test(source)), (), ()
        steps = data.steps(_tolerant(source))
        listing = yield from steps.listing(test=True)
        pictures = yield from steps.decoding(listing)
        files = tuple(str(file) for file in listing.files.files)
        return steps.dataset(listing, pictures, test=True), files, pictures.entries
    except WorkbenchError as error:
        if "in test but not in train" in error.message:
            findings.append(Finding("test", "warning", error.message))
        return None, (), ()


def _counts(dataset: Dataset, split: Split, test: Dataset | None) -> tuple[tuple[str, int, int, int], ...]:
    size = len(dataset.classes)
    tested = test.labels if test is not None and not len(split.test) else dataset.labels[split.test]
    parts = (dataset.labels[split.train], dataset.labels[split.val], tested)
    columns = [np.bincount(labels, minlength=size).tolist() for labels in parts]
    return tuple(zip(dataset.classes, *columns, strict=True))
