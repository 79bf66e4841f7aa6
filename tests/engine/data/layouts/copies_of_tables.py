"""A table beside its copy, as a browser or a desktop names it: the original is read, and other classes are said."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.engine.data.layouts.layout import Layout, pictures, texts

_BOTH = {"cat": 8, "dog": 4}
_MOVED = {"cat": 4, "dog": 8}


def _with_copy(name: str, changed: int, more: int = 0) -> Callable[[Path], None]:
    """``labels.csv``, and ``name`` in which so many pictures have another class, and so ``more`` have one at all."""

    def make(root: Path) -> None:
        pictures(root, {"images": 12 + more})
        rows = [(f"images/{i}.png", "dog" if i < 4 else "cat") for i in range(12 + more)]
        other = [(file, "dog" if i < 4 + changed else label) for i, (file, label) in enumerate(rows)]
        for table, lines in (("labels.csv", rows[:12]), (name, other)):
            texts(root, {table: "\n".join(["file,label", *(",".join(each) for each in lines), ""])})

    return make


def _test_repeats_training(root: Path) -> None:
    _with_copy("test.csv", 0)(root)
    (root / "labels.csv").rename(root / "train.csv")


LAYOUTS = [
    Layout(
        f"{name}, other classes",
        _with_copy(name, 4),
        _BOTH,
        left_out=(name,),
        refused='data.source.class_column = "label" (Use labels.csv as it is',
        doubt=f"{name} is called as the copy of labels.csv and gives 4 of 12 pictures another class",
        readings=(_BOTH, _MOVED),
    )
    for name in ("labels (1).csv", "labels - Kopie.csv", "labels - Copy.csv", "Copy of labels.csv")
] + [
    Layout(
        "a test table with all pictures of training",
        _test_repeats_training,
        _BOTH,
        refused='data.source.test_table = "none"',
        doubt="train.csv and test.csv name the same 12 pictures",
        readings=(_BOTH,),
    ),
    Layout("the same twice", _with_copy("labels (1).csv", 0), _BOTH, left_out=("labels (1).csv",)),
    Layout("the copy has more rows", _with_copy("labels (1).csv", 0, 3), _BOTH, left_out=("labels (1).csv",)),
]
