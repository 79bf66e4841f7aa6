"""Keras: image_dataset_from_directory, and repositories that keep such folders."""

from __future__ import annotations

from pathlib import Path

from tests.engine.data.layouts.layout import Layout, of, pictures, split, texts


def _repository(root: Path) -> None:
    pictures(root, {"Dataset/cat": 5, "Dataset/dog": 5, "Examples/good": 2, "Examples/bad": 2})
    texts(root, {"README.md": "x", "src/train.py": "x", ".git/config": "x"})


def _one_hundred(root: Path) -> None:
    pictures(root, {"flower_photos/daisy": 5, "flower_photos/roses": 5})
    texts(root, {"flower_photos/LICENSE.txt": "x"})


LAYOUTS = [
    Layout("parts in capitals", of(split(5, 0, 2, ("TRAIN", "", "TEST"))), {"cat": 5, "dog": 5}, (8, 2, 4)),
    Layout("a wrapper folder with a licence", _one_hundred, {"daisy": 5, "roses": 5}, (8, 2, 0)),
    Layout("train and validation", of(split(5, 2, 0, ("train", "validation", ""))), {"cat": 7, "dog": 7}, (10, 4, 0)),
    Layout(
        "a repository with two folders of class folders",
        _repository,
        {"Dataset": 10, "Examples": 4},
        left_out=("src", ".git", "README.md"),
        refused="either level may be that of the classes",
        doubt="hold folders with pictures",
        readings=(
            {"Dataset": 10, "Examples": 4},
            {"bad": 2, "cat": 5, "dog": 5, "good": 2},
            {"cat": 5, "dog": 5},
            {"bad": 2, "good": 2},
        ),
    ),
    Layout(
        "parts below the classes",
        of({f"{name}/{part}": count for name in ("cat", "dog") for part, count in (("train", 5), ("test", 2))}),
        {"cat": 5, "dog": 5},
        (8, 2, 4),
    ),
    Layout(
        "raw-img in an archive",
        of({"archive/raw-img/cane": 5, "archive/raw-img/gatto": 5}),
        {"cane": 5, "gatto": 5},
        (8, 2, 0),
    ),
    Layout(
        "an unknown folder with the same classes beside the parts",
        of(split(5, 2) | {"augmented/cat": 3, "augmented/dog": 3}),
        {"cat": 7, "dog": 7},
        refused="augmented lies beside",
        doubt="its name does not say",
        readings=({"cat": 7, "dog": 7}, {"cat": 10, "dog": 10}, {"cat": 7, "dog": 7}),
    ),
]
