"""Names of numbered classes in a file beside a table: a list, a mapping in JSON, lines of a number and a name."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from workbench.engine.catalog.datasets.understanding import Fact
from workbench.engine.core.text import paths_text
from workbench.engine.pictures.folder_scans import FolderScans
from workbench.engine.pictures.part_names import words_of

#: Words in the names of such files, and their endings.
_WORDS: Final = frozenset(
    {"class", "classes", "label", "labels", "labelmap", "category", "categories", "names", "name"}
    | {"synset", "synsets"}
)
_SUFFIXES: Final = frozenset({".json", ".txt", ".csv", ".tsv", ".names"})
#: A larger file is no list of names.
_MOST: Final = 1_000_000
_NUMBER_FIRST: Final = re.compile(r"[\"']?(\d+)[\"']?\s*[,;:=\t ]\s*[\"']?(.*?\S)[\"']?\s*\Z")
_NUMBER_LAST: Final = re.compile(r"[\"']?(.*?\S)[\"']?\s*[,;:=\t ]\s*[\"']?(\d+)[\"']?\s*\Z")
_NAMED: Final = 4
_BY_NUMBERS: Final = "The classes are called by their numbers."
_INTO_COLUMN: Final = "write them into the column"


class _Listed(dict[int, str]):
    """Names in the order of a list that does not number them."""


def names_fact(table: Path, labels: Collection[str], scans: FolderScans, way: str = _INTO_COLUMN) -> tuple[Fact, ...]:
    """A fact that names the file beside ``table`` that has a name for each of its numbered ``labels``; none without.

    ``way``: how the names are made those of the classes.
    """
    if not labels or not all(each.isdecimal() for each in labels):
        return ()
    items = (table.parent / item.name for item in scans.items(table.parent) if item.is_file)
    files, numbers = [file for file in items if file != table], {int(each) for each in labels}
    if said := open_count(files, numbers):
        return (Fact("classes", f"{_BY_NUMBERS} {said}"),)
    found = names_in(files, numbers)
    if found is None:
        return ()
    text = f"{_BY_NUMBERS} {found[0].name} may have their names ({shown(found[1])})"
    return (Fact("classes", f"{text}: to see these, {way}."),)


def open_count(files: Iterable[Path], numbers: Collection[int]) -> str:
    """A sentence on the first of ``files`` that lists more names than ``numbers`` above 0 count to, without
    saying whether the first name is that of 0 or of 1; empty without such."""
    for file in filter(_is_called_so, files):
        names = _read(file)
        if isinstance(names, _Listed) and min(numbers) >= 1 and max(numbers) < len(names):
            ways = (shown({number: names[number - first] for number in numbers}) for first in (0, 1))
            from_0, from_1 = ways
            return (
                f"{file.name} has {len(names)} names and does not say whether it counts from 0 ({from_0}) or from 1 "
                f"({from_1}), so it is not used."
            )
    return ""


def names_in(
    files: Iterable[Path], numbers: Collection[int], are_all: bool = False
) -> tuple[Path, Mapping[int, str]] | None:
    """The first of ``files`` that is called as a list of names and has one for each of ``numbers``; None without.

    A list without numbers begins with the name of 0, or with that of 1 where ``numbers`` above 0 go to that of
    its names. ``are_all``: it has to have as many names as there are ``numbers``.
    """
    for file in filter(_is_called_so, files):
        if names := _names(file, numbers, are_all):
            return file, names
    return None


def _is_called_so(file: Path) -> bool:
    return file.suffix.lower() in _SUFFIXES and bool(_WORDS & set(words_of(file.stem)))


def shown(names: Mapping[int, str]) -> str:
    """The numbers with their names, in a sentence."""
    return paths_text([f"{number} {names[number]}" for number in sorted(names)], _NAMED)


def _names(file: Path, numbers: Collection[int], are_all: bool) -> Mapping[int, str]:
    """The name of each of ``numbers`` by ``file``; nothing if it does not name each of them otherwise."""
    found = _read(file)
    if isinstance(found, _Listed):
        is_from_1 = min(numbers) >= 1 and max(numbers) == len(found)
        fits = len(found) == len(numbers) or not are_all
        found = {number + is_from_1: name for number, name in found.items()} if fits else {}
    named = {number: found[number] for number in numbers if found.get(number)}
    return named if len(named) == len(numbers) == len(set(named.values())) else {}


def _read(file: Path) -> Mapping[int, str]:
    """The names in ``file``; nothing if it is too large or holds something else."""
    with suppress(OSError, ValueError, RecursionError):
        if file.stat().st_size <= _MOST:
            text = file.read_text("utf-8-sig")
            return _of_json(json.loads(text)) if file.suffix.lower() == ".json" else _of_lines(text)
    return {}


def _of_json(found: Any) -> Mapping[int, str]:
    if isinstance(found, list) and all(isinstance(each, str) for each in found):
        return _Listed(enumerate(found))
    if not isinstance(found, dict):
        return {}
    if all(key.isdecimal() and isinstance(name, str) for key, name in found.items()):
        return {int(key): name for key, name in found.items()}
    is_turned = all(isinstance(number, int) for number in found.values()) and len(set(found.values())) == len(found)
    return {number: name for name, number in found.items()} if is_turned else {}


def _of_lines(text: str) -> Mapping[int, str]:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    for pattern, number, name in ((_NUMBER_FIRST, 1, 2), (_NUMBER_LAST, 2, 1)):
        found = [match for line in lines if (match := pattern.match(line))]
        if len(found) >= max(2, len(lines) - 1):  # the first may be a header
            numbers = [int(match[number]) for match in found]  # several of a number are pictures and their classes
            return {int(match[number]): match[name] for match in found} if len(set(numbers)) == len(numbers) else {}
    return _Listed(enumerate(lines))
