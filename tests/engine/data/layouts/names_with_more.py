"""Tables whose pictures have the same more in all of their names, and versions of pictures in two folders."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from tests.engine.data.layouts.layout import Layout, of, pictures, texts

_CLASSES = {"a": 6, "b": 6}
_FACES = {"1": 4, "2": 4, "3": 4}


def _table(file: str, row: str) -> Callable[[Path], None]:
    """Twelve pictures of the name ``file``, and a table that calls them ``row``."""

    def make(root: Path) -> None:
        pictures(root, {"images": 12}, file)
        texts(root, {"labels.csv": "\n".join(("file,label", *(f"{row.format(i)},{'ab'[i % 2]}" for i in range(12))))})

    return make


def _faces(folders: Sequence[str]) -> Callable[[Path], None]:
    """As RAF-DB: pictures of parts by their names, and one list of those and classes from 1."""

    def make(root: Path) -> None:
        rows = []
        for part in ("train", "test"):
            for folder in folders:
                end = "_aligned" if folder == "aligned" else ""
                pictures(root, {f"Image/{folder}": 6}, f"{part}_{{:05}}{end}.jpg", "JPEG")
            rows += [f"{part}_{index:05}.jpg {index % 3 + 1}" for index in range(6)]
        texts(root, {"EmoLabel/list_patition_label.txt": "\n".join(rows)})

    return make


def _lists(root: Path) -> None:
    pictures(root, {"images": 12}, "P{}_face.png")
    for part, rows in (("train", range(8)), ("test", range(8, 12))):
        texts(root, {f"{part}.txt": "\n".join(f"P{i}.png {i % 2}" for i in rows)})


_MORE = "The pictures have other names than in"

LAYOUTS = [
    Layout(
        "faces as in RAF-DB",
        _faces(["aligned"]),
        _FACES,
        refused='part_column = "file_names"',
        doubt="may give the parts of a split: 'test' (6), 'train' (6)",
        readings=(dict.fromkeys(_FACES, 2), _FACES),
    ),
    Layout("more behind the name", _table("p{}_crop.png", "p{}.png"), _CLASSES, (10, 2, 0)),
    Layout("more before the name", _table("crop_p{}.png", "p{}.png"), _CLASSES, (10, 2, 0)),
    Layout("more behind a name without an end", _table("P{}_face.png", "P{}"), _CLASSES, (10, 2, 0)),
    Layout("lists of parts", _lists, {"0": 4, "1": 4}, (6, 2, 4)),
    Layout(
        "versions of pictures alone",
        of({"aligned": 8, "original": 8}),
        {"aligned": 8, "original": 8},
        refused='classes = "folders"',
        doubt="say what was done to their pictures, and no class",
    ),
]
