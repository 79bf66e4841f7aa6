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
)
_SUFFIXES: Final = frozenset({".json", ".txt", ".csv", ".tsv", ".names"})
#: A larger file is no list of names.
_MOST: Final = 1_000_000
_NUMBER_FIRST: Final = re.compile(r"[\"']?(\d+)[\"']?\s*[,;:=\t ]\s*[\"']?(.*?\S)[\"']?\s*\Z")
_NUMBER_LAST: Final = re.compile(r"[\"']?(.*?\S)[\"']?\s*[,;:=\t ]\s*[\"']?(\d+)[\"']?\s*\Z")
_NAMED: Final = 4


class _Listed(dict[int, str]):
    """Names in the order of a list that does not number them."""


def names_fact(table: Path, labels: Collection[str], scans: FolderScans) -> tuple[Fact, ...]:
    """A fact that names the file beside ``table`` that has a name for each of its numbered ``labels``; none without."""
    numbers = set(labels)
    if not numbers or not all(each.isdecimal() for each in numbers):
        return ()
    files = (table.parent / item.name for item in scans.items(table.parent) if item.is_file)
    found = names_in([file for file in files if file != table], {int(each) for each in numbers})
    if found is None:
        return ()
    text = f"The classes are called by their numbers. {found[0].name} may have their names ({shown(found[1])})"
    return (Fact("classes", f"{text}: to see these, write them into the column."),)


def names_in(
    files: Iterable[Path], numbers: Collection[int], are_all: bool = False
) -> tuple[Path, Mapping[int, str]] | None:
    """The first of ``files`` that is called as a list of names and has one for each of ``numbers``; None without.

    ``are_all``: a list without numbers has to have as many names, and may begin with that of 1.
    """
    for file in files:
        is_called_so = file.suffix.lower() in _SUFFIXES and bool(_WORDS & set(words_of(file.stem)))
        if is_called_so and (names := _names(file, numbers, are_all)):
            return file, names
    return None


def shown(names: Mapping[int, str]) -> str:
    """The numbers with their names, in a sentence."""
    return paths_text([f"{number} {names[number]}" for number in sorted(names)], _NAMED)


def _names(file: Path, numbers: Collection[int], are_all: bool) -> Mapping[int, str]:
    """The name of each of ``numbers`` by ``file``; nothing if it does not name each of them otherwise."""
    found: Mapping[int, str] = {}
    with suppress(OSError, ValueError, RecursionError):
        if file.stat().st_size <= _MOST:
            text = file.read_text("utf-8-sig")
            found = _of_json(json.loads(text)) if file.suffix.lower() == ".json" else _of_lines(text)
            if are_all and isinstance(found, _Listed):
                first = min(numbers) if min(numbers) in (0, 1) else 0
                found = {number + first: name for number, name in found.items()} if len(found) == len(numbers) else {}
    named = {number: found[number] for number in numbers if found.get(number)}
    return named if len(named) == len(numbers) == len(set(named.values())) else {}


def _of_json(found: Any) -> Mapping[int, str]:
    if isinstance(found, list) and all(isinstance(each, str) for each in found):
        return _Listed(enumerate(found))
    if not isinstance(found, dict):
        return {}
    if all(key.isdecimal() and isinstance(name, str) for key, name in found.items()):
        return {int(key): name for key, name in found.items()}
    is_turned = all(isinstance(number, int) for number in found.values())
    return {number: name for name, number in found.items()} if is_turned else {}


def _of_lines(text: str) -> Mapping[int, str]:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    for pattern, number, name in ((_NUMBER_FIRST, 1, 2), (_NUMBER_LAST, 2, 1)):
        found = [match for line in lines if (match := pattern.match(line))]
        if len(found) >= max(2, len(lines) - 1):  # the first may be a header
            return {int(match[number]): match[name] for match in found}
    return _Listed(enumerate(lines))
