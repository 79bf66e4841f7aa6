"""What lies beside the files that a table, an archive or a pair of files uses, and is not read."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from workbench.engine.core.text import counted
from workbench.engine.pictures.corrections import NAME as CORRECTIONS
from workbench.engine.pictures.folder_scans import FolderScans, Item
from workbench.engine.pictures.folder_tree import HIDDEN
from workbench.engine.pictures.picture_kinds import SUFFIXES, unread_words

#: At most this many of one suffix are named in a folder; more are counted.
_NAMED: Final = 20
#: It is not looked in more folders than these.
_MOST: Final = 500


def left_beside(root: Path, used: Iterable[Path], scans: FolderScans) -> tuple[tuple[str, str], ...]:
    """Files and folders below ``root`` that are not ``used``, relative to it, each with the reason.

    Pictures in folders of which a picture is used are left to others to name. Folders that hold nothing that is used
    are named as a whole. Nothing is said of a folder that cannot be read.
    """
    files = set(used)
    pictured = {file.parent for file in files if file.suffix.lower() in SUFFIXES}
    used_in = {file.parent for file in files}
    folders = {root, *(above for place in used_in for above in (place, *place.parents) if above.is_relative_to(root))}
    found: list[tuple[str, str]] = []
    for folder in sorted(folders)[:_MOST]:
        items = [each for each in _items(folder, scans) if folder / each.name not in files | folders]
        items = [each for each in items if not (folder in pictured and _is_picture(each))]
        where = "" if folder == root else f"{folder.relative_to(root).as_posix()}/"
        found += [(f"{where}{name}", reason) for name, reason in _counted(items, folder, scans)]
    return tuple(found)


def left_by_unpacking(root: Path) -> tuple[tuple[str, str], ...]:
    """What macOS has packed beside ``root`` of what it keeps about its files, as ``left_beside`` names it."""
    name = "__MACOSX"
    return ((f"../{name}", HIDDEN),) if (root.parent / name / root.name).is_dir() else ()


def _items(folder: Path, scans: FolderScans) -> list[Item]:
    try:
        return [each for each in scans.items(folder) if not (each.is_hidden and each.name.endswith(CORRECTIONS))]
    except OSError:
        return []


def _is_picture(item: Item) -> bool:
    return item.is_file and not item.is_hidden and item.suffix in SUFFIXES


def _counted(items: Iterable[Item], place: Path, scans: FolderScans) -> Iterator[tuple[str, str]]:
    kinds: defaultdict[tuple[str, str, bool], list[str]] = defaultdict(list)
    for item in sorted(items, key=lambda each: each.name):
        suffix = "" if item.is_folder else os.path.splitext(item.name)[1]
        kinds[suffix, _reason(item), item.is_folder].append(item.name)
    for (suffix, reason, are_folders), names in kinds.items():
        if len(names) <= _NAMED:
            yield from ((n, _held(place / n, scans) or reason if are_folders else reason) for n in names)
        elif are_folders:
            yield counted(len(names), "folder"), reason.replace("holds", "hold")
        else:
            yield f"*{suffix}", f"{reason} ({counted(len(names), 'file')})"


def _reason(item: Item) -> str:
    if item.is_hidden:
        return HIDDEN
    return "holds nothing that is read" if item.is_folder else unread_words(item.name, "not read")


def _held(folder: Path, scans: FolderScans) -> str:
    """How many pictures are below ``folder``, in words; empty without any, and for a hidden folder."""
    count, are_all = (0, True) if folder.name.startswith(".") else _below(folder, scans)
    return f"{'' if are_all else 'more than '}{counted(count, 'picture')} without a class" if count else ""


def pictures_below(folder: Path, scans: FolderScans) -> int:
    """The number of pictures below ``folder``, of very many folders those in the first."""
    return _below(folder, scans)[0]


def _below(folder: Path, scans: FolderScans) -> tuple[int, bool]:
    """The number of pictures, and whether all folders were looked into."""
    count, places = 0, [folder]
    for seen, place in enumerate(places):
        if seen < _MOST:
            items = [each for each in _items(place, scans) if not each.is_link]
            count += sum(map(_is_picture, items))
            places += [place / each.name for each in items if each.is_folder and not each.is_hidden]
    return count, len(places) <= _MOST
