"""Numbered folders whose pictures have the class in their names: ``P001/slice_01_malignant.png``."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from typing import Final

from workbench.engine.catalog.datasets.folders.choices import Level
from workbench.engine.catalog.datasets.folders.file_names import name_in_file, names_in_files
from workbench.engine.catalog.datasets.folders.levels import Group, by_names
from workbench.engine.catalog.datasets.understanding import Doubt, Reading
from workbench.engine.core.text import paths_text
from workbench.engine.pictures.part_names import parts_of, plain_word, words_of

#: A word or none, and a number.
_NUMBERED: Final = re.compile(r"([^\W\d_]*)[\s_.-]*\d+\Z")
#: From this number of folders on they may be of one patient or object each.
_FEWEST: Final = 4
#: How many words in names may be the classes.
_CLASSES: Final = range(2, 11)
_LEVELS: Final[tuple[Level, ...]] = ("name_ends", "file_names", "name_words")
#: Words of numbered classes.
OF_CLASSES: Final = frozenset(
    {"class", "cls", "label", "category", "cat", "type", "grade", "stage", "level", "kind", "species", "degree"}
    | {"digit", "number", "num", "letter", "sign", "gesture", "pose", "word", "score", "quality", "cluster", "klasse"}
    | {"group", "gruppe", "style", "breed", "color", "colour", "shape", "size", "model", "phase", "state", "mode"}
)


def in_names_doubt(names: Sequence[str], groups: Sequence[Group], level: str) -> Doubt | None:
    """The question whether the classes are these ``names`` of numbered folders, or words in the names of the pictures
    in ``groups`` that recur in several of the folders; None where it does not arise."""
    if len(names) < _FEWEST or not _are_numbered(names):
        return None
    found = [(words, each) for each in _LEVELS if len(words := _words(groups, each)) in _CLASSES]
    found = [(words, each) for words, each in found if not parts_of(words)]
    if not found:
        return None
    said = paths_text(min(found, key=lambda each: len(each[0]))[0], 4)
    text = (
        f"The folders are numbered ({paths_text(names, 3)}), and the names of the pictures say {said} in several of "
        "them: the folders may be patients or other groups, or the classes."
    )
    folders = Reading(f"The classes are the folders: {paths_text(names, 4)}", (("classes", level),))
    return Doubt("classes", text, (*(by_names(words, each) for words, each in found), folders))


def _are_numbered(names: Sequence[str]) -> bool:
    """Whether ``names`` are numbers behind one word or none, which is no word for classes."""
    found = [_NUMBERED.match(plain_word(name)) for name in names]
    said = {match[1] for match in found if match is not None}
    return all(found) and len(said) == 1 and not OF_CLASSES & set(words_of(said.pop()))


def _words(groups: Sequence[Group], level: Level) -> list[str]:
    """The words at this ``level`` of nearly all names, if each occurs in several folders; else none."""
    words = names_in_files([file for group in groups for file in group.files], level)
    folders: defaultdict[str, set[str]] = defaultdict(set)
    for group in groups if words else ():
        for file in group.files:
            folders[name_in_file(file, level)].add(group.name)
    return words if all(len(folders[word]) > 1 for word in words) else []
