"""Finds the pictures below class folders: names, labels, and the split that the folders give. Decodes nothing."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from workbench.engine.core.errors import WorkbenchError

SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".tif", ".tiff", ".ppm", ".pgm", ".pbm"})
TRAIN = frozenset({"train", "training"})
VALIDATION = frozenset({"validation", "valid", "val"})
TEST = frozenset({"test", "testing"})
#: Folders below a class folder are read too, so deep; a link back to a parent is followed once at most.
MAX_DEPTH = 16


@dataclass(frozen=True, slots=True)
class ClassFolders:
    """Picture files in a fixed order, each with the index of its class and whether its folder is held back.

    ``note`` is a sentence for the user about where they lie, where that is worth saying.
    """

    root: Path
    classes: tuple[str, ...]
    files: tuple[Path, ...]
    labels: npt.NDArray[np.int64]
    validation: npt.NDArray[np.bool_] | None
    note: str = ""

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
        return replace(
            self, files=files, labels=(self.labels if labels is None else labels)[kept], validation=validation
        )


def find_class_folders(root: Path) -> ClassFolders:
    """The classes and files below ``root``; a class may have no file, which is for the caller to judge.

    Raises WorkbenchError with a sentence for each way it can be unusable.
    """
    folders = {folder.name: folder for folder in _visible_folders(root)}
    if not folders:
        raise _unusable(root, _why_no_folders(root))
    held_back = _held_back(folders)
    if held_back is None:
        return _gathered(root, [(folder, False) for folder in folders.values()])
    parts = [(folder, name in held_back) for name, folder in folders.items() if name.lower() not in TEST]
    below = [(folder, held) for part, held in parts for folder in _visible_folders(part)]
    if not any(not held for _, held in below):
        raise _unusable(root, "has a train folder without class folders in it; make one folder for each class there")
    return _gathered(root, below, split=bool(held_back))


def find_test_folders(root: Path) -> ClassFolders:
    """The files of the test folder, with the classes of the training folders. Raises WorkbenchError."""
    folders = {folder.name: folder for folder in _visible_folders(root)}
    tests = [folder for name, folder in folders.items() if name.lower() in TEST]
    if _held_back(folders) is None or not tests:
        raise _unusable(root, "holds no test folder beside a train folder")
    classes = find_class_folders(root).classes
    found: list[tuple[Path, int]] = []
    for folder in sorted((each for test in tests for each in _visible_folders(test)), key=lambda f: natural(f.name)):
        files = list(_pictures(folder))
        if files and folder.name not in classes:
            raise _unusable(root, f"has the class {folder.name!r} in test but not in train")
        found += [(file, classes.index(folder.name)) for file in files]
    if not found:
        raise _unusable(tests[0], "holds no picture in folders named as the classes of train")
    labels = np.array([label for _, label in found], np.int64)
    return ClassFolders(root, classes, tuple(file for file, _ in found), labels, None)


@dataclass(frozen=True, slots=True)
class Ignored:
    """What lies in a data folder and is no example: hidden folders, other files by suffix, pictures without a class."""

    hidden: tuple[str, ...]
    others: tuple[tuple[str, int], ...]
    loose: int


def find_ignored(root: Path) -> Ignored:
    """What ``find_class_folders`` passes over below ``root``, two levels deep (three with train and validation)."""
    hidden: list[str] = []
    others: dict[str, int] = {}
    is_split = _held_back({folder.name: folder for folder in _visible_folders(root)}) is not None

    def look(folder: Path, depth: int) -> None:
        with contextlib.suppress(OSError), os.scandir(folder) as entries:
            for entry in sorted(entries, key=lambda each: each.name):
                suffix = os.path.splitext(entry.name)[1].lower()
                if entry.name.startswith((".", "__MACOSX")):
                    if _is_folder(entry):
                        hidden.append(os.path.relpath(entry.path, root))
                elif _is_folder(entry) and depth:
                    look(Path(entry.path), depth - 1)
                elif _is_file(entry) and suffix not in SUFFIXES:
                    others[suffix or entry.name] = others.get(suffix or entry.name, 0) + 1

    look(root, 2 if is_split else 1)
    loose = sum(_is_file(e) and os.path.splitext(e.name)[1].lower() in SUFFIXES for e in _entries(root))
    return Ignored(tuple(hidden), tuple(sorted(others.items(), key=lambda item: -item[1])), loose)


def _held_back(folders: dict[str, Path]) -> set[str] | None:
    """The validation folders if ``folders`` are the parts of a split (train with validation or test), else None."""
    lowered = {name.lower() for name in folders}
    if len(lowered) < 2 or not lowered & TRAIN or lowered - TRAIN - VALIDATION - TEST:
        return None
    return {name for name in folders if name.lower() in VALIDATION}


def _gathered(root: Path, folders: list[tuple[Path, bool]], split: bool = False) -> ClassFolders:
    trained = {folder.name for folder, held in folders if not held}
    found: list[tuple[Path, str, bool]] = []
    for folder, held in sorted(folders, key=lambda item: (item[1], natural(item[0].name))):
        found += [(file, folder.name, held) for file in _pictures(folder)]
    unknown = sorted({name for _, name, _ in found} - trained, key=natural)
    if unknown:
        are = ", ".join(map(repr, unknown))
        raise _unusable(root, f"has the class{'es' if len(unknown) > 1 else ''} {are} in validation but not in train")
    classes = sorted(trained, key=natural)
    if len(classes) == 1:
        raise _unusable(root, f"holds only one class, {classes[0]!r}; learning needs at least two class folders")
    if not found:
        known = ", ".join(sorted(SUFFIXES))
        raise _unusable(root, f"holds class folders, and all of them are without a picture ({known})")
    label_of = {name: label for label, name in enumerate(classes)}
    labels = np.array([label_of[name] for _, name, _ in found], np.int64)
    validation = np.array([held for _, _, held in found], np.bool_) if split else None
    return ClassFolders(root, tuple(classes), tuple(file for file, _, _ in found), labels, validation)


def _visible_folders(folder: Path) -> list[Path]:
    return [Path(entry.path) for entry in _entries(folder) if _is_folder(entry)]


def _pictures(folder: Path, depth: int = 0, seen: frozenset[tuple[int, int]] = frozenset()) -> Iterator[Path]:
    """The picture files below ``folder`` in natural order; a folder that contains itself through a link is left out.

    A link named as a picture that leads nowhere is one of them: reading it will name it.
    """
    status = folder.stat()
    if depth > MAX_DEPTH or (status.st_dev, status.st_ino) in seen:
        return
    for entry in _entries(folder):
        if _is_folder(entry):
            yield from _pictures(Path(entry.path), depth + 1, seen | {(status.st_dev, status.st_ino)})
        elif os.path.splitext(entry.name)[1].lower() in SUFFIXES and (_is_file(entry) or _leads_nowhere(entry)):
            yield Path(entry.path)


def _is_folder(entry: os.DirEntry[str]) -> bool:
    with contextlib.suppress(OSError):  # a link to itself
        return entry.is_dir()
    return False


def _is_file(entry: os.DirEntry[str]) -> bool:
    with contextlib.suppress(OSError):
        return entry.is_file()
    return False


def _leads_nowhere(entry: os.DirEntry[str]) -> bool:
    return entry.is_symlink() and not os.path.exists(entry.path)


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    """What is visible in ``folder``, in natural order. Raises WorkbenchError."""
    try:
        with os.scandir(folder) as entries:
            visible = [entry for entry in entries if not entry.name.startswith((".", "__MACOSX"))]
    except OSError as error:
        raise WorkbenchError(f"Cannot read {folder}: {error.strerror or error}.", "data.source.folder") from None
    return sorted(visible, key=lambda entry: natural(entry.name))


def natural(name: str) -> list[tuple[int, str]]:
    """A sort key that puts 2 before 10."""
    parts = re.split(r"(\d+)", name)
    return [(int(part), "") if part.isdecimal() else (-1, part.lower()) for part in parts] + [(-1, name)]


def _why_no_folders(root: Path) -> str:
    entries = _entries(root)
    if any(os.path.splitext(entry.name)[1].lower() in SUFFIXES for entry in entries):
        return "holds pictures but no class folders; make one folder for each class and move the pictures there"
    return f"{'holds no folders' if entries else 'is empty'}; it must hold one folder of pictures for each class"


def _unusable(place: Path, why: str) -> WorkbenchError:
    return WorkbenchError(f"{place} {why}.", "data.source.folder")
