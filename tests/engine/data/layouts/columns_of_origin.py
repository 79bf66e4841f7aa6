"""Columns and arrays that say where or with what pictures were made; classes that training lacks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from tests.engine.data.layouts.columns_of_arrays import ALL, HALF, X, Y
from tests.engine.data.layouts.layout import Layout, pictures, texts
from tests.engine.data.layouts.numpy_files import LABELS, RGB, THREE, npz

_ALL = {"cat": 8, "dog": 8}
_SPLIT = np.array(["train", "test"])[[0] * 8 + [1] * 4]


def _with(head: str, values: Sequence[str]) -> Callable[[Path], Path]:
    """A table of 8 cats and 8 dogs by turns, with a column more."""

    def make(root: Path) -> Path:
        pictures(root, {"img": 16})
        rows = (f"img/{row}.png,{('cat', 'dog')[row % 2]},{value}\n" for row, value in enumerate(values))
        texts(root, {"labels.csv": f"file,label,{head}\n{''.join(rows)}"})
        return root / "labels.csv"

    return make


LAYOUTS = [
    Layout(
        "one name more than there are labels",
        npz(images=X, labels=Y, class_names=np.array(["cat", "dog", "fox", "yak"])),
        {"cat": 8, "dog": 8, "fox": 8, "yak": 0},
        (18, 6, 0),
        notes="1 class has a name and no picture to train on: 'yak'",
    ),
    Layout(
        "the hospital of each picture",
        _with("hospital", [f"h{row // 4}" for row in range(16)]),
        _ALL,
        left_out=("column “hospital”",),
        doubt="a value for each picture: “hospital”",
        notes="the split puts them on both sides",
        readings=(_ALL, _ALL),
    ),
    Layout("a camera that is another one for each picture", _with("camera", [f"c{row}" for row in range(16)]), _ALL),
    Layout("a camera for each class", _with("camera", ["a", "b"] * 8), _ALL),
    Layout("the age of each cat and dog", _with("age", [str(row // 4) for row in range(16)]), _ALL),
    Layout(
        "two hospitals",
        npz(images=RGB, labels=LABELS, hospital=np.array(["a", "b"])[np.arange(12) // 6]),
        THREE,
        doubt="a value for each picture: “hospital”",
        notes="the split puts them on both sides",
        readings=(THREE, THREE),
    ),
    Layout(
        "numbers of rows that two parts share",
        npz(images=X, labels=Y, train_idx=np.arange(16), test_idx=np.arange(12, 24)),
        ALL,
        refused='part_column = "train_idx, test_idx"',
        doubt="name 4 examples for two parts",
        readings=(HALF, ALL),
    ),
    Layout(
        "a split array whose test has a class of its own",
        npz(images=RGB, labels=np.where(np.arange(12) < 8, LABELS % 2, LABELS), split=_SPLIT),
        {"0": 5, "1": 3},
        (6, 2, 2),
        left_out=("2 pictures",),
    ),
]
