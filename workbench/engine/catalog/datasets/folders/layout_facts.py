"""What is said of a folder that is read: which folders give the split, and which the classes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from workbench.engine.catalog.datasets.folders.choices import parts_text
from workbench.engine.catalog.datasets.folders.file_names import BY_NAMES
from workbench.engine.catalog.datasets.folders.levels import Group, Levels
from workbench.engine.catalog.datasets.folders.parts import Parts
from workbench.engine.catalog.datasets.understanding import Fact, Reading
from workbench.engine.core.text import grouped, paths_text

_WORDS: Final = {"train": "training from", "validation": "validation from", "test": "test from"}
_NO_PARTS: Final = (Reading("Take no notice of the parts", (("parts", "none"), ("classes", "folders"))),)


def layout_facts(parts: Parts, levels: Levels, groups: Sequence[Group], is_tested: bool) -> Iterator[Fact]:
    """What gives the split, and what the classes of ``groups``, with the other ways; ``is_tested``: a test part can
    be measured."""
    readings = {part: [f.relative or f.name for p, f in parts.folders if p == part] for part in _WORDS}
    filled = {group.part for group in groups if group.files}
    used = {p: words for p, words in _WORDS.items() if readings[p] and p in filled and (is_tested or p != "test")}
    said = [f"{words} {paths_text(readings[part], 3)}" for part, words in used.items()]
    if parts.named:
        yield Fact("parts", f"Each class has folders of its own for the parts: {_of_classes(parts)}.", _NO_PARTS)
    elif said:
        can_change = all(f.relative for _, f in parts.folders) and _have_the_same_classes(levels.groups)
        others = tuple(_other_parts(readings)) if can_change else ()
        yield Fact("parts", f"The folders give the split: {', '.join(said)}.", others)
    else:
        yield Fact("parts", "The folders give no split: the settings hold a share back.")
    where = "the names of the files" if levels.level in BY_NAMES else "the names of folders"
    trained = [group for group in groups if group.part in ("", "train")]
    filled = {group.name for group in trained if group.files}
    empty = len({group.name for group in trained} - filled)
    more = f", and {grouped(empty)} without a picture" if empty else ""
    yield Fact("classes", f"The classes are {where}: {grouped(len(filled))}{more}.", levels.others)


def _of_classes(parts: Parts) -> str:
    """The names of the folders of each part: ``training from train, test from eval``."""
    names = {p: list(dict.fromkeys(f.name for part, _, f in parts.named if part == p)) for p in _WORDS}
    return ", ".join(f"{words} {paths_text(names[part], 3)}" for part, words in _WORDS.items() if names[part])


def _have_the_same_classes(groups: Sequence[Group]) -> bool:
    """Whether the other parts have no class that training lacks: else they cannot take another's place."""
    trained = {group.name.casefold() for group in groups if group.part in ("", "train")}
    return all(group.name.casefold() in trained for group in groups if group.files)


def _other_parts(folders: Mapping[str, Sequence[str]]) -> Iterator[Reading]:
    """Other uses of the folders of a split: all that is not for testing trains, or what is for testing validates."""
    train, validation, test = (list(folders[part]) for part in ("train", "validation", "test"))
    if train and validation:
        text = parts_text((("train", train + validation), ("test", test)))
        yield Reading("Train on both; the settings hold a share back", (("parts", text),))
    if train and test and not validation:
        text = parts_text((("train", train), ("validation", test)))
        yield Reading(f"Validate on {paths_text(test, 3)}; there is no test part then", (("parts", text),))
