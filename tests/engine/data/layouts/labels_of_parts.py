"""Pictures for validation in one heap, with their classes in a table or a text beside them; columns of parts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.engine.data.layouts.layout import Layout, pictures, texts

_WNIDS = ("n01443537", "n01629819")


def _table(root: Path) -> None:
    pictures(root, {"train/cat": 6, "train/dog": 6, "val": 6})
    rows = (f"{number}.png,{('cat', 'dog')[number % 2]}" for number in range(6))
    texts(root, {"val.csv": "\n".join(("filename,label", *rows))})


def _two_tables(root: Path) -> None:
    """The files of both parts have the same names and other classes."""
    _table(root)
    pictures(root, {"test": 6})
    rows = (f"{number}.png,{('cat', 'dog')[number < 2]}" for number in range(6))
    texts(root, {"test.csv": "\n".join(("filename,label", *rows))})


def _tiny_imagenet(root: Path) -> None:
    for name in _WNIDS:
        pictures(root, {f"train/{name}/images": 6}, f"{name}_{{}}.JPEG", "JPEG")
        boxes = (f"{name}_{number}.JPEG\t0\t10\t63\t58\n" for number in range(6))
        texts(root, {f"train/{name}/{name}_boxes.txt": "".join(boxes)})
    for part in ("val", "test"):
        pictures(root, {f"{part}/images": 6}, f"{part}_{{}}.JPEG", "JPEG")
    rows = (f"val_{number}.JPEG\t{_WNIDS[number < 2]}\t0\t32\t44\t62\n" for number in range(6))
    texts(root, {"val/val_annotations.txt": "".join(rows), "wnids.txt": "\n".join(_WNIDS)})


_TWELVE = {"cat": 12, "dog": 12}


def _imagenette(column: str, *parts: str) -> Callable[[Path], None]:
    """A table of noisy classes beside class folders, with a column that repeats the folders' split."""

    def make(root: Path) -> None:
        folders = {f"{part}{name}": 6 for part in (*parts, *([""] * (not parts))) for name in ("cat", "dog")}
        pictures(root, folders)
        rows = [f"{folder}/{i}.png,{folder[-3:]},{i > 3}" for folder in folders for i in range(6)]
        texts(root, {"noisy.csv": "\n".join([f"path,noisy_labels_0,{column}", *rows])})

    return make


LAYOUTS = [
    Layout("a table for validation", _table, {"cat": 9, "dog": 9}, (12, 6, 0)),
    Layout("a table for validation and one for test", _two_tables, {"cat": 9, "dog": 9}, (12, 6, 6)),
    Layout("Tiny ImageNet", _tiny_imagenet, {_WNIDS[0]: 10, _WNIDS[1]: 8}, (12, 6, 0), left_out=("test", "wnids.txt")),
    Layout(
        "a column of parts beside folders of parts", _imagenette("is_valid", "train/", "val/"), _TWELVE, (12, 12, 0)
    ),
    Layout(
        "a column on quality beside class folders alone",
        _imagenette("valid"),
        {"cat": 6, "dog": 6},
        notes="“valid” ('False': 8, 'True': 4) perhaps marks pictures that are not to be used",
    ),
]
