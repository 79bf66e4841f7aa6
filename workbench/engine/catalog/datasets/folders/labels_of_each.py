"""Class folders in which nearly every picture has a file of labels of its own, as labelling tools write them."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from workbench.engine.catalog.datasets.folders.choices import Level
from workbench.engine.catalog.datasets.folders.file_names import BY_NAMES
from workbench.engine.catalog.datasets.folders.levels import Group
from workbench.engine.catalog.datasets.folders.unread_labels import ANOTHER_WAY, text_of
from workbench.engine.catalog.datasets.understanding import Doubt, Reading
from workbench.engine.core.text import paths_text
from workbench.engine.pictures.class_folders import natural

#: What files of labels hold: of labelme, Supervisely and others, and of Pascal VOC.
_LABELS: Final = re.compile(
    r'"(shapes|flags|labels?|class(es|_name)?|objects|annotations)"\s*:|<annotation\b', re.IGNORECASE
)
#: Tags with the name of the folder, which is not read as a label.
_FOLDER: Final = re.compile(r"(?is)<(folder|path|filename)>.*?</\1>")
_SUFFIXES: Final = (".json", ".xml")
#: Minimum share of the pictures with such a file, and the maximum numbers of classes and of bytes that are looked at.
_SHARE: Final = 0.9
_CLASSES: Final = 20
_MOST: Final = 1_000_000


def own_labels_doubts(groups: Sequence[Group], level: Level) -> Iterator[Doubt]:
    """Whether the folders of ``groups`` are classes where nearly every picture has a file of labels of its own that
    does not name its folder."""
    filled = [group for group in groups if group.files][:_CLASSES]
    own = [_own(group) for group in filled] if level not in BY_NAMES else []
    if not own or not all(own) or sum(map(len, own)) < _SHARE * sum(len(group.files) for group in filled):
        return
    texts = [(group.name, text_of(files[0], _MOST)) for group, files in zip(filled, own, strict=True)]
    if not all(_LABELS.search(text) for _, text in texts) or all(_names(text, name) for name, text in texts):
        return
    names = sorted({group.name for group in groups}, key=natural)
    classes = paths_text(names, 4)
    file = filled[0].folder.below(own[0][0].relative_to(filled[0].folder.path).as_posix())
    text = (
        f"Nearly every picture has a file of labels of its own ({file}), which is not read and does not name its "
        f"folder. The folders would be the classes ({classes}). {ANOTHER_WAY}, unless these are the classes."
    )
    yield Doubt("classes", text, (Reading(f"The classes are the folders: {classes}", (("classes", level),)),))


def _own(group: Group) -> list[Path]:
    """The files of labels that are named as the pictures of ``group``, in any of its folders."""
    named: dict[str, Path] = {}
    for folder in group.folder.walk():
        for name in folder.others:
            stem, suffix = os.path.splitext(name)
            if suffix.lower() in _SUFFIXES:
                named[stem] = folder.path / name
    if not named:
        return []
    found = (named.get(file.name) or named.get(file.stem) for file in group.files)
    return [file for file in found if file is not None]


def _names(text: str, name: str) -> bool:
    """Whether a label in ``text`` is ``name``."""
    return re.search(rf"""(?i)[">]\s*{re.escape(name)}\s*["<]""", _FOLDER.sub("", text)) is not None
