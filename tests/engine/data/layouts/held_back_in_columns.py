"""Columns that leave open what is held back, rows that contradict each other, numbers in two folders, JSON by file."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from tests.engine.data.layouts.layout import Layout, pictures, texts

_BOTH = {"cat": 6, "dog": 6}
_CLASSES = ("cat", "dog")


def _table(head: str, row: Callable[[int], str], count: int = 12) -> Callable[[Path], Path]:
    """A table of pictures with their classes, and what ``row`` says of the number of each."""

    def make(root: Path) -> Path:
        pictures(root, {"img": count})
        rows = "".join(f"img/{number}.png,{_CLASSES[number % 2]},{row(number)}\n" for number in range(count))
        texts(root, {"labels.csv": f"file,label,{head}\n{rows}"})
        return root / "labels.csv"

    return make


def _twice(root: Path) -> Path:
    """Every picture has a row for either class."""
    pictures(root, {"img": 12})
    rows = "".join(f"img/{row}.png,{name}\n" for row in range(12) for name in _CLASSES[:: 1 - 2 * (row % 2)])
    texts(root, {"labels.csv": f"file,label\n{rows}"})
    return root / "labels.csv"


def _numbers(root: Path) -> None:
    """Numbers that both folders have; the table is called as one of them."""
    pictures(root, {"train": 12, "test": 12})
    texts(root, {"trainLabels.csv": "id,label\n" + "".join(f"{row},{_CLASSES[row % 2]}\n" for row in range(12))})


def _json(root: Path) -> Path:
    pictures(root, {"img": 12})
    parts = ("train", "train", "train", "val", "test", "test")
    said = {f"img/{row}.png": {"label": _CLASSES[row % 2], "split": parts[row // 2]} for row in range(12)}
    texts(root, {"labels.json": json.dumps(said)})
    return root / "labels.json"


LAYOUTS = [
    Layout(
        "yes and no for training",
        _table("is_train", lambda row: str(row < 8)),
        _BOTH,
        refused="part_column",
        doubt="is_train",
        readings=(_BOTH, _BOTH, {"cat": 4, "dog": 4}),
    ),
    Layout(
        "folds, and -1 for none of them",
        _table("fold", lambda row: str(row // 4 - 1)),
        _BOTH,
        refused='data.source.test_value = "-1"',
        doubt="which are held back",
    ),
    Layout("two classes of every picture", _twice, refused="named twice"),
    Layout("numbers in two folders, one called as the table", _numbers, _BOTH, (10, 2, 0)),
    Layout("JSON with a class and a part for each file", _json, {"cat": 4, "dog": 4}, (6, 2, 4)),
]
