"""Folders as the downloaders of Open Images and ImageNet leave them."""

from __future__ import annotations

from collections.abc import Callable
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


def _pets_with_lists(masks: bool) -> Callable[[Path], None]:
    """Breeds of several pictures, number, species and breed in the lists, with comments in the first."""

    def make(root: Path) -> None:
        pictures(root, {"images": 8}, "Abyssinian_{}.jpg", "JPEG")
        pictures(root, {"images": 8}, "american_bulldog_{}.jpg", "JPEG")
        rows = [f"{name} {number} {number} 1" for number, name in ((1, "Abyssinian"), (2, "american_bulldog"))]
        rows = [row.replace(" ", f"_{index} ", 1) for row in rows for index in range(8)]
        lists = {"trainval": rows[:5] + rows[8:13], "test": rows[5:8] + rows[13:]}
        lists["list"] = ["#Image CLASS-ID SPECIES BREED ID", "#SPECIES: 1:Cat 2:Dog", *rows]
        texts(root, {f"annotations/{name}.txt": "\n".join(lines) for name, lines in lists.items()})
        if masks:
            pictures(root, {"annotations/trimaps": 8}, "Abyssinian_{}.png")
            pictures(root, {"annotations/trimaps": 8}, "american_bulldog_{}.png")
            texts(root, {"annotations/xmls/Abyssinian_0.xml": "<annotation/>"})

    return make


def _one_is_missing(root: Path) -> None:
    _pets_with_lists(False)(root)
    (root / "images" / "Abyssinian_7.jpg").unlink()


def _negative(root: Path) -> Path:
    """Open Images: of each picture a class that it is verified to be, and of some one that it is not."""
    pictures(root, {"img": 12})
    rows = [f"{row},verification,/m/0{row % 2},1" for row in range(12)]
    rows += [f"{row},verification,/m/0{1 - row % 2},0" for row in range(4)]
    texts(root, {"labels.csv": "\n".join(("ImageID,Source,LabelName,Confidence", *rows))})
    return root / "labels.csv"


PETS = {"Abyssinian": 5, "american_bulldog": 5}
LAYOUTS = [
    Layout(
        "Oxford's pets: the split in lists",
        _pets_with_lists(False),
        PETS,
        (8, 2, 6),
        left_out=("annotations/list.txt",),
        refused="lie in no class folders",
        doubt="Their names begin with Abyssinian, american_bulldog",
        readings=(PETS,),
    ),
    Layout(
        "Oxford's pets: the split in lists, and masks",
        _pets_with_lists(True),
        PETS,
        (8, 2, 6),
        left_out=("annotations/list.txt", "annotations/trimaps"),
        refused="the names of the pictures may say their class",
        doubt="is a segmentation set",
        readings=(PETS,),
    ),
    Layout(
        "Oxford's pets: the lists name a picture that is not there",
        _one_is_missing,
        {"Abyssinian": 7, "american_bulldog": 8},
        refused="lie in no class folders",
        doubt="Their names begin with",
        readings=({"Abyssinian": 7, "american_bulldog": 8},),
    ),
    Layout("what a picture is not", _negative, {"/m/00": 6, "/m/01": 6}, (10, 2, 0), left_out=("4 rows",)),
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
