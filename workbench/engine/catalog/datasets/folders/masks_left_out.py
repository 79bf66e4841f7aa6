"""Folders of masks in and beside class folders: left out where that is sure, and asked about where only a name says it.

``nok/masks`` in a class folder, ``ground_truth/nok`` and ``nok_masks`` beside it.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Final

from workbench.engine.catalog.datasets.folders.levels import Group
from workbench.engine.catalog.datasets.folders.other_tasks import is_of_masks, is_of_pictures, masks_words
from workbench.engine.catalog.datasets.folders.two_valued import are_of_two_values
from workbench.engine.pictures.folder_tree import Folder, LeftOut
from workbench.engine.pictures.part_names import parts_of, words_of

#: Minimum share of masks whose names begin with the name of a picture.
_SHARE: Final = 0.9
#: Words of folders that no class is called by, whatever is in them.
_NO_CLASS: Final = frozenset({"ground_truth", "groundtruth", "gt", "segmentationclass", "segmentationobject"})

_MASK: Final = frozenset({"mask", "masks"})


def without_mask_folders(tree: Folder) -> tuple[Folder, tuple[LeftOut, ...]]:
    """``tree`` without masks, and what is left out: those in class folders, and those beside these or beside the parts
    of a split (``train``, ``test``, ``ground_truth``).
    """
    rules = (_of_classes, _of_parts, _in_class_folder, _beside_classes)
    masks = [mask for folder in tree.walk() for rule in rules for mask in rule(folder)]
    if not masks:
        return tree, ()
    reason = "the masks of pictures beside it"
    names = dict.fromkeys(each.relative for each in masks)
    return tree.without(masks), tuple(LeftOut(each, reason, True) for each in names)


def named_as_masks(groups: Sequence[Group]) -> list[str]:
    """The names of those of ``groups`` that may be masks of the others by their name, and by those of their pictures
    where a class may be called so too (``mask`` beside ``no_mask`` is one)."""
    found = dict.fromkeys(group.name for group in groups if _is_named_as_masks(group, groups))
    return [*found] if len(found) < len({group.name for group in groups}) else []


def _is_named_as_masks(group: Group, groups: Sequence[Group]) -> bool:
    others = [each for each in groups if each.name != group.name]
    if group.name.lower() in _NO_CLASS:
        return True
    of = [each for each in others if _is_masks_of(group.name, each.name) and not group.name.lower().endswith("mask")]
    if is_of_masks(group.name) and not any(_MASK & set(words_of(each.name)) for each in others):
        of = others
    return _are_named_as([file.name for file in group.files], [file.name for each in of for file in each.files])


def _of_classes(folder: Folder) -> list[Folder]:
    """The folders of masks in the folders of ``folder``, if these are no parts and each has pictures beside them, or
    nothing but pictures, as that of what is without a defect."""
    classes = [each for each in folder.filled if masks_words(each.filled)]
    others = [each for each in folder.filled if each not in classes]
    if len(folder.filled) < 2 or not all(map(_has_pictures_only, others)) or parts_of([each.name for each in classes]):
        return []
    return [each for parent in classes for each in parent.filled if is_of_masks(each.name)]


def _has_pictures_only(folder: Folder) -> bool:
    """Whether pictures lie in ``folder`` itself, or in one folder that is called so."""
    return not folder.filled or (len(folder.filled) == 1 and is_of_pictures(folder.filled[0].name))


def _of_parts(folder: Folder) -> list[Folder]:
    """The folders of masks in ``folder`` beside those of several parts with class folders."""
    parts = parts_of([each.name for each in folder.filled if each.filled])
    return [each for each in folder.filled if is_of_masks(each.name)] if len(set(parts.values())) > 1 else []


def _in_class_folder(folder: Folder) -> list[Folder]:
    """The folders of masks in ``folder`` whose files are named as the pictures directly in it, or have two values."""
    masks = [each for each in folder.filled if folder.pictures and is_of_masks(each.name) and not each.filled]
    return [each for each in masks if _are_named_as(each.pictures, folder.pictures) or _has_two_values(each)]


def _beside_classes(folder: Folder) -> Iterator[Folder]:
    """The folders of masks in ``folder`` beside several others: with a folder for each of several of these, or of
    pictures of two values."""
    for each in folder.filled:
        others = [other for other in folder.filled if other is not each]
        if len(others) > 1 and _are_masks(each, others):
            yield each


def _are_masks(folder: Folder, others: Sequence[Folder]) -> bool:
    """Whether ``folder`` holds masks of the pictures in ``others`` beside it, by its name and by theirs."""
    beside = {other.name: other for other in others}
    if is_of_masks(folder.name) and folder.filled:
        inner = [(_names(each), _names(beside[each.name])) for each in folder.filled if each.name in beside]
        return len(inner) == len(folder.filled) and all(_are_named_as(*each) for each in inner)
    of = others if is_of_masks(folder.name) else [other for other in others if _is_masks_of(folder.name, other.name)]
    names = list(chain.from_iterable(_names(other) for other in of))
    return _are_named_as(folder.pictures, names) and _has_two_values(folder)


def _has_two_values(folder: Folder) -> bool:
    return are_of_two_values([folder.path / name for name in folder.pictures])


def _is_masks_of(name: str, other: str) -> bool:
    """Whether ``name`` is that of ``other`` with a word for masks: ``nok_masks`` of ``nok``."""
    more = name[len(other) :].strip("-_. ") if name.lower().startswith(other.lower()) else ""
    return bool(more) and is_of_masks(more)


def _names(folder: Folder) -> list[str]:
    return [file.name for file in folder.files()]


def _are_named_as(masks: Sequence[str], pictures: Iterable[str]) -> bool:
    """Whether nearly all ``masks`` are named as one of ``pictures``, or so with a mark and more behind it."""
    known = {os.path.splitext(name)[0].casefold() for name in pictures}
    fitting = sum(any(each in known for each in _beginnings(name)) for name in masks) if known else 0
    return bool(masks) and fitting >= _SHARE * len(masks)


def _beginnings(name: str) -> Iterator[str]:
    stem = os.path.splitext(name)[0].casefold()
    yield stem
    yield from (stem[:place] for place, letter in enumerate(stem) if not letter.isalnum())
