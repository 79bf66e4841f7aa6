"""Pictures that are meant and not there: a folder beside class folders that holds an archive, videos or a list of
addresses, a part that is still packed."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from workbench.engine.catalog.datasets.folders.aside_names import is_aside
from workbench.engine.catalog.datasets.folders.choices import Level, names_text
from workbench.engine.catalog.datasets.folders.levels import Group
from workbench.engine.catalog.datasets.folders.parts import Parts
from workbench.engine.catalog.datasets.folders.unread_labels import stands_for_others, text_of
from workbench.engine.catalog.datasets.understanding import Doubt, Reading
from workbench.engine.core.text import paths_text
from workbench.engine.pictures.folder_tree import OF_PROGRAMS, Folder
from workbench.engine.pictures.part_names import parts_of, words_of
from workbench.engine.pictures.picture_kinds import PACKED, SUFFIXES, VIDEOS, advice

_LISTS: Final = (".txt", ".csv", ".tsv", ".url")
#: The first address of a list is within this number of bytes.
_LINE: Final = 4096
#: Folders of these names are no classes: what is in them is kept there.
_STORES: Final = frozenset(
    {"download", "downloads", "archive", "archives", "zip", "zips", "rar", "packed", "video", "videos"}
    | {"film", "films", "movie", "movies", "clip", "clips", "raw", "original", "originals", "source"}
    | {"sources", "url", "urls", "link", "links", "list", "lists", "split", "splits", "meta", "metadata"}
    | {"info"}
)
#: Levels at which a class is one folder.
_OF_FOLDERS: Final = ("folders", "second_level", "innermost")
_NAMED: Final = 3


def no_picture_words(folders: Sequence[Folder], by_names: bool) -> str:
    """Why there is no picture of a class in ``folders``; ``by_names``: the names of files say the classes."""
    if by_names or not folders:
        none = "picture whose name says a class in the way that is chosen" if by_names else "class folders"
        return f"holds no {none}; choose another way of reading the classes"
    if others := next(filter(None, map(stands_for_others, folders)), ""):
        return f"holds class folders, and no picture is in them. {others.rstrip('.')}"
    kinds = {advice(kind) for folder in folders for each in folder.walk() for _, kind in each.unread}
    known = paths_text(sorted(kinds)) or ", ".join(sorted(SUFFIXES))
    return f"holds class folders, and all of them are without a picture ({known})"


def elsewhere_doubt(tree: Folder, groups: Sequence[Group], level: Level) -> Doubt | None:
    """Whether folders beside those of classes in ``tree`` are classes whose pictures are still packed, in videos or to
    be fetched; None without such."""
    if level not in _OF_FOLDERS:
        return None
    inside = Counter(group.folder.path.parent for group in groups if group.folder.name == group.name)
    places = [folder for folder in tree.walk() if inside[folder.path] > 1]
    found = [(each, what) for place in places for each in place.folders if (what := _instead(each))]
    if not found:
        return None
    holds = paths_text([f"{folder.relative} holds {what}" for folder, what in found], _NAMED)
    text = (
        f"Beside the class folders, without a picture: {holds}. As it is, {'it is' if len(found) == 1 else 'they are'}"
    )
    out = [folder.relative for folder, _ in found]
    leave = Reading(f"Go on without {paths_text(out, _NAMED)}", (("left_out", names_text(out)),))
    return Doubt("classes", f"{text} no class.", (leave,))


def _instead(folder: Folder) -> str:
    """What a class folder holds instead of pictures, with the way out; empty if ``folder`` has some, or is none."""
    words = set(words_of(folder.name))
    if folder.total or folder.may_be_class or folder.name.lower() in OF_PROGRAMS or words & _STORES:
        return ""
    return "" if is_aside(folder.name) or parts_of([folder.name]) else stored_words(folder)


def stored_words(folder: Folder) -> str:
    """Archives, videos or addresses that ``folder`` holds at any depth, with the way out; empty without."""
    files = [(each, name) for each in folder.walk() for name in each.others]
    kinds = (
        ("an archive", PACKED, "unpack it there"),
        ("videos", VIDEOS, "save their frames as pictures there"),
        ("addresses", _LISTS, "fetch the pictures into it"),
    )
    for what, ends, way in kinds:
        named = [each.below(name) for each, name in files if name.lower().endswith(ends)]
        named = [name for name in named if ends is not _LISTS or _says_addresses(folder, name)]
        if named:
            return f"{what} ({paths_text(named, 2)}): {way}"
    return ""


def _says_addresses(folder: Folder, name: str) -> bool:
    file = next(each.path for each in folder.walk() if each.below(os.path.basename(name)) == name)
    return "://" in text_of(file / os.path.basename(name), _LINE)


def packed_parts_doubt(tree: Folder, parts: Parts) -> Doubt | None:
    """Whether archives beside a train folder are the parts that are missing: ``test.zip``; None without such."""
    known = {part for part, _ in parts.folders} | set(parts_of([parts.top.name]).values())
    packed = list(dict.fromkeys(_packed_parts((tree, parts.top), known))) if "train" in known else []
    if not packed:
        return None
    said = paths_text(packed, _NAMED)
    are, it = ("is", "it") if len(packed) == 1 else ("are", "them")
    text = f"{said} {are} still packed, named as a part of the split that is not there: unpack {it} beside the others."
    return Doubt("parts", text, (Reading(f"Go on without {said}", (("left_out", names_text(packed)),)),))


def _packed_parts(places: Sequence[Folder], known: set[str]) -> Iterator[str]:
    for folder in places:
        for name in folder.others:
            stem = name.partition(".")[0]
            if name.lower().endswith(PACKED) and (part := parts_of([stem]).get(stem)) and part not in known:
                yield folder.below(name)
