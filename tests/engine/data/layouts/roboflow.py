"""Roboflow's exports: folders for classification; boxes and several labels in files."""

from __future__ import annotations

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


LAYOUTS = [
    Layout("classification", of(split(5, 2, 2, ("train", "valid", "test"))), {"cat": 7, "dog": 7}, (10, 4, 4)),
    Layout("boxes as COCO", _coco, refused="is a detection set (COCO"),
    Layout("boxes as YOLO", _yolo, refused="is a detection set (YOLO"),
    Layout("boxes as Pascal VOC", _voc, refused="is a detection set (Pascal VOC"),
    Layout("several labels a picture", _several_labels, refused="no class folders"),
]
