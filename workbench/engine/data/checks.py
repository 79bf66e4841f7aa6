"""Looks a data set over before it is trained on: every problem as a sentence with what can be done about it.

A generator with progress that can be closed at any moment. Nothing is changed: what an action does is up to the caller
(``skip`` writes the files to the corrections, ``edit`` changes a setting, ``stop`` sends the user to the files).
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections import Counter
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
import numpy.typing as npt

from workbench.engine.catalog.datasets import Dataset
from workbench.engine.catalog.datasets.base import Loading
from workbench.engine.catalog.datasets.folder import PictureFolder
from workbench.engine.catalog.datasets.picture_files import LEFT_OUT, PictureFiles, paths_text
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.responsive_io import patiently
from workbench.engine.data.loading import checked
from workbench.engine.data.split import split
from workbench.engine.pictures.cache import Entry
from workbench.engine.pictures.class_folders import ClassFolders, Ignored, find_ignored
from workbench.engine.report.generalization_gap import percent

if TYPE_CHECKING:
    from workbench.engine.spec.experiment import ExperimentSpec

#: A class with so many times the examples of another is worth a word.
IMBALANCE: Final = 3.0
#: Fewer training examples of a class than these are worth a word.
FEW: Final = 5
#: A picture is small if its shorter side would be blown up so many times, and large with so many pixels.
BLOWN_UP: Final = 4
_LARGE: Final = 40_000_000
#: The run needs this share of the pictures' size besides them (batches, a float copy of a chunk).
_BESIDE: Final = 1.2
_CHUNK: Final = 1024


@dataclass(frozen=True, slots=True)
class Action:
    """What can be done: ``skip`` these files, ``edit`` the setting at ``path`` to ``value``, or ``stop``.

    A ``skip`` with a ``path`` is both: without these files the setting has to be so.
    """

    kind: Literal["skip", "stop", "edit"]
    label: str
    files: tuple[str, ...] = ()
    path: str = ""
    value: Any = None


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found. ``error``: the run cannot start so; ``warning``: it can, but should it?; ``info``: good to know.

    ``code`` names the kind for views and tests; ``files`` are all files concerned, with the reason of each in
    ``reasons`` where there is one.
    """

    code: str
    severity: Literal["error", "warning", "info"]
    sentence: str
    files: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    actions: tuple[Action, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """What the data is, in numbers, and what was found. Counts are of the split that the run would use.

    ``counts``: (class, training, validation, test). ``sizes``: (width, height, files), the most frequent first;
    ``modes``: (words, files). ``needed`` and ``free`` are bytes of memory.
    """

    findings: tuple[Finding, ...]
    counts: tuple[tuple[str, int, int, int], ...] = ()
    sizes: tuple[tuple[int, int, int], ...] = ()
    modes: tuple[tuple[str, int], ...] = ()
    needed: int = 0
    free: int = 0

    @property
    def can_start(self) -> bool:
        """Whether no finding is an error."""
        return all(finding.severity != "error" for finding in self.findings)


Looking = Generator[Loading, None, Report]


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
    return Finding("lost_class", "error", text, files, actions=(action, Action("stop", "Mend the files first", files)))


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


def _unreadable(names: Sequence[str], entries: Sequence[Entry], skipped: bool) -> Iterator[Finding]:
    bad = [(name, entry.reason) for name, entry in zip(names, entries, strict=True) if entry.reason]
    if not bad:
        return
    files = tuple(name for name, _ in bad)
    why = "; ".join(f"{count:,} {reason}" for reason, count in Counter(reason for _, reason in bad).most_common(3))
    sentence = f"{len(bad):,} of {len(names):,} files cannot be read ({why}), e.g. {paths_text(files, 2)}."
    actions = (
        Action("skip", f"Leave {'it' if len(bad) == 1 else 'them'} out", files),
        Action("edit", "Skip unreadable files", files, "data.source.skip_unreadable", True),
        Action("stop", "Mend the files first", files),
    )
    severity: Literal["info", "error"] = "info" if skipped else "error"
    yield Finding("unreadable", severity, sentence, files, tuple(why for _, why in bad), () if skipped else actions)


def _ignored(spec: ExperimentSpec) -> Generator[Loading, None, tuple[Finding, ...]]:
    """What lies in the folder and is no example; a drive that is silent is named."""
    source = spec.data.source
    if not isinstance(source, PictureFolder):
        return ()
    words = "Looking for what else lies in the folder"
    try:
        ignored = yield from patiently(lambda: find_ignored(source.place()), source.folder, words)
    except WorkbenchError:
        return ()
    return tuple(_passed_over(ignored))


def _passed_over(ignored: Ignored) -> Iterator[Finding]:
    if ignored.hidden:
        text = f"Hidden folders are no classes and were passed over: {paths_text(ignored.hidden, 3)}."
        yield Finding("hidden", "info", text, ignored.hidden)
    if ignored.others:
        kinds = ", ".join(f"{count:,} {suffix}" for suffix, count in ignored.others[:5])
        yield Finding("others", "info", f"Files that are not named as pictures were passed over: {kinds}.")
    if ignored.loose:
        text = f"{ignored.loose:,} pictures lie beside the class folders and belong to no class; they are not used."
        yield Finding("loose", "warning", text)


def _sizes(entries: Sequence[Entry], dataset: Dataset) -> tuple[tuple[int, int, int], ...]:
    if not entries:
        channels_last = dataset.shape[1:] if dataset.is_image else ()
        return ((channels_last[1], channels_last[0], len(dataset.labels)),) if channels_last else ()
    counted = Counter((entry.width, entry.height) for entry in entries if not entry.reason)
    return tuple((width, height, count) for (width, height), count in counted.most_common())


def _odd_sizes(spec: ExperimentSpec, files: Sequence[str], entries: Sequence[Entry]) -> Iterator[Finding]:
    """Pictures that would mostly be made up, and those that take long to read."""
    source = spec.data.source
    if not isinstance(source, PictureFiles):
        return
    read = [(file, entry) for file, entry in zip(files, entries, strict=True) if not entry.reason]
    small = [(file, entry) for file, entry in read if min(entry.width, entry.height) * BLOWN_UP <= source.size]
    if small:
        names = tuple(file for file, _ in small)
        least = min((entry for _, entry in small), key=lambda entry: min(entry.width, entry.height))
        few = len(small) * 2 < len(read)
        are = "picture is" if len(small) == 1 else "pictures are"
        text = (
            f"{len(small):,} {are} far smaller than {source.size}×{source.size} and blown up to it, "
            f"the smallest from {least.width}×{least.height}, e.g. {paths_text(names, 2)}."
        )
        it = "it" if len(small) == 1 else "them"
        leave = Action("skip", f"Leave {it} out", names)
        actions = (leave,) if few else (Action("stop", "Choose a smaller picture size"),)
        yield Finding("small", "warning", text, names, tuple(f"{e.width}×{e.height}" for _, e in small), actions)
    large = [(file, entry) for file, entry in read if entry.width * entry.height >= _LARGE]
    if large:
        names = tuple(file for file, _ in large)
        are = "picture has" if len(large) == 1 else "pictures have"
        text = f"{len(large):,} {are} more than {_LARGE // 1_000_000} million pixels, e.g. {paths_text(names, 2)}."
        text = f"{text} Reading takes long the first time."
        yield Finding("large", "info", text, names, tuple(f"{e.width}×{e.height}" for _, e in large))


_MODE_WORDS = {
    "1": "black and white",
    "L": "gray",
    "LA": "gray with transparency",
    "P": "palette",
    "PA": "palette with transparency",
    "RGB": "colour",
    "RGBA": "colour with transparency",
}


def _modes(entries: Sequence[Entry], dataset: Dataset) -> tuple[tuple[str, int], ...]:
    if not entries:
        return (("gray" if dataset.shape[0] == 1 else "colour", len(dataset.labels)),) if dataset.is_image else ()
    words = (("16-bit gray" if e.mode.startswith("I") else _MODE_WORDS.get(e.mode, e.mode)) for e in entries if e.mode)
    return tuple(Counter(words).most_common())


# --- The same picture twice -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Place:
    part: str
    label: int
    name: str


def _twins(
    dataset: Dataset, train: npt.NDArray[np.int64], val: npt.NDArray[np.int64], test: Dataset | None
) -> Generator[Loading, None, list[Finding]]:
    """Examples that are the same to the model: equal pixels at the size in which it sees them."""
    if not dataset.is_image:
        return []
    part_of = np.full(len(dataset.labels), "", dtype="<U10")
    part_of[train], part_of[val] = "training", "validation"
    seen: dict[bytes, list[_Place]] = {}
    sets = [(dataset, part_of)] + ([(test, np.full(len(test.labels), "test"))] if test is not None else [])
    total, done = sum(len(each.labels) for each, _ in sets), 0
    for each, parts in sets:
        for index, (picture, label) in enumerate(zip(each.inputs, each.labels.tolist(), strict=True)):
            if done % _CHUNK == 0:
                yield Loading(done, total, "Looking for pictures that are there twice")
            done += 1
            if parts[index]:  # else it is not used
                name = each.files[index] if each.files else f"example {index + 1:,}"
                mark = hashlib.blake2b(picture.tobytes(), digest_size=16).digest()
                seen.setdefault(mark, []).append(_Place(str(parts[index]), label, name))
    groups = [places for places in seen.values() if len(places) > 1]
    return [*_leaks(groups), *_contradictions(groups, dataset.classes), *_duplicates(groups)]


def _leaks(groups: Sequence[Sequence[_Place]]) -> Iterator[Finding]:
    for held in ("validation", "test"):
        leaked = [places for places in groups if {"training", held} <= {place.part for place in places}]
        if not leaked:
            continue
        out = tuple(place.name for places in leaked for place in places if place.part == held)
        pairs = " and ".join(next(p.name for p in leaked[0] if p.part == part) for part in (held, "training"))
        sentence = (
            f"{len(out):,} {held} picture{'s are' if len(out) > 1 else ' is'} also in training, e.g. {pairs}: "
            f"what is measured there is memory and not learning."
        )
        files = tuple(place.name for places in leaked for place in places)
        actions = (Action("skip", f"Leave them out of {held}", out), Action("stop", "Sort the files first", files))
        yield Finding(f"leak_{held}", "warning", sentence, files, actions=actions)


def _contradictions(groups: Sequence[Sequence[_Place]], classes: Sequence[str]) -> Iterator[Finding]:
    found = [places for places in groups if len({place.label for place in places}) > 1]
    if found:
        first = found[0]
        other = next(place for place in first if place.label != first[0].label)
        sentence = (
            f"{len(found):,} picture{'s are' if len(found) > 1 else ' is'} in two classes, e.g. {first[0].name} "
            f"({classes[first[0].label]}) and {other.name} ({classes[other.label]}): no model can learn both."
        )
        files = tuple(place.name for places in found for place in places)
        actions = (Action("skip", "Leave all of them out", files), Action("stop", "Decide for one class first", files))
        yield Finding("two_classes", "warning", sentence, files, actions=actions)


def _duplicates(groups: Sequence[Sequence[_Place]]) -> Iterator[Finding]:
    """Within one part and class; the others have sentences of their own."""
    plain = [places for places in groups if len({(place.part, place.label) for place in places}) == 1]
    if plain:
        spare = tuple(place.name for places in plain for place in places[1:])
        example = f"{plain[0][0].name} and {plain[0][1].name}"
        sentence = f"{len(spare):,} picture{'s are' if len(spare) > 1 else ' is'} there more than once, e.g. {example}."
        files = tuple(place.name for places in plain for place in places)
        actions = (Action("skip", "Keep one of each", spare),)
        yield Finding("duplicates", "warning", sentence, files, actions=actions)


# --- Numbers ----------------------------------------------------------------------------------------------------


def _counts(
    dataset: Dataset, train: npt.NDArray[np.int64], val: npt.NDArray[np.int64], test: Dataset | None
) -> tuple[tuple[str, int, int, int], ...]:
    size = len(dataset.classes)
    parts = (dataset.labels[train], dataset.labels[val], test.labels if test is not None else np.empty(0, np.int64))
    columns = [np.bincount(labels, minlength=size).tolist() for labels in parts]
    return tuple(zip(dataset.classes, *columns, strict=True))


def _counted(spec: ExperimentSpec, counts: Sequence[tuple[str, int, int, int]], dataset: Dataset) -> Iterator[Finding]:
    trained = {name: train for name, train, _, _ in counts}
    empty = [name for name, count in trained.items() if not count]
    if empty:
        text = f"No training example is of the class{'es' if len(empty) > 1 else ''} {paths_text(empty, 5)}."
        yield Finding("empty_class", "warning", f"{text} It cannot be learned.", tuple(empty))
    if len(counts) < 2:
        yield Finding("one_class", "warning", "There is one class only, so there is nothing to tell apart.")
    few = [name for name, count in trained.items() if 0 < count < FEW]
    if few:
        text = f"Fewer than {FEW} training examples are of: {paths_text(few, 5)}."
        yield Finding("few", "warning", text, tuple(few), actions=_for_few(spec, few, counts, dataset))
    unseen = [name for name, train, val, _ in counts if train and not val]
    if unseen and any(val for _, _, val, _ in counts):
        text = (
            f"No validation picture is of: {paths_text(unseen, 5)}."
            if dataset.is_image
            else (f"No validation example is of: {paths_text(unseen, 5)}.")
        )
        it = "it is" if len(unseen) == 1 else "they are"
        yield Finding("unvalidated", "warning", f"{text} How well {it} learned cannot be seen.", tuple(unseen))
    yield from _alike(tuple(trained))
    if not any(val for _, _, val, _ in counts):
        text = "Nothing is held back for validation, so overfitting cannot be seen."
        action = Action("edit", "Hold 20 % back", path="data.validation_fraction", value=0.2)
        if spec.data.validation_fraction >= 0.2:  # so many were asked for, and rounded to none
            text = (
                f"{text} Every class has too few examples for its share of {percent(spec.data.validation_fraction, 0)}."
            )
        yield Finding(
            "no_validation", "warning", text, actions=(action,) if spec.data.validation_fraction < 0.2 else ()
        )
    yield from _imbalance(spec, {name: count for name, count in trained.items() if count})


def _for_few(
    spec: ExperimentSpec, few: Sequence[str], counts: Sequence[tuple[str, int, int, int]], dataset: Dataset
) -> tuple[Action, ...]:
    """Weigh them more, or do without them where at least two classes are left."""
    actions = []
    if not spec.data.class_weights:
        actions.append(Action("edit", "Weigh classes in the loss", path="data.class_weights", value=True))
    left = sum(1 for _, train, _, _ in counts if train) - len(few)
    if isinstance(spec.data.source, PictureFiles) and dataset.files and left >= 2:
        of_them = zip(dataset.files, dataset.labels.tolist(), strict=True)
        files = tuple(file for file, label in of_them if dataset.classes[label] in few)
        label = f"Leave the class{'' if len(few) == 1 else 'es'} out"
        actions.append(Action("skip", label, files, "data.source.skip_empty", True))
    return tuple(actions)


def _alike(classes: Sequence[str]) -> Iterator[Finding]:
    """Classes that a person would call the same: upper and lower case, spaces at the ends, two ways to write é."""
    kinds: dict[str, list[str]] = {}
    for name in classes:
        kinds.setdefault(" ".join(unicodedata.normalize("NFKC", name).casefold().split()), []).append(name)
    alike = tuple(name for names in kinds.values() if len(names) > 1 for name in names)
    if alike:
        text = f"Some classes have nearly the same name: {paths_text([repr(name) for name in alike], 6)}."
        text = f"{text} They are learned as different ones; if they are one class, put their pictures together."
        yield Finding("alike", "warning", text, alike)


def _imbalance(spec: ExperimentSpec, trained: dict[str, int]) -> Iterator[Finding]:
    if len(trained) < 2:
        return
    most, least = max(trained, key=trained.__getitem__), min(trained, key=trained.__getitem__)
    ratio = trained[most] / trained[least]
    if ratio < IMBALANCE:
        return
    share = trained[most] / sum(trained.values())
    sentence = (
        f"The classes are uneven: {trained[most]:,} training examples of {most}, {trained[least]:,} of {least} "
        f"({ratio:.1f} times fewer). Always saying {most} would already be right for {percent(share, 0)}."
    )
    if spec.data.class_weights:
        yield Finding("imbalance", "info", f"{sentence} The classes are weighed in the loss.")
        return
    action = Action("edit", "Weigh classes in the loss", path="data.class_weights", value=True)
    yield Finding("imbalance", "warning", sentence, actions=(action,))


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
