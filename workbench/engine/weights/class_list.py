"""Files that name the outputs of a network: lists, tables of name and number, settings; those beside its weights."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
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
_NAMES_OF_YAML: Final = re.compile(r"^(?:names|classes|class_names|labels)\s*:[ \t]*(.*(?:\n[ \t-].*)*)", re.MULTILINE)


def names_in(path: Path, or_else: str = "Choose a text file of names.") -> tuple[str, ...]:
    """Class names in the order of the outputs: a name a line (with or without its number from 0 on), a JSON list, a
    JSON or YAML table of name and number, or settings that hold one.

    Raises WorkbenchError; ``or_else`` says what else can be given where there is no such file.
    """
    try:
        if path.is_file() and path.stat().st_size > _MOST_BYTES:
            raise WorkbenchError(f"{path} is too large for a list of class names. Give a text file, one name a line.")
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise WorkbenchError(f"Cannot read {path}: {error.strerror or error}. {or_else}") from None
    except UnicodeDecodeError:
        raise WorkbenchError(f"{path} is no text file. Give the class names one a line, in UTF-8.") from None
    names = _parsed(path, text)
    if len(set(names)) != len(names) or not names:
        what = "names a class twice" if names else "names no class"
        raise WorkbenchError(f"{path} {what}. Give one name a line, in the order of the network's outputs.")
    return names


def lists_beside(weights: Path) -> Iterator[Names]:
    """The lists of classes in the folder of ``weights``, by the names that such files have; other files are passed."""
    for stem in _STEMS:
        for suffix in _SUFFIXES:
            path = weights.parent / f"{stem}{suffix}"
            if path.is_file() and not (stem in _SETTINGS and suffix in (".txt", ".names")):
                try:
                    yield Names(names_in(path), path.name, beside=True)
                except WorkbenchError:
                    continue


def _parsed(path: Path, text: str) -> tuple[str, ...]:
    if path.suffix.lower() in (".yaml", ".yml"):
        text = "\n".join(_lines_of_yaml(text))
    if not text.lstrip().startswith(("[", "{")):
        return _listed([line.strip() for line in text.splitlines() if line.strip()])
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        raise WorkbenchError(f"{path} is no readable JSON. Give the class names one a line.") from None
    found = stated_in({"names": value}).classes or stated_in(value).classes
    names = found[0].names if found else value
    if not isinstance(names, (list, tuple)) or not all(isinstance(name, str) for name in names):
        raise WorkbenchError(f"{path} holds no list of class names, nor a table of names and numbers from 0 on.")
    return tuple(names)


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
