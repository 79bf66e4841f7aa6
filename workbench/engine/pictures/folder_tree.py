"""Reads a folder with all below it as a tree: pictures in natural order, and what is left out with the reason."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Final

from workbench.engine.core.errors import WorkbenchError
from workbench.engine.core.text import counted, grouped
from workbench.engine.pictures.class_folders import natural
from workbench.engine.pictures.corrections import NAME as CORRECTIONS
from workbench.engine.pictures.folder_scans import FolderScans, Item
from workbench.engine.pictures.part_names import says_new
from workbench.engine.pictures.picture_kinds import (
    NO_PICTURES,
    SUFFIXES,
    advice,
    is_read,
    is_unread_picture,
    kind_of,
    unread_words,
)
from workbench.engine.pictures.training_logs import program_of

#: Folders are read so deep, and no more than these: a larger place is a disk or a home folder and no set.
MAX_DEPTH: Final = 16
MAX_FOLDERS: Final = 200_000
#: This many files of one kind in one folder are named each; more are counted.
_NAMED: Final = 20
#: Why hidden files are left out.
HIDDEN: Final = "hidden, or of the operating system"
#: How the reason of a link ends that is not followed because what it leads to is read.
READ_ALREADY: Final = "which is read already"
#: Folders of these names that hold no picture belong to programs.
OF_PROGRAMS: Final = frozenset(
    {"logs", "log", "runs", "weights", "models", "checkpoints", "results", "output", "outputs", "venv", "env", "src"}
    | {"code", "scripts", "notebooks", "docs", "wandb", "mlruns", "tensorboard", "cache", "tmp", "temp", "labels"}
    | {"annotations", "node_modules", "__pycache__"}
)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What is left out: its path relative to the root, and why. ``matters``: it might have been an example."""

    name: str
    reason: str
    matters: bool = False


@dataclass(frozen=True, eq=False)
class Folder:
    """``entries`` are the names of its picture files and its folders, in natural order.

    ``unread``: pictures of kinds that are not read, with the kind. ``others``: names of files that are no pictures.
    ``hidden``: names, and whether it is a folder.
    """

    path: Path
    relative: str
    entries: tuple[str | Folder, ...]
    unread: tuple[tuple[str, str], ...] = ()
    others: tuple[str, ...] = ()
    hidden: tuple[tuple[str, bool], ...] = ()
    skipped: tuple[LeftOut, ...] = field(default=())

    @property
    def name(self) -> str:
        """The folder's own name."""
        return self.path.name

    @cached_property
    def pictures(self) -> tuple[str, ...]:
        """The names of the pictures directly in it."""
        return tuple(entry for entry in self.entries if isinstance(entry, str))

    @cached_property
    def folders(self) -> tuple[Folder, ...]:
        """The folders directly in it."""
        return tuple(entry for entry in self.entries if isinstance(entry, Folder))

    @cached_property
    def total(self) -> int:
        """The number of pictures below it."""
        return len(self.pictures) + sum(folder.total for folder in self.folders)

    @cached_property
    def filled(self) -> tuple[Folder, ...]:
        """The folders directly in it that hold pictures at some depth."""
        return tuple(folder for folder in self.folders if folder.total)

    @cached_property
    def may_be_class(self) -> bool:
        """Whether it holds no picture and may still be meant as a class: it is empty, or its files are of odd kinds."""
        if self.total or self.name.lower() in OF_PROGRAMS:
            return False
        suffixes = {os.path.splitext(name)[1].lower() for folder in self.walk() for name in folder.others}
        unread = any(folder.unread for folder in self.walk())
        is_empty = not suffixes and not says_new(self.name)
        return unread or is_empty or bool(suffixes - NO_PICTURES - {""})

    @cached_property
    def candidates(self) -> tuple[Folder, ...]:
        """The folders in it that are classes, parts or hold such."""
        return tuple(folder for folder in self.folders if folder.total or folder.may_be_class)

    def walk(self) -> Iterator[Folder]:
        """This folder and all below it."""
        yield self
        for folder in self.folders:
            yield from folder.walk()

    def without(self, folders: Sequence[Folder]) -> Folder:
        """The same tree without these ``folders`` of it."""
        kept = (each for each in self.entries if each not in folders)
        entries = tuple(each.without(folders) if isinstance(each, Folder) else each for each in kept)
        return replace(self, entries=entries)

    def files(self) -> Iterator[Path]:
        """The pictures below it in natural order, those of a folder where its name comes."""
        for entry in self.entries:
            if isinstance(entry, Folder):
                yield from entry.files()
            else:
                yield self.path / entry

    def below(self, name: str) -> str:
        """The relative path of something in it."""
        return f"{self.relative}/{name}" if self.relative else name

    def passed_over(self) -> Iterator[LeftOut]:
        """What it contains at any depth that is not an example, whatever the classes are."""
        for folder in self.walk():
            yield from folder.skipped
            yield from _counted(folder, [(name, *_why_hidden(name)) for name, _ in folder.hidden])
            yield from _counted(folder, [(name, advice(kind), True) for name, kind in folder.unread])
            yield from _counted(folder, [(name, unread_words(name, "no picture"), False) for name in folder.others])


def read_tree(root: Path, scans: FolderScans, is_left_out: Callable[[str, str], bool]) -> Folder:
    """The tree below ``root``; what ``is_left_out`` (relative path, name) names is left out.

    A link is followed unless it leads to what is listed anyway. A run of training in it is left out: its pictures are
    results. Raises WorkbenchError with a sentence that names the
    folder which cannot be read.
    """
    return _Reader(root, scans, is_left_out).folder(root, "", ())


class _Reader:
    """Reads one tree; remembers where links have led."""

    def __init__(self, root: Path, scans: FolderScans, is_left_out: Callable[[str, str], bool]) -> None:
        self._root, self._scans, self._is_left_out = root, scans, is_left_out
        self._real = Path(os.path.realpath(root))
        self._linked: set[Path] = set()
        self._count = 0

    def folder(self, path: Path, relative: str, above: tuple[Path, ...], items: Sequence[Item] | None = None) -> Folder:
        """All that lies in ``path``, of which ``items`` are known already. Raises WorkbenchError."""
        self._count += 1
        if self._count > MAX_FOLDERS:
            text = (
                f"{self._root} holds more than {grouped(MAX_FOLDERS)} folders. Open the folder of the data set itself."
            )
            raise WorkbenchError(text, "data.source.folder")
        entries: list[str | Folder] = []
        unread: list[tuple[str, str]] = []
        others: list[str] = []
        hidden: list[tuple[str, bool]] = []
        skipped: list[LeftOut] = []
        for item in items if items is not None else self._items(path):
            name = f"{relative}/{item.name}" if relative else item.name
            if item.name.endswith(CORRECTIONS) and item.is_hidden:
                continue  # the program's own: what it leaves out is said itself
            if item.is_hidden:
                hidden.append((item.name, item.is_folder))
            elif self._is_left_out(name, item.name):
                skipped.append(LeftOut(name, "by the settings"))
            elif item.is_link and (why := self._why_not_followed(path / item.name)):
                skipped.append(LeftOut(name, why, True))
            elif item.is_folder and len(above) >= MAX_DEPTH:
                skipped.append(LeftOut(name, f"more than {MAX_DEPTH} folders deep", True))
            elif item.is_folder:
                inner = self._items(path / item.name)
                if program := _program(inner):
                    skipped.append(LeftOut(name, f"a run of {program}, whose pictures are results"))
                else:
                    entries.append(self.folder(path / item.name, name, (*above, path), inner))
            elif item.suffix in SUFFIXES:
                if item.is_file or item.is_dangling:  # reading a link that leads nowhere will name it
                    entries.append(item.name)
            elif item.is_file:
                kind = self._kind(path, item)
                if is_read(kind):
                    entries.append(item.name)
                elif is_unread_picture(kind):
                    unread.append((item.name, kind))
                else:
                    others.append(item.name)
        parts = (tuple(unread), tuple(others), tuple(hidden), tuple(skipped))
        return Folder(path, relative, tuple(entries), *parts)

    def _kind(self, folder: Path, item: Item) -> str:
        return "" if item.suffix in NO_PICTURES else self._scans.kind(folder / item.name, kind_of)

    def _why_not_followed(self, link: Path) -> str:
        """Why a link is left out; empty if it leads elsewhere, or nowhere."""
        try:
            target = Path(os.path.realpath(link, strict=True))
        except OSError:
            return ""
        if self._real.is_relative_to(target):
            return "a link to a folder that holds it"
        inside = target.relative_to(self._real).parts if target.is_relative_to(self._real) else (".",)
        if not any(part.startswith(".") for part in inside) and not self._is_below_left_out(inside):
            return f"a link to {Path(*inside).as_posix()}, {READ_ALREADY}"
        if target.is_dir() and target in self._linked:
            return f"a link to {target}, which another link leads to"
        self._linked.add(target)
        return ""

    def _is_below_left_out(self, inside: Sequence[str]) -> bool:
        """Whether a folder above the path with the parts ``inside`` is left out."""
        above = (inside[:depth] for depth in range(1, len(inside)))
        return any(self._is_left_out("/".join(parts), parts[-1]) for parts in above)

    def _items(self, folder: Path) -> Sequence[Item]:
        try:
            return sorted(self._scans.items(folder), key=lambda item: natural(item.name))
        except OSError as error:
            if not os.path.isdir(self._root):
                raise gone(self._root) from None
            raise WorkbenchError(f"Cannot read {folder}: {error.strerror or error}.", "data.source.folder") from None


def _program(items: Sequence[Item]) -> str:
    """The program of which a folder with these ``items`` is surely a run of training; empty for any other."""
    program = program_of(
        [item.name for item in items if not item.is_folder], [item.name for item in items if item.is_folder]
    )
    return program.name if program is not None and program.is_sure else ""


def gone(root: Path) -> WorkbenchError:
    """The error of a folder that was there and is there no longer."""
    return WorkbenchError(gone_words(root), "data.source.folder")


def gone_words(root: Path) -> str:
    """The sentence about a folder that was there and is there no longer."""
    return f"The folder {root} is gone. Connect its drive again, or choose where the data is now."


def _why_hidden(name: str) -> tuple[str, bool]:
    """Why a hidden file is left out, and whether it might have been an example."""
    is_away = name.endswith(".icloud")
    return ("in iCloud only, not on this computer" if is_away else HIDDEN), is_away


def _counted(folder: Folder, found: Sequence[tuple[str, str, bool]]) -> Iterator[LeftOut]:
    """Each file that is left out, or for many of one kind their number."""
    kinds = Counter((os.path.splitext(name)[1], reason) for name, reason, _ in found)
    said: set[tuple[str, str]] = set()
    for name, reason, matters in found:
        suffix = os.path.splitext(name)[1]
        if kinds[suffix, reason] <= _NAMED:
            yield LeftOut(folder.below(name), reason, matters)
        elif (suffix, reason) not in said:
            said.add((suffix, reason))
            count = counted(kinds[suffix, reason], "file")
            yield LeftOut(folder.below(f"*{suffix}"), f"{reason} ({count})", matters)
