"""Classes in the names of files: the text before the number in ``cat.12.jpg``, or behind it in ``0012_cat.jpg``, or
a number behind it in ``0012_3.jpg``."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import takewhile
from pathlib import Path
from typing import Final

from workbench.engine.catalog.datasets.folders.aside_names import is_no_class
from workbench.engine.catalog.datasets.folders.choices import Level
from workbench.engine.core.text import paths_text
from workbench.engine.pictures.class_folders import natural

#: How names are read at each level of classes in names.
_NAMED: Final[dict[Level, re.Pattern[str]]] = {
    "file_names": re.compile(r"(.*[^\W\d_])[\s._-]*[(\[]?\d+[)\]]?\Z"),
    "name_ends": re.compile(r".*\d[\s._-]*[\s._(\[-]([^\W\d_](?:[^\d)\]]*[^\W\d_])?)[)\]]?\Z"),
    "name_numbers": re.compile(
        r".*\d[\s_-]+(?:(?:labels?|lbl|class|cls|category|target|grade|y)[\s_-]*)?(\d{1,4})\Z", re.IGNORECASE
    ),
    "name_words": re.compile(r"\D*\d+[\s._-]+([^\W\d_]+)[\s._-].*\Z"),
}
#: The levels at which the names of files say the classes.
BY_NAMES: Final = tuple(_NAMED)
#: Those that are found unasked.
_FOUND: Final = BY_NAMES[:3]
#: Maximum number of different words; with more of them the words are unlikely to be classes.
_MOST_NAMES: Final = 50
#: Such names come from cameras and programs.
_OF_CAMERAS: Final = frozenset({"img", "dsc", "dscn", "dscf", "pxl", "image", "photo", "frame", "screenshot", "pic"})
#: What programs put behind the number of a picture, and what says which file of a pair it is.
_BEHIND: Final = _OF_CAMERAS | frozenset(
    {"edited", "bearbeitet", "burst", "cover", "hdr", "pano", "scaled", "resized", "cropped", "aug", "copy"}
    | {"mask", "masks", "seg", "gt", "label", "labels", "depth", "rgb", "heatmap", "overlay"}
)


def name_in_file(file: Path, level: Level) -> str:
    """The text before the number at the end of the file's name, or behind it; empty if there is none."""
    found = _NAMED[level].match(file.stem)
    return found[1] if found else ""


def names_in_files(files: Sequence[Path], level: Level = "file_names") -> list[str]:
    """The classes that nearly all ``files`` have in their names at this ``level``, sorted; empty if they say none."""
    names = Counter(filter(None, (name_in_file(file, level) for file in files)))
    is_named = sum(names.values()) * 10 >= len(files) * 9 and not any(_says_nothing(name, level) for name in names)
    are_numbers = len({re.sub(r"\d", "", name) for name in names}) < len(names)  # ``00012_c`` of ``00012_c3``
    if level == "name_numbers":
        are_numbers = not _number_pictures(files)
    is_class = is_named and not are_numbers and 1 < len(names) <= len(files) // 2 and min(names.values()) > 1
    return sorted(names) if is_class else []


def _number_pictures(files: Sequence[Path]) -> bool:
    """Whether what stands before the last numbers tells nearly all ``files`` apart; else these number tiles or days."""
    found = [(file.stem, _NAMED["name_numbers"].match(file.stem)) for file in files]
    before = [stem[: match.start(1)] for stem, match in found if match is not None]
    return len(set(before)) * 10 >= len(before) * 9


def level_of_names(files: Sequence[Path]) -> tuple[Level, list[str]]:
    """The level at which the names of ``files`` say classes, and these; none where they say none."""
    found = ((level, names_in_files(files, level)) for level in _FOUND)
    return next(((level, names) for level, names in found if names), (_FOUND[0], []))


def words_in_files(files: Sequence[Path], ends: Sequence[str]) -> list[str]:
    """The words behind the first number that are fewer than the ``ends`` of the names of ``files``: these say more
    than the class (``benign`` of ``benign_CC`` and ``benign_MLO``). Empty without such."""
    found = names_in_files(files, "name_words")
    return found if len(found) < len(ends) else []


def pattern_of(files: Sequence[Path], level: Level) -> str:
    """A pattern of the names of ``files`` of one class: what is the same where its name stands."""
    if level == "name_words" and (found := _NAMED[level].match(files[0].stem)):
        return f"*{found[0][found.start(1) - 1 : found.end(1) + 1]}*"
    names = [file.name if level == "file_names" else file.stem[::-1] for file in files]
    pairs = zip(min(names), max(names), strict=False)
    same = "".join(letter for letter, _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
    return f"{same}*" if level == "file_names" else f"*{same[::-1]}.*"


def name_parts_words(files: Sequence[Path]) -> str:
    """A sentence on those parts of the names of ``files`` that may be their class; empty without such."""
    parts = [re.split(r"[\W_]+", file.stem) for file in files]
    width = Counter(map(len, parts)).most_common(1)[0][0] if parts else 0
    usual = [each for each in parts if len(each) == width]
    said = []
    for place in range(width if 10 * len(usual) >= 9 * len(parts) else 0):
        names = Counter(re.sub(r"(?<=[^\W\d_])\d+\Z", "", each[place]) for each in usual)
        if 1 < len(names) <= min(_MOST_NAMES, len(usual) // 3) and min(names.values()) > 1:
            words: list[str] = sorted(names, key=natural)
            said.append(f"part {place + 1} ({paths_text(words, 4)})")
    return f"In the names of the pictures the class may be {' or '.join(said)}." if said else ""


def _says_nothing(name: str, level: Level) -> bool:
    """Whether it is no class that stands at this ``level`` of names."""
    if level == "file_names":
        return name.lower() in _OF_CAMERAS
    return name.lower() in _BEHIND or is_no_class(name)
