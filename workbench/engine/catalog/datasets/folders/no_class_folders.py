"""Why a folder has no class folders: what is in it instead, and the way out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Final

from workbench.engine.catalog.datasets.folders.parts import Parts
from workbench.engine.core.text import paths_text
from workbench.engine.pictures.folder_tree import Folder
from workbench.engine.pictures.part_names import said_beside
from workbench.engine.pictures.picture_kinds import PACKED, VIDEOS, first_bytes

#: Files of arrays, of which several do not say how they belong together, or which are not read at all.
_ARRAYS: Final = (".mat", ".npz", ".npy", ".h5", ".hdf5", ".parquet", ".arrow", ".tfrecord")
_AS_NPZ: Final = (
    "One .npz with an array of pictures and one of labels is read (for the parts: train_images, train_labels, "
    "test_images, …): save them so and open that file"
)
#: How a pickle of protocol 2 to 5 begins, and the maximum number of files that are looked at for it.
_PICKLE: Final = re.compile(rb"\x80[\x02-\x05]")
_OPENED: Final = 20


def no_classes_words(parts: Parts) -> str:
    """Why there are no class folders in ``parts``, with the way out, as a sentence."""
    place = parts.top.path
    named = [repr(folder.name) for _, folder in parts.folders if folder is not parts.top]
    if both := _class_and_part(parts):
        return f"{place} {both}."
    if named:
        text = f"{place} holds {paths_text(named)}, whose pictures lie in no class folders"
        return f"{text}; make one folder for each class in each of them and move the pictures there."
    return f"{place} {_why_none(parts.top)}."


def _class_and_part(parts: Parts) -> str:
    """What is wrong with folders that are named by a class and a part each; empty for others."""
    said = [(part, folder, "_".join(said_beside(folder.name))) for part, folder in parts.folders]
    classes = {name for _, _, name in said}
    if len(classes) < 2 or "" in classes:
        return ""
    moved = [f"{folder.name} to {part}/{name}" for part, folder, name in said]
    text = f"holds folders whose names say a class and a part each ({paths_text([f.name for _, f, _ in said], 4)})"
    return f"{text}; make one folder for each part and move them there: {paths_text(moved, 4)}"


def _paths(top: Folder) -> Iterator[Path]:
    return (folder.path / name for folder in top.walk() for name in folder.others)


def _why_none(top: Folder) -> str:
    """Why there are no class folders in ``top``."""
    must = "it must hold one folder of pictures for each class"
    if top.total:
        return "holds pictures but no class folders; make one folder for each class and move the pictures there"
    packed = [folder.below(name) for folder in top.walk() for name in folder.others if name.lower().endswith(PACKED)]
    if packed:
        them = "them" if len(packed) > 1 else "that"
        return f"holds no pictures, but {paths_text(packed, 2)}: unpack {them} and open the folder"
    others = [(folder, name) for folder in top.walk() for name in folder.others]
    if videos := [folder.below(name) for folder, name in others if name.lower().endswith(VIDEOS)]:
        return f"holds no pictures, but videos ({paths_text(videos, 2)}): save their frames as pictures; {must}"
    if unread := [name for folder in top.walk() for name in map(folder.below, folder.others) if name.endswith(_ARRAYS)]:
        return f"holds no pictures, but {paths_text(unread, 4)}. {_AS_NPZ}"
    if pickles := [path for path in islice(_paths(top), _OPENED) if _PICKLE.match(first_bytes(path))]:
        them = paths_text([path.name for path in pickles], 4)
        return f"holds no pictures, but pickles ({them}), which are not opened: one can run any program. {_AS_NPZ}"
    if top.folders:
        return f"holds folders, but no pictures in them; {must}"
    return f"{'holds no folders' if top.others or top.unread else 'is empty'}; {must}"
