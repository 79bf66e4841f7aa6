"""Names of numbered classes in a file beside a table: a list, a mapping in JSON, lines of a number and a name."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from workbench.engine.catalog.datasets.understanding import Fact
from workbench.engine.core.text import paths_text
from workbench.engine.pictures.folder_scans import FolderScans
from workbench.engine.pictures.part_names import words_of

#: Words in the names of such files, and their endings.
_WORDS: Final = frozenset({"class", "classes", "label", "labels", "labelmap", "category", "categories", "names"})
_SUFFIXES: Final = frozenset({".json", ".txt", ".csv", ".tsv", ".names"})
#: A larger file is no list of names.
_MOST: Final = 1_000_000
_NUMBER_FIRST: Final = re.compile(r"[\"']?(\d+)[\"']?\s*[,;:=\t ]\s*[\"']?(.*?\S)[\"']?\s*\Z")
_NUMBER_LAST: Final = re.compile(r"[\"']?(.*?\S)[\"']?\s*[,;:=\t ]\s*[\"']?(\d+)[\"']?\s*\Z")
_NAMED: Final = 4


def names_fact(table: Path, labels: Collection[str], scans: FolderScans) -> tuple[Fact, ...]:
    """A fact that names the file beside ``table`` that has a name for each of its numbered ``labels``; none without."""
    numbers = set(labels)
    if not numbers or not all(each.isdecimal() for each in numbers):
        return ()
    for item in scans.items(table.parent):
        file = table.parent / item.name
        if item.is_file and file != table and item.suffix in _SUFFIXES and _WORDS & set(words_of(file.stem)):
            names = _names(file, {int(each) for each in numbers})
            if names:
                said = paths_text([f"{number} {names[number]}" for number in sorted(names)], _NAMED)
                text = f"The classes are called by their numbers. {file.name} may have their names ({said})"
                return (Fact("classes", f"{text}: to see these, write them into the column."),)
    return ()


def _names(file: Path, numbers: Collection[int]) -> Mapping[int, str]:
    """The name of each of ``numbers`` by ``file``; nothing if it does not name each of them otherwise."""
    found: Mapping[int, str] = {}
    with suppress(OSError, ValueError, RecursionError):
        if file.stat().st_size <= _MOST:
            text = file.read_text("utf-8-sig")
            found = _of_json(json.loads(text)) if file.suffix.lower() == ".json" else _of_lines(text)
    named = {number: found[number] for number in numbers if found.get(number)}
    return named if len(named) == len(numbers) == len(set(named.values())) else {}


def _of_json(found: Any) -> Mapping[int, str]:
    if isinstance(found, list) and all(isinstance(each, str) for each in found):
        return dict(enumerate(found))
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
    return dict(enumerate(lines))
