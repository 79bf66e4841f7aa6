"""Sets that are made for something else than one class a picture: boxes, masks, several labels."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from workbench.engine.catalog.datasets.folders.unread_labels import has_boxes, text_of
from workbench.engine.pictures.folder_tree import Folder
from workbench.engine.pictures.part_names import words_of

_PICTURE_FOLDERS: Final = frozenset({"images", "image", "img", "imgs", "jpegimages", "pngimages", "rgb", "photos"})
_MASK_FOLDERS: Final = frozenset(
    {"masks", "mask", "labels", "label", "annotations", "annotation", "segmentation", "segmentationclass"}
    | {"segmentationobject", "ground_truth", "gt", "groundtruth", "segmentations"}
)
#: The same in longer names: ``annotations_png``, ``seg_masks``; and words that say no more beside them.
_MASK_WORDS: Final = frozenset(
    {"mask", "masks", "annotations", "annotation", "seg", "segmentation", "segmentations", "gt"}
)
_BESIDE_MASKS: Final = _PICTURE_FOLDERS | frozenset({"png", "jpg", "jpeg", "raw", "color", "colour", "class", "object"})
#: Person, camera and film in the name of a picture: ``0002_c1s1_000451_03.jpg``, ``0001_c2_f0046182.jpg``.
_IDENTITY: Final = re.compile(r"-?\d{1,4}_c\d+(s\d+)?_f?\d+")
#: The first boxes of a file of Create ML are within this number of bytes.
_HEAD: Final = 65536
_OF_CREATE_ML: Final = re.compile(r'"annotations"\s*:\s*\[\s*\{[^}]*"coordinates"\s*:')
_PICTURES_OF_COCO: Final = re.compile(r'"(images|annotations)"\s*:\s*\[\s*\{')
_BOX_OF_COCO: Final = re.compile(r'"bbox"\s*:\s*\[')
#: Boxes of COCO are looked for within this number of bytes.
_MOST: Final = 20_000_000
_WAY_OUT = (
    "This program learns one class for each whole picture: export the set for classification (one folder for each "
    "class), or cut the boxes out into such folders."
)


def other_task(root: Folder) -> str:
    """The sentence that refuses a set of another task, with the way out; empty if there is no sign of one."""
    for folder in root.walk():
        for name in folder.others:
            if (format_ := _boxes(folder, name)) is not None:
                return f"{root.path} is a detection set ({format_}, see {folder.below(name)}). {_WAY_OUT}"
    return ""


def _boxes(folder: Folder, name: str) -> str | None:
    """The format of the boxes that the file ``name`` in ``folder`` holds, None if it is no such file."""
    stem, suffix = os.path.splitext(name.lower())
    place = folder.name.lower()
    if suffix == ".json" and (stem.endswith(("coco", ".coco")) or place == "annotations"):
        return "COCO"
    if is_of_coco(folder.path / name):
        return "COCO"
    if is_of_create_ml(folder.path / name):
        return "Create ML"
    if suffix == ".xml" and (place == "annotations" or _has_picture(folder, name)):
        return "Pascal VOC"
    is_label = place == "labels" or "labels" in folder.relative.lower().split("/") or _has_picture(folder, name)
    if suffix == ".txt" and is_label and has_boxes(folder.path / name):
        return "YOLO"
    return "boxes in a table" if name.lower() == "_annotations.csv" else None


def is_of_coco(file: Path) -> bool:
    """Whether ``file`` holds boxes of pictures as COCO has them."""
    is_listed = file.suffix.lower() == ".json" and _PICTURES_OF_COCO.search(text_of(file, _HEAD)) is not None
    return is_listed and _BOX_OF_COCO.search(text_of(file, _MOST)) is not None


def is_of_create_ml(file: Path) -> bool:
    """Whether ``file`` holds boxes as Create ML writes them."""
    return file.suffix.lower() == ".json" and _OF_CREATE_ML.search(text_of(file, _HEAD)) is not None


def _has_picture(folder: Folder, name: str) -> bool:
    stem = os.path.splitext(name)[0]
    return any(os.path.splitext(picture)[0] == stem for picture in folder.pictures)


def identities(root: Folder) -> str:
    """The sentence that refuses pictures named by person and camera, as of Market-1501; empty if they are not, or if
    each folder has pictures of one person."""
    for folder in root.walk():
        named = [name for name in folder.pictures if _IDENTITY.match(name)]
        if 2 * len(named) > len(folder.pictures) and len({name.partition("_c")[0] for name in named}) > 1:
            return (
                f"{root.path} is a set for finding persons again (Market-1501): the names of its pictures give a "
                f"person and a camera ({folder.below(named[0])}), and training and test have other persons. This "
                "program learns classes that training and test share: make one folder for each class."
            )
    return ""


def is_of_pictures(name: str) -> bool:
    """Whether a folder of this name says nothing but that it holds pictures."""
    return name.lower() in _PICTURE_FOLDERS


def is_of_masks(name: str) -> bool:
    """Whether a folder of this name holds masks or boxes of pictures."""
    said = set(words_of(name)) - _BESIDE_MASKS
    return name.lower() in _MASK_FOLDERS or (bool(said) and said <= _MASK_WORDS)


def masks_words(folders: Sequence[Folder]) -> str:
    """The sentence that refuses pictures and masks in two folders; empty if they are not that."""
    pictures = [each for each in folders if each.name.lower() in _PICTURE_FOLDERS]
    masks = [each for each in folders if is_of_masks(each.name)]
    if not pictures or not masks or len(pictures) + len(masks) != len(folders):
        return ""
    first, second = pictures[0], masks[0]
    text = f"{first.path.parent} is a segmentation set: {first.name} holds pictures and {second.name} their masks."
    way = "This program learns one class for each whole picture: drop a folder with one folder for each class."
    return f"{text} {way}"


def mask_folders(folders: Sequence[Folder]) -> tuple[str, ...]:
    """The paths of those of ``folders`` that hold masks, or of the folders in them that do."""
    masks = [each for each in folders if is_of_masks(each.name)]
    return tuple(inner.relative for each in masks for inner in ([each] if each.pictures else each.filled))
