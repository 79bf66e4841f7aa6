"""Folders below class folders that have pictures of their own: used with the class, and asked about by their names."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tests.engine.data.layouts.layout import Layout, of, pictures


def _aside(name: str, counts: Mapping[str, int]) -> Layout:
    """Every picture is used, and a line says that some may not be meant."""
    classes = {kind: sum(n for folder, n in counts.items() if kind in folder.split("/")) for kind in ("cat", "dog")}
    return Layout(name, of(counts), classes, notes="whose names say that they may not be meant")


def _masks_beside(root: Path) -> None:
    """As many masks as pictures, and fewer pictures below than there are masks."""
    pictures(root, {"cat": 6, "dog": 6, "cat/breeds": 2})
    pictures(root, {"cat": 6, "dog": 6}, "{}_mask.png")
    pictures(root, {"cat/bad": 2}, "b{}.png")


LAYOUTS = [
    _aside("rejected pictures", {"cat": 8, "cat/rejected": 3, "dog": 8}),
    _aside("a folder that a desktop has made", {"cat": 8, "dog": 8, "dog/New folder (2)": 3}),
    _aside(
        "thumbnails below every class", {f"{name}{below}": 5 for name in ("cat", "dog") for below in ("", "/thumbs")}
    ),
    _aside("old ones in one part", {"train/cat": 8, "train/cat/_old": 2, "train/dog": 8, "val/cat": 2, "val/dog": 2}),
    Layout(
        "rejected ones among pictures with masks",
        _masks_beside,
        {"cat": 10, "dog": 6},
        notes="are used: cat/bad (2)",
    ),
    Layout(
        "breeds below some pictures",
        of({"cat": 8, "cat/tabby": 3, "dog": 8}),
        {"cat": 11, "dog": 8},
        (15, 4, 0),
    ),
    Layout(
        "ages below some pictures",
        of({"cat": 8, "dog": 8, "dog/young": 2, "dog/old": 2}),
        {"cat": 8, "dog": 12},
        (16, 4, 0),
    ),
    Layout(
        "the same states below several plants",
        of({f"{plant}/{state}": 5 for plant in ("Potato", "Tomato") for state in ("blight", "healthy")}),
        {"blight": 10, "healthy": 10},
        refused="either level may be that of the classes",
        doubt="hold folders of the same names (blight, healthy)",
        readings=(
            {"blight": 10, "healthy": 10},
            {"Potato/blight": 5, "Potato/healthy": 5, "Tomato/blight": 5, "Tomato/healthy": 5},
            {"Potato": 10, "Tomato": 10},
            {"blight": 5, "healthy": 5},
            {"blight": 5, "healthy": 5},
        ),
    ),
    Layout(
        "pictures and thumbnails in each class",
        of({f"{name}/{size}": 5 for name in ("cat", "dog") for size in ("images", "thumbnails")}),
        {"images": 10, "thumbnails": 10},
        refused='left_out = "thumbnails" (Leave out thumbnails → 2 classes (cat: 5, dog: 5))',
        doubt="hold folders of the same names",
    ),
    Layout(
        "folders that are named by a class and a part",
        of({f"{name}_{part}": 5 for name in ("cats", "dogs") for part in ("train", "test")}),
        {"cats": 5, "dogs": 5},
        (8, 2, 10),
        refused='data.source.parts = "train: *_train; test: *_test"',
        doubt="may say a class (cats, dogs) and a part of a split each",
        readings=({"cats": 5, "dogs": 5}, dict.fromkeys(("cats_test", "cats_train", "dogs_test", "dogs_train"), 5)),
    ),
]
