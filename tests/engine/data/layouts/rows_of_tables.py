"""Rows that a table leaves open: no part, no class, numbers written in two ways; tables that are something else."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from tests.engine.data.layouts.layout import Layout, pictures, texts

_TWO = ("cat", "dog")


def _table(head: str, row: Callable[[int], str], more: str = "") -> Callable[[Path], None]:
    def make(root: Path) -> None:
        pictures(root, {"img": 20})
        texts(root, {"labels.csv": "\n".join([head, *map(row, range(20))]) + more})

    return make


def _validation_of_imagenet(root: Path) -> None:
    pictures(root, {"val": 12}, "ILSVRC2012_val_000000{}.JPEG", "JPEG")
    texts(root, {"val.txt": "\n".join(f"ILSVRC2012_val_000000{i}.JPEG {65 + i % 2}" for i in range(12))})


def _faces(root: Path) -> None:
    """As CelebA."""
    pictures(root, {"img_align_celeba": 8}, "00000{}.jpg", "JPEG")
    rows = [f"00000{i}.jpg {1 - 2 * (i % 2)}  1" for i in range(8)]
    texts(root, {"list_attr_celeba.txt": "\n".join(["8", "Smiling Young", *rows])})
    texts(root, {"list_eval_partition.txt": "\n".join(f"00000{i}.jpg {i // 4}" for i in range(8))})


def _persons(root: Path) -> None:
    """As Market-1501."""
    for folder in ("bounding_box_train", "bounding_box_test", "query"):
        for person in ("0002", "0007"):
            pictures(root, {folder: 3}, f"{person}_c1s1_00045{{}}_03.jpg", "JPEG")


def _person_folders(root: Path) -> None:
    """The same pictures in one folder for each person: these are classes."""
    for person in ("0002", "0007"):
        pictures(root, {person: 6}, f"{person}_c1s1_00045{{}}_03.jpg", "JPEG")


def _arrays(**counts: int) -> Callable[[Path], None]:
    def make(root: Path) -> None:
        for name, count in counts.items():
            np.savez(root / f"{name}.npz", x=np.zeros((count, 8, 8), np.uint8), y=np.arange(count) % 2)

    return make


def _number_last(root: Path) -> Path:
    """As SVHN: height, width, channels, number."""
    np.savez(root / "svhn.npz", X=np.zeros((8, 8, 3, 20), np.uint8), y=np.arange(20) % 2)
    return root / "svhn.npz"


def _pixels(root: Path) -> Path:
    rows = [",".join(map(str, [i % 10, *[7] * 784])) for i in range(20)]
    texts(root, {"train.csv": "\n".join([",".join(["label", *(f"pixel{i}" for i in range(784))]), *rows])})
    return root / "train.csv"


_EXTRA = ("train", "train", "val", "test", "extra")

LAYOUTS = [
    Layout(
        "a value that is no part",
        _table("file,label,split", lambda i: f"img/{i}.png,{_TWO[i % 2]},{_EXTRA[i // 2 % 5]}"),
        {"cat": 6, "dog": 6},
        (8, 4, 4),
        ("4 rows",),
        refused='data.source.other_rows = "leave_out"',
        doubt="some of its values are no part: 'extra' (4)",
        readings=[{"cat": 6, "dog": 6}, {"cat": 8, "dog": 8}, {"cat": 10, "dog": 10}],
    ),
    Layout(
        "numbers written in two ways",
        _table("file,label", lambda i: f"img/{i}.png,{('01', '1', '02', '2.0')[i % 4]}"),
        {"1": 10, "2": 10},
        refused='data.source.class_names = "ignore_case"',
        doubt="'01' and '1', '02' and '2.0'",
        readings=[{"1": 10, "2": 10}, {"01": 5, "1": 5, "02": 5, "2.0": 5}],
    ),
    Layout("a picture and its class in each line", _validation_of_imagenet, {"65": 6, "66": 6}, (10, 2, 0)),
    Layout("several labels a picture", _faces, refused="several labels a picture (list_attr_celeba.txt)"),
    Layout("persons and cameras in the names of files", _persons, refused="a set for finding persons again"),
    Layout("a folder for each person", _person_folders, {"0002": 6, "0007": 6}, (10, 2, 0)),
    Layout("an archive for each part", _arrays(train=20, val=6, test=8), refused="test.npz, train.npz, val.npz"),
    Layout("the number of pictures last", _number_last, refused="np.moveaxis(X, -1, 0)"),
    Layout("pixels in a table", _pixels, refused="28 × 28 pixels in a row"),
]
