"""Words that programs write where there is no class, and the same words as classes."""

from __future__ import annotations

from pathlib import Path

from tests.engine.data.layouts.classes_in_cells import cells
from tests.engine.data.layouts.layout import Layout, pictures, texts

BOTH = {"cat": 2, "dog": 2}


def _placeholders(root: Path) -> Path:
    pictures(root, {"": 16})
    rows = [f"{index}.png,{'ab'[index % 2]}" for index in range(12)]
    texts(root, {"train.csv": "\n".join(["id,label", *rows])})
    texts(root, {"test.csv": "\n".join(["id,label", *(f"{index}.png,a" for index in range(12, 16))])})
    return root / "train.csv"


LAYOUTS = [
    Layout(
        "words of several programs",
        cells("label", ["cat", "dog", "nan", "N/A", "None", "?"]),
        BOTH,
        refused="8 rows of 12 (3, 4, 5, 6 and 4 more), where “?”, “N/A”, “None”, “nan” may mean that there is none",
        doubt="has no class in",
        readings=(BOTH, {"?": 2, "N/A": 2, "None": 2, "cat": 2, "dog": 2, "nan": 2}),
    ),
    Layout(
        "empty cells and NaN",
        cells("label", ["cat", "dog", "", "NaN", "cat", "dog"]),
        {"cat": 4, "dog": 4},
        refused="Leave out 4 rows without a class",
        doubt="where “NaN” may mean",
        readings=({"cat": 4, "dog": 4}, {"NaN": 2, "cat": 4, "dog": 4}),
    ),
    Layout(
        "None and one class",
        cells("label", ["None", "crack"]),
        {"None": 6, "crack": 6},
        refused="“None” is a class like any other",
        doubt="where “None” may mean",
        readings=({"None": 6, "crack": 6},),
    ),
    Layout("plus and minus", cells("label", ["+", "-"]), {"+": 6, "-": 6}),
    Layout("none in small letters", cells("label", ["none", "a", "b"]), {"a": 4, "b": 4, "none": 4}),
    Layout(
        "a number that is measured, with gaps",
        cells("label", ["1.5", "2.5", "NaN", "3.25", "4.75", "6.5", "7.25"]),
        refused="a quantity and not classes",
    ),
    Layout(
        "one class in the table for the test",
        _placeholders,
        {"a": 6, "b": 6},
        (10, 2, 4),
        notes="or its class stand there for classes that are not known",
    ),
]
