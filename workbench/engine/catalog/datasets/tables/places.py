"""The files that the paths of a table mean, also where they were written on another computer.

A path is taken as it stands if its file is there, else with the same letters in another form (Unicode, case) or with a
suffix added. Only if no row is found so, the files below the table's folder are searched for the ends of the paths.
"""

from __future__ import annotations

import os
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import Final
from urllib.parse import unquote, urlsplit

from workbench.engine.catalog.datasets.tables.candidates import (
    below_one,
    chosen,
    deciding,
    hinted,
    longest,
    same,
    with_all,
)
from workbench.engine.catalog.datasets.tables.neighbours import is_called, strange_folder
from workbench.engine.catalog.datasets.tables.numbered import are_numbers, by_number
from workbench.engine.catalog.datasets.tables.other_ends import by_other_ends
from workbench.engine.catalog.datasets.tables.table_error import refuse
from workbench.engine.catalog.datasets.tables.unread_pictures import refuse_unread
from workbench.engine.core.text import grouped, paths_text
from workbench.engine.pictures.folder_scans import FolderScans
from workbench.engine.pictures.picture_kinds import SUFFIXES

_ADDRESS: Final = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]+://")
_DRIVE: Final = re.compile(r"[a-zA-Z]:[\\/]")
_QUOTES: Final = "\"'“”„‘’` \t"
#: The search looks so deep and at no more files than these.
_DEPTH, _MOST = 6, 500_000


@dataclass(frozen=True, slots=True)
class Found:
    """The file of each row (where the path points to if it is missing), and what had to be done to find them.

    ``folders`` are those among which the paths do not decide; then the files are those below the first. ``beside``: the
    folder that they are in, where it lies outside the table's own and the names alone do not say that it is meant.
    """

    files: tuple[Path, ...]
    missing: int = 0
    notes: tuple[str, ...] = ()
    folders: tuple[Path, ...] = ()
    beside: Path | None = None


def found_files(
    table: Path, paths: Sequence[str], hints: Sequence[frozenset[str]], base: Path, scans: FolderScans
) -> Found:
    """The files that ``paths`` mean, relative to ``base``. ``hints``: words (class, part) that a row's folder may have.

    Of a web address its path counts, below ``base`` alone. Raises WorkbenchError for addresses of which no picture is
    there.
    """
    cleaned = [_cleaned(path, row, table) for row, path in enumerate(paths)]
    places = _Places(scans)
    direct = [places.file(base, path) for path in cleaned]
    if None in direct and are_numbers(cleaned):
        if numbered := _Search(table, base, scans).numbered(cleaned):
            return numbered
        refuse_unread(table, cleaned, base, scans)
        if searched := _Search(table, base, scans).found(cleaned, hints):
            return searched
        for search in (_Search(table, folder, scans) for folder in _beside(table, base)):
            if numbered := search.numbered(cleaned):
                return replace(numbered, beside=search.strange(cleaned, numbered))
    if any(direct):
        _refuse_addresses(table, [path for path, file in zip(paths, direct, strict=True) if file is None], paths, base)
        files = tuple(file or _joined(base, path) for file, path in zip(direct, cleaned, strict=True))
        return Found(files, direct.count(None), places.notes)
    if searched := _Search(table, base, scans).found(cleaned, hints):
        return searched
    _refuse_addresses(table, paths, paths, base)
    if searched := _Search(table, base, scans).renamed(cleaned, hints):
        return searched
    refuse_unread(table, cleaned, base, scans)
    for search in (_Search(table, folder, scans) for folder in _beside(table, base)):
        if searched := search.found(cleaned, hints):
            return replace(searched, beside=search.strange(cleaned, searched))
        if searched := search.renamed(cleaned, hints):
            return searched
    return Found(tuple(_joined(base, path) for path in cleaned), len(cleaned))


def _beside(table: Path, base: Path) -> Iterator[Path]:
    """The folder above that of the table, if its pictures may be beside it: ``data/labels.csv``, ``images``."""
    above = table.parent.parent
    if base == table.parent and above not in (base, Path.home(), Path(above.anchor)) and not os.path.ismount(above):
        yield above


def _refuse_addresses(table: Path, missing: Sequence[str], paths: Sequence[str], base: Path) -> None:
    """Raise WorkbenchError if one of the ``missing`` among ``paths`` is on another machine."""
    path = next(filter(is_web_address, missing), None)
    if path is not None:
        what = f"has a web address in its row {grouped(paths.index(path) + 1)}, {path!r}"
        refuse(table, f"{what}, and no picture of that name is below {base}; fetch the pictures and give their paths")


def are_there(table: Path, paths: Sequence[str], base: Path, scans: FolderScans) -> bool:
    """Whether some of ``paths`` lead to a file as written, relative to ``base``; web addresses do not."""
    places = _Places(scans)
    local = [path for path in paths if not is_address(path)]
    return any(places.file(base, _cleaned(path, row, table)) for row, path in enumerate(local))


def pictures_below(base: Path, scans: FolderScans) -> Iterator[PurePosixPath]:
    """The pictures below ``base``, relative to it, as far as they are searched for."""
    return islice(_Search(base, base, scans).pictures(base, PurePosixPath(), 0), _MOST)


def has_picture_suffix(path: str) -> bool:
    """Whether ``path`` ends as a picture file."""
    return os.path.splitext(path.strip(_QUOTES))[1].lower() in SUFFIXES


def is_address(text: str) -> bool:
    """Whether ``text`` is a web address or a ``file://`` address."""
    return bool(_ADDRESS.match(text.strip(_QUOTES)))


def is_web_address(text: str) -> bool:
    """Whether ``text`` is an address of another machine."""
    return is_address(text) and not text.strip(_QUOTES).lower().startswith("file:")


def _cleaned(text: str, row: int, table: Path) -> str:
    """The path in ``text`` with ``/`` between its parts: quotes and ``file://`` taken off, ``~`` resolved."""
    path = text.strip(_QUOTES) or text
    if path.lower().startswith("file:"):
        path = unquote(urlsplit(path).path)
        path = path.removeprefix("/") if _DRIVE.match(path.removeprefix("/")) else path
    elif _ADDRESS.match(path):
        path = unquote(urlsplit(path).path).lstrip("/")
    if os.sep == "/" and "\\" in path and (_DRIVE.match(path) or not (table.parent / path).exists()):
        path = path.replace("\\", "/")
    try:
        return os.fspath(Path(path).expanduser()) if path.startswith("~") else path
    except RuntimeError:
        return path


def _joined(base: Path, path: str) -> Path:
    """Below ``base``, ``..`` resolved. Links stay: they name the picture."""
    return Path(os.path.normpath(base / path))


class _Names:
    """The names in one folder, and those that are alike."""

    def __init__(self, files: set[str], folders: set[str]) -> None:
        self.files, self.folders = files, folders
        self._alike: dict[str, list[str]] = defaultdict(list)
        self._stems: dict[str, list[str]] = defaultdict(list)
        for name in files | folders:
            self._alike[same(name)].append(name)
        for name in files:
            stem, suffix = os.path.splitext(name)
            if suffix.lower() in SUFFIXES:
                self._stems[same(stem)].append(name)

    def alike(self, name: str, among: set[str]) -> str | None:
        """The one name that is equal but for form or case."""
        found = [each for each in self._alike.get(same(name), ()) if each in among]
        return found[0] if len(found) == 1 else None

    def completed(self, stem: str) -> str | None:
        """The one picture that is called ``stem`` but for its suffix."""
        found = self._stems.get(same(stem), ())
        return found[0] if len(found) == 1 else None


_NOTHING: Final = _Names(set(), set())


@dataclass
class _Places:
    """Looks for files as they are named; ``_how`` counts what else had to be done."""

    scans: FolderScans
    _folders: dict[Path, tuple[Path | None, _Names]] = field(default_factory=dict)
    _known: dict[str, tuple[Path | None, _Names]] = field(default_factory=dict)
    _how: Counter[str] = field(default_factory=Counter)

    def file(self, base: Path, path: str) -> Path | None:
        """The file that ``path``, relative to ``base``, means; None if there is none."""
        above, name = os.path.split(os.path.normpath(os.path.join(base, path)))  # texts: a table has very many
        folder, names = self._known.get(above) or self._known.setdefault(above, self._folder(Path(above)))
        if folder is None:
            return None
        if name in names.files:
            return folder / name
        alike = names.alike(name, names.files)
        found = alike or ("" if has_picture_suffix(name) else names.completed(name))
        if not found:
            return None
        self._count(name, found, bool(alike))
        return folder / found

    def _count(self, name: str, found: str, is_alike: bool) -> None:
        if not is_alike:
            self._how["without their suffix"] += 1
        elif unicodedata.normalize("NFC", name) == unicodedata.normalize("NFC", found):
            self._how["in another Unicode form of the same letters"] += 1
        else:
            self._how["in other upper and lower case"] += 1

    def _folder(self, folder: Path) -> tuple[Path | None, _Names]:
        if folder not in self._folders:
            self._folders[folder] = self._looked_at(folder)
        return self._folders[folder]

    def _looked_at(self, folder: Path) -> tuple[Path | None, _Names]:
        """The folder as it is called on the disk, and what is in it."""
        try:
            items = self.scans.items(folder)
        except (OSError, ValueError):
            return self._renamed(folder)
        files = {item.name for item in items if not item.is_folder}
        return folder, _Names(files, {item.name for item in items if item.is_folder})

    def _renamed(self, folder: Path) -> tuple[Path | None, _Names]:
        above, names = self._folder(folder.parent) if folder.parent != folder else (None, _NOTHING)
        alike = names.alike(folder.name, names.folders) if above is not None else None
        if above is None or alike is None or above / alike == folder:
            return None, _NOTHING
        if alike != folder.name:
            self._count(folder.name, alike, True)
        return self._looked_at(above / alike)

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences on names that are written otherwise in the table than on the disk."""
        if not self._how:
            return ()
        return (f"The table has names of files or folders {' and '.join(self._how)}; the files were found.",)


@dataclass(frozen=True)
class _Search:
    """Searches the pictures below ``base`` for the ends of paths whose beginnings are not there."""

    table: Path
    base: Path
    scans: FolderScans

    def found(self, paths: Sequence[str], hints: Sequence[frozenset[str]]) -> Found | None:
        """None if most rows have no file whose end is that of the path, or two rows have the same."""
        index = self._index(any(not has_picture_suffix(path) for path in paths))
        if not index:
            return None
        candidates = below_one(self._called([longest(path, index) for path in paths]), hints, self.table.stem)
        matched = self._decided(candidates, hints)
        there = [file for file in matched if file is not None]
        if 2 * len(there) < len(paths) or len(set(there)) < len(set(paths) & set(_matched(paths, matched))):
            return None
        files = tuple(
            self.base / file if file is not None else _joined(self.base, path)
            for file, path in zip(matched, paths, strict=True)
        )
        folders = self._undecided(candidates, hints)
        note = self._note(paths, matched)
        return Found(files, len(paths) - len(there), (note,), folders)

    def renamed(self, paths: Sequence[str], hints: Sequence[frozenset[str]]) -> Found | None:
        """The pictures whose names extend those of ``paths`` by one common prefix or suffix."""
        others = by_other_ends(paths, islice(self.pictures(self.base, PurePosixPath(), 0), _MOST))
        found = self.found(others, hints) if others is not None else None
        if found is None:
            return None
        file = found.files[0].relative_to(self.base).as_posix()
        note = f"The pictures have other names than in {self.table.name}, all in one way: {paths[0]} is {file}."
        return replace(found, notes=(note,))

    def _called(self, candidates: Sequence[Sequence[PurePosixPath]]) -> Sequence[Sequence[PurePosixPath]]:
        """The ``candidates`` in the one folder that the table is named after, if every row's picture is there: words in
        the names of other folders say nothing then."""
        own = [folder for folder in with_all(candidates) if is_called(folder, same(self.table.stem))]
        if len(own) != 1:
            return candidates
        return [[path for path in each if path.parent == own[0]] for each in candidates]

    def strange(self, paths: Sequence[str], found: Found) -> Path | None:
        """The folder of the pictures ``found`` if it may be another set's."""
        pictures = islice(self.pictures(self.base, PurePosixPath(), 0), _MOST)
        return None if found.folders else strange_folder(self.table, self.base, paths, found.files, list(pictures))

    def numbered(self, paths: Sequence[str]) -> Found | None:
        """The pictures with the numbers that ``paths`` are; None if no folder has them all."""
        fitting = by_number(paths, self.pictures(self.base, PurePosixPath(), 0))
        called = [each for each in fitting if is_called(next(iter(each.values())).parent, same(self.table.stem))]
        fitting = called if len(called) == 1 else fitting
        if not fitting:
            return None
        files = tuple(self.base / fitting[0][int(path)] for path in paths)
        folders = tuple(self.base / next(iter(each.values())).parent for each in fitting)
        first = f"{paths[0]} in {self.table.name} is {files[0].relative_to(self.base).as_posix()}"
        note = f"The pictures were found by the numbers in their names: {first}."
        return Found(files, 0, (note,), folders if len(set(folders)) > 1 else ())

    def _index(self, with_stems: bool) -> Mapping[str, list[PurePosixPath]]:
        """The pictures below the folder by their names, and by these without suffix."""
        index: dict[str, list[PurePosixPath]] = defaultdict(list)
        for count, path in enumerate(self.pictures(self.base, PurePosixPath(), 0)):
            if count >= _MOST:
                break
            index[same(path.name)].append(path)
            if with_stems:
                index[same(path.stem)].append(path)
        return index

    def pictures(self, folder: Path, relative: PurePosixPath, depth: int) -> Iterator[PurePosixPath]:
        """The pictures below ``folder``, which is ``depth`` levels below the base, by their paths from there."""
        try:
            items = self.scans.items(folder)
        except OSError:
            return
        for item in items:
            if item.is_folder and not item.is_hidden and depth < _DEPTH:
                yield from self.pictures(folder / item.name, relative / item.name, depth + 1)
            elif item.is_file and not item.is_hidden and item.suffix in SUFFIXES:
                yield relative / item.name

    def _decided(
        self, candidates: Sequence[Sequence[PurePosixPath]], hints: Sequence[frozenset[str]]
    ) -> list[PurePosixPath | None]:
        folders = self._ranked(candidates, hints)
        first = folders[0] if folders else None
        return [chosen(each, words, first) for each, words in zip(candidates, hints, strict=True)]

    def _ranked(
        self, candidates: Sequence[Sequence[PurePosixPath]], hints: Sequence[frozenset[str]]
    ) -> list[PurePosixPath]:
        """Folders of rows that the hints do not decide: first one called as the table, then one that has every row's
        picture, then the fullest.
        """
        open_rows = [each for each, words in zip(candidates, hints, strict=True) if len(hinted(each, words)) > 1]
        counts = Counter(path.parent for each in open_rows for path in each)
        called, whole = same(self.table.stem), with_all(candidates)
        return sorted(counts, key=lambda f: (not is_called(f, called), f not in whole, -counts[f], str(f)))

    def _undecided(
        self, candidates: Sequence[Sequence[PurePosixPath]], hints: Sequence[frozenset[str]]
    ) -> tuple[Path, ...]:
        folders = self._ranked(candidates, hints)
        called = [folder for folder in folders if is_called(folder, same(self.table.stem))]
        called = called or with_all(candidates)
        if len(called) == 1 or len(folders) < 2:
            return ()
        return tuple(self.base / folder for folder in deciding(candidates) or folders)

    def _note(self, paths: Sequence[str], matched: Sequence[PurePosixPath | None]) -> str:
        row, file = next((row, file) for row, file in enumerate(matched) if file is not None)
        where = Counter(str(file.parent) for file in matched if file is not None)
        said = paths_text([name if name != "." else "the table's own folder" for name, _ in where.most_common()], 3)
        found = f"{grouped(where.total())} of {grouped(len(paths))} pictures were found by their names, in {said}"
        return f"{found}: {paths[row]} in {self.table.name} is {file}."


def _matched(paths: Sequence[str], matched: Sequence[PurePosixPath | None]) -> list[str]:
    return [path for path, file in zip(paths, matched, strict=True) if file is not None]
