"""What other programs write in a way of their own: decimal commas of spreadsheets, MATLAB's lists of one row."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from tests.engine.data.layouts.layout import Layout, pictures, texts
from tests.engine.data.layouts.numpy_files import LABELS, RGB, THREE, npz


def _table(head: str, cells: Sequence[str]) -> Callable[[Path], None]:
    """A maker of a table with semicolons, as spreadsheets write it where a comma begins the fraction."""

    def make(root: Path) -> None:
        pictures(root, {"img": 12})
        texts(root, {"labels.csv": "\n".join([head, *(f"img/{row}.png;{cells[row % 3]}" for row in range(12))])})

    return make


LAYOUTS = [
    Layout(
        "one-hot with decimal commas",
        _table("image;cat;dog;horse", ("1,0;0,0;0,0", "0,0;1,0;0,0", "0,0;0,0;1,0")),
        {"cat": 4, "dog": 4, "horse": 4},
    ),
    Layout("classes as 0,0 and 1,0", _table("Bild;Klasse", ("0,0", "1,0", "2,0")), THREE),
    Layout(
        "scores with decimal commas",
        _table("image;cat;dog", ("0,7;0,3", "0,25;0,75", "0,5;0,5")),
        refused="has scores of classes and no classes in “cat”, “dog” (0.7, 0.3 in its row 1)",
    ),
    Layout(
        "two classes in a cell, between them a comma",
        _table("image;label", ("1,2", "1,3", "2,3")),
        {"1,2": 4, "1,3": 4, "2,3": 4},
        refused='class_column = "label"',
        doubt="numbers with a decimal comma, or two classes in each",
        readings=({"1,2": 4, "1,3": 4, "2,3": 4},),
    ),
    Layout("labels in one row", npz(images=RGB, labels=LABELS[None]), THREE),
    Layout(
        "names of classes as Python objects",
        npz(x=RGB, y=LABELS, class_names=np.array(["cat", "dog", "horse"], object)),
        THREE,
        notes="To use the names, save them as texts: class_names.astype(str)",
    ),
    Layout(
        "a column that marks the rows to train on",
        _table("image;label;is_train", ("cat;1", "dog;1", "cat;0")),
        refused="says that the rows with '1' (8) train, but not whether those with '0' (4) are for validation or for",
        doubt="“is_train” says that the rows with '1' (8) train",
    ),
]
