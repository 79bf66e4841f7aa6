"""Roboflow's exports: folders for classification; boxes and several labels in files."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from pathlib import Path

from tests.engine.data.layouts.layout import Layout, of, pictures, split, texts


def _coco(root: Path) -> None:
    pictures(root, {"train": 3, "valid": 2})
    texts(root, {"train/_annotations.coco.json": "{}", "valid/_annotations.coco.json": "{}"})


def _yolo(root: Path) -> None:
    pictures(root, {"train/images": 3, "valid/images": 2})
    texts(root, {f"train/labels/{index}.txt": "0 .5 .5 .1 .1" for index in range(3)} | {"data.yaml": "nc: 2"})


def _voc(root: Path) -> None:
    pictures(root, {"train": 3, "valid": 2})
    texts(root, {f"train/{index}.xml": "<annotation/>" for index in range(3)})


def _several_labels(root: Path) -> None:
    pictures(root, {"train": 3, "valid": 2})
    rows = "filename, cat, dog\n0.png, 1, 1\n1.png, 0, 1\n2.png, 1, 0\n"
    texts(root, {"train/_classes.csv": rows, "valid/_classes.csv": rows})


def _one_label(root: Path) -> None:
    for part, count in (("train", 12), ("valid", 4), ("test", 4)):
        pictures(root, {part: count})
        rows = "\n".join(f"{index}.png, {int(index % 2 == 0)}, {index % 2}" for index in range(count))
        texts(root, {f"{part}/_classes.csv": f"filename, cat, dog\n{rows}"})


def _no_mark(root: Path) -> None:
    pictures(root, {"": 12})
    rows = [f"{i}.png,{int(i % 3 == 0)},{int(i % 3 == 1)}" for i in range(12)]
    texts(root, {"_classes.csv": "\n".join(["filename,cat,dog", *rows])})


def _copies(where: str) -> Callable[[Path], None]:
    """Three copies of each of six pictures, the last for validation if ``where`` has parts."""

    def make(root: Path) -> None:
        for name, index, copy in product(("cat", "dog"), range(6), range(3)):
            folder = where.format(name=name, part="valid" if copy == 2 else "train")
            pictures(root, {folder: 1}, f"{name}{index}_jpg.rf.{10**31 + 100 * index + copy}.jpg", "JPEG")

    return make


LAYOUTS = [
    Layout("classification", of(split(5, 2, 2, ("train", "valid", "test"))), {"cat": 7, "dog": 7}, (10, 4, 4)),
    Layout("boxes as COCO", _coco, refused="is a detection set (COCO"),
    Layout("boxes as YOLO", _yolo, refused="is a detection set (YOLO"),
    Layout("boxes as Pascal VOC", _voc, refused="is a detection set (Pascal VOC"),
    Layout("several labels a picture", _several_labels, refused="train/_classes.csv instead, which needs a setting"),
    Layout(
        "no label of some pictures",
        _no_mark,
        {"cat": 4, "dog": 4},
        refused="has a 0 in every class column in 4 rows of 12 (3, 6, 9, 12)",
        doubt="in every class column in 4 rows of 12",
        readings=({"cat": 4, "dog": 4, "none": 4}, {"cat": 4, "dog": 4}),
    ),
    Layout("one label a picture, a table in each part", _one_label, {"cat": 8, "dog": 8}, (12, 4, 4)),
    Layout(
        "augmented copies that the settings split",
        _copies("{name}"),
        {"cat": 18, "dog": 18},
        (28, 8, 0),
        notes="augmented copies both in training",
    ),
    Layout(
        "augmented copies in two parts",
        _copies("{part}/{name}"),
        {"cat": 18, "dog": 18},
        (24, 12, 0),
        notes="The data's own parts divide them",
    ),
]
