"""Lists of pictures for each part beside a table of classes; lists with the class first, or behind a comma."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.engine.data.layouts.layout import Layout, pictures, texts

_BOTH = {"cat": 6, "dog": 6}
_OTHERS = {"train.txt": range(8), "val.txt": range(20, 24)}
_TWICE = {"train.txt": range(8), "val.txt": range(7, 12)}
_HALVES = {"train.txt": range(6), "val.txt": range(6, 12)}


def beside(lists: dict[str, range], name: str = "{}.png") -> Callable[[Path], Path]:
    """A table of 12 pictures, and lists of some of them."""

    def make(root: Path) -> Path:
        pictures(root, {"img": 12})
        rows = "".join(f"{row}.png,{('cat', 'dog')[row % 2]}\n" for row in range(12))
        texts(root, {"labels.csv": f"file,label\n{rows}"})
        texts(root, {file: "".join(f"{name.format(row)}\n" for row in numbers) for file, numbers in lists.items()})
        return root / "labels.csv"

    return make


def _written(line: str) -> Callable[[Path], None]:
    """Lists of pictures and classes in a folder ``images``, a line for each; there are no class folders."""

    def make(root: Path) -> None:
        pictures(root, {"images": 12})
        lists = {"train.txt": range(8), "val.txt": range(8, 12)}
        lines = {name: [line.format(f"images/{row}.png", row % 2) for row in rows] for name, rows in lists.items()}
        texts(root, {name: "\n".join(each) for name, each in lines.items()})

    return make


LAYOUTS = [
    Layout("lists for training and validation", beside(_HALVES), _BOTH, (6, 6, 0)),
    Layout(
        "lists that leave pictures out",
        beside({"train.txt": range(6), "test.txt": range(6, 10)}, "{}"),
        {"cat": 3, "dog": 3},
        (4, 2, 4),
        left_out=("2 rows",),
    ),
    Layout(
        "a picture in two lists",
        beside(_TWICE),
        _BOTH,
        (10, 2, 0),
        left_out=("val.txt",),
    ),
    Layout("a list of other pictures", beside(_OTHERS), _BOTH, (10, 2, 0)),
    Layout("notes beside a table", beside({"readme.txt": range(8), "train.txt": range(8)}), _BOTH, (10, 2, 0)),
    Layout("the class first, as in lists of Caffe's kind", _written("{1} {0}"), {"0": 6, "1": 6}, (8, 4, 0)),
    Layout("the class behind a comma", _written("{0}, c{1}"), {"c0": 6, "c1": 6}, (8, 4, 0)),
]
