"""Test parts whose classes are written otherwise than those of training, or are others."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tests.engine.data.layouts.layout import Layout, of, pictures, texts
from tests.engine.data.layouts.numpy_files import npz

BOTH = {"cat": 6, "dog": 6}
PICTURES = np.random.Generator(np.random.PCG64(5)).integers(0, 256, (16, 6, 6, 3), np.uint8)


def _column(root: Path, part: str) -> Path:
    """The last of 16 rows are of another part, and all of one class."""
    pictures(root, {"img": 16})
    rows = [f"img/{i}.png,{'dog' if i % 2 and i < 12 else 'cat'},{'train' if i < 12 else part}" for i in range(16)]
    texts(root, {"list.csv": "\n".join(["path,label,split", *rows])})
    return root / "list.csv"


LAYOUTS = [
    Layout(
        "test folders whose names have other marks between the words",
        of({"train/Glioma_tumor": 5, "train/No tumor": 5, "test/glioma-tumor": 4, "test/no_tumor": 5}),
        {"Glioma_tumor": 5, "No tumor": 5},
        (8, 2, 9),
    ),
    Layout(
        "a test part of other classes alone",
        of({"train/cat": 5, "train/dog": 5, "test/cow": 4, "test/pig": 4}),
        {"cat": 5, "dog": 5},
        (8, 2, 0),
        refused="It has no other, so that nothing of it could be tested",
        doubt="has classes that training has not: 'cow', 'pig'",
        readings=({"cat": 5, "dog": 5},),
    ),
    Layout(
        "one class in the test folder",
        of({"train/cat": 6, "train/dog": 6, "test/cat": 4}),
        BOTH,
        (10, 2, 4),
        notes="All 4 examples of the test part are of one class, 'cat', and training has 2",
    ),
    Layout(
        "one class in the folder for validation",
        of({"train/cat": 6, "train/dog": 6, "val/cat": 4, "test/cat": 4, "test/dog": 4}),
        {"cat": 10, "dog": 6},
        (12, 4, 8),
        notes="validation accuracy says nothing of the others",
    ),
    Layout(
        "one class in the test rows of a column",
        lambda root: _column(root, "test"),
        BOTH,
        (10, 2, 4),
        notes="All 4 examples of the test part are of one class, 'cat'",
    ),
    Layout(
        "one class in the validation rows of a column",
        lambda root: _column(root, "val"),
        {"cat": 10, "dog": 6},
        (12, 4, 0),
        notes="All 4 examples of the validation part are of one class, 'cat'",
    ),
    Layout(
        "one class in the test arrays",
        npz(x_train=PICTURES[:12], y_train=np.arange(12) % 2, x_test=PICTURES[12:], y_test=np.zeros(4, np.int64)),
        {"0": 6, "1": 6},
        (10, 2, 4),
        notes="All 4 examples of the test part are of one class, '0'",
    ),
]
