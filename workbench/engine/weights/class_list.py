"""Files that name the outputs of a network: lists, tables of name and number, settings; those beside its weights."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from workbench.engine.core.errors import WorkbenchError
from workbench.engine.weights.stated import Names, stated_in

#: What people and frameworks call the list of classes that they put beside weights.
_STEMS: Final = (
    *("class_indices", "class_to_idx", "class_to_index", "idx_to_class", "index_to_name", "class_names", "classnames"),
    *("classes", "class_labels", "class_map", "labels", "label_names", "labelmap", "label_map", "label_mapping"),
    *("id2label", "idx2label", "names", "categories", "obj", "data", "config"),
)
_SUFFIXES: Final = (".json", ".txt", ".names", ".yaml", ".yml")
#: Such files hold settings, in which the names are only one.
_SETTINGS: Final = frozenset({"data", "config"})
#: A list of class names is short; a larger file is something else.
_MOST_BYTES: Final = 4 * 2**20
_NUMBERED: Final = re.compile(r"\s*(\d+)\s*[\s:,;=]\s*(\S.*)")
#: What transformers writes for a class that was not named.
_PLACEHOLDER: Final = re.compile(r"LABEL_\d+")
_NAMES_OF_YAML: Final = re.compile(r"^(?:names|classes|class_names|labels)\s*:[ \t]*(.*(?:\n[ \t-].*)*)", re.MULTILINE)


def names_in(path: Path, or_else: str = "Choose a text file of names.") -> tuple[str, ...]:
    """Class names in the order of the outputs: a name a line (with or without its number from 0 on), a JSON list, a
    JSON or YAML table of name and number, or settings that hold one.

    Raises WorkbenchError, also where the file names the same number of outputs in two ways; ``or_else`` says what else
    can be given where there is no such file.
    """
    first, *others = _all_in(path, or_else)
    other = next((each for each in others if _contradict(first, each)), None)
    if other is not None:
        text = f"{path} names the classes differently in “{first.key}” and “{other.key}”."
        raise WorkbenchError(f"{text} Correct it, or give a text file, one name a line.")
    return first.names


def lists_beside(weights: Path) -> Iterator[Names]:
    """The lists of classes in the folder of ``weights``, by the names that such files have; other files are passed.

    A file that names the same number of outputs in two ways gives both.
    """
    for stem in _STEMS:
        for suffix in _SUFFIXES:
            path = weights.parent / f"{stem}{suffix}"
            if path.is_file() and not (stem in _SETTINGS and suffix in (".txt", ".names")):
                with suppress(WorkbenchError):
                    yield from _said_by(path)


def _said_by(path: Path) -> Iterator[Names]:
    """The first list in ``path``, and with it those that contradict it."""
    first, *others = _all_in(path)
    wrong = [each for each in others if _contradict(first, each)]
    for each in (first, *wrong):
        yield Names(each.names, f"{path.name}: {each.key}" if wrong else path.name, beside=True)


def _contradict(one: Names, other: Names) -> bool:
    return one.names != other.names and len(one.names) == len(other.names)


def _all_in(path: Path, or_else: str = "") -> list[Names]:
    """The lists in ``path``, at least one, the surest first. Raises WorkbenchError."""
    try:
        if path.is_file() and path.stat().st_size > _MOST_BYTES:
            raise WorkbenchError(f"{path} is too large for a list of class names. Give a text file, one name a line.")
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise WorkbenchError(f"Cannot read {path}: {error.strerror or error}. {or_else}") from None
    except UnicodeDecodeError:
        raise WorkbenchError(f"{path} is no text file. Give the class names one a line, in UTF-8.") from None
    found = _parsed(path, text)
    names = found[0].names
    if len(set(names)) != len(names) or not names:
        what = "names a class twice" if names else "names no class"
        raise WorkbenchError(f"{path} {what}. Give one name a line, in the order of the network's outputs.")
    return found


def _parsed(path: Path, text: str) -> list[Names]:
    if path.suffix.lower() in (".yaml", ".yml"):
        text = "\n".join(_lines_of_yaml(text))
    if not text.lstrip().startswith(("[", "{")):
        return [Names(_listed([line.strip() for line in text.splitlines() if line.strip()]), path.name)]
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        raise WorkbenchError(f"{path} is no readable JSON. Give the class names one a line.") from None
    found = stated_in({"names": value}).classes or stated_in(value).classes
    if named := [each for each in found if not all(map(_PLACEHOLDER.fullmatch, each.names))] or list(found):
        return named
    if not isinstance(value, (list, tuple)) or not all(isinstance(name, str) for name in value):
        raise WorkbenchError(f"{path} holds no list of class names, nor a table of names and numbers from 0 on.")
    return [Names(tuple(value), path.name)]


def _listed(lines: list[str]) -> tuple[str, ...]:
    """A name in each line, where all have a number by these numbers from 0 on."""
    numbered = [found.groups() for line in lines if (found := _NUMBERED.fullmatch(line))]
    if len(numbered) == len(lines) and sorted(int(number) for number, _ in numbered) == list(range(len(lines))):
        return tuple(name for _, name in sorted(numbered, key=lambda pair: int(pair[0])))
    return tuple(lines)


def _lines_of_yaml(text: str) -> list[str]:
    """The names in YAML as Ultralytics writes it: ``names:`` with a list, in brackets or not, or a table by number."""
    found = _NAMES_OF_YAML.search(text)
    inside = found[1] if found else ""
    items = inside.strip().strip("[]{}").split(",") if inside.lstrip()[:1] in ("[", "{") else inside.splitlines()
    return [item.strip().removeprefix("- ").strip(" \t\"'").replace('"', "").replace("'", "") for item in items]
