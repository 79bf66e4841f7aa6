"""Finds the pictures below class folders: names, labels, and the split that the folders give. Decodes nothing."""

from __future__ import annotations

import contextlib
import os
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from workbench.engine.core.errors import WorkbenchError
from workbench.engine.pictures.folder_scans import FolderScans, Item

SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".tif", ".tiff", ".ppm", ".pgm", ".pbm"})
TRAIN = frozenset({"train", "training"})
VALIDATION = frozenset({"validation", "valid", "val"})
TEST = frozenset({"test", "testing"})
#: Folders below a class folder are read too, so deep; a link back to a parent is followed once at most.
MAX_DEPTH = 16


@dataclass(frozen=True, slots=True)
class ClassFolders:
    """Picture files in a fixed order, each with the index of its class and whether its folder is held back.

    ``note`` is a sentence for the user about where they lie, where that is worth saying. ``groups`` (int64 (N,)) is the
    index of each file's group, None without.
    """

    root: Path
    classes: tuple[str, ...]
    files: tuple[Path, ...]
    labels: npt.NDArray[np.int64]
    validation: npt.NDArray[np.bool_] | None
    note: str = ""
    groups: npt.NDArray[np.int64] | None = None

    @property
    def untrained(self) -> tuple[str, ...]:
        """The classes of which there is no picture to train on: their folders are empty, or only held back."""
        trained = self.labels if self.validation is None else self.labels[~self.validation]
        there = set(np.unique(trained).tolist())
        return tuple(name for label, name in enumerate(self.classes) if label not in there)

    def of_classes(self, names: Sequence[str]) -> ClassFolders:
        """Only the classes ``names`` and their files."""
        to = {self.classes.index(name): label for label, name in enumerate(names) if name in self.classes}
        kept = np.array([label in to for label in self.labels.tolist()], np.bool_)
        labels = np.array([to.get(label, -1) for label in self.labels.tolist()], np.int64)
        return replace(self.only(kept, labels), classes=tuple(names))

    def only(self, kept: npt.NDArray[np.bool_], labels: npt.NDArray[np.int64] | None = None) -> ClassFolders:
        """The files where ``kept`` is True, with these ``labels`` (of all files) instead of their own if given."""
        files = tuple(file for file, wanted in zip(self.files, kept, strict=True) if wanted)
        validation = None if self.validation is None else self.validation[kept]
        groups = None if self.groups is None else self.groups[kept]
        labels = (self.labels if labels is None else labels)[kept]
        return replace(self, files=files, labels=labels, validation=validation, groups=groups)


def find_class_folders(root: Path, scans: FolderScans | None = None) -> ClassFolders:
    """The classes and files below ``root``; a class may have no file, which is for the caller to judge.

    Raises WorkbenchError with a sentence for each way it can be unusable.
    """
    return _Finder(root, scans).trained()


def find_test_folders(root: Path, scans: FolderScans | None = None) -> ClassFolders:
    """The files of the test folder, with the classes of the training folders. Raises WorkbenchError."""
    return _Finder(root, scans).tested()


@dataclass(frozen=True, slots=True)
class Ignored:
    """What lies in a data folder and is no example: hidden folders, other files by suffix, pictures without a class."""

    hidden: tuple[str, ...]
    others: tuple[tuple[str, int], ...]
    loose: int


def find_ignored(root: Path, scans: FolderScans | None = None) -> Ignored:
    """What ``find_class_folders`` passes over below ``root``, two levels deep (three with train and validation).

    Raises WorkbenchError if ``root`` cannot be read; folders below it that cannot are passed over.
    """
    return _Finder(root, scans).ignored()


def _held_back(folders: dict[str, Path]) -> set[str] | None:
    """The validation folders if ``folders`` are the parts of a split (train with validation or test), else None."""
    lowered = {name.lower() for name in folders}
    if len(lowered) < 2 or not lowered & TRAIN or lowered - TRAIN - VALIDATION - TEST:
        return None
    return {name for name in folders if name.lower() in VALIDATION}


class _Finder:
    """Looks through the folders of one data set."""

    def __init__(self, root: Path, scans: FolderScans | None) -> None:
        self._root = root
        self._scans = scans if scans is not None else FolderScans()

    def trained(self) -> ClassFolders:
        folders = {folder.name: folder for folder in self._folders(self._root)}
        if not folders:
            raise _unusable(self._root, self._why_no_folders())
        held_back = _held_back(folders)
        if held_back is None:
            return self._gathered([(folder, False) for folder in folders.values()])
        parts = [(folder, name in held_back) for name, folder in folders.items() if name.lower() not in TEST]
        below = [(folder, held) for part, held in parts for folder in self._folders(part)]
        if all(held for _, held in below):
            why = "has a train folder without class folders in it; make one folder for each class there"
            raise _unusable(self._root, why)
        return self._gathered(below, split=bool(held_back))

    def tested(self) -> ClassFolders:
        folders = {folder.name: folder for folder in self._folders(self._root)}
        tests = [folder for name, folder in folders.items() if name.lower() in TEST]
        if _held_back(folders) is None or not tests:
            raise _unusable(self._root, "holds no test folder beside a train folder")
        classes = self.trained().classes
        found: list[tuple[Path, int]] = []
        below = (each for test in tests for each in self._folders(test))
        for folder in sorted(below, key=lambda each: natural(each.name)):
            files = list(self._pictures(folder))
            if files and folder.name not in classes:
                raise _unusable(self._root, f"has the class {folder.name!r} in test but not in train")
            found += [(file, classes.index(folder.name)) for file in files]
        if not found:
            raise _unusable(tests[0], "holds no picture in folders named as the classes of train")
        labels = np.array([label for _, label in found], np.int64)
        return ClassFolders(self._root, classes, tuple(file for file, _ in found), labels, None)

    def ignored(self) -> Ignored:
        is_split = _held_back({folder.name: folder for folder in self._folders(self._root)}) is not None
        hidden: list[str] = []
        others: Counter[str] = Counter()
        for folder, item in self._below(self._root, 2 if is_split else 1):
            if item.is_hidden and item.is_folder:
                hidden.append(os.path.relpath(folder / item.name, self._root))
            elif not item.is_hidden and item.is_file and item.suffix not in SUFFIXES:
                others[item.suffix or item.name] += 1
        loose = sum(item.is_file and item.suffix in SUFFIXES for item in self._visible(self._root))
        return Ignored(tuple(hidden), tuple(others.most_common()), loose)

    def _below(self, folder: Path, depth: int) -> Iterator[tuple[Path, Item]]:
        """What lies in ``folder`` and in its visible folders, ``depth`` levels deep."""
        with contextlib.suppress(OSError):
            for item in self._scans.items(folder):
                yield folder, item
                if item.is_folder and not item.is_hidden and depth:
                    yield from self._below(folder / item.name, depth - 1)

    def _gathered(self, folders: list[tuple[Path, bool]], split: bool = False) -> ClassFolders:
        """The pictures of these class folders, each with whether it is held back."""
        found: list[tuple[Path, str, bool]] = []
        for folder, held in sorted(folders, key=lambda item: (item[1], natural(item[0].name))):
            found += [(file, folder.name, held) for file in self._pictures(folder)]
        classes = sorted({folder.name for folder, held in folders if not held}, key=natural)
        self._refuse_unusable(classes, {name for _, name, _ in found})
        label_of = {name: label for label, name in enumerate(classes)}
        labels = np.array([label_of[name] for _, name, _ in found], np.int64)
        validation = np.array([held for _, _, held in found], np.bool_) if split else None
        return ClassFolders(self._root, tuple(classes), tuple(file for file, _, _ in found), labels, validation)

    def _refuse_unusable(self, classes: list[str], filled: set[str]) -> None:
        unknown = sorted(filled - set(classes), key=natural)
        if unknown:
            named = f"class{'es' if len(unknown) > 1 else ''} {', '.join(map(repr, unknown))}"
            raise _unusable(self._root, f"has the {named} in validation but not in train")
        if len(classes) == 1:
            why = f"holds only one class, {classes[0]!r}; learning needs at least two class folders"
            raise _unusable(self._root, why)
        if not filled:
            known = ", ".join(sorted(SUFFIXES))
            raise _unusable(self._root, f"holds class folders, and all of them are without a picture ({known})")

    def _folders(self, folder: Path) -> list[Path]:
        return [folder / item.name for item in self._visible(folder) if item.is_folder]

    def _pictures(self, folder: Path, depth: int = 0, seen: frozenset[tuple[int, int]] = frozenset()) -> Iterator[Path]:
        """The picture files below ``folder`` in natural order; a folder that contains itself by a link is left out.

        A link named as a picture that leads nowhere is one of them: reading it will name it.
        """
        status = folder.stat()
        if depth > MAX_DEPTH or (status.st_dev, status.st_ino) in seen:
            return
        for item in self._visible(folder):
            if item.is_folder:
                yield from self._pictures(folder / item.name, depth + 1, seen | {(status.st_dev, status.st_ino)})
            elif item.suffix in SUFFIXES and (item.is_file or item.is_dangling):
                yield folder / item.name

    def _visible(self, folder: Path) -> list[Item]:
        """What is visible in ``folder``, in natural order. Raises WorkbenchError."""
        try:
            items = self._scans.items(folder)
        except OSError as error:
            raise WorkbenchError(f"Cannot read {folder}: {error.strerror or error}.", "data.source.folder") from None
        return sorted((item for item in items if not item.is_hidden), key=lambda item: natural(item.name))

    def _why_no_folders(self) -> str:
        items = self._visible(self._root)
        if any(item.suffix in SUFFIXES for item in items):
            return "holds pictures but no class folders; make one folder for each class and move the pictures there"
        return f"{'holds no folders' if items else 'is empty'}; it must hold one folder of pictures for each class"


def natural(name: str) -> list[tuple[int, str]]:
    """A sort key that puts 2 before 10."""
    parts = re.split(r"(\d+)", name)
    return [(int(part), "") if part.isdecimal() else (-1, part.lower()) for part in parts] + [(-1, name)]


def _unusable(place: Path, why: str) -> WorkbenchError:
    return WorkbenchError(f"{place} {why}.", "data.source.folder")
