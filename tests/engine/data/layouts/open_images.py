"""Folders as the downloaders of Open Images and ImageNet leave them."""

from __future__ import annotations

from pathlib import Path

from tests.engine.data.layouts.layout import Layout, of, pictures, split, texts


def _toolkit(root: Path) -> None:
    for part, count in (("train", 5), ("validation", 2)):
        pictures(root / "OID" / "Dataset" / part, {"Apple": count, "Orange": count})
        texts(
            root / "OID" / "Dataset" / part / "Apple" / "Label",
            {f"{index}.txt": "Apple 1 2 3 4" for index in range(count)},
        )


def _stanford_dogs(root: Path) -> None:
    pictures(root, {"Images/n02085620-Chihuahua": 5, "Images/n02085782-Japanese_spaniel": 5})
    texts(root, {"Annotation/n02085620-Chihuahua/n02085620_7": "<annotation></annotation>"})


def _oxford_pets(root: Path) -> None:
    for name in ("Abyssinian", "american_bulldog"):
        pictures(root, {"images": 6}, f"{name}_{{}}.jpg", "JPEG")
        pictures(root, {"annotations/trimaps": 6}, f"{name}_{{}}.png")
    texts(root, {"annotations/list.txt": "#Image CLASS-ID SPECIES BREED ID", "annotations/xmls/a.xml": "<annotation/>"})


LAYOUTS = [
    Layout("OID's toolkit", _toolkit, {"Apple": 7, "Orange": 7}, (10, 4, 0)),
    Layout(
        "annotations without suffix beside class folders",
        _stanford_dogs,
        {"n02085620-Chihuahua": 5, "n02085782-Japanese_spaniel": 5},
        (8, 2, 0),
    ),
    Layout(
        "Oxford's pets: classes in the names of files, beside masks",
        _oxford_pets,
        {"Abyssinian": 6, "american_bulldog": 6},
        refused="the names of the pictures may say their class",
        doubt="is a segmentation set: images holds pictures",
        readings=({"Abyssinian": 6, "american_bulldog": 6},),
    ),
    Layout("train2017 and val2017", of(split(5, 2, 0, ("train2017", "val2017", ""))), {"cat": 7, "dog": 7}, (10, 4, 0)),
    Layout(
        "train_images, val_images",
        of(split(5, 2, 0, ("train_images", "val_images", ""))),
        {"cat": 7, "dog": 7},
        (10, 4, 0),
    ),
]
