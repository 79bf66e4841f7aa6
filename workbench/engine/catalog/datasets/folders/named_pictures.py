"""Pictures in no class folders whose names say one of the known classes: ``cat.1.jpg``, ``A_test.jpg``."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from workbench.engine.pictures.part_names import plain_word

_Words = tuple[str, ...]


def classes_in_names(files: Sequence[Path], classes: Sequence[str]) -> dict[Path, str]:
    """The class of each of ``files`` if the name of every one says exactly one of ``classes``; else nothing.

    Names say several of them, and classes are words: a number may count the files.
    """
    known = {words: name for name in classes if (words := _words(name))}
    if len(known) < len(classes) or not all(any(map(str.isalpha, "".join(words))) for words in known):
        return {}
    found = {file: _said(file.stem, known) for file in files}
    return found if all(found.values()) and len(set(found.values())) > 1 else {}


def _said(stem: str, known: Mapping[_Words, str]) -> str:
    """The only class in a name, the longer where one's words are in another's; empty without one, or with several."""
    words = _words(stem)
    said = {tuple(words[start:end]) for start in range(len(words)) for end in range(start + 1, len(words) + 1)}
    found = [each for each in known if each in said]
    longest = max(found, key=len, default=())
    is_one = all(each == longest or _is_in(each, longest) for each in found)
    return known[longest] if found and is_one else ""


def _is_in(one: _Words, other: _Words) -> bool:
    return any(other[start : start + len(one)] == one for start in range(len(other)))


def _words(name: str) -> _Words:
    """The words and numbers of a name, as they are compared; nothing is parted at upper case: ``McLaren``."""
    return tuple(re.findall(r"[^\W\d_]+|\d+", plain_word(name)))
