"""Groups that only names of files say (patients, films, augmented pictures), and names that are only numbered."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from tests.engine.data.layouts.layout import Layout, pictures

_NOTE = "begin alike in groups"


def _each(names: Sequence[str], are_shared: bool = False) -> Callable[[Path], None]:
    """For 5 groups of each of two classes a picture of each of ``names``; ``are_shared``: numbered alike in both."""

    def make(root: Path) -> None:
        for label, kind in enumerate(("cat", "dog")):
            for group in range(5):
                for name in names:
                    pictures(root, {kind: 1}, name.format(group if are_shared else 5 * label + group))

    return make


def _in_order(name: str) -> Callable[[Path], None]:
    """12 pictures of each class, numbered on."""

    def make(root: Path) -> None:
        for index in range(12):
            pictures(root, {"cat": 1, "dog": 1}, name.format(index))

    return make


_CLASSES = {"cat": 15, "dog": 15}

LAYOUTS = [
    Layout("patients", _each([f"patient{{:02}}_a_{i}.png" for i in range(3)]), _CLASSES, (24, 6, 0), notes=_NOTE),
    Layout(
        "augmented pictures beside the original",
        _each(["img{}.png", "img{}_flip.png", "img{}_rot90.png"]),
        _CLASSES,
        (24, 6, 0),
        notes=_NOTE,
    ),
    Layout(
        "tracks, as in GTSRB", _each([f"{{:05}}_{i:05}.ppm" for i in range(3)], True), _CLASSES, (24, 6, 0), notes=_NOTE
    ),
    Layout("cameras", _in_order("IMG_{:04}.JPG"), {"cat": 12, "dog": 12}, (20, 4, 0)),
    Layout("phones", _in_order("IMG_20230114_1530{:02}.jpg"), {"cat": 12, "dog": 12}, (20, 4, 0)),
]
