"""Files that hold the classes of pictures, or the pictures, in a form that is not read: named, with the way out."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Set
from pathlib import Path
from typing import Final

from workbench.engine.catalog.datasets.folders.unread_formats import unread_format
from workbench.engine.core.text import grouped, paths_text, quoted
from workbench.engine.pictures.folder_tree import Folder
from workbench.engine.pictures.part_names import words_of
from workbench.engine.pictures.picture_kinds import PACKED, advice
from workbench.engine.pictures.stand_ins import stand_ins

#: Maximum number of bytes that are read of a file.
_MOST: Final = 20_000_000
#: Remedy where no file names the classes.
ANOTHER_WAY: Final = (
    "Write a table (CSV) with the columns file and class and open that, or make one folder of pictures for each class"
)
#: What says that objects in a picture are marked, in JSON and in XML.
_PLACES: Final = re.compile(r'"(bbox|segmentation|keypoints|points|polygon)"|<(box|polygon|polyline|points|mask)\b')
#: Who writes a file so, and the patterns that such a file must contain.
_WRITERS: Final = (
    (".json", "Datumaro", ('"items"', '"label_id"')),
    (".json", "COCO without boxes", ('"images"', '"annotations"', '"category_id"')),
    (".json", "FiftyOne", (r'"filepath"\s*:', r'"_cls"\s*:\s*"Classification')),
    (".json", "Clarifai", (r'"concepts"\s*:\s*\[', r'"(inputs|data)"\s*:')),
    (".json", "FiftyOne", (r'^\s*\{\s*"classes"\s*:\s*\[', r'"labels"\s*:\s*\{')),
    (".xml", "CVAT", ("<annotations", "<image ", "<tag ")),
)
#: Words in names of files with classes, and endings of files that hold what is said of pictures.
_LABELS: Final = frozenset(
    {"label", "labels", "class", "classes", "annotation", "annotations", "target", "targets", "metadata", "truth"}
    | {"gt", "groundtruth"}
)
_BESIDE: Final = (".json", ".yaml", ".yml", ".pkl", ".pickle", ".xml", ".jsonl", ".parquet")
#: What is wrong with these is said where tables are tried.
_TABLES: Final = (".csv", ".tsv")
_NUMBERS: Final = re.compile(r"[-+\d.eE\s]+\Z")
#: A class and four numbers of its box.
_OF_BOX: Final = 5
#: The first line of such a file is within this number of bytes.
_LINE: Final = 4096
#: Texts beside pictures; those of WebDataset end in .cls.
_TEXTS: Final = (".txt", ".cls")
#: Longer texts beside pictures are no classes.
_LONGEST: Final = 60


def unread_labels(root: Folder) -> str:
    """The sentence on a file below ``root`` that gives whole pictures their classes; empty without one."""
    for folder in root.walk():
        for name in folder.others:
            writer = _writer(folder.path / name)
            if writer:
                what = f"{folder.below(name)} gives them their classes in the form of {writer}, which is not read"
                return f"{root.path} holds pictures, and {what}. {ANOTHER_WAY}."
    said = next(_texts(root), None)
    if said is None:
        return ""
    return f"{root.path} holds a text for each picture ({said}), which is not read. {ANOTHER_WAY}."


def unread_data(root: Folder) -> str:
    """The sentence on a file below ``root`` that holds the classes or the pictures as a whole; empty without one."""
    for folder in root.walk():
        for name in folder.others:
            if what := unread_format(name):
                return f"{folder.below(name)} is {what}."
    return stands_for_others(root) or _may_be_labels(root)


def stands_for_others(root: Folder) -> str:
    """A sentence about the first placeholder file (pointer, shortcut) below ``root``; empty if there is none."""
    return stand_ins(
        folder.below(name) for folder in root.walk() for name in (*folder.others, *(name for name, _ in folder.hidden))
    )


def _may_be_labels(root: Folder) -> str:
    """The sentence on files whose names say that classes may be in them; empty without any."""
    stems = {os.path.splitext(name)[0] for folder in root.walk() for name in folder.pictures}
    said = [
        folder.below(name)
        for folder in root.walk()
        for name in folder.others
        if _begins_with(folder.path / name, stems)
        or (_LABELS & set(words_of(os.path.splitext(name)[0])) and not name.lower().endswith((*_TABLES, *PACKED)))
        or name.lower().endswith(_BESIDE)
    ]
    return (
        f"{paths_text(said, 3)} may hold the classes, in a form that is not read here. {ANOTHER_WAY}." if said else ""
    )


def _begins_with(file: Path, stems: Set[str]) -> bool:
    """Whether a text begins with one of ``stems``, the names of pictures without their ending, and a class behind it:
    ``1025794 707-320``."""
    name, _, rest = text_of(file, _LINE).partition("\n")[0].partition(" ") if file.suffix == ".txt" else ("", "", "")
    return name in stems and bool(rest.strip())


def unread_pictures(root: Folder) -> str:
    """The sentence that refuses a folder in which all pictures are of a kind that is not read; else empty."""
    unread = [(folder.below(name), kind) for folder in root.walk() for name, kind in folder.unread]
    if root.total or not unread:
        return ""
    name, kind = unread[0]
    return f"{root.path} holds no picture that can be read: all {grouped(len(unread))} are as {name} ({advice(kind)})."


def _writer(file: Path) -> str:
    """Who writes classes of whole pictures as ``file`` has them; empty if it is no such file."""
    suffix = file.suffix.lower()
    if suffix not in (".json", ".xml"):
        return ""
    text = text_of(file, _MOST)
    found = (
        writer for kind, writer, words in _WRITERS if kind == suffix and all(re.search(word, text) for word in words)
    )
    return next(found, "") if not _PLACES.search(text) else ""


def _texts(root: Folder) -> Iterator[str]:
    """Texts of one line that are named as pictures and hold no box, with what they say."""
    stems = {os.path.splitext(name)[0] for folder in root.walk() for name in folder.pictures}
    for folder in root.walk():
        for name in folder.others:
            stem, suffix = os.path.splitext(name)
            if suffix.lower() in _TEXTS and stem in stems:
                text = text_of(folder.path / name, _LONGEST + 1).strip()
                if text and len(text) <= _LONGEST and "\n" not in text and not _is_box(text):
                    yield f"{folder.below(name)}: {quoted(text)}"


def has_boxes(file: Path) -> bool:
    """Whether a text begins with a class and a box in numbers, as YOLO writes them."""
    return _is_box(text_of(file, _LINE))


def _is_box(text: str) -> bool:
    first = text.strip().partition("\n")[0]
    return len(first.split()) >= _OF_BOX and _NUMBERS.match(first) is not None


def text_of(file: Path, most: int) -> str:
    """The first ``most`` bytes of ``file`` as text; empty where it cannot be read."""
    try:
        with file.open("rb") as stream:
            return stream.read(most).decode("utf-8", "replace")
    except OSError:
        return ""
