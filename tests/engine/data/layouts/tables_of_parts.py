"""Splits in several tables or lists: train, validation and test beside the pictures or in the folders of the parts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from tests.engine.data.layouts.layout import Layout, pictures, texts

NAMES = [("cat", "dog")[index % 2] for index in range(20)]
RANGES = {"train": range(12), "val": range(12, 16), "test": range(16, 20)}
BOTH = {"cat": 8, "dog": 8}


def tables(root: Path, row: Callable[[int], str], head: str = "filename,label", parts: Sequence[str] = ()) -> None:
    texts(root, {f"{p}.csv": "\n".join([head, *map(row, RANGES[p])]) for p in (parts or RANGES)})


def _beside_one_folder(root: Path) -> None:
    pictures(root, {"images": 20})
    tables(root, lambda i: f"{i}.png,{NAMES[i]}")


def _class_folders(root: Path) -> None:
    for index, name in enumerate(NAMES):
        pictures(root, {name: 1}, f"{index}.png")


def _beside_class_folders(root: Path) -> None:
    _class_folders(root)
    tables(root, lambda i: f"{NAMES[i]}/{i}.png,{NAMES[i]}")


def _numbers_beside_names(root: Path) -> None:
    """As EuroSAT comes at Kaggle."""
    _class_folders(root)
    tables(root, lambda i: f"{i},{NAMES[i]}/{i}.png,{i % 2},{NAMES[i]}", ",Filename,Label,ClassName")


def _lists(root: Path) -> None:
    """As Food-101: paths without suffix in another folder, and no class beside them."""
    _class_folders(root / "images")
    parts = {"train": range(15), "test": range(15, 20)}
    texts(root, {f"meta/{part}.txt": "\n".join(f"{NAMES[i]}/{i}" for i in rows) for part, rows in parts.items()})


def _other_classes(root: Path) -> None:
    """As miniImageNet: the parts have no class in common."""
    pictures(root, {"images": 20})
    first = {part: 2 * number for number, part in enumerate(RANGES)}
    for part, number in first.items():
        tables(root, lambda i, number=number: f"{i}.png,n{i % 2 + number}", parts=[part])  # type: ignore[misc]


def _one_class_more(root: Path) -> None:
    pictures(root, {"images": 20})
    tables(root, lambda i: f"{i}.png,{NAMES[i]}", parts=["train"])
    tables(root, lambda i: f"{i}.png,{'cow' if i == 19 else NAMES[i]}", parts=["test"])


def _one_picture_twice(root: Path) -> None:
    pictures(root, {"images": 20})
    tables(root, lambda i: f"{i}.png,{NAMES[i]}", parts=["train"])
    tables(root, lambda i: f"{i % 18}.png,{NAMES[i]}", parts=["test"])


def _without_labels(root: Path) -> None:
    pictures(root, {"images": 20})
    tables(root, lambda i: f"{i}.png,{NAMES[i]}", parts=["train"])
    tables(root, lambda i: f"{i}.png", "filename", ["test"])


def _other_column(root: Path) -> None:
    pictures(root, {"images": 20})
    tables(root, lambda i: f"{i}.png,{NAMES[i]}", parts=["train"])
    tables(root, lambda i: f"{i}.png,{NAMES[i]},{i % 2}", "filename,kind,sharp", ["val"])


def _too_few(root: Path) -> None:
    pictures(root, {"images": 20})
    tables(root, lambda i: f"{i}.png,{NAMES[i]}", parts=["train"])


LAYOUTS = [
    Layout("beside one folder of pictures", _beside_one_folder, BOTH, (12, 4, 4)),
    Layout("beside class folders", _beside_class_folders, BOTH, (12, 4, 4)),
    Layout("the number of the class beside its name", _numbers_beside_names, BOTH, (12, 4, 4), ("column “Label”",)),
    Layout("lists of paths beside class folders", _lists, {"cat": 8, "dog": 7}, (12, 3, 5)),
    Layout(
        "validation and test have other classes",
        _other_classes,
        {"n0": 6, "n1": 6},
        (10, 2, 0),
        ("val.csv", "test.csv"),
        refused='data.source.validation_table = "none"',
        doubt="No class in val.csv, test.csv is one of train.csv",
        readings=({"n0": 6, "n1": 6},),
    ),
    Layout(
        "the class of the validation part in another column",
        _other_column,
        {"cat": 6, "dog": 6},
        (10, 2, 0),
        ("val.csv",),
        refused='data.source.validation_table = "none"',
        doubt="val.csv is named as the validation part and is not used: it has no column called 'label'",
        readings=({"cat": 6, "dog": 6},),
    ),
    Layout(
        "a class in test alone",
        _one_class_more,
        {"cat": 6, "dog": 6},
        refused="test_table = ",
        doubt="test.csv has classes that train.csv has not: cow",
        readings=({"cat": 6, "dog": 6},),
    ),
    Layout(
        "a picture for two parts",
        _one_picture_twice,
        {"cat": 6, "dog": 6},
        (10, 2, 2),
        refused='data.source.repeated = "first"',
        doubt="train.csv and test.csv name the same 2 pictures (0.png, 1.png): one picture for two parts",
        readings=({"cat": 6, "dog": 6}, {"cat": 5, "dog": 5}, {"cat": 6, "dog": 6}),
    ),
    Layout("a table of some of the pictures", _too_few, {"cat": 6, "dog": 6}, (10, 2, 0), ("8 pictures in images",)),
    Layout("a test table without classes", _without_labels, {"cat": 6, "dog": 6}, (10, 2, 0), ("test.csv",)),
]
