"""The classes in one file above the pictures (``gt.txt``), where the folder of the pictures is opened."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.engine.data.layouts.layout import Layout, pictures, texts


def _above(place: str, table: str, row: str, opened: str, head: str = "") -> Callable[[Path], Path]:
    """Twelve pictures in ``place``, and above it a ``table`` with a ``row`` for each; ``opened`` is what is opened."""

    def make(root: Path) -> Path:
        pictures(root, {place: 12}, "{:05}.png")
        rows = [row.format(name=f"{index:05}.png", label=index % 3) for index in range(12)]
        texts(root, {table: "\n".join((*filter(None, [head]), *rows))})
        return root / opened

    return make


_BOX = "{name};1;1;5;5;{label}"
_HEAD = "Filename;Roi.X1;Roi.Y1;Roi.X2;Roi.Y2;ClassId"
_WAY = "gt.txt, which gives its pictures their classes"

LAYOUTS = [
    Layout("as in GTSDB", _above("images", "gt.txt", _BOX, "images"), refused=_WAY),
    Layout("with blanks", _above("train", "gt.txt", "{name} {label}", "train"), refused=_WAY),
    Layout(
        "as in GTSRB",
        _above("Final_Test/Images", "GT-final_test.csv", _BOX, "Final_Test", _HEAD),
        refused="GT-final_test.csv, which gives its pictures their classes",
    ),
    Layout(
        "a picture of them",
        _above("images", "gt.csv", "{name},{label}", "images/00003.png", "file,label"),
        refused="gt.csv, which gives it and those beside it their classes",
    ),
    Layout(
        "classes without names of pictures",
        _above("train", "gt.txt", "{label}", "."),
        refused="gt.txt may hold the classes, in a form that is not read here. Write a table (CSV)",
    ),
]
