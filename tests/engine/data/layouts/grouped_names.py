"""Groups that only names of files say (patients, films, augmented pictures), and names that are only numbered."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from PIL import Image

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


def _slow_film(root: Path) -> None:
    """Two films of 30 frames, numbered on, whose pictures change a little from frame to frame."""
    random = np.random.Generator(np.random.PCG64(5))
    for film, kind in enumerate(("closed", "open")):
        (root / kind).mkdir()
        scene = random.uniform(60, 190, (12, 12))
        for frame in range(30):
            scene = np.clip(scene + random.normal(0, 12, scene.shape), 0, 255)
            Image.fromarray(scene.astype(np.uint8)).save(root / kind / f"{30 * film + frame:06}.png")


def _few_edited(root: Path) -> None:
    """As Google Takeout names them: three of the pictures have an edited one beside them."""
    _in_order("IMG_{:04}.jpg")(root)
    for index in range(3):
        pictures(root, {"cat": 1}, f"IMG_{index:04}-bearbeitet.jpg")
        pictures(root, {"dog": 1}, f"IMG_{index:04}_x.jpg")


_TWICE = {"cat": 10, "dog": 10}
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
    Layout("films", _slow_film, {"closed": 30, "open": 30}, (48, 12, 0), notes="neighbouring numbers are nearly equal"),
    Layout(
        "copies that a browser numbers",
        _each(["IMG_{}.jpg", "IMG_{}(1).jpg", "IMG_{}(2).jpg"]),
        _CLASSES,
        (24, 6, 0),
        notes=_NOTE,
    ),
    Layout("edited on an iPhone", _each(["IMG_00{:02}.JPG", "IMG_E00{:02}.JPG"]), _TWICE, (16, 4, 0), notes="(0000, "),
    Layout(
        "patients of TCGA behind a number of the tile",
        _each([f"blk-{letters}{{0}}-TCGA-AA-{{0:04}}-01Z-00-DX1.png" for letters in ("AKQ", "LSD", "ZUE")]),
        _CLASSES,
        (24, 6, 0),
        notes="hold the same code in groups (TCGA-AA-0000, ",
    ),
    Layout("a few edited pictures among others", _few_edited, {"cat": 15, "dog": 15}, (24, 6, 0), notes="6 of 30"),
    Layout("cameras", _in_order("IMG_{:04}.JPG"), {"cat": 12, "dog": 12}, (20, 4, 0)),
    Layout("phones", _in_order("IMG_20230114_1530{:02}.jpg"), {"cat": 12, "dog": 12}, (20, 4, 0)),
]
