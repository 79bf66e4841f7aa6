"""Sources of picture files: found by the member, corrected, decoded through the cache, named if unreadable."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Generator, Sequence
from pathlib import Path
from typing import Annotated, ClassVar, Literal

import numpy as np

from workbench.engine.catalog.datasets.base import MEASURED_ON, Dataset, DataSource, Loadings
from workbench.engine.catalog.knob import Knob
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.progress import Loading, finished
from workbench.engine.core.responsive_io import patiently
from workbench.engine.core.text import grouped
from workbench.engine.pictures.background_decoder import UnreadableFiles
from workbench.engine.pictures.cache import Still, all_gray, decoded, decoding
from workbench.engine.pictures.class_folders import ClassFolders
from workbench.engine.pictures.corrections import Corrections, CorrectionsFile, Listed, name_of
from workbench.engine.pictures.request import Decoded, Wanted

#: So many unreadable files are named; the rest is counted.
NAMED = 5
#: How a note on classes that are left out begins.
LEFT_OUT = "Without a picture to train on and left out"


class PictureFiles(DataSource):
    """Base of sources of picture files: a member says where they are (``place``, ``found``); the rest is done here."""

    shown_last: ClassVar[tuple[str, ...]] = ("size", "colour", "skip_unreadable", "skip_empty")

    size: Annotated[
        int,
        Knob(
            "Picture size",
            "Every picture becomes a square of this many pixels a side. "
            "The shorter side is resized to it and the centre is cut out. Twice the size is four times the work.",
            unit="pixels",
            low=4,
            high=512,
            scale="log",
        ),
    ] = 32
    colour: Annotated[
        Literal["auto", "gray", "rgb"],
        Knob(
            "Colour",
            "Whether the model sees one gray channel or red, green and blue.",
            options={
                "auto": "gray if every file is stored so, else colour",
                "gray": "one channel",
                "rgb": "three channels",
            },
        ),
    ] = "auto"
    skip_unreadable: Annotated[
        bool,
        Knob(
            "Skip unreadable files",
            "Leave out files that cannot be read instead of stopping with their names. "
            "Unreadable are damaged files, files that are no pictures, and pictures of more than 89 million pixels.",
        ),
    ] = False
    skip_empty: Annotated[
        bool,
        Knob(
            "Leave empty classes out",
            "Leave out classes of which there is no picture to train on, with their validation and test pictures, "
            "instead of stopping with their names.",
        ),
    ] = False

    @property
    def has_files(self) -> bool:
        """Whether each example is a file, which can be left out or renamed."""
        return True

    @abstractmethod
    def place(self) -> Path:
        """The resolved folder or file beside which corrections are kept. Raises WorkbenchError."""

    @abstractmethod
    def found(self, test: bool) -> ClassFolders:
        """The files as they lie there, of training and validation or of the test part. Raises WorkbenchError."""

    def load(self) -> Dataset:
        dataset: Dataset = finished(self.loading())
        return dataset

    def loading(self) -> Loadings:
        return (yield from self._loading(False))

    def beginning(self) -> Loadings:
        if self.skip_unreadable:  # what is left to train on is known when all have been read
            return (yield from self.loading())
        listing = yield from self.listing()
        wanted = yield from self._wanted(listing)
        found = yield from decoding(wanted, lambda unreadable: _refused(unreadable, listing.files))
        if isinstance(found, Decoded):
            return self.dataset(listing, found)
        try:
            return self._arriving(listing, found)
        except BaseException:
            found.arriving.close()
            raise

    def loading_test(self) -> Loadings:
        return (yield from self._loading(True))

    def _loading(self, test: bool) -> Loadings:
        listing = yield from self.listing(test)
        pictures = yield from self.decoding(listing)
        return self.dataset(listing, pictures, test)

    # --- The steps of a load, which the preflight takes one by one ----------------------------------------------

    def listing(self, test: bool = False) -> Generator[Loading, None, Found]:
        """The files that are used, corrections applied, empty classes left out if so chosen. Raises WorkbenchError."""
        words = "Looking for pictures"
        place = yield from patiently(self.place, getattr(self, "folder", "") or getattr(self, "file", ""), words)
        found = yield from patiently(lambda: self.found(test), place, words)
        corrections = yield from patiently(CorrectionsFile(place).read, place, words)
        files, note = _corrected(found, corrections)
        left: list[str] = []
        if self.skip_empty:
            classes = (yield from self.listing()).files.classes if test else _trained(files)
            left = [name for name in files.classes if name not in classes]
            files = files.of_classes(classes) if left else files
        elif not test:
            _refuse_untrained(files, "There is no picture to train on of")
        return Found(files, note, "test" if test else "train", tuple(left))

    def decoding(self, listing: Found) -> Generator[Loading, None, Decoded]:
        """The pictures of a listing, from the cache where they are in it."""
        return (yield from decoded((yield from self._wanted(listing))))

    def _wanted(self, listing: Found) -> Generator[Loading, None, Wanted]:
        files = listing.files
        gray = self.colour == "gray"
        if self.colour == "auto":
            # Both parts of a set must have the same channels: training decides.
            training = files if listing.part == "train" else (yield from self.listing()).files
            gray = yield from all_gray(Wanted(training.root, "train", training.files, self.size, True))
        return Wanted(files.root, listing.part, files.files, self.size, gray)

    def dataset(self, listing: Found, pictures: Decoded, test: bool = False) -> Dataset:
        """The examples. Raises WorkbenchError for unreadable files that are not to be skipped."""
        found = listing.files
        unreadable = {f: e.reason for f, e in zip(found.files, pictures.entries, strict=True) if e.reason}
        if unreadable and not self.skip_unreadable:
            raise _refused(unreadable, found)
        kept = np.array([not entry.reason for entry in pictures.entries], np.bool_)
        if not test:
            _refuse_untrained(found.only(kept), "No picture to train on can be read of")
        notes = [
            *listing.notes,
            f"{named(unreadable, found)} They are left out." if unreadable else "",
            pictures.trouble,
        ]
        return Dataset(
            pictures.pictures,
            found.labels[kept],
            found.classes,
            None if found.validation is None else found.validation[kept],
            tuple(str(file) for file in found.files if file not in unreadable),
            tuple(note for note in notes if note),
            measured_on=MEASURED_ON,
        )

    def _arriving(self, listing: Found, still: Still) -> Dataset:
        found = listing.files
        notes = listing.notes
        files = tuple(map(str, found.files))
        held = found.validation
        return Dataset(
            still.pictures, found.labels, found.classes, held, files, notes, still.arriving, measured_on=MEASURED_ON
        )

    # --- For a browser ------------------------------------------------------------------------------------------

    def corrections(self) -> CorrectionsFile:
        """Where pictures are left out or renamed. Raises WorkbenchError if there is no such folder or file."""
        return CorrectionsFile(self.place())

    def entries(self) -> Generator[Loading, None, tuple[Listed, ...]]:
        """Every picture file with its class, whether left out, renamed, and of which part; nothing is decoded."""
        place = yield from patiently(self.place, "the data", "Looking for pictures")
        corrections = yield from patiently(CorrectionsFile(place).read, place, "Looking for pictures")
        found = yield from patiently(lambda: self.found(False), place, "Looking for pictures")
        listed = list(
            _listed(found, corrections, ("train", "validation") if found.validation is not None else ("", ""))
        )
        try:
            tests = yield from patiently(lambda: self.found(True), place, "Looking for pictures")
        except WorkbenchError:
            return tuple(listed)
        return (*listed, *_listed(tests, corrections, ("test", "test")))


class Found:
    """Files to be decoded, of a part of the data; ``note`` says what corrections did; classes that are left out."""

    def __init__(self, files: ClassFolders, note: str, part: str, left_out: tuple[str, ...] = ()) -> None:
        self.files, self.note, self.part, self.left_out = files, note, part, left_out

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences about these files."""
        said = f"{LEFT_OUT}: {paths_text(self.left_out)}." if self.left_out and self.part == "train" else ""
        return tuple(note for note in (self.files.note, self.note, said) if note)


def _corrected(found: ClassFolders, corrections: Corrections) -> tuple[ClassFolders, str]:
    """What is left after the corrections, and a sentence about them."""
    if not corrections:
        return found, ""
    names = [name_of(file, found.root) for file in found.files]
    kept = np.array([name not in corrections.excluded for name in names], np.bool_)
    labels = found.labels.copy()
    for index, name in enumerate(names):
        to = corrections.relabelled.get(name)
        if to is not None and kept[index]:
            if to not in found.classes:
                text = (
                    f"{found.files[index]} was given the class {to!r}, which is no longer there; give it another one."
                )
                raise WorkbenchError(text, "data.source")
            labels[index] = found.classes.index(to)
    left, renamed = int((~kept).sum()), int((labels != found.labels).sum())
    said = [f"{grouped(left)} left out"] * bool(left) + [f"{grouped(renamed)} given another class"] * bool(renamed)
    note = f"Of {grouped(len(names))} pictures in {found.root}, as you chose: {' and '.join(said)}." if said else ""
    return found.only(kept, labels), note


def _listed(found: ClassFolders, corrections: Corrections, parts: tuple[str, str]) -> Generator[Listed, None, None]:
    held = found.validation if found.validation is not None else np.zeros(len(found.files), np.bool_)
    for file, label, is_held in zip(found.files, found.labels, held, strict=True):
        name = name_of(file, found.root)
        relabelled = corrections.relabelled.get(name, "")
        yield Listed(file, name, found.classes[label], relabelled, name in corrections.excluded, parts[bool(is_held)])


def named(unreadable: dict[Path, str], found: ClassFolders) -> str:
    """One sentence with the count, the first files and why."""
    first = [f"{name_of(file, found.root)} ({why})" for file, why in list(unreadable.items())[:NAMED]]
    more = f" and {grouped(len(unreadable) - NAMED)} more" if len(unreadable) > NAMED else ""
    count = f"{grouped(len(unreadable))} of {grouped(len(found.files))} pictures in {found.root}"
    return f"{count} cannot be read: {', '.join(first)}{more}."


def _refused(unreadable: dict[Path, str], found: ClassFolders) -> UnreadableFiles:
    hint = "Remove them, or switch on “Skip unreadable files”."
    return UnreadableFiles(f"{named(unreadable, found)} {hint}", "data.source.skip_unreadable")


def _trained(files: ClassFolders) -> tuple[str, ...]:
    """The classes that are left without the empty ones. Raises WorkbenchError if that is only one."""
    empty = files.untrained
    left = tuple(name for name in files.classes if name not in empty)
    if len(left) < 2:
        of = f"of only one class, {left[0]!r}" if left else "of no class"
        named = paths_text([repr(name) for name in empty], 10)
        text = f"{files.root} has pictures to train on {of}; without a picture: {named}. Learning needs at least two."
        raise WorkbenchError(text, "data.source.folder")
    return left


def _refuse_untrained(files: ClassFolders, what: str) -> None:
    """All classes without a picture to train on are named at once."""
    empty = files.untrained
    if empty:
        kinds = "class" if len(empty) == 1 else f"{grouped(len(empty))} classes"
        text = f"{what} the {kinds} {paths_text([repr(name) for name in empty], 10)}"
        hint = "Fill or remove the folder, or switch on “Leave empty classes out”."
        hint = hint if len(empty) == 1 else hint.replace("the folder", "the folders")
        raise WorkbenchError(f"{text} in {files.root}. {hint}", "data.source.skip_empty")


def paths_text(files: Sequence[Path | str], most: int = NAMED) -> str:
    """The first few of some files, and how many more there are."""
    more = f" and {grouped(len(files) - most)} more" if len(files) > most else ""
    return f"{', '.join(map(str, files[:most]))}{more}"
