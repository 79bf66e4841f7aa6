"""The question whether folders are classes whose names say none: ``Dataset``, ``thumbnails``, ``2023-01-05``."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Final

from workbench.engine.catalog.datasets.folders.aside_names import is_no_class
from workbench.engine.catalog.datasets.folders.choices import names_text
from workbench.engine.catalog.datasets.folders.levels import Group
from workbench.engine.catalog.datasets.folders.masks_left_out import named_as_masks
from workbench.engine.catalog.datasets.folders.numbered_folders import OF_CLASSES, in_names_doubt
from workbench.engine.catalog.datasets.folders.origin_names import say_origins, says_origin
from workbench.engine.catalog.datasets.folders.rows_of_folders import rows_words
from workbench.engine.catalog.datasets.folders.tables_beside import tables_in
from workbench.engine.catalog.datasets.folders.version_names import say_versions
from workbench.engine.catalog.datasets.tables.groups import says_group
from workbench.engine.catalog.datasets.understanding import Doubt, Reading
from workbench.engine.core.text import paths_text
from workbench.engine.pictures.class_folders import natural
from workbench.engine.pictures.folder_tree import Folder
from workbench.engine.pictures.part_names import plain_word, says_nothing, says_unlabelled, words_of

#: A key of keyboards that is also a sign of finger alphabets.
_KEY: Final = "del"
_ELSEWHERE: Final = "Unless they are, make one folder for each class, or open a table (CSV) of files and their classes."
#: From this number on, numbered folders with pictures of the same names may be of one object each.
_FEWEST: Final = 4
#: A class folder of Chars74K (de Campos, Babu, Varma: Character recognition in natural images, 2009).
_SAMPLE: Final = re.compile(r"Sample(\d{3})")


def no_class_doubt(tree: Folder, names: Sequence[str], groups: Sequence[Group], level: str) -> Doubt | None:
    """The doubt on those ``names`` of classes that say none, None without such; ``groups`` are the folders in ``tree``
    at this ``level`` that have them."""
    odd, what = _odd(tree, names, groups)
    if len(odd) in (0, len(names)) and (asked := in_names_doubt(names, groups, level)):
        return asked
    if not odd or all(map(_is_of_chars74k, groups)):
        return None
    said = f"{'names' if len(odd) > 1 else 'name'} {paths_text([repr(name) for name in odd], 3)}"
    classes = paths_text(names, 4)
    text = f"The folders would be the classes ({classes}), but the {said} {'say' if len(odd) > 1 else 'says'} {what}."
    are_aside = all(map(is_no_class, odd))
    if len(odd) == len(names) and not are_aside:
        text = f"{text} {rows_words(tree, set(names)) or _ELSEWHERE}"
    reading = Reading(f"The classes are the folders: {classes}", (("classes", level),))
    of_others = {group.folder.relative for group in groups if group.name not in odd}
    out = sorted({group.folder.relative for group in groups if group.name in odd} - of_others, key=natural)
    leave = Reading(f"Leave out {paths_text(out, 3)}", (("left_out", names_text(out)),))
    if len(names) - len(odd) < 2:
        return Doubt("classes", text, (reading,))
    return Doubt("classes", text, (reading, leave) if _may_be_classes(odd, groups) else (leave, reading))


def _may_be_classes(odd: Sequence[str], groups: Sequence[Group]) -> bool:
    """Whether the ``odd`` names are those of classes as well (photo beside sketch, the key ``del``), and have as
    many pictures as the others."""
    counts: Counter[str] = Counter()
    for group in groups:
        counts[group.name] += len(group.files)
    others = [count for name, count in counts.items() if name not in odd]
    are_usual = all(min(others) <= counts[name] <= max(others) for name in odd)
    return are_usual and all((says_nothing(name) or name.casefold() == _KEY) for name in odd)


def _is_of_chars74k(group: Group) -> bool:
    """Whether a folder is a class of Chars74K, whose pictures repeat its number: ``Sample003/img003-00017.png``."""
    number = _SAMPLE.fullmatch(group.folder.name)
    return number is not None and all(file.name.startswith(f"img{number[1]}-") for file in group.files)


def _odd(tree: Folder, names: Sequence[str], groups: Sequence[Group]) -> tuple[list[str], str]:
    """The first kind of names that say no class, and what they say."""
    its = {True: "their", False: "its"}
    if odd := [name for name in names if says_nothing(name)]:
        return odd, "only that pictures are there"
    if odd := [name for name in names if says_unlabelled(name)]:
        return odd, "that their pictures have none"
    if odd := [name for name in names if is_no_class(name)]:
        return odd, f"that {its[len(odd) > 1]} pictures may not be meant"
    if odd := named_as_masks(groups):
        return odd, f"that {its[len(odd) > 1]} pictures are masks of the others"
    if say_versions(names):
        return list(names), f"what was done to {its[True]} pictures, and no class{_tables_words(tree)}"
    if all(says_group(name) and any(map(str.isdigit, name)) for name in names):
        return list(names), f"whose pictures they are, and no class{_tables_words(tree)}"
    if same := _of_one_object_each(groups):
        what = f"only numbers, and all hold pictures of the same names ({paths_text(same, 3)}), as if each were of one"
        return list(names), f"{what} object or one patient, and no class{_tables_words(tree)}"
    if odd := list(names) if say_origins(names) else [name for name in names if says_origin(name)]:
        return odd, f"when or with what {its[len(odd) > 1]} pictures were made, and no class{_tables_words(tree)}"
    return [], ""


def _of_one_object_each(groups: Sequence[Group]) -> list[str]:
    """The names of the files that each of several numbered folders holds, if these folders are more than the files in
    each and the word before their numbers is none for classes: ``kos01/Part0.jpg``; nothing for others."""
    folders = {group.folder.relative: group for group in groups}
    held = {frozenset(file.relative_to(g.folder.path).as_posix() for file in g.files) for g in folders.values()}
    called = {re.sub(r"\d+", "", plain_word(group.folder.name)) for group in folders.values()}
    if len(called) > 1 or len(held) > 1 or len(folders) < _FEWEST:
        return []
    said, files = called.pop(), held.pop()
    is_class = bool(OF_CLASSES & set(words_of(said))) or len("".join(words_of(said))) < 2
    return sorted(files, key=natural) if 1 < len(files) < len(folders) and not is_class else []


def _tables_words(tree: Folder) -> str:
    """Which tables in ``tree`` may say the classes; empty without any."""
    tables = paths_text([table.relative_to(tree.path).as_posix() for table in tables_in(tree)], 3)
    return f", which may be in {tables}" if tables else ""
