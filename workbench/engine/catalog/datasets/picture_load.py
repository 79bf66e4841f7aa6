"""Loads a set of picture files: listed, corrected, decoded, unreadable ones named."""

from __future__ import annotations

import errno
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from workbench.engine.catalog.datasets.base import MEASURED_ON, Dataset, Loadings
from workbench.engine.catalog.datasets.class_copies import class_copies
from workbench.engine.catalog.datasets.class_formats import format_doubts
from workbench.engine.catalog.datasets.class_order import in_order, order_fact
from workbench.engine.catalog.datasets.near_names import near_doubt
from workbench.engine.catalog.datasets.picture_depths import value_doubts
from workbench.engine.catalog.datasets.picture_shapes import shape_doubts, shape_fact
from workbench.engine.catalog.datasets.understanding import Doubt, Fact, Reading, Understanding
from workbench.engine.catalog.datasets.value_setting import chosen_range
from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.progress import Job
from workbench.engine.core.responsive_io import in_daemon_thread
from workbench.engine.core.text import grouped, paths_text
from workbench.engine.pictures.arriving_pictures import ArrivingPictures
from workbench.engine.pictures.background_decoder import UnreadableFiles
from workbench.engine.pictures.cache import all_gray, decoded, decoding
from workbench.engine.pictures.class_folders import ClassFolders
from workbench.engine.pictures.corrections import Corrections, CorrectionsFile, Listed, name_of
from workbench.engine.pictures.decode import FULL, Range
from workbench.engine.pictures.folder_scans import FolderScans
from workbench.engine.pictures.folder_tree import gone_words
from workbench.engine.pictures.pages import channels_text, pages_text
from workbench.engine.pictures.picture_memory import PictureMemory
from workbench.engine.pictures.request import Decoded, Wanted
from workbench.engine.pictures.stand_ins import way_out
from workbench.engine.pictures.transparency import opacity_text, transparency_text
from workbench.engine.pictures.value_range import is_within, range_of_files, range_sentence

if TYPE_CHECKING:
    from workbench.engine.catalog.datasets.picture_files import PictureFiles

#: How many unreadable files are named at most; the rest is counted.
NAMED = 5
#: How a note on classes that are left out begins.
LEFT_OUT = "Without a picture to train on and left out"
_FULL = Reading("The full range, 0 to 65,535", (("value_range", "full"),))
_WORDS = "Looking for pictures"
_TRANSPARENCY = "Looking for transparency"


class PictureLoad:
    """The steps of a load of ``source``: a listing, its pictures, the examples. Each step raises WorkbenchError."""

    def __init__(self, source: PictureFiles, scans: FolderScans, memory: PictureMemory | None = None) -> None:
        self._source, self._scans, self._memory = source, scans, memory
        #: Black and white in pictures of more than 8 bits, as they were decoded last.
        self._values = FULL

    def loading(self) -> Loadings:
        """All examples that train and validate."""
        return (yield from self._loading(False))

    def loading_test(self) -> Loadings:
        """The examples of the test part."""
        return (yield from self._loading(True))

    def beginning(self) -> Loadings:
        """As ``loading``, but pictures may still be ``arriving`` when it returns."""
        if self._source.skip_unreadable:  # what is left to train on is known when all have been read
            return (yield from self.loading())
        listing = yield from self.listing()
        wanted = yield from self._wanted(listing)
        found = yield from decoding(wanted, lambda unreadable: refused_files(unreadable, listing.files), self._memory)
        if isinstance(found, Decoded):
            return self.dataset(listing, found)
        try:
            return self._arriving(listing, found)
        except BaseException:
            found.arriving.close()
            raise

    def _loading(self, test: bool) -> Loadings:
        listing = yield from self.listing(test)
        pictures = yield from self.decoding(listing)
        return self.dataset(listing, pictures, test)

    def listing(self, test: bool = False) -> Job[Listing]:
        """The files that are used, corrections applied, empty classes left out if so chosen."""
        found, corrections = yield from self._found(test)
        files, note = _corrected(found, corrections)
        left: list[str] = []
        if self._source.skip_empty:
            classes = (yield from self.listing()).files.classes if test else _trained(files)
            left = [name for name in files.classes if name not in classes]
            files = files.of_classes(classes) if left else files
        elif not test:
            _refuse_untrained(files)
        files = in_order(files, self._source.order_of_classes)
        return Listing(files, note, "test" if test else "train", tuple(left))

    def understood(self) -> Job[Understanding]:
        """How the files are read, and their counts; nothing is decoded. Raises WorkbenchError if there are none."""
        yield from self._source.preparing()
        place = yield from in_daemon_thread(self._source.place, "", _WORDS)
        known = yield from in_daemon_thread(lambda: self._source.reading(self._scans), place, _WORDS)
        try:
            files = (yield from self.listing()).files
        except WorkbenchError as error:
            is_asked = any(doubt.is_refused and doubt.readings for doubt in known.doubts)  # an answer may mend it
            return known if is_asked else replace(known, refused=known.refused or error.message)
        counts = np.bincount(files.labels, minlength=len(files.classes)).tolist()
        held = None if files.validation is None else int(files.validation.sum())
        classes = tuple(zip(files.classes, counts, strict=True))
        tests = yield from self._tests()
        shape = shape_fact(self._source.fit, self._source.size)
        facts = (
            *known.facts,
            order_fact(files.classes, self._source.order_of_classes),
            *(yield from self._value_facts(files)),
            shape,
        )
        doubts = (
            *known.doubts,
            *(yield from self._class_doubts(files, any(doubt.is_refused for doubt in known.doubts))),
            *(yield from self._shape_doubts(files)),
            *(yield from self._depth_doubts(files, tests)),
            *(yield from self._opacity_doubts(files)),
        )
        return replace(known, classes=classes, validation=held, test=len(tests), facts=facts, doubts=doubts)

    def _class_doubts(self, files: ClassFolders, is_asked: bool) -> Job[tuple[Doubt, ...]]:
        """What classes have in common that they should not: files, nearly their names; or how they are stored. Nothing
        while something else is asked.
        """
        if is_asked:
            return ()
        source = self._source
        found: list[Doubt] = []
        if getattr(source, "class_names", "") == "auto":
            look = partial(class_copies, files, source.leaving_out)
            copies = yield from in_daemon_thread(look, files.root, "Looking for equal files in two classes")
            near = near_doubt(Counter(files.classes[label] for label in files.labels.tolist()))
            found += [each for each in (copies, near) if each is not None]
        kinds = in_daemon_thread(lambda: list(format_doubts(files, source.colour)), files.root, "Looking at the files")
        return (*found, *(yield from kinds))

    def _value_facts(self, files: ClassFolders) -> Job[tuple[Fact, ...]]:
        """The range of values that is read, and files with several pages."""
        values = yield from self._range(files)
        look = partial(pages_text, files.files, files.root)
        pages = yield from in_daemon_thread(look, files.root, "Looking for pages")
        said = range_sentence(values)
        ranges = (Fact("values", said, (_FULL,) if is_within(values, FULL) else ()),) if said else ()
        more = yield from in_daemon_thread(partial(channels_text, files.files), files.root, "Looking for channels")
        clear = yield from in_daemon_thread(partial(transparency_text, files.files), files.root, _TRANSPARENCY)
        return (*ranges, *(Fact("files", said) for said in (pages, more, clear) if said))

    def _shape_doubts(self, files: ClassFolders) -> Job[tuple[Doubt, ...]]:
        """That the crop would lose much of the pictures, where nobody has chosen it."""
        if self._source.fit != "auto":
            return ()
        looked = in_daemon_thread(lambda: shape_doubts(files.files), files.root, "Looking at the sizes of pictures")
        return (yield from looked)

    def _depth_doubts(self, files: ClassFolders, tests: Sequence[Path]) -> Job[tuple[Doubt, ...]]:
        """That some pictures have other values than others, where nobody has chosen what is black and white."""
        if self._source.value_range != "auto":
            return ()
        look = partial(value_doubts, files, tests, (yield from self._range(files)))
        return (yield from in_daemon_thread(look, files.root, "Looking for the range of values"))

    def _opacity_doubts(self, files: ClassFolders) -> Job[tuple[Doubt, ...]]:
        """That a channel marked as transparency may be something else."""
        said = yield from in_daemon_thread(partial(opacity_text, files.files), files.root, _TRANSPARENCY)
        return (Doubt("values", said),) if said else ()

    def _tests(self) -> Job[tuple[Path, ...]]:
        try:
            return (yield from self.listing(test=True)).files.files
        except WorkbenchError:
            return ()

    def _found(self, test: bool) -> Job[tuple[ClassFolders, Corrections]]:
        source = self._source
        yield from source.preparing()
        where = getattr(source, "folder", "") or getattr(source, "file", "")
        place = yield from in_daemon_thread(source.place, where, _WORDS)
        found = yield from in_daemon_thread(lambda: source.found(test, self._scans), place, _WORDS)
        return found, (yield from in_daemon_thread(CorrectionsFile(place).read, place, _WORDS))

    def decoding(self, listing: Listing) -> Job[Decoded]:
        """The pictures of a listing, from memory or the cache where they are there."""
        return (yield from decoded((yield from self._wanted(listing)), self._memory))

    def _wanted(self, listing: Listing) -> Job[Wanted]:
        files, size, fit = listing.files, self._source.size, self._source.squared_by
        # Both parts of a set must have the same channels and values: training decides.
        training = files if listing.part == "train" else (yield from self.listing()).files
        self._values = values = yield from self._range(training)
        gray = self._source.colour == "gray"
        if self._source.colour == "auto":
            gray = yield from all_gray(Wanted(training.root, "train", training.files, size, True, fit, values))
        return Wanted(files.root, listing.part, files.files, size, gray, fit, values)

    def _range(self, training: ClassFolders) -> Job[Range]:
        """Which values of pictures of more than 8 bits are black and white."""
        given = self._source.value_range
        if given != "auto":
            return FULL if given == "full" else chosen_range(given)
        look = partial(range_of_files, training.files, training.root)
        return (yield from in_daemon_thread(look, training.root, "Looking for the range of values"))

    def dataset(self, listing: Listing, pictures: Decoded, test: bool = False) -> Dataset:
        """The examples. Raises WorkbenchError for unreadable files that are not to be skipped."""
        found = listing.files
        unreadable = {f: e.reason for f, e in zip(found.files, pictures.entries, strict=True) if e.reason}
        if unreadable and (not self._source.skip_unreadable or not found.root.is_dir()):
            raise refused_files(unreadable, found)
        kept = np.array([not entry.reason for entry in pictures.entries], np.bool_)
        if not test:
            refuse_unread(found.only(kept))
        are = "It is" if len(unreadable) == 1 else "They are"
        left_out = f"{named(unreadable, found)} {are} left out." if unreadable else ""
        return Dataset(
            pictures.pictures,
            found.labels[kept],
            found.classes,
            None if found.validation is None else found.validation[kept],
            tuple(str(file) for file in found.files if file not in unreadable),
            tuple(note for note in (*listing.notes, *self._said(found), left_out, pictures.trouble) if note),
            measured_on=MEASURED_ON,
            groups=None if found.groups is None else found.groups[kept],
            value_range=None if self._values == FULL else self._values,
            whole=found.only(kept).whole,
            group_names=found.group_names,
        )

    def _arriving(self, listing: Listing, still: ArrivingPictures) -> Dataset:
        found = listing.files
        return Dataset(
            still.pictures,
            found.labels,
            found.classes,
            found.validation,
            tuple(map(str, found.files)),
            (*listing.notes, *self._said(found)),
            still.arriving,
            measured_on=MEASURED_ON,
            groups=found.groups,
            value_range=None if self._values == FULL else self._values,
            whole=found.whole,
            group_names=found.group_names,
        )

    def _said(self, files: ClassFolders) -> tuple[str, ...]:
        """Sentences on how the pictures are read, where that is worth saying."""
        return tuple(note for note in self._sentences(files) if note)

    def _sentences(self, files: ClassFolders) -> tuple[str, ...]:
        unused = pages_text(files.files, files.root), channels_text(files.files)
        return range_sentence(self._values), *unused, transparency_text(files.files)

    def entries(self) -> Job[tuple[Listed, ...]]:
        """Every picture file with its class, whether left out, renamed, and of which part; nothing is decoded."""
        found, corrections = yield from self._found(False)
        parts = ("train", "validation") if found.validation is not None else ("", "")
        listed = tuple(_listed(found, corrections, parts))
        try:
            tests, _ = yield from self._found(True)
        except WorkbenchError:
            return listed
        return (*listed, *_listed(tests, corrections, ("test", "test")))


@dataclass(frozen=True, slots=True)
class Listing:
    """Files to be decoded, of a ``part`` of the data; ``note`` says what corrections did; classes that are left out."""

    files: ClassFolders
    note: str
    part: str
    left_out: tuple[str, ...] = ()

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


def _listed(found: ClassFolders, corrections: Corrections, parts: tuple[str, str]) -> Iterator[Listed]:
    held = found.validation if found.validation is not None else np.zeros(len(found.files), np.bool_)
    for file, label, is_held in zip(found.files, found.labels, held, strict=True):
        name = name_of(file, found.root)
        relabelled = corrections.relabelled.get(name, "")
        yield Listed(file, name, found.classes[label], relabelled, name in corrections.excluded, parts[bool(is_held)])


def named(unreadable: dict[Path, str], found: ClassFolders) -> str:
    """One sentence with the count, the first files and why."""
    reasons, names = set(unreadable.values()), [name_of(file, found.root) for file in unreadable]
    if len(reasons) == 1 and len(names) > 1:
        count = f"{grouped(len(names))} of {grouped(len(found.files))} pictures in {found.root}"
        return f"{count} cannot be read: {reasons.pop()}, e.g. {paths_text(names, NAMED)}."
    first = [f"{name_of(file, found.root)} ({why})" for file, why in list(unreadable.items())[:NAMED]]
    more = f" and {grouped(len(unreadable) - NAMED)} more" if len(unreadable) > NAMED else ""
    count = f"{grouped(len(unreadable))} of {grouped(len(found.files))} pictures in {found.root}"
    return f"{count} cannot be read: {', '.join(first)}{more}."


def refused_files(unreadable: dict[Path, str], found: ClassFolders) -> UnreadableFiles:
    """The error of files that cannot be read and are not to be skipped, or of a folder that is gone with them."""
    if not found.root.is_dir():
        return UnreadableFiles(gone_words(found.root), "data.source")
    them = "it" if len(unreadable) == 1 else "them"
    hint = f"Remove {them}, or switch on “Leave unreadable files out”."
    if set(unreadable.values()) == {os.strerror(errno.ENOENT)}:
        hint = "Bring the files that are missing, or leave their rows out: switch on “Leave unreadable files out”."
    if len(unreadable) == len(found.files):
        what = "red, green and blue" if any("channel" in why for why in unreadable.values()) else "8 bits a channel"
        hint = way_out(unreadable.values()) or f"Export the pictures with {what} (PNG or JPEG)."
    return UnreadableFiles(f"{named(unreadable, found)} {hint}", "data.source.skip_unreadable")


def _trained(files: ClassFolders) -> tuple[str, ...]:
    """The classes that are left without the empty ones. Raises WorkbenchError if that is only one."""
    empty = files.untrained
    left = tuple(name for name in files.classes if name not in empty)
    if len(left) < 2:
        of = f"of only one class, {left[0]!r}" if left else "of no class"
        without = paths_text([repr(name) for name in empty], 10)
        text = f"{files.root} has pictures to train on {of}; without a picture: {without}. Learning needs at least two."
        raise WorkbenchError(text, "data.source.folder")
    return left


def _refuse_untrained(files: ClassFolders) -> None:
    """All classes without a picture to train on are named at once."""
    if files.untrained:
        hint = "Fill or remove the folder, or switch on “Leave empty classes out”."
        hint = hint if len(files.untrained) == 1 else hint.replace("the folder", "the folders")
        words = f"There is no picture to train on of {_untrained_words(files)}. {hint} {files.note}".rstrip()
        raise WorkbenchError(words, "data.source.skip_empty")


def refuse_unread(files: ClassFolders) -> None:
    """Raise WorkbenchError for classes of which no file to train on can be read; ``files`` are those that can."""
    if files.untrained:
        text = f"No picture to train on can be read of {_untrained_words(files)}."
        hint = "Bring pictures of it that can be read, or take its folder or its rows of the table away."
        raise WorkbenchError(f"{text} {hint} {files.note}".rstrip(), "data.source.skip_unreadable")


def _untrained_words(files: ClassFolders) -> str:
    names = paths_text([repr(name) for name in files.untrained], 10)
    count = len(files.untrained)
    return f"the {'class' if count == 1 else f'{grouped(count)} classes'} {names} in {files.root}"
