"""Tables without a column for the parts, whose pictures say them: by their folders, or by their names."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.engine.data.layouts.layout import Layout, pictures, texts

_ALL, _TRAINED = {"cat": 9, "dog": 9}, {"cat": 6, "dog": 6}
_OF_TEST = {"cat": 6, "dog": 6}
_CHOICE = 'data.source.part_column = "file_names"'


def _rows(names: list[str]) -> str:
    return "".join(f"{name},{('cat', 'dog')[row % 2]}\n" for row, name in enumerate(names))


def _named(pattern: str, parts: dict[str, int]) -> Callable[[Path], Path]:
    """A table of pictures in one folder, with the part in their names by ``pattern``."""

    def make(root: Path) -> Path:
        names = []
        for part, count in parts.items():
            pictures(root, {"images": count}, pattern.format(part, "{:03}"))
            names += [f"images/{pattern.format(part, f'{row:03}')}" for row in range(count)]
        texts(root, {"labels.csv": f"file,label\n{_rows(names)}"})
        return root / "labels.csv"

    return make


def _in_folders(table: str, *folders: str) -> Callable[[Path], Path]:
    """A table of names alone; the first folder has 12 pictures, the others 6 each."""

    def make(root: Path) -> Path:
        names, first = [], 0
        for folder, count in zip(folders, (12, 6, 6), strict=False):
            for row in range(first, first + count):
                pictures(root, {folder: 1}, f"p{row:03}.png")
                names.append(f"p{row:03}.png")
            first += count
        texts(root, {table: f"file,label\n{_rows(names)}"})
        return root / table

    return make


LAYOUTS = [
    Layout(
        "train and test in the names of files",
        _named("{}_{}.png", {"train": 12, "test": 6}),
        _ALL,
        (14, 4, 0),
        refused=_CHOICE,
        doubt="may give the parts of a split: 'test' (6), 'train' (12)",
        readings=(_TRAINED, _ALL),
    ),
    Layout(
        "three parts at the ends of names",
        _named("p{1}_{0}.png", {"train": 12, "val": 6, "test": 6}),
        {"cat": 12, "dog": 12},
        refused=_CHOICE,
        doubt="'test' (6), 'train' (12), 'val' (6)",
        readings=(_ALL, {"cat": 12, "dog": 12}),
    ),
    Layout("one word in all names says nothing", _named("{}_{}.png", {"train": 18}), _ALL, (14, 4, 0)),
    Layout(
        "names found in train and test",
        _in_folders("labels.csv", "train", "test"),
        _OF_TEST,
        (10, 2, 6),
    ),
    Layout(
        "names found in three parts below a folder of pictures",
        _in_folders("all.csv", "images/train", "images/val", "images/test"),
        {"cat": 9, "dog": 9},
        (12, 6, 6),
    ),
    Layout("names found in folders of no parts", _in_folders("labels.csv", "train", "batch"), _ALL, (14, 4, 0)),
]
