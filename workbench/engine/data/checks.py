"""Looks a data set over before it is trained on: every problem as a sentence with what can be done about it.

A generator with progress that can be closed at any moment. Nothing is changed: what an action does is up to the caller
(``skip`` writes the files to the corrections, ``edit`` changes a setting, ``stop`` sends the user to the files).
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from workbench.engine.catalog.datasets import Dataset
from workbench.engine.catalog.datasets.picture_files import LEFT_OUT, PictureFiles, paths_text
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.progress import Loading
from workbench.engine.data.loading import checked
from workbench.engine.data.split import split
from workbench.engine.pictures.class_folders import ClassFolders
from workbench.engine.pictures.request import Entry

if TYPE_CHECKING:
    from workbench.engine.spec.experiment import ExperimentSpec
from workbench.engine.data.check_classes import _counted, _counts
from workbench.engine.data.check_duplicates import _twins
from workbench.engine.data.check_files import _ignored, _modes, _odd_sizes, _sizes, _unreadable
from workbench.engine.data.findings import FIX_FILES, Action, Finding, Looking, Report

#: The run needs this share of the pictures' size besides them (batches, a float copy of a chunk).
_BESIDE: Final = 1.2


def preflight(spec: ExperimentSpec) -> Looking:
    """Look over the data of ``spec``. Raises nothing that is the data's fault: that is a finding."""
    findings: list[Finding] = []
    try:
        return (yield from _looked_over(spec, findings))
    except WorkbenchError as error:
        finding = Finding("unusable", "error", error.message, actions=(Action("stop", "Choose other data"),))
        return Report((finding, *findings, *(yield from _ignored(spec))))
    except MemoryError:
        return Report((Finding("memory", "error", "The data does not fit into the memory that is free."), *findings))


def _looked_over(spec: ExperimentSpec, findings: list[Finding]) -> Looking:
    """The report; what is found is put into ``findings`` at once, so that it is not lost if the data is unusable."""
    source = spec.data.source
    entries: tuple[Entry, ...] = ()
    files: tuple[str, ...] = ()
    if isinstance(source, PictureFiles) and source.has_files:
        tolerant = source.model_copy(update={"skip_unreadable": True, "skip_empty": True})
        if not source.skip_empty:
            findings += yield from _without_pictures(source)
        listing = yield from tolerant.listing()
        pictures = yield from tolerant.decoding(listing)
        entries = pictures.entries
        files = tuple(str(file) for file in listing.files.files)
        findings += _unreadable(files, entries, source.skip_unreadable)
        lost = _lost(listing.files, entries)
        if lost is not None:  # without these classes nothing more can be said
            findings.append(lost)
            return Report((*findings, *(yield from _ignored(spec))))
        dataset = tolerant.dataset(listing, pictures)
    else:
        dataset = yield from source.loading()
    dataset = checked(dataset, source.title)
    chosen = isinstance(source, PictureFiles) and source.skip_empty
    notes = [note for note in dataset.notes if "cannot be read" not in note]
    findings += [Finding("note", "info", note) for note in notes if chosen or not note.startswith(LEFT_OUT)]
    test, test_files, test_entries = yield from _test_part(spec, findings)
    parts = split(dataset, spec.data)
    findings += yield from _twins(dataset, parts.train, parts.val, test)
    counts = _counts(dataset, parts.train, parts.val, test)
    findings += _counted(spec, counts, dataset)
    files, entries = (*files, *test_files), (*entries, *test_entries)
    findings += _odd_sizes(spec, files, entries)
    needed, free = int(dataset.inputs.nbytes * _BESIDE), _free()
    findings += _memory(needed, free)
    findings += yield from _ignored(spec)
    order = {"error": 0, "warning": 1, "info": 2}
    findings.sort(key=lambda finding: order[finding.severity])
    return Report(tuple(findings), counts, _sizes(entries, dataset), _modes(entries, dataset), needed, free)


def _without_pictures(source: PictureFiles) -> Generator[Loading, None, list[Finding]]:
    """Classes of which there is no picture to train on, all of them at once."""
    try:
        yield from source.listing()
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
    of = f"the class {lost[0]!r}" if len(lost) == 1 else f"{len(lost):,} classes: {paths_text(lost, 10)}"
    it = "it" if len(lost) == 1 else "these classes"
    action = Action("skip", f"Leave {it} out", files, "data.source.skip_empty", True)
    text = f"No picture to train on can be read of {of}. It cannot be learned."
    text = text if len(lost) == 1 else text.replace("It cannot", "They cannot")
    return Finding("lost_class", "error", text, files, actions=(action, Action("stop", FIX_FILES, files)))


_Tested = tuple[Dataset | None, tuple[str, ...], tuple[Entry, ...]]


def _test_part(spec: ExperimentSpec, findings: list[Finding]) -> Generator[Loading, None, _Tested]:
    """The part that training never sees, if there is one: to count it, and to look for its pictures in the others."""
    source = spec.data.source
    try:
        if not isinstance(source, PictureFiles) or not source.has_files:
            return (yield from source.loading_test()), (), ()
        tolerant = source.model_copy(update={"skip_unreadable": True, "skip_empty": True})
        listing = yield from tolerant.listing(test=True)
        pictures = yield from tolerant.decoding(listing)
        files = tuple(str(file) for file in listing.files.files)
        return tolerant.dataset(listing, pictures, test=True), files, pictures.entries
    except WorkbenchError as error:
        if "in test but not in train" in error.message:
            findings.append(Finding("test", "warning", error.message))
        return None, (), ()


# --- Files ------------------------------------------------------------------------------------------------------


# --- The same picture twice -------------------------------------------------------------------------------------


# --- Numbers ----------------------------------------------------------------------------------------------------


def _free() -> int:
    import psutil

    return int(psutil.virtual_memory().available)


def _memory(needed: int, free: int) -> Iterator[Finding]:
    if needed > free:
        sentence = f"The pictures need {needed / 1e9:,.1f} GB of memory and {free / 1e9:,.1f} GB are free."
        action = Action("stop", "Choose a smaller picture size")
        yield Finding("memory", "warning", f"{sentence} Training will wait for the disk.", actions=(action,))


def skip(spec: ExperimentSpec, files: Sequence[str]) -> str:
    """Do what a ``skip`` says: leave ``files`` out from now on. Returns the sentence where that was written.

    Raises WorkbenchError if the source has no files of its own or the place may not be written.
    """
    source = spec.data.source
    if not isinstance(source, PictureFiles) or not source.has_files:
        raise WorkbenchError(f"{source.title} has no files that could be left out.", "data.source")
    corrections = source.corrections()
    corrections.exclude(Path(file) for file in files)
    return f"{len(files):,} left out, written to {corrections.where}."


__all__ = ["Action", "Finding", "Report", "preflight", "skip"]
