"""Exports of labelling tools (labelImg, Label Studio, CVAT): boxes beside pictures, masks in folders."""

from __future__ import annotations

from pathlib import Path

from tests.engine.data.layouts.layout import Layout, pictures, texts


def _label_img(root: Path) -> None:
    pictures(root, {"": 4})
    texts(root, {"classes.txt": "cat"} | {f"{index}.txt": "0 .5 .5 .1 .1" for index in range(4)})


def _label_studio(root: Path) -> None:
    pictures(root, {"images": 4})
    texts(
        root, {f"labels/{index}.txt": "0 .5 .5 .1 .1" for index in range(4)} | {"notes.json": "{}", "classes.txt": "a"}
    )


def _cvat(root: Path) -> None:
    pictures(root, {"JPEGImages": 4})
    texts(root, {f"Annotations/{index}.xml": "<annotation/>" for index in range(4)})


def _masks(root: Path) -> None:
    pictures(root, {"images": 4, "masks": 4})


def _split_masks(root: Path) -> None:
    pictures(root, {f"{part}/{kind}": 3 for part in ("train", "val") for kind in ("images", "masks")})


LAYOUTS = [
    Layout("labelImg", _label_img, refused="is a detection set (YOLO"),
    Layout("Label Studio", _label_studio, refused="is a detection set (YOLO"),
    Layout("CVAT", _cvat, refused="is a detection set (Pascal VOC"),
    Layout("masks in a folder of their own", _masks, refused="is a segmentation set"),
    Layout("masks below the parts", _split_masks, refused="is a segmentation set"),
]
